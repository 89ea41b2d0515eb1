"""``pileus up``: from nothing, or from whatever a power cut left, to a cloud that answers."""

import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from pileus.cli import control, credentials, secrets
from pileus.cli.failure import Failure
from pileus.cli.place import Place
from pileus.cli.progress import ConsoleProgress
from pileus.host import supervisor
from pileus.host.spec import ProcessSpec
from pileus.kernel.database import Database
from pileus.kernel.errors import Unavailable
from pileus.processes import specs as own
from pileus.settings import Config, database_url, public_url, split_listen


class Wanted(msgspec.Struct, frozen=True):
    """What the command line asks for; None: as configured."""

    fake: bool
    listen: str | None
    foreground: bool = False


def up(place: Place, wanted: Wanted, progress: ConsoleProgress) -> bool:
    """Brings the cloud up; False when it was up already. Raises Failure."""
    _make_directories(place, wanted)
    with _one_at_a_time(place):
        if control.ask(place.state_dir, "status") is not None:
            return False
        config = _configuration(place, wanted)
        _check_machine(place, config)
        made = secrets.load_or_make(place.state_dir)
        daemons = None if config.cloud.fake else _daemons()
        specs = list(daemons.specs(place.layout, config)) if daemons else []
        specs += own.specs(place.state_dir, config, after=[spec.name for spec in specs])
        supervisor.end_leftovers(place.state_dir, ["supervisor", *(spec.name for spec in specs)])
        if daemons:
            daemons.prepare(place.layout, config, progress)
        _check_database(place, config)
        control.write_specs(place.state_dir, specs)
        starting = Starting(place, config, made, daemons, progress)
        if not wanted.foreground:
            _start(starting)
        _write_credentials(place, config, made)
    if wanted.foreground:
        _stay(starting)
    return True


class Starting(msgspec.Struct, frozen=True):
    place: Place
    config: Config
    made: secrets.Secrets
    daemons: Any  # the module of the native daemons; None in a fake cloud
    progress: ConsoleProgress

    def complete(self) -> None:
        """Gives a cloud whose processes were just started what it begins with; returns when all are ready."""
        from pileus.cli import beginnings  # with all services: read while the processes do the same

        with beginnings.opened(self.place, self.config) as cloud:
            beginnings.prepare_database(cloud, self.progress)
            beginnings.sow(cloud, self.made, self.progress)
            if self.daemons:
                self._wait()
                self.daemons.configure(self.place.layout, self.config, self.progress)
            beginnings.fill(cloud, self.place, self.progress)
        self._wait()

    def _wait(self) -> None:
        with self.progress.step("Starting the processes"):
            control.wait_ready(self.place.state_dir)


def _start(starting: Starting) -> None:
    state_dir = starting.place.state_dir
    control.start(state_dir)
    try:
        starting.complete()
    except BaseException:
        control.stop(state_dir)
        raise


def _stay(starting: Starting) -> None:
    """The supervisor in a child of this command, which waits for it and passes on Ctrl-C."""
    place, progress = starting.place, starting.progress
    child = os.fork()
    if child == 0:
        os.setsid()
        os.execv(sys.executable, [sys.executable, "-m", "pileus.host.supervisor", str(place.state_dir)])  # noqa: S606
    try:
        starting.complete()
        progress.say(f"The cloud answers at {public_url(starting.config)}. Ctrl-C stops it.")
        os.waitpid(child, 0)
    except KeyboardInterrupt:
        progress.say("Stopping.")
    finally:
        control.stop(place.state_dir)


def _daemons() -> Any:
    from pileus.host import daemons

    return daemons


def _make_directories(place: Place, wanted: Wanted) -> None:
    if not wanted.fake and not place.exists and os.geteuid() != 0:
        raise Failure(
            "a real cloud needs root: it makes network devices and runs virtual machines",
            "run it as root, or use `pileus up --fake`: the whole API without machines",
        )
    for name in ("run", "log", "policy"):
        try:
            (place.state_dir / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(
                f"cannot write to {place.state_dir}: {error.strerror}", "choose one with --state-dir"
            ) from None


@contextmanager
def _one_at_a_time(place: Place) -> Iterator[None]:
    """Two `up` of one cloud at once would start everything twice; the lock ends with its process, however it ends."""
    with (place.layout.run / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _configuration(place: Place, wanted: Wanted) -> Config:
    """The effective configuration; a new cloud's is written to its file first."""
    if not place.exists:
        lines = ["[cloud]", f"fake = {'true' if wanted.fake else 'false'}"]
        if wanted.listen:
            split_listen(wanted.listen)
            lines += ["", "[api]", f'listen = "{wanted.listen}"']
        secrets.write_private(place.config_file, ("\n".join(lines) + "\n").encode())
    elif wanted.listen:
        split_listen(wanted.listen)
        os.environ["PILEUS_API__LISTEN"] = wanted.listen
    config = place.load().config
    if wanted.fake and not config.cloud.fake:
        raise Failure(
            f"the cloud in {place.state_dir} is a real one", "give --fake another --state-dir, or leave it out"
        )
    return config


def _check_machine(place: Place, config: Config) -> None:
    address, port = split_listen(config.api.listen)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise Failure(
                f"cannot listen on {config.api.listen}: {error.strerror}",
                "stop what listens there, or choose another port with --listen ADDRESS:PORT",
            ) from None
    if not config.cloud.fake and os.geteuid() != 0:
        raise Failure("a real cloud needs root", "run the command as root")
    if not config.cloud.fake and (missing := [name for name in ("ovsdbapp", "libvirt") if find_spec(name) is None]):
        raise Failure(
            f"Python packages are missing for a real cloud: {', '.join(missing)}",
            "run bin/pileus of a clone, which installs them, or install pileus[ovn,libvirt]",
        )


def _check_database(place: Place, config: Config) -> None:
    """That the database answers; an embedded one is made, so that the processes do not all make it at once."""
    database = Database(database_url(config, place.state_dir), durable=config.database.durable)
    try:
        with database.read():
            return
    except Unavailable as error:
        raise Failure(error.message, "check [database] url and that the server runs") from None
    finally:
        database.close()


def _write_credentials(place: Place, config: Config, made: secrets.Secrets) -> None:
    entries = credentials.clouds(made, public_url(config) + "/identity/v3", config.cloud.region)
    credentials.write_clouds_yaml(place.clouds_yaml, entries)
    secrets.write_private(place.openrc, credentials.openrc(entries[credentials.USER_CLOUD]).encode())
    admin_file = place.state_dir / "admin-openrc"
    secrets.write_private(admin_file, credentials.openrc(entries[credentials.ADMIN_CLOUD]).encode())


def down(place: Place) -> bool:
    """Stops the cloud; its data and, of a real one, the guests' disks stay. False when it was not running.

    Raises Failure when something of it does not end.
    """
    was_running = control.stop(place.state_dir)
    if place.exists and not place.load().config.cloud.fake and os.geteuid() == 0:
        _daemons().clean(place.layout)
    return was_running


def process_specs(place: Place) -> list[ProcessSpec]:
    """What the supervisor of this cloud runs, as the last `up` wrote it."""
    path = place.layout.run / "specs.json"
    return msgspec.json.decode(path.read_bytes(), type=list[ProcessSpec]) if Path(path).exists() else []
