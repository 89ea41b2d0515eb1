"""The little languages of query strings: resources, traits and aggregates."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pileus.kernel import ids
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.microversions import Version

AnyOf = frozenset[str]  # one of these is enough
_INVALID = "Invalid query string parameters"
_RESOURCES_FORM = (
    "Badly formed resources parameter. Expected resources query string parameter in form: "
    "?resources=VCPU:2,MEMORY_MB:1024. Got: {}."
)


class Filters(Struct, frozen=True, kw_only=True):
    """What a provider must be, have and have room for. Every AnyOf of required and of member_of must be met."""

    name: str | None = None
    uuid: str | None = None
    in_tree: str | None = None
    resources: Mapping[str, int] = {}
    required: Sequence[AnyOf] = ()
    forbidden: AnyOf = frozenset()
    member_of: Sequence[AnyOf] = ()
    forbidden_aggregates: AnyOf = frozenset()


def parse_resources(text: str) -> dict[str, int]:
    """``VCPU:2,MEMORY_MB:1024``. Raises BadRequest."""
    if not text.strip():
        raise BadRequest(_RESOURCES_FORM.format("empty string"))
    found = {}
    for part in text.split(","):
        name, separator, amount = part.partition(":")
        if not separator or ":" in amount:
            raise BadRequest(_RESOURCES_FORM.format(part))
        try:
            number = int(amount)
        except ValueError:
            raise BadRequest(f"Requested resource {name} expected positive integer amount. Got: {amount}.") from None
        if number < 1:
            raise BadRequest(f"Requested resource {name} requires amount >= 1. Got: {number}.")
        found[name] = number
    return found


def parse_required(values: Sequence[str], version: Version) -> tuple[list[AnyOf], AnyOf]:
    """Every ``required`` parameter of a group as (required, forbidden). Below 1.39 the last one counts alone.

    Raises BadRequest.
    """
    any_allowed, forbidden_allowed = version >= (1, 39), version >= (1, 22)
    required: list[AnyOf] = []
    forbidden: AnyOf = frozenset()
    for value in values if any_allowed else values[-1:]:
        some_required, some_forbidden = parse_traits(value, any_of=any_allowed, forbidden=forbidden_allowed)
        required += some_required
        forbidden |= some_forbidden
    return required, forbidden


def parse_traits(text: str, *, any_of: bool, forbidden: bool) -> tuple[list[AnyOf], AnyOf]:
    """``A,!B`` or ``in:A,B`` as (required, forbidden). Raises BadRequest."""
    if text.startswith("in:"):
        return [_any_traits(text, any_of)], frozenset()
    names = [name.strip() for name in text.split(",")]
    unwanted = frozenset(name.lstrip("!") for name in names if name.startswith("!"))
    if "" in names or "" in unwanted:
        form = "HW_CPU_X86_VMX,!CUSTOM_MAGIC" if forbidden else "HW_CPU_X86_VMX,CUSTOM_MAGIC"
        raise BadRequest(
            f"{_INVALID}: Expected 'required' parameter value of the form: {form}. Got an empty trait in: {text}"
        )
    if unwanted and not forbidden:
        raise BadRequest(
            f"{_INVALID}: Expected 'required' parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: {text}"
        )
    return [frozenset((name,)) for name in names if not name.startswith("!")], unwanted


def _any_traits(text: str, allowed: bool) -> AnyOf:
    form = "in:HW_CPU_X86_VMX,CUSTOM_MAGIC"
    if not allowed:
        raise BadRequest(f"{_INVALID}: The format '{form}' only supported since microversion 1.39. Got: {text}")
    names = frozenset(name.strip() for name in text[3:].split(","))
    if "" in names:
        raise BadRequest(
            f"{_INVALID}: Expected 'required' parameter value of the form: {form}. Got an empty trait in: {text}"
        )
    if any(name.startswith("!") for name in names):
        raise BadRequest(f"{_INVALID}: The format '{form}' does not support forbidden traits. Got: {text}")
    return names


def parse_member_of(values: Sequence[str], version: Version, suffix: str = "") -> tuple[list[AnyOf], AnyOf]:
    """Every ``member_of`` parameter of a group as (required, forbidden). Raises BadRequest."""
    if version < (1, 24) and len(values) > 1:
        raise BadRequest(f"Multiple member_of{suffix} parameters are not supported")
    required: list[AnyOf] = []
    forbidden: AnyOf = frozenset()
    for value in values:
        negated = value.startswith("!")
        aggregates = _aggregates(value)
        if not negated:
            required.append(aggregates)
            continue
        if version < (1, 32):
            raise BadRequest(f"Forbidden member_of{suffix} parameters are not supported in the specified microversion")
        forbidden |= aggregates
    return required, forbidden


def _aggregates(value: str) -> AnyOf:
    wanted = value.removeprefix("!")
    listed = wanted.startswith("in:")
    if "," in wanted and not listed:
        raise BadRequest(
            "Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using the valid "
            f"microversion. Got: {value}"
        )
    found = frozenset(wanted[3:].split(",") if listed else [wanted])
    for uuid in found:
        if not ids.is_uuid(uuid):
            raise BadRequest(f"{_INVALID}: Expected 'member_of' parameter to contain valid UUID(s). Got: {uuid}")
    return found


def parse_in_tree(value: str) -> str:
    """Raises BadRequest."""
    uuid = value.strip()
    if not ids.is_uuid(uuid):
        raise BadRequest(f"{_INVALID}: Expected 'in_tree' parameter to be a format of uuid. Got: {value}")
    return uuid
