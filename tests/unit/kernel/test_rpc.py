"""A call to an agent returns, raises what the agent raised, or says that the host does not answer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel.context import Context
from pileus.kernel.errors import Conflict, GiveUp, NotSupported, RetryLater, Unavailable
from pileus.kernel.http.server import Front
from pileus.kernel.rpc import Methods, Rpc, client
from pileus.kernel.rpc.client import TlsFiles
from pileus.kernel.rpc.methods import AgentError
from pileus.kernel.rpc.server import RpcApplication
from tests.certificates import Authority
from tests.database_servers import free_port
from tests.serving import background_server

CONTEXT = Context("req-1", user_id="u", token="secret")


def echo(context: Context, **arguments: Any) -> Any:
    return {"context": context.request_id, "token": context.token, **arguments}


def fail(context: Context, kind: str) -> None:
    errors = {
        "retry": RetryLater("not yet", 2.5),
        "give up": GiveUp("never", code=404),
        "conflict": Conflict("taken"),
        "bug": ZeroDivisionError("oops"),
    }
    raise errors[kind]


def make_methods() -> Methods:
    methods = Methods()
    methods.add("test", {"echo": echo, "fail": fail, "sleep": lambda context, seconds: time.sleep(seconds)})
    return methods


@contextmanager
def agent(path: Path, methods: Methods) -> Iterator[None]:
    """Serves methods on a unix socket."""
    with background_server(Front({"": RpcApplication(methods)}), unix=path):
        yield


@contextmanager
def tls_agent(folder: Path, methods: Methods) -> Iterator[tuple[str, TlsFiles]]:
    """Serves methods on TLS to whoever shows a certificate of the authority ``cloud``; yields the
    address and the files of one that may."""
    authority, port = Authority(folder, "cloud"), free_port()
    certificate, key = authority.issue("agent")
    options = {"ssl_cert": certificate, "ssl_key": key, "ssl_ca": authority.file, "ssl_client_verify": True}
    engine = TlsFiles(authority.file, *authority.issue("engine"))
    with background_server(Front({"": RpcApplication(methods)}), address="127.0.0.1", port=port, tls=options):
        yield f"https://127.0.0.1:{port}", engine


@pytest.fixture(params=["local", "unix", "https"])
def rpc(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rpc]:
    methods = make_methods()
    if request.param == "local":
        rpc = Rpc()
        rpc.serve_here("host1", methods)
        yield rpc
    elif request.param == "https":
        with tls_agent(tmp_path, methods) as (address, tls):
            yield Rpc(lambda host: address if host == "host1" else None, tls)
    else:
        with agent(tmp_path / "agent.sock", methods):
            yield Rpc(lambda host: f"unix:{tmp_path}/agent.sock" if host == "host1" else None)


def test_results_come_back_with_the_callers_request_id_and_without_its_token(rpc: Rpc) -> None:
    assert rpc.call(CONTEXT, "host1", "test.echo", size=[1, 2]) == {"context": "req-1", "token": None, "size": [1, 2]}


def test_errors_keep_their_family(rpc: Rpc) -> None:
    with pytest.raises(RetryLater) as later:
        rpc.call(CONTEXT, "host1", "test.fail", kind="retry")
    assert (later.value.reason, later.value.after) == ("not yet", 2.5)
    with pytest.raises(GiveUp) as never:
        rpc.call(CONTEXT, "host1", "test.fail", kind="give up")
    assert (never.value.reason, never.value.code) == ("never", 404)
    with pytest.raises(Conflict, match="taken"):
        rpc.call(CONTEXT, "host1", "test.fail", kind="conflict")
    with pytest.raises(AgentError, match="oops"):
        rpc.call(CONTEXT, "host1", "test.fail", kind="bug")
    with pytest.raises(NotSupported):
        rpc.call(CONTEXT, "host1", "test.unheard_of")


def test_an_agent_talks_to_nobody_without_a_certificate_of_its_cloud(tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    with tls_agent(tmp_path, make_methods()) as (address, tls):
        for files in (
            TlsFiles(tls.ca, *stranger.issue("intruder")),
            TlsFiles(stranger.file, tls.certificate, tls.key),
        ):
            with pytest.raises(Unavailable, match="does not answer"):
                Rpc(lambda host: address, files).call(CONTEXT, "host1", "test.echo")
        with pytest.raises(Unavailable, match="needs TLS files"):
            Rpc(lambda host: address).call(CONTEXT, "host1", "test.echo")


def test_unknown_and_silent_hosts_are_unavailable(tmp_path: Path) -> None:
    rpc = Rpc(lambda host: f"unix:{tmp_path}/nobody.sock" if host == "silent" else None)
    with pytest.raises(Unavailable, match="not known"):
        rpc.call(CONTEXT, "elsewhere", "test.echo")
    with pytest.raises(Unavailable, match="does not answer"):
        rpc.call(CONTEXT, "silent", "test.echo")
    started = time.monotonic()
    with pytest.raises(Unavailable, match="a moment ago"):
        rpc.call(CONTEXT, "silent", "test.echo")
    assert time.monotonic() - started < 1


def test_a_hanging_host_holds_up_only_so_many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CALLS_PER_HOST", 2)
    release = threading.Event()
    methods = Methods()
    methods.add("test", {"hang": lambda context: release.wait(10) and None})
    rpc = Rpc()
    rpc.serve_here("host1", methods)
    hanging = [threading.Thread(target=rpc.call, args=(CONTEXT, "host1", "test.hang")) for _ in range(2)]
    for thread in hanging:
        thread.start()
    time.sleep(0.1)
    try:
        with pytest.raises(Unavailable, match="busy"):
            rpc.call(CONTEXT, "host1", "test.hang")
    finally:
        release.set()
        for thread in hanging:
            thread.join()


def test_a_call_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    with agent(tmp_path / "agent.sock", make_methods()):
        rpc = Rpc(lambda host: f"unix:{tmp_path}/agent.sock")
        with pytest.raises(Unavailable, match="does not answer"):
            rpc.call(CONTEXT, "host1", "test.sleep", timeout=0.2, seconds=1)
