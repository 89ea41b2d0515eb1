"""Actions that change whether and how a guest runs."""

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.operations.common import Values, call, guest, host_of, service_of, simple
from pileus.kernel.operations.model import Kind, Run

RUNNING: Values = {"vm_state": states.ACTIVE, "power_state": states.RUNNING}


def _start(run: Run, server: Server) -> Values:
    call(run, host_of(server), "power_on", guest=guest(run, server))
    return RUNNING


def _stop(run: Run, server: Server) -> Values:
    timeout = run.input.get("timeout", service_of(run).settings.shutdown_timeout)
    call(run, host_of(server), "power_off", guest_id=server.id, patience=timeout)
    return {"vm_state": states.STOPPED, "power_state": states.SHUTDOWN}


def _reboot(run: Run, server: Server) -> Values:
    call(run, host_of(server), "reboot", guest=guest(run, server), hard=run.input["hard"])
    return RUNNING


def _pause(run: Run, server: Server) -> Values:
    call(run, host_of(server), "pause", guest_id=server.id)
    return {"vm_state": states.PAUSED, "power_state": states.POWER_PAUSED}


def _unpause(run: Run, server: Server) -> Values:
    call(run, host_of(server), "unpause", guest_id=server.id)
    return RUNNING


def _suspend(run: Run, server: Server) -> Values:
    call(run, host_of(server), "suspend", guest_id=server.id)
    return {"vm_state": states.SUSPENDED, "power_state": states.SHUTDOWN}


def _resume(run: Run, server: Server) -> Values:
    call(run, host_of(server), "resume", guest=guest(run, server))
    return RUNNING


def _crash_dump(run: Run, server: Server) -> Values:
    call(run, host_of(server), "crash_dump", guest_id=server.id)
    return {}


def _set_password(run: Run, server: Server) -> Values:
    call(run, host_of(server), "set_password", guest_id=server.id, password=run.input["password"])
    return {}


def _recover(run: Run, server: Server) -> Values:
    """After its host was restarted: runs again if it should."""
    if server.vm_state != states.ACTIVE or server.task_state is not None or server.host is None:
        return {}
    call(run, server.host, "power_on", guest=guest(run, server))
    return {"power_state": states.RUNNING}


START = simple("start", "compute_start_instance", _start)
STOP = simple("stop", "compute_stop_instance", _stop)
REBOOT = simple("reboot", "compute_reboot_instance", _reboot)
PAUSE = simple("pause", "compute_pause_instance", _pause)
UNPAUSE = simple("unpause", "compute_unpause_instance", _unpause)
SUSPEND = simple("suspend", "compute_suspend_instance", _suspend)
RESUME = simple("resume", "compute_resume_instance", _resume, vm_state=states.ERROR)
CRASH_DUMP = simple("crash-dump", "compute_trigger_crash_dump", _crash_dump)
SET_PASSWORD = simple("set-password", "compute_set_admin_password", _set_password)
RECOVER = simple("recover", "compute_recover_instance", _recover)

POWER_KINDS: tuple[Kind, ...] = (
    START,
    STOP,
    REBOOT,
    PAUSE,
    UNPAUSE,
    SUSPEND,
    RESUME,
    CRASH_DUMP,
    SET_PASSWORD,
    RECOVER,
)
