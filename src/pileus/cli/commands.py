"""The admin command: ``pileus``. Users keep the stock ``openstack`` client."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.cli.failure import Failure
from pileus.cli.place import Place, find
from pileus.kernel.config import ConfigError
from pileus.kernel.errors import DomainError

app = typer.Typer(
    help="Pileus: OpenStack as one small program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
config_app = typer.Typer(help="The configuration in force.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
keys_app = typer.Typer(help="The keys that seal tokens.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(db_app, name="db")
app.add_typer(keys_app, name="keys")

StateDir = Annotated[
    Path | None, typer.Option("--state-dir", "-d", help="Keep everything of the cloud below this directory.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing while working.")]


def main() -> None:
    """Entry point; a Failure becomes one clear message and exit code 1."""
    try:
        app()
    except Failure as failure:
        print(f"pileus: {failure.message}", file=sys.stderr)
        if failure.advice:
            print(f"  {failure.advice}", file=sys.stderr)
        sys.exit(1)
    except (ConfigError, DomainError) as error:
        print(f"pileus: {error}", file=sys.stderr)
        sys.exit(1)


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, default=str))


def _existing(state_dir: Path | None) -> Place:
    place = find(state_dir)
    if not place.exists:
        raise Failure(f"there is no cloud in {place.state_dir}", "`pileus up` makes one; --state-dir says where")
    return place


@app.command()
def up(
    fake: Annotated[bool, typer.Option("--fake", help="The whole API without real machines; needs no root.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Also boot a first server and say how to log in.")] = False,
    state_dir: StateDir = None,
    listen: Annotated[str | None, typer.Option("--listen", help="ADDRESS:PORT of the API.")] = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay, and stop the cloud on Ctrl-C.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Start the cloud; whatever it needs is made."""
    from pileus.cli import up as starting
    from pileus.cli.progress import ConsoleProgress
    from pileus.cli.status import collect

    place = find(state_dir)
    progress = ConsoleProgress(quiet=quiet or as_json)
    started = starting.up(place, starting.Wanted(fake, listen, foreground), progress)
    if foreground and started:
        return
    if as_json:
        _print_json({"started": started, **collect(place)})
    elif not started:
        progress.say(f"The cloud in {place.state_dir} is up already.")
    else:
        _say_how_to_use(place, progress.say)
    if demo:
        from pileus.cli import demo as demonstration

        demonstration.run(place, progress)


def _say_how_to_use(place: Place, say: Callable[[str], None]) -> None:
    from pileus.settings import public_url

    say(f"The cloud answers at {public_url(place.load().config)}")
    if place.private:
        say(f"  export OS_CLIENT_CONFIG_FILE={place.clouds_yaml}")
    say("  export OS_CLOUD=pileus        # a plain user; pileus-admin is the admin")
    say("  openstack server list")


@app.command()
def down(state_dir: StateDir = None) -> None:
    """Stop the cloud; its data stays."""
    from pileus.cli import up as starting

    place = _existing(state_dir)
    if not starting.down(place):
        print(f"The cloud in {place.state_dir} was not running.")


@app.command()
def status(state_dir: StateDir = None, as_json: Json = False) -> None:
    """Show processes, memory, endpoints and health."""
    from pileus.cli.show import show_status
    from pileus.cli.status import collect

    found = collect(_existing(state_dir))
    if as_json:
        _print_json(found)
    else:
        show_status(found)
    if not (found["running"] and found.get("healthy")):
        raise typer.Exit(3)


@app.command()
def doctor(
    state_dir: StateDir = None,
    fake: Annotated[bool, typer.Option("--fake", help="Check only what a fake cloud needs.")] = False,
    as_json: Json = False,
) -> None:
    """Check each need of this host and say what to do."""
    from dataclasses import asdict

    from pileus.cli import doctor as checking
    from pileus.cli.show import show_checks

    found = checking.checks(find(state_dir), fake=fake)
    if as_json:
        _print_json([asdict(check) for check in found])
    else:
        show_checks(found)
    if any(check.state == "missing" for check in found):
        raise typer.Exit(1)


@app.command()
def logs(
    state_dir: StateDir = None,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    request: Annotated[str | None, typer.Option("--request", help="Only the lines of one request id.")] = None,
) -> None:
    """Show what the processes have logged."""
    from pileus.cli import logs as reading

    log_dir = _existing(state_dir).layout.log
    for line in reading.read(log_dir, request_id=request):
        print(reading.shown(line))
    if following:
        try:
            for line in reading.follow(log_dir, request_id=request):
                print(reading.shown(line), flush=True)
        except KeyboardInterrupt:
            return


@app.command()
def trace(request_id: str, state_dir: StateDir = None, as_json: Json = False) -> None:
    """Follow one request through every service, operation and host."""
    from pileus.cli import logs as reading

    place = _existing(state_dir)
    lines = reading.trace(place.layout.log, request_id)
    if not lines:
        raise Failure(f"nothing is known of {request_id}", "the X-Openstack-Request-Id header of an answer names it")
    if as_json:
        _print_json(lines)
        return
    for line in lines:
        print(reading.shown_span(line))


@app.command()
def openrc(
    state_dir: StateDir = None,
    admin: Annotated[bool, typer.Option("--admin", help="The admin's, not the plain user's.")] = False,
) -> None:
    """Print shell variables for the openstack client: eval "$(pileus openrc)"."""
    place = _existing(state_dir)
    print((place.state_dir / "admin-openrc" if admin else place.openrc).read_text(), end="")


@app.command()
def demo(
    state_dir: StateDir = None,
    clean: Annotated[bool, typer.Option("--clean", help="Remove what the demo made.")] = False,
) -> None:
    """Boot a first server on a network of its own, with a floating IP, and say how to log in."""
    from pileus.cli import demo as demonstration
    from pileus.cli.progress import ConsoleProgress

    place, progress = _existing(state_dir), ConsoleProgress()
    if clean:
        demonstration.clean(place, progress)
    else:
        demonstration.run(place, progress)


@config_app.command("show")
def config_show(state_dir: StateDir = None, as_json: Json = False) -> None:
    """Print every option's effective value, where it comes from and what it means."""
    from pileus.cli.show import show_settings

    settings = list(find(state_dir).load().settings())
    if as_json:
        _print_json({setting.name: {"value": setting.value, "origin": setting.origin} for setting in settings})
    else:
        show_settings(settings)


@db_app.command("upgrade")
def db_upgrade(state_dir: StateDir = None) -> None:
    """Bring the database's tables to this version's."""
    from pileus.cli.progress import ConsoleProgress
    from pileus.cloud import Cloud
    from pileus.migrations import upgrade

    place = _existing(state_dir)
    cloud = Cloud(place.load().config, place.state_dir)
    try:
        with ConsoleProgress().step("Upgrading the database"):
            done = upgrade(cloud.database)
    finally:
        cloud.close()
    print(f"upgraded to {done}" if done else "the database was up to date")


@keys_app.command("rotate")
def keys_rotate(state_dir: StateDir = None) -> None:
    """Stage a new key; the one staged before seals new tokens from now on. Older tokens stay valid."""
    from pileus.cloud import Cloud
    from pileus.identity.service import Identity

    place = _existing(state_dir)
    cloud = Cloud(place.load().config, place.state_dir)
    try:
        identity = cloud.services.get("identity")
        if not isinstance(identity, Identity):
            raise Failure("this cloud has no identity service of its own", "its keys are rotated where it runs")
        identity.rotate_keys()
    finally:
        cloud.close()
    print("the key staged before seals new tokens from now on; a new one is staged")
