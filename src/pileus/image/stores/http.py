"""A read-only store: images whose bytes stay on a web server."""

from collections.abc import Iterable, Iterator
from typing import Any

import urllib3

from pileus.image.stores.base import Denied, Found, Missing, Sink
from pileus.kernel.errors import Unavailable
from pileus.kernel.http.responses import CHUNK
from pileus.kernel.numerals import natural

TIMEOUT = urllib3.Timeout(connect=10, read=60)


class HttpStore:
    """The name of data in it is its address."""

    kind = "http"
    read_only = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._pool = urllib3.PoolManager(num_pools=4, retries=False, timeout=TIMEOUT)

    def create(self, image_id: str, size: int | None) -> Sink:
        raise Denied(f"Store {self.name} is read-only.")

    def read(self, name: str, offset: int, length: int) -> Iterable[bytes]:
        response = self._ask("GET", name, {"Range": f"bytes={offset}-{offset + length - 1}"} if length else {})
        skip = offset if response.status == 200 else 0
        return _pieces(response, skip, length)

    def size(self, name: str) -> int:
        response = self._ask("HEAD", name, {})
        response.release_conn()
        return natural(response.headers.get("Content-Length", "")) or 0

    def delete(self, name: str) -> None:
        """Nothing: what is elsewhere is not ours to delete."""

    def found(self) -> Iterator[Found]:
        return iter(())

    def sweep(self, older_than: float) -> int:
        return 0

    def url(self, name: str) -> str:
        return name

    def name_of(self, url: str) -> str | None:
        return url if url.startswith(("http://", "https://")) else None

    def properties(self) -> dict[str, Any]:
        return {}

    def _ask(self, method: str, url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            response = self._pool.request(method, url, headers=headers, preload_content=False, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"{url} does not answer: {error}") from error
        if response.status not in (200, 206):
            response.release_conn()
            raise Missing(url)
        return response


def _pieces(response: urllib3.BaseHTTPResponse, skip: int, length: int) -> Iterator[bytes]:
    """The part of a body that was asked for, of a server that may have sent all of it."""
    left = length
    try:
        for piece in response.stream(CHUNK):
            dropped = min(skip, len(piece))
            skip -= dropped
            part = piece[dropped : dropped + left]
            left -= len(part)
            if part:
                yield part
            if left <= 0:
                return
    finally:
        response.close()
