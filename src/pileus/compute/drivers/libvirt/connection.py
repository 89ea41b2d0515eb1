"""The connection to libvirtd: made when needed, made again when libvirtd was restarted, never waited for for ever."""

import functools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDone
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import Any, Concatenate, ParamSpec, TypeVar

import libvirt

from pileus.kernel.errors import GiveUp, NotFound, RetryLater, Unavailable

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
libvirt.registerErrorHandler(lambda _context, _error: None, None)  # it would write every error to standard error

_GONE = {
    libvirt.VIR_ERR_NO_CONNECT,
    libvirt.VIR_ERR_INVALID_CONN,
    libvirt.VIR_ERR_RPC,
    libvirt.VIR_ERR_SYSTEM_ERROR,
}
_LATER = {libvirt.VIR_ERR_OPERATION_TIMEOUT, libvirt.VIR_ERR_RESOURCE_BUSY, libvirt.VIR_ERR_AGENT_UNRESPONSIVE}


def translate(error: libvirt.libvirtError) -> Exception:
    """What a libvirt error means to whoever asked a driver."""
    code, message = error.get_error_code(), error.get_error_message() or str(error)
    if code == libvirt.VIR_ERR_NO_DOMAIN:
        return NotFound(f"The guest is not known to libvirt: {message}")
    if code in _LATER:
        return RetryLater(f"libvirt is busy: {message}", after=1.0)
    if code in _GONE and error.get_error_domain() in (
        libvirt.VIR_FROM_RPC,
        libvirt.VIR_FROM_REMOTE,
        libvirt.VIR_FROM_NONE,
    ):
        return Unavailable(f"libvirt does not answer: {message}")
    if code in (libvirt.VIR_ERR_OPERATION_UNSUPPORTED, libvirt.VIR_ERR_CONFIG_UNSUPPORTED):
        return GiveUp(f"libvirt cannot do that: {message}", code=501)
    return GiveUp(f"libvirt refused: {message}")


@contextmanager
def _unless(*codes: int) -> Iterator[None]:
    with suppress(_Expected):
        try:
            yield
        except libvirt.libvirtError as error:
            if error.get_error_code() not in codes:
                raise
            raise _Expected from error


class _Expected(Exception):
    """Somebody else did it first."""


def unless_gone() -> Any:
    return _unless(libvirt.VIR_ERR_NO_DOMAIN)


def unless_off() -> Any:
    return _unless(libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_OPERATION_INVALID)


def unless_under_way() -> Any:
    """A device that the guest was told to let go of, or has let go of meanwhile."""
    return _unless(libvirt.VIR_ERR_DEVICE_MISSING, libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_INTERNAL_ERROR)


def bounded(seconds: float) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Runs a driver's method on a thread of its own and leaves it there when it takes longer: Unavailable.

    libvirt's calls have no time limits of their own, and QEMU or libvirtd may hang. libvirt's errors come out as the
    driver's.
    """

    def decorate(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @functools.wraps(method)
        def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            future: Future[R] = Future()
            work = functools.partial(copy_context().run, method, self, *args, **kwargs)
            threading.Thread(
                target=_fulfil, args=(future, work), name=f"libvirt-{method.__name__}", daemon=True
            ).start()
            try:
                return future.result(seconds)
            except NotDone:
                raise Unavailable(f"libvirt did not answer {method.__name__} within {seconds:g} seconds") from None
            except libvirt.libvirtError as error:
                raise translate(error) from error

        return run

    return decorate


def _fulfil(future: "Future[Any]", work: Callable[[], Any]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 -- it is raised where the result is waited for
        future.set_exception(error)


def _answers(connection: libvirt.virConnect) -> bool:
    """isAlive() notices a libvirtd that went away only after a call failed; the smallest call is a round trip."""
    try:
        connection.getLibVersion()
    except libvirt.libvirtError:
        return False
    return True


class Connection:
    """One connection for the whole process; libvirt's connections may be used by several threads at once."""

    RETRY_FOR = 10.0

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._lock = threading.Lock()
        self._open: libvirt.virConnect | None = None

    def get(self) -> libvirt.virConnect:
        """Waits some seconds for a libvirtd that is being restarted. Raises Unavailable."""
        with self._lock:
            if self._open is not None and _answers(self._open):
                return self._open
            self._open = None
            give_up_at = time.monotonic() + self.RETRY_FOR
            while True:
                try:
                    self._open = libvirt.open(self._uri)
                    return self._open
                except libvirt.libvirtError as error:
                    if time.monotonic() > give_up_at:
                        raise Unavailable(f"libvirt does not answer at {self._uri}: {error}") from error
                time.sleep(0.2)

    def find(self, guest_id: str) -> "libvirt.virDomain | None":
        """The guest's domain, or None. Its UUID is the server's id."""
        try:
            return self.get().lookupByUUIDString(guest_id)
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                return None
            raise

    def need(self, guest_id: str) -> libvirt.virDomain:
        """The guest's domain. Raises NotFound."""
        domain = self.find(guest_id)
        if domain is None:
            raise NotFound(f"There is no guest {guest_id} on this host.")
        return domain

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None
