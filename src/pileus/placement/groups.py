"""What ``GET /allocation_candidates`` is asked for: groups of resources, and what holds for all of them."""

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import asdict

from pileus.kernel.errors import BadRequest
from pileus.kernel.http.microversions import Version
from pileus.placement.errors import DUPLICATE_QUERY_KEY, QUERY_BAD_VALUE, QUERY_MISSING_VALUE
from pileus.placement.queries import (
    AnyOf,
    Filters,
    parse_in_tree,
    parse_member_of,
    parse_required,
    parse_resources,
    parse_traits,
)

Query = Mapping[str, list[str]]  # every value of each parameter, in the order they were given
_NUMBERED = re.compile(r"(resources|required|member_of|in_tree)([1-9][0-9]*)?")
_NAMED = re.compile(r"(resources|required|member_of|in_tree)([a-zA-Z0-9_-]{1,64})?")
_GROUP_PARTS_SINCE = {"resources": 10, "required": 17, "member_of": 21, "in_tree": 31}
_WIDE_SINCE = {"limit": 16, "group_policy": 25, "root_required": 35, "same_subtree": 36}


class Group(Filters, frozen=True, kw_only=True):
    """Resources that belong together. With a suffix, one provider must meet all of it; without, a tree may."""

    suffix: str

    @property
    def granular(self) -> bool:
        return bool(self.suffix)


class Wide(Struct, frozen=True, kw_only=True):
    """What holds for the whole request."""

    limit: int | None = None
    isolate: bool = False
    root_required: list[AnyOf] = []
    root_forbidden: AnyOf = frozenset()
    same_subtree: list[AnyOf] = []


def parse(query: Query, version: Version) -> tuple[list[Group], Wide]:
    """Raises BadRequest, saying what is wrong with a parameter or with how they go together."""
    _check_names(query, version)
    wide = _wide(query)
    groups = _groups(query, version)
    if version >= (1, 36):
        _check_subtrees(groups, wide)
    else:
        _check_orphans(groups)
    if version >= (1, 22):
        _check_contradictions(groups)
    if not query.get("group_policy") and sum(group.granular for group in groups.values()) > 1:
        raise BadRequest(
            'The "group_policy" parameter is required when specifying more than one "resources{N}" parameter.'
        )
    return list(groups.values()), wide


def _check_names(query: Query, version: Version) -> None:
    for name in query:
        match = _pattern(version).fullmatch(name)
        known = (
            version >= (1, _GROUP_PARTS_SINCE[match[1]]) and (match[2] is None or version >= (1, 25))
            if match
            else name in _WIDE_SINCE and version >= (1, _WIDE_SINCE[name])
        )
        if not known:
            raise _invalid(f"Additional properties are not allowed ('{name}' was unexpected)")
    if version < (1, 25) and "resources" not in query:
        raise _invalid("'resources' is a required property")
    for value in query.get("limit", ())[-1:]:
        if not re.fullmatch("[1-9][0-9]*", value):
            raise _invalid(f"'{value}' does not match '^[1-9][0-9]*$'")
    for value in query.get("group_policy", ())[-1:]:
        if value not in ("none", "isolate"):
            raise _invalid(f"'{value}' is not one of ['none', 'isolate']")


def _wide(query: Query) -> Wide:
    limit = query.get("limit")
    policy = query.get("group_policy")
    required, forbidden = _root_traits(query.get("root_required", []))
    subtrees = []
    for value in query.get("same_subtree", []):
        suffixes = frozenset(part.strip() for part in value.split(","))
        if "" in suffixes:
            raise BadRequest(
                "Empty string (unsuffixed group) can not be specified in `same_subtree` ", type=QUERY_BAD_VALUE
            )
        subtrees.append(suffixes)
    return Wide(
        limit=int(limit[0]) if limit else None,
        isolate=policy is not None and policy[0] == "isolate",
        root_required=required,
        root_forbidden=forbidden,
        same_subtree=subtrees,
    )


