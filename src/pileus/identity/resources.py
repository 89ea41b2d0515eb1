"""What all of identity's resources have in common: options, open fields, ids that may not change, immutability."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import UNSET, Struct, UnsetType, structs

from pileus.identity.model import DEFAULT_DOMAIN
from pileus.identity.store.entities import FALSE_WORDS
from pileus.kernel import clock
from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest, Forbidden, NotFound
from pileus.kernel.http.bodies import Open

T = TypeVar("T")
S = TypeVar("S", bound=Struct)


def given(value: T | UnsetType, otherwise: T) -> T:
    return otherwise if isinstance(value, UnsetType) else value


def truth(value: bool | str | UnsetType | None, otherwise: bool) -> bool:
    """A flag as the reference takes it: text too; nothing said, or null, is ``otherwise``."""
    if isinstance(value, str):
        return value.lower() not in FALSE_WORDS
    return otherwise if value is None or isinstance(value, UnsetType) else value


def options_of(change: Struct | UnsetType, before: Mapping[str, Any]) -> dict[str, Any]:
    """Options after a change: what is null goes away."""
    after = dict(before)
    if not isinstance(change, UnsetType):
        for name in change.__struct_fields__:
            value = getattr(change, name)
            if value is None:
                after.pop(name, None)
            elif value is not UNSET:
                after[name] = value
    return after


def extra_of(body: Open, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields of any name that were given, over those there were."""
    kept = {re.sub("[:-]", "_", name): value for name, value in body.unknown.items() if name not in ("id", "links")}
    return dict(before or {}) | kept


def changed(thing: S, body: Struct, *names: str) -> S:
    """The thing with those of the named fields that the body gives."""
    values = {name: value for name in names if (value := getattr(body, name)) is not UNSET}
    return structs.replace(thing, **values)


def found(thing: T | None, kind: str, id: str | None) -> T:
    """Raises NotFound, in the reference's words, when there is no such thing."""
    if thing is None:
        raise NotFound(f"Could not find {kind}: {id}.")
    return thing


def same_id(body: Any, id: str) -> None:
    """Raises BadRequest when a change names another id, or changes nothing."""
    if body.id is not UNSET and body.id != id:
        raise BadRequest("Cannot change ID")
    if not getattr(body, "unknown", None) and all(getattr(body, name) is UNSET for name in body.__struct_fields__):
        raise BadRequest("{} does not have enough properties")


def same_domain(body: Any, domain_id: str | None) -> None:
    if body.domain_id is not UNSET and body.domain_id != domain_id:
        raise BadRequest("Cannot change Domain ID")


def domain_for(context: Context, asked: str | UnsetType | None) -> str:
    """The domain of something new: as asked, or that of the token's scope, or the default one."""
    return given(asked, None) or context.domain_id or DEFAULT_DOMAIN


def may_update(kind: str, id: str, options: Mapping[str, Any], body: Any) -> None:
    """Raises Forbidden for an immutable resource, unless the change (None: no body) does nothing but end that."""
    if not options.get("immutable"):
        return
    said = [] if body is None else [name for name in body.__struct_fields__ if getattr(body, name) is not UNSET]
    ends_it = said == ["options"] and not body.unknown and body.options.immutable in (None, False)
    if not ends_it:
        raise Forbidden(
            f'Unable to update immutable {kind} resource: `{id}. Set resource option "immutable" to false first.'
        )


def may_delete(kind: str, id: str, options: Mapping[str, Any]) -> None:
    """Raises Forbidden for an immutable resource."""
    if options.get("immutable"):
        raise Forbidden(
            f'Unable to delete immutable {kind} resource: `{id}. Set resource option "immutable" to false first.'
        )


def expiry_of(text: str | None) -> int | None:
    """When something new is to expire. Raises BadRequest for no time, or one that is past."""
    if not text:
        return None
    end = (
        " The server could not comply with the request since it is either malformed or otherwise incorrect. The client "
        "is assumed to be in error."
    )
    try:
        moment = clock.parse(text)
    except ValueError:
        raise BadRequest("Timestamp not in expected format." + end) from None
    if moment <= clock.now():
        raise BadRequest("The 'expires_at' must not be before now." + end)
    return moment
