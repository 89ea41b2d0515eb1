"""What a handler may return besides plain data."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

CHUNK = 1 << 18


class Response:
    """An answer with its own status, headers or body type.

    ``body`` may be JSON-able data, bytes (sent as they are, with ``content_type``), or a body that streams: a FileBody
    or any iterable of bytes given as ``stream``. ``content_type`` None is the route's or the service's; "" sends none.
    """

    __slots__ = ("body", "content_type", "headers", "length", "status", "stream")

    def __init__(
        self,
        body: Any = None,
        *,
        status: int | None = None,
        headers: Sequence[tuple[str, str]] = (),
        content_type: str | None = None,
        stream: Iterable[bytes] | None = None,
        length: int | None = None,
    ) -> None:
        self.body = body
        self.status = status
        self.headers = list(headers)
        self.content_type = content_type
        self.stream = stream
        self.length = length


class FileBody:
    """Part of a file. Granian sends it without Python touching a byte; other servers iterate over it."""

    def __init__(self, path: Path, offset: int, length: int) -> None:
        self.path, self.offset, self.length = path, offset, length

    def __iter__(self) -> Iterator[bytes]:
        left = self.length
        with self.path.open("rb") as file:
            file.seek(self.offset)
            while left > 0 and (block := file.read(min(CHUNK, left))):
                left -= len(block)
                yield block