def _root_traits(values: list[str]) -> tuple[list[AnyOf], AnyOf]:
    if len(values) > 1:
        raise BadRequest("Query parameter 'root_required' may be specified only once.", type=DUPLICATE_QUERY_KEY)
    if not values:
        return [], frozenset()
    required, forbidden = parse_traits(values[0], any_of=False, forbidden=True)
    conflicts = forbidden.intersection(*[frozenset().union(*required)])
    if conflicts:
        raise BadRequest(
            f"Conflicting required and forbidden traits found in root_required: {', '.join(sorted(conflicts))}",
            type=QUERY_BAD_VALUE,
        )
    return required, forbidden


def _groups(query: Query, version: Version) -> dict[str, Group]:
    parts: dict[str, dict[str, list[str]]] = {}
    for name, values in query.items():
        match = _pattern(version).fullmatch(name)
        if match:
            parts.setdefault(match[2] or "", {})[match[1]] = values
    return {suffix: _group(suffix, given, version) for suffix, given in parts.items()}


def _group(suffix: str, given: Mapping[str, list[str]], version: Version) -> Group:
    required, forbidden = parse_required(given.get("required", []), version)
    member_of, forbidden_aggregates = parse_member_of(given.get("member_of", []), version, suffix)
    filters = Filters(
        resources=parse_resources(given["resources"][-1]) if "resources" in given else {},
        in_tree=parse_in_tree(given["in_tree"][-1]) if "in_tree" in given else None,
        required=required,
        forbidden=forbidden,
        member_of=member_of,
        forbidden_aggregates=forbidden_aggregates,
    )
    return Group(suffix=suffix, **asdict(filters))


def _check_subtrees(groups: Mapping[str, Group], wide: Wide) -> None:
    bare = [suffix for suffix, group in groups.items() if not group.resources]
    if len(bare) == len(groups):
        raise BadRequest("There must be at least one resources or resources[$S] parameter.", type=QUERY_MISSING_VALUE)
    named = frozenset().union(*wide.same_subtree)
    unplaced = [suffix for suffix in bare if suffix not in named]
    if unplaced:
        raise BadRequest(
            "Resourceless suffixed group request should be specified in `same_subtree` query param: bad group(s) - "
            f"{unplaced}.",
            type=QUERY_BAD_VALUE,
        )
    unknown = sorted(suffix for suffix in named if suffix not in groups)
    if unknown:
        raise BadRequest(
            f"Real suffixes should be specified in `same_subtree`: {unknown} not found in {list(groups)}.",
            type=QUERY_BAD_VALUE,
        )


def _check_orphans(groups: Mapping[str, Group]) -> None:
    bare = {suffix: group for suffix, group in groups.items() if not group.resources}
    orphans = [f"required{suffix}" for suffix, group in bare.items() if group.required]
    if orphans:
        raise BadRequest(
            "All traits parameters must be associated with resources.  Found the following orphaned traits keys: "
            + ", ".join(orphans)
        )
    orphans = [f"member_of{suffix}" for suffix, group in bare.items() if group.member_of or group.forbidden_aggregates]
    if orphans:
        raise BadRequest(
            "All member_of parameters must be associated with resources. Found the following orphaned member_of keys: "
            + ", ".join(orphans)
        )
    if bare:
        raise BadRequest("All request groups must specify resources.")
    if not groups:
        raise BadRequest("At least one request group (`resources` or `resources{$S}`) is required.")


def _check_contradictions(groups: Mapping[str, Group]) -> None:
    found = [
        f"required{suffix}: ({', '.join(sorted(any_of))})"
        for suffix, group in groups.items()
        for any_of in group.required
        if any_of <= group.forbidden
    ]
    if found:
        raise BadRequest(
            "Conflicting required and forbidden traits found in the following traits keys: " + ", ".join(sorted(found))
        )


def _pattern(version: Version) -> re.Pattern[str]:
    return _NAMED if version >= (1, 33) else _NUMBERED


def _invalid(reason: str) -> BadRequest:
    return BadRequest(f"Invalid query string parameters: {reason}")
