"""The states of a server, and what may be done in which: tables, so that nothing is decided by scattered ifs.

``vm_state`` is what a server is, ``task_state`` what is being done with it, ``power_state`` what the hypervisor sees;
``status`` is what clients read, worked out of the first two.
"""

from collections.abc import Iterable

from msgspec import Struct

ACTIVE, BUILDING, PAUSED, SUSPENDED, STOPPED = "active", "building", "paused", "suspended", "stopped"
RESCUED, RESIZED, SOFT_DELETED, DELETED, ERROR = "rescued", "resized", "soft-delete", "deleted", "error"
SHELVED, SHELVED_OFFLOADED = "shelved", "shelved_offloaded"

SCHEDULING, NETWORKING, SPAWNING = "scheduling", "networking", "spawning"
IMAGE_SNAPSHOT, IMAGE_SNAPSHOT_PENDING, IMAGE_BACKUP = "image_snapshot", "image_snapshot_pending", "image_backup"
IMAGE_UPLOADING = "image_uploading"
UPDATING_PASSWORD = "updating_password"  # noqa: S105
RESIZE_PREP, RESIZE_MIGRATING, RESIZE_FINISH = "resize_prep", "resize_migrating", "resize_finish"
RESIZE_MIGRATED, RESIZE_REVERTING, RESIZE_CONFIRMING = "resize_migrated", "resize_reverting", "resize_confirming"
REBOOTING, REBOOT_PENDING, REBOOT_STARTED = "rebooting", "reboot_pending", "reboot_started"
REBOOTING_HARD, REBOOT_PENDING_HARD = "rebooting_hard", "reboot_pending_hard"
REBOOT_STARTED_HARD = "reboot_started_hard"
PAUSING, UNPAUSING, SUSPENDING, RESUMING = "pausing", "unpausing", "suspending", "resuming"
POWERING_OFF, POWERING_ON = "powering-off", "powering-on"
RESCUING, UNRESCUING = "rescuing", "unrescuing"
REBUILDING, REBUILD_SPAWNING = "rebuilding", "rebuild_spawning"
REBUILD_BLOCK_DEVICE_MAPPING = "rebuild_block_device_mapping"
MIGRATING, DELETING, SOFT_DELETING, RESTORING = "migrating", "deleting", "soft-deleting", "restoring"
SHELVING, SHELVING_OFFLOADING, UNSHELVING = "shelving", "shelving_offloading", "unshelving"

NO_POWER, RUNNING, POWER_PAUSED, SHUTDOWN, CRASHED, POWER_SUSPENDED = 0, 1, 3, 4, 6, 7
POWER_STATES = {
    "none": NO_POWER,
    "running": RUNNING,
    "paused": POWER_PAUSED,
    "shutdown": SHUTDOWN,
    "crashed": CRASHED,
    "suspended": POWER_SUSPENDED,
}

_RESIZING = dict.fromkeys((RESIZE_PREP, RESIZE_MIGRATING, RESIZE_MIGRATED, RESIZE_FINISH), "RESIZE")
_REBUILDING = dict.fromkeys((REBUILDING, REBUILD_BLOCK_DEVICE_MAPPING, REBUILD_SPAWNING), "REBUILD")
DEFAULT = "default"

STATUSES: dict[str, dict[str, str]] = {
    ACTIVE: {
        DEFAULT: "ACTIVE",
        REBOOTING: "REBOOT",
        REBOOT_PENDING: "REBOOT",
        REBOOT_STARTED: "REBOOT",
        REBOOTING_HARD: "HARD_REBOOT",
        REBOOT_PENDING_HARD: "HARD_REBOOT",
        REBOOT_STARTED_HARD: "HARD_REBOOT",
        UPDATING_PASSWORD: "PASSWORD",
        MIGRATING: "MIGRATING",
        **_REBUILDING,
        **_RESIZING,
    },
    BUILDING: {DEFAULT: "BUILD"},
    STOPPED: {DEFAULT: "SHUTOFF", **_RESIZING, **_REBUILDING},
    RESIZED: {DEFAULT: "VERIFY_RESIZE", RESIZE_REVERTING: "REVERT_RESIZE"},
    PAUSED: {DEFAULT: "PAUSED", MIGRATING: "MIGRATING"},
    SUSPENDED: {DEFAULT: "SUSPENDED"},
    RESCUED: {DEFAULT: "RESCUE"},
    ERROR: {DEFAULT: "ERROR", **_REBUILDING},
    DELETED: {DEFAULT: "DELETED"},
    SOFT_DELETED: {DEFAULT: "SOFT_DELETED"},
    SHELVED: {DEFAULT: "SHELVED"},
    SHELVED_OFFLOADED: {DEFAULT: "SHELVED_OFFLOADED"},
}


