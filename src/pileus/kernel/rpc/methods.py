"""What can be called on an agent, and how calls and their outcomes are written."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pileus.kernel import errors
from pileus.kernel.context import Context, current
from pileus.kernel.errors import DomainError, GiveUp, RetryLater
from pileus.kernel.log import span

log = logging.getLogger(__name__)


class Call(msgspec.Struct, omit_defaults=True):
    method: str
    context: Context
    arguments: dict[str, Any]


class Outcome(msgspec.Struct, omit_defaults=True):
    """``error`` is the name of an error class of kernel/errors.py, or ``bug`` for anything unforeseen."""

    result: Any = None
    error: str = ""
    message: str = ""
    code: int = 0
    after: float | None = None


_call = msgspec.json.Decoder(Call)
_outcome = msgspec.json.Decoder(Outcome)
encode = msgspec.json.encode


class Methods:
    """The methods of one agent, by name."""

    def __init__(self) -> None:
        self._methods: dict[str, Callable[..., Any]] = {}

    def add(self, prefix: str, methods: Mapping[str, Callable[..., Any]]) -> None:
        """Offers ``{prefix}.{name}``; each is called as ``method(context, **arguments)``."""
        for name, method in methods.items():
            self._methods[f"{prefix}.{name}"] = method

    def names(self) -> list[str]:
        return sorted(self._methods)

    def serve(self, data: bytes) -> bytes:
        """Carries out an encoded Call; the answer is an encoded Outcome, also of an error."""
        try:
            call = _call.decode(data)
        except msgspec.MsgspecError as error:
            return encode(Outcome(error="BadRequest", message=str(error)))
        return encode(self._run(call))

    def _run(self, call: Call) -> Outcome:
        method = self._methods.get(call.method)
        if method is None:
            return Outcome(error="NotSupported", message=f"this agent has no method {call.method}")
        reset = current.set(call.context)
        try:
            with span("agent", call.method):
                return Outcome(result=method(call.context, **call.arguments))
        except RetryLater as error:
            return Outcome(error="RetryLater", message=error.reason, after=error.after)
        except GiveUp as error:
            return Outcome(error="GiveUp", message=error.reason, code=error.code)
        except DomainError as error:
            return Outcome(error=type(error).__name__, message=error.message)
        except Exception as error:
            log.exception("agent method %s failed", call.method)
            return Outcome(error="bug", message=f"{type(error).__name__}: {error}")
        finally:
            current.reset(reset)


def result_of(data: bytes) -> Any:
    """The result in an encoded Outcome, or its error, raised."""
    outcome = _outcome.decode(data)
    if not outcome.error:
        return outcome.result
    if outcome.error == "RetryLater":
        raise RetryLater(outcome.message, outcome.after)
    if outcome.error == "GiveUp":
        raise GiveUp(outcome.message, code=outcome.code or 500)
    family = getattr(errors, outcome.error, None)
    if isinstance(family, type) and issubclass(family, DomainError):
        raise family(outcome.message)
    raise AgentError(outcome.message)


class AgentError(Exception):
    """The agent met something unforeseen; its log has the trace."""
