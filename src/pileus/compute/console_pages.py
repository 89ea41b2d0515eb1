"""``/console``: the files of noVNC, where the machine has them; consoles open in a browser with them."""

import mimetypes
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from pileus.kernel.http.responses import FileBody

MISSING = (
    b'{"error": {"code": 404, "title": "Not Found", "message": "There is no such file of noVNC on this machine."}}'
)
_TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".json": "application/json"}


class ConsolePages:
    """WSGI application: GET and HEAD of the files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mode(self, method: str, path: str) -> str:
        return "inline"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0")])
            return []
        file = self._file(environ["PATH_INFO"])
        if file is None:
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(MISSING)))]
            start_response("404 Not Found", headers)
            return [b"" if method == "HEAD" else MISSING]
        size = file.stat().st_size
        kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(size))])
        return FileBody(file, 0, size) if method == "GET" and size else []

    def _file(self, path: str) -> Path | None:
        parts = PurePosixPath(path.lstrip("/")).parts
        if ".." in parts or "\0" in path:
            return None
        file = self._folder.joinpath(*parts)
        return file if file.is_file() else None