def status_of(vm_state: str, task_state: str | None) -> str:
    by_task = STATUSES.get(vm_state)
    if by_task is None:
        return "UNKNOWN"
    return by_task.get(task_state or DEFAULT) or by_task[DEFAULT]


def states_of(statuses: Iterable[str]) -> tuple[list[str], list[str]]:
    """The vm states and task states that these statuses may stand for; a task state ``default`` is any."""
    wanted = {status.lower() for status in statuses}
    vm_states, task_states = set(), set()
    for vm_state, by_task in STATUSES.items():
        for task_state, status in by_task.items():
            if status.lower() in wanted:
                vm_states.add(vm_state)
                task_states.add(task_state)
    return sorted(vm_states), sorted(task_states)


class Action(Struct, frozen=True, kw_only=True):
    """Something done with a server.

    name       as faults name it (``Cannot 'pause' instance ...``).
    record     its name in the list of instance actions; ``name`` when empty.
    vm_states  in which it is allowed, None: any.
    task_states  likewise; usually only None, when nothing else is being done.
    task_state  the server's while it is being done.
    needs_unlocked  a locked server refuses it to whoever may not override locks.
    needs_launched  only servers that once ran.
    needs_host  only servers that are on a host.
    """

    name: str
    record: str = ""
    vm_states: tuple[str, ...] | None
    task_states: tuple[str | None, ...] | None = (None,)
    task_state: str | None = None
    needs_unlocked: bool = True
    needs_launched: bool = True
    needs_host: bool = False

    @property
    def recorded_as(self) -> str:
        return self.record or self.name


_SNAPSHOT_STATES = (ACTIVE, STOPPED, PAUSED, SUSPENDED)
_ALLOW_REBOOT = (
    None,
    REBOOTING,
    REBOOT_PENDING,
    REBOOT_STARTED,
    RESUMING,
    REBOOTING_HARD,
    UNPAUSING,
    PAUSING,
    SUSPENDING,
)
_VOLUME_STATES = (ACTIVE, PAUSED, STOPPED, RESIZED, SOFT_DELETED, SHELVED, SHELVED_OFFLOADED)

