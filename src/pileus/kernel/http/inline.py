"""Getting off the event loop's thread when a short request turns out to take long.

Short requests run inline (server.py). A handler that only sometimes has to wait (verifying a password it has not seen
lately) calls ``before_waiting()`` first: inline, that ends this run of the handler, and the front runs the whole
request again on a thread, where the call does nothing. So nothing may have been changed before it.
"""

import threading

_here = threading.local()


class MustWait(BaseException):
    """Not an error: the request is to be run again on a thread that may wait."""


def before_waiting() -> None:
    """Raises MustWait when this thread must not wait."""
    if getattr(_here, "inline", False):
        raise MustWait


class Inline:
    """Marks this thread as one that must not wait, for as long as the block runs."""

    def __enter__(self) -> None:
        _here.inline = True

    def __exit__(self, *exception: object) -> None:
        _here.inline = False
