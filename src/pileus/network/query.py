"""The query string of a list: filters, fields, order and pages, as Neutron reads and refuses them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa

from pileus.kernel.http.request import Request
from pileus.kernel.paging import Page, Sort, listed, select_page
from pileus.network.attributes import Attribute
from pileus.network.calls import Call
from pileus.network.errors import bad_request, fault
from pileus.network.resources.base import Clause, Resource
from pileus.network.store.records import Row, rows_of

MOST_ROWS = 1 << 31  # of a page, whatever is asked
MOST_DIGITS = 20
_CONTROL = frozenset({"fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"})
ALIASES = {"tenant_id": "project_id", "target_tenant": "target_project"}
_TAG_FILTERS = frozenset({"tags", "tags-any", "not-tags", "not-tags-any"})


class Listing(NamedTuple):
    """One page of rows. ``limit`` None: no pages were asked for."""

    rows: list[Row]
    limit: int | None
    reverse: bool


def wanted_fields(request: Request[Any]) -> frozenset[str]:
    """The fields that are to be shown; empty for all."""
    return frozenset(field for field in request.params("fields") if field)


def select(call: Call, request: Request[Any], resource: Resource) -> Listing:
    """The rows that a list asks for. Raises what Neutron raises for a query that makes no sense."""
    clauses = filters(request, resource)
    limit, reverse = _limit(request), (request.param("page_reverse") or "").lower() == "true"
    sorts = _sorts(request, resource)
    if not resource.pages:
        limit, reverse = None, False
    if reverse:
        sorts = [Sort(sort.key, not sort.descending) for sort in sorts] or [Sort("id", True)]
    page = Page(limit, request.param("marker") if limit else None, tuple(sorts))
    if page.marker is None:
        statement = _first_page(resource, call.sees_all, page)
    else:
        statement = _page(resource, call.sees_all, page, _marker(call, resource, page))
    if clauses:
        statement = statement.where(*clauses)
    rows = listed(rows_of(call.tx.execute(statement, {"me": call.project_id})), page).items
    return Listing(rows[::-1] if reverse else rows, limit, reverse)


def _page(resource: Resource, sees_all: bool, page: Page, marker: Mapping[str, Any] | None) -> sa.Select[Any]:
    table = resource.table
    statement = sa.select(table)
    if not sees_all:
        statement = statement.where(resource.scope())
    columns = {sort.key: table.c[resource.attributes[sort.key].key] for sort in page.sorts}
    return select_page(statement, page, columns, table.c.id, marker)


@lru_cache(maxsize=512)
def _first_page(resource: Resource, sees_all: bool, page: Page) -> sa.Select[Any]:
    return _page(resource, sees_all, page, None)


def filters(request: Request[Any], resource: Resource) -> list[Clause]:
    clauses: list[Clause] = []
    unknown = []
    if "tenant_id" in request.query and "project_id" in request.query:
        raise fault("TenantIdProjectIdFilterConflict")
    for given in request.query:
        if given in _CONTROL:
            continue
        values: list[Any] = request.params(given)
        if given in _TAG_FILTERS and "tags" in resource.attributes:
            clauses.append(_tagged(resource, given, values))
            continue
        name = ALIASES.get(given, given)
        attribute = resource.attributes.get(name)
        if attribute is None or not attribute.filter:
            unknown.append(given)
        else:
            clauses.append(resource.filter(name, _converted(attribute, values)))
    if unknown:
        raise bad_request(f"{unknown} is invalid attribute for filtering")
    return clauses


def _converted(attribute: Attribute, values: Sequence[Any]) -> list[Any]:
    if attribute.convert is None:
        return list(values)
    return [attribute.convert(value) if value != "" else value for value in values]


def _tagged(resource: Resource, kind: str, values: Sequence[str]) -> Clause:
    """Tags are kept as JSON text: a tag is there when taking it out would change the text, in every database."""
    column = sa.cast(resource.table.c.tags, sa.Text)
    tags = [tag for value in values for tag in value.split(",") if tag]
    there = [sa.func.replace(column, quoted(tag), "") != column for tag in tags]
    whole = sa.or_(*there) if kind.endswith("any") else sa.and_(*there)
    return sa.not_(whole) if kind.startswith("not") else whole


def quoted(tag: str) -> str:
    return msgspec.json.encode(tag).decode()


def _limit(request: Request[Any]) -> int | None:
    text = request.param("limit")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise fault("BadRequest", resource="limit", msg=f"Limit must be an integer 0 or greater and not '{text}'")
    return min(int(text[:MOST_DIGITS]), MOST_ROWS) or None


def _sorts(request: Request[Any], resource: Resource) -> list[Sort]:
    keys = [key for key in request.params("sort_key") if key]
    directions = [direction for direction in request.params("sort_dir") if direction]
    if len(keys) != len(directions):
        raise bad_request("The number of sort_keys and sort_dirs must be same")
    names = ["project_id" if key == "tenant_id" else key for key in keys]
    absent = [
        key
        for key, name in zip(keys, names, strict=True)
        if name not in resource.attributes
        or not resource.attributes[name].sort
        or resource.attributes[name].key not in resource.table.c
    ]
    if absent:
        raise bad_request(f"{absent} is invalid attribute for sort_keys")
    wrong = [direction for direction in directions if direction not in ("asc", "desc")]
    if wrong:
        raise bad_request(f"{wrong} is invalid value for sort_dirs, valid value is 'asc' and 'desc'")
    return [Sort(name, direction == "desc") for name, direction in zip(names, directions, strict=True)]


def _marker(call: Call, resource: Resource, page: Page) -> Mapping[str, Any] | None:
    if page.marker is None:
        return None
    row = resource.find(call, page.marker)
    values = {sort.key: row[resource.attributes[sort.key].key] for sort in page.sorts}
    return {**values, "__unique__": row["id"]}


def links(request: Request[Any], shown: Sequence[Mapping[str, Any]], listing: Listing) -> list[dict[str, str]]:
    """The links to the next and the previous page."""
    limit = listing.limit
    if limit is None:
        return []
    found = []
    full = len(shown) >= limit
    if full or listing.reverse:
        found.append({"rel": "next", "href": _link(request, shown[-1:], reverse=False)})
    if full or not listing.reverse:
        found.append({"rel": "previous", "href": _link(request, shown[:1], reverse=True)})
    return found


def _link(request: Request[Any], edge: Sequence[Mapping[str, Any]], *, reverse: bool) -> str:
    params = [
        (name, value)
        for name in request.query
        if name not in ("marker", "page_reverse")
        for value in request.params(name)
    ]
    if edge:
        params.append(("marker", edge[0]["id"]))
    if reverse:
        params.append(("page_reverse", "True"))
    return f"{request.url(request.http.path)}?{urlencode(params)}"