START = Action(name="start", vm_states=(STOPPED,), task_state=POWERING_ON, needs_host=True)
STOP = Action(name="stop", vm_states=(ACTIVE, ERROR), task_state=POWERING_OFF, needs_host=True)
SOFT_REBOOT = Action(name="reboot", vm_states=(ACTIVE,), task_state=REBOOTING)
HARD_REBOOT = Action(
    name="reboot",
    vm_states=(ACTIVE, STOPPED, PAUSED, SUSPENDED, ERROR),
    task_states=_ALLOW_REBOOT,
    task_state=REBOOTING_HARD,
)
PAUSE = Action(name="pause", vm_states=(ACTIVE,), task_state=PAUSING)
UNPAUSE = Action(name="unpause", vm_states=(PAUSED,), task_state=UNPAUSING)
SUSPEND = Action(name="suspend", vm_states=(ACTIVE,), task_state=SUSPENDING)
RESUME = Action(name="resume", vm_states=(SUSPENDED,), task_state=RESUMING)
DELETE = Action(name="delete", vm_states=None, task_states=None, task_state=DELETING, needs_launched=False)
SOFT_DELETE = Action(name="delete", vm_states=None, task_states=None, task_state=SOFT_DELETING)
FORCE_DELETE = Action(
    name="forceDelete", record="delete", vm_states=None, task_states=None, task_state=DELETING, needs_launched=False
)
RESTORE = Action(name="restore", vm_states=(SOFT_DELETED,), task_state=RESTORING)
REBUILD = Action(name="rebuild", vm_states=(ACTIVE, STOPPED, ERROR), task_state=REBUILDING)
RESIZE = Action(name="resize", vm_states=(ACTIVE, STOPPED), task_state=RESIZE_PREP, needs_host=True)
MIGRATE = Action(name="migrate", vm_states=(ACTIVE, STOPPED), task_state=RESIZE_PREP, needs_host=True)
CONFIRM_RESIZE = Action(name="confirmResize", vm_states=(RESIZED,))
REVERT_RESIZE = Action(name="revertResize", vm_states=(RESIZED,), task_state=RESIZE_REVERTING)
CREATE_IMAGE = Action(
    name="createImage", vm_states=_SNAPSHOT_STATES, task_state=IMAGE_SNAPSHOT_PENDING, needs_unlocked=False
)
CREATE_BACKUP = Action(name="createBackup", vm_states=_SNAPSHOT_STATES, task_state=IMAGE_BACKUP, needs_unlocked=False)
SHELVE = Action(name="shelve", vm_states=_SNAPSHOT_STATES, task_state=SHELVING)
SHELVE_OFFLOAD = Action(name="shelveOffload", vm_states=(SHELVED,), task_state=SHELVING_OFFLOADING)
UNSHELVE = Action(name="unshelve", vm_states=(SHELVED, SHELVED_OFFLOADED), task_state=UNSHELVING)
RESCUE = Action(name="rescue", vm_states=(ACTIVE, STOPPED, ERROR), task_state=RESCUING)
UNRESCUE = Action(name="unrescue", vm_states=(RESCUED,), task_state=UNRESCUING)
CHANGE_PASSWORD = Action(name="changePassword", vm_states=(ACTIVE,), task_state=UPDATING_PASSWORD)
LIVE_MIGRATE = Action(
    name="os-migrateLive",
    record="live-migration",
    vm_states=(ACTIVE, PAUSED),
    task_state=MIGRATING,
    needs_host=True,
)
LIVE_MIGRATION_FORCE_COMPLETE = Action(
    name="force_complete",
    record="live_migration_force_complete",
    vm_states=(ACTIVE,),
    task_states=(MIGRATING,),
    task_state=MIGRATING,
)
LIVE_MIGRATION_ABORT = Action(
    name="abort live migration",
    record="live_migration_cancel",
    vm_states=None,
    task_states=(MIGRATING,),
    task_state=MIGRATING,
)
EVACUATE = Action(
    name="evacuate",
    vm_states=(ACTIVE, STOPPED, ERROR),
    task_states=None,
    task_state=REBUILDING,
    needs_unlocked=False,
    needs_host=True,
)
CRASH_DUMP = Action(name="trigger_crash_dump", vm_states=(ACTIVE, PAUSED, RESCUED, RESIZED, ERROR), needs_host=True)
ATTACH_INTERFACE = Action(name="attach_interface", vm_states=(ACTIVE, PAUSED, STOPPED))
DETACH_INTERFACE = Action(name="detach_interface", vm_states=(ACTIVE, PAUSED, STOPPED))
ATTACH_VOLUME = Action(name="attach_volume", vm_states=_VOLUME_STATES)
DETACH_VOLUME = Action(name="detach_volume", vm_states=_VOLUME_STATES)
UPDATE_METADATA = Action(name="update metadata", vm_states=_SNAPSHOT_STATES, task_states=None)
DELETE_METADATA = Action(name="delete metadata", vm_states=_SNAPSHOT_STATES, task_states=None)


def _of_tags(name: str) -> Action:
    return Action(name=name, vm_states=_SNAPSHOT_STATES, task_states=None, needs_unlocked=False, needs_launched=False)


UPDATE_TAG, UPDATE_TAGS = _of_tags("update tag"), _of_tags("update tags")
DELETE_TAG, DELETE_TAGS = _of_tags("delete tag"), _of_tags("delete tags")
