"""What every answer keeps, whatever was asked."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from pileus.kernel.services import Answer

# What the reference itself answers: not implemented by this back end; a part that does not answer right now.
ALLOWED_5XX = (501, 503)
_TRACE = re.compile(rb'Traceback \(most recent|File "/|sqlalchemy|msgspec\.|object at 0x', re.IGNORECASE)
_REQUEST_ID = re.compile(r"req-[0-9a-f-]{36}")
_BODILESS = (204, 304)


class Errors(logging.Handler):
    """Collects what is logged at error level."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(logging.Formatter("%(name)s %(message)s").format(record))


def broken(mount: str, method: str, answer: Answer) -> str:
    """Which promise an answer breaks; nothing when it keeps them all."""
    if answer.status >= 500 and answer.status not in ALLOWED_5XX:
        return f"status {answer.status}"
    found = _headers(mount, answer.headers)
    if found:
        return found
    if _TRACE.search(answer.body[:20_000]):
        return "the inside of the program in a body"
    if answer.status in _BODILESS or method == "HEAD":
        return f"a body with {answer.status} to {method}" if answer.body else ""
    if "json" in answer.headers.get("content-type", "") and answer.body:
        try:
            document = json.loads(answer.body, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            return f"a body that is not JSON: {error}"
    else:
        document = None
    return _fault(mount, answer, document) if answer.status >= 400 else ""


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _headers(mount: str, headers: Mapping[str, str]) -> str:
    for name, value in headers.items():
        if re.search(r"[\r\n\0]", name + value):
            return f"a line end inside header {name}"
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            return f"header {name} cannot be sent"
    if mount and not _REQUEST_ID.fullmatch(headers.get("x-openstack-request-id", "")):
        return "no request id"
    return ""


def _fault(mount: str, answer: Answer, document: Any) -> str:
    status = answer.status
    if not answer.body:
        return "a fault without a body"
    try:
        kept = _FORMATS[mount](answer, status, document)
    except (KeyError, TypeError, AttributeError, IndexError):
        kept = False
    return "" if kept else f"a fault of {status} in another format than {mount or 'the index'}'s"


def _identity(answer: Answer, status: int, document: Any) -> bool:
    error = document["error"]
    return error["code"] == status and isinstance(error["message"], str) and bool(error["title"])


def _compute(answer: Answer, status: int, document: Any) -> bool:
    if status == 401:
        return _identity(answer, status, document)
    if status == 406 and "errors" in document:
        return document["errors"][0]["status"] == 406
    (fault,) = document.values()
    return fault["code"] == status and isinstance(fault["message"], str)


def _placement(answer: Answer, status: int, document: Any) -> bool:
    if document is None:
        return _page(answer, status)
    error = document["errors"][0]
    return error["status"] == status and isinstance(error["detail"], str) and bool(error["request_id"])


def _network(answer: Answer, status: int, document: Any) -> bool:
    if status == 401:
        return _identity(answer, status, document)
    error = document["NeutronError"]
    return isinstance(error["type"], str) and isinstance(error["message"], str) and error["detail"] == ""


def _image(answer: Answer, status: int, document: Any) -> bool:
    if status == 401 and document is not None and "error" in document:
        return _identity(answer, status, document)
    if document is None:
        return _page(answer, status)
    return document["code"].startswith(str(status)) and isinstance(document["message"], str)


def _page(answer: Answer, status: int) -> bool:
    return f"<h1>{status} ".encode() in answer.body


def _metadata(answer: Answer, status: int, document: Any) -> bool:
    return _image(answer, status, document)


_FORMATS = {
    "": _identity,
    "identity": _identity,
    "compute": _compute,
    "placement": _placement,
    "network": _network,
    "image": _image,
    "metadata": _metadata,
}
