"""Private database servers for contract tests: started in a scratch folder, as another user, stopped by process id."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

POSTGRES_BINARIES = Path("/usr/lib/postgresql")


def available(kind: str) -> str:
    """Empty when this kind of server can be started here, else the reason why not."""
    if kind == "sqlite":
        return ""
    if os.geteuid() != 0:
        return f"{kind} is started as another user, which needs root"
    if kind == "mariadb":
        return "" if shutil.which("mariadbd") else "the package mariadb-server is not installed"
    return "" if _postgres() else "the package postgresql is not installed"


@contextlib.contextmanager
def server(kind: str, folder: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/contract.db"
    elif kind == "mariadb":
        with _mariadb(folder) as url:
            yield url
    else:
        with _postgresql(folder) as url:
            yield url


@contextlib.contextmanager
def _mariadb(folder: Path) -> Iterator[str]:
    data, port = folder / "mariadb", free_port()
    data.mkdir()
    _open_to("mysql", folder, data)
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=mysql", "--skip-test-db"]
    subprocess.run([*install, "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    command = ["mariadbd", "--no-defaults", f"--datadir={data}", "--user=mysql", f"--port={port}"]
    command += [
        "--bind-address=127.0.0.1",
        f"--socket={data}/s",
        f"--pid-file={data}/pid",
        "--innodb-flush-log-at-trx-commit=2",
    ]
    with _running(command, port, data / "log"):
        client = ["mariadb", "--no-defaults", f"--socket={data}/s", "-uroot", "-e"]
        grant = "create user p@'127.0.0.1' identified by 'p'; grant all on pileus.* to p@'127.0.0.1'"
        subprocess.run([*client, f"create database pileus; {grant}"], check=True, capture_output=True)
        yield f"mysql+pymysql://p:p@127.0.0.1:{port}/pileus"


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    binaries, data, port = _postgres(), folder / "postgresql", free_port()
    assert binaries is not None
    data.mkdir()
    _open_to("postgres", folder, data)
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "p", "-A", "trust", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    command = [
        *as_user,
        str(binaries / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(data),
        "-h",
        "127.0.0.1",
    ]
    with _running([*command, "-c", "fsync=off"], port, folder / "postgresql.log"):
        yield f"postgresql+psycopg://p@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/")
    try:
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"{command[0]} did not start: {log.read_text()[-2000:]}")
        yield
    finally:
        process.terminate()
        process.wait(30)


def _open_to(user: str, folder: Path, data: Path) -> None:
    """Gives data to a user, who must be able to walk there: pytest's folders are for their owner only."""
    shutil.chown(data, user)
    for parent in (folder, *folder.parents):
        if parent.stat().st_mode & 0o005 != 0o005 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)


def _postgres() -> Path | None:
    found = sorted(POSTGRES_BINARIES.glob("*/bin"))
    return found[-1] if found and (found[-1] / "initdb").exists() else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
