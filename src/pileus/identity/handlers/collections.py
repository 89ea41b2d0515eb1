"""Lists and links, exactly as the reference writes them: filters, pages, ``links``, ``truncated``."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from pileus.identity.service import Identity
from pileus.identity.store.entities import Filter
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.request import Request
from pileus.kernel.paging import Page

MAX_LIMIT = 1000
View = dict[str, Any]


def page_of(request: Request[Identity]) -> Page:
    """Which part of a list is wanted; all of it unless a limit was given. Raises BadRequest."""
    if not request.query:
        default = request.service.settings.list_limit
        return Page(limit=default or None)
    limit = request.int_param("limit", minimum=0) if request.param("limit") else None
    if limit is None:
        limit = request.service.settings.list_limit or None
    return Page(limit=None if limit is None else min(limit, MAX_LIMIT), marker=request.param("marker") or None)


def filters_of(request: Request[Identity], *names: str) -> list[Filter]:
    """Conditions on columns: ``name=x``, ``name__contains=x``, ``name__istartswith=x``."""
    found: list[Filter] = []
    for key, value in request.query.items():
        name, _, comparator = key.partition("__")
        if name not in names:
            continue
        for one in value if isinstance(value, list) else [value]:
            if not comparator:
                found.append(Filter(name, one))
            elif comparator.startswith("i"):
                found.append(Filter(name, one, comparator[1:], False))
            else:
                found.append(Filter(name, one, comparator))
    return found


def flag(request: Request[Identity], name: str) -> bool:
    """Whether a parameter is there and not ``0``."""
    value = request.param(name)
    return value is not None and value != "0"


def linked(request: Request[Identity], path: str, view: View, id: str = "") -> View:
    """A thing with its own link; ``path`` is that of its collection, below the version."""
    view["links"] = {"self": request.url(f"/v3/{path}/{id or view['id']}")}
    return view


def collection(
    request: Request[Identity], key: str, views: Sequence[View], path: str | None = None, *, more: bool = False
) -> View:
    """A whole answer with a list; ``path`` is that of its members (None: they have their links)."""
    if path is not None:
        base = request.url(f"/v3/{path}/")
        for view in views:
            view["links"] = {"self": base + view["id"]}
    answer: View = {key: views, "links": {"next": None, "self": request.own_url, "previous": None}}
    if more:
        answer["truncated"] = True
        if views and "id" in views[-1]:
            query = {name: value for name, value in request.query.items() if name not in ("marker", "limit")}
            query |= {"marker": views[-1]["id"], "limit": str(len(views))}
            answer["links"]["next"] = f"{request.url(request.http.path)}?{urlencode(query, doseq=True)}"
    return answer


def cut(request: Request[Identity], views: Iterable[View]) -> tuple[list[View], bool]:
    """A page of a list that is at hand as a whole, and whether more follows."""
    page = page_of(request)
    ordered = list(views)
    if page.marker is not None:
        ids = [view["id"] for view in ordered]
        ordered = ordered[ids.index(page.marker) + 1 :] if page.marker in ids else []
    if page.limit is None:
        return ordered, False
    return ordered[: page.limit], len(ordered) > page.limit


def matching(views: Iterable[View], filters: Sequence[Filter]) -> list[View]:
    """The views that meet the conditions."""
    return [view for view in views if all(_meets(view, one) for one in filters)]


def _meets(view: View, wanted: Filter) -> bool:
    value, asked = view.get(wanted.name), wanted.value or ""
    if wanted.comparator == "equals":
        if isinstance(value, bool):
            return value == (asked.lower() not in ("0", "f", "false", "off", "n", "no"))
        return value == asked
    if not isinstance(value, str):
        return False
    if not wanted.case_sensitive:
        value, asked = value.lower(), asked.lower()
    match wanted.comparator:
        case "contains":
            return asked in value
        case "startswith":
            return value.startswith(asked)
        case "endswith":
            return value.endswith(asked)
    return True


def refuse_both(request: Request[Identity], one: str, other: str, message: str) -> None:
    """Raises BadRequest when two parameters that exclude each other were given."""
    if request.param(one) and request.param(other):
        raise BadRequest(message)
