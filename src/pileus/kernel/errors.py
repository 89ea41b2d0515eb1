"""The errors of the domain, and the two error words of slow work.

A domain error says what is wrong in terms of the request; its HTTP status is the usual one of its family, and the
service's fault format (kernel/http/faults.py) writes it in the shape that this service's clients expect.
"""

from collections.abc import Mapping


class DomainError(Exception):
    """The request cannot be carried out, and why, in words for whoever made it.

    ``type`` is the machine-readable name that some services' faults carry (network's ``type``, placement's ``code``);
    ``headers`` are sent with the fault.
    """

    status = 500
    title = "Internal Server Error"

    def __init__(
        self,
        message: str = "",
        *,
        type: str = "",
        title: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.type = type
        self.headers = dict(headers or {})
        if title is not None:
            self.title = title


class BadRequest(DomainError):
    status, title = 400, "Bad Request"


class Unauthorized(DomainError):
    status, title = 401, "Unauthorized"


class Forbidden(DomainError):
    status, title = 403, "Forbidden"


class QuotaExceeded(Forbidden):
    """More was asked for than the project may have."""


class NotFound(DomainError):
    status, title = 404, "Not Found"


class MethodNotAllowed(DomainError):
    status, title = 405, "Method Not Allowed"


class NotAcceptable(DomainError):
    status, title = 406, "Not Acceptable"


class Conflict(DomainError):
    status, title = 409, "Conflict"


class Gone(DomainError):
    status, title = 410, "Gone"


class PreconditionFailed(DomainError):
    status, title = 412, "Precondition Failed"


class TooLarge(DomainError):
    status, title = 413, "Request Entity Too Large"


class UnsupportedMediaType(DomainError):
    status, title = 415, "Unsupported Media Type"


class RangeNotSatisfiable(DomainError):
    status, title = 416, "Requested Range Not Satisfiable"


class NotSupported(DomainError):
    """What was asked is of the API, but this cloud's configuration or back end cannot do it."""

    status, title = 501, "Not Implemented"


class Unavailable(DomainError):
    """A part that this needs does not answer; the same request may succeed later."""

    status, title = 503, "Service Unavailable"


class RetryLater(Exception):
    """Slow work cannot go on now, but may soon: run the same step again.

    ``after`` is the pause in seconds; None lets the engine choose by the number of attempts.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class GiveUp(Exception):
    """Slow work can never succeed: undo what was done and tell the user why."""

    def __init__(self, reason: str, *, code: int = 500, details: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.details = details


class Cancelled(Exception):
    """The operation was overtaken by a delete."""
