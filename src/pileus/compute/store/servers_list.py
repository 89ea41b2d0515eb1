"""Lists of servers: one query whatever is asked."""

from typing import Any

import sqlalchemy as sa

from pileus.compute.model import Server
from pileus.compute.servers_query import SORT_KEYS, ServerQuery
from pileus.compute.states import SOFT_DELETED
from pileus.compute.tables import server_tags, servers
from pileus.kernel.database import Tx
from pileus.kernel.paging import Listed, listed, select_page

_SORTABLE: dict[str, sa.ColumnElement[Any]] = {key: servers.c[column] for key, column in SORT_KEYS.items()}
_MARKER = sa.select(servers).where(servers.c.id == sa.bindparam("marker_id"))


def find(tx: Tx, wanted: ServerQuery) -> Listed[Server] | None:
    """One page of servers; None when the marker is no server."""
    page = wanted.page
    marker = None
    if page.marker is not None:
        row = tx.execute(_MARKER, {"marker_id": page.marker}).first()
        if row is None:
            return None
        marker = {sort.key: row._mapping[SORT_KEYS[sort.key]] for sort in page.sorts} | {"__unique__": row.number}
    query = sa.select(servers).where(*conditions(wanted))
    query = select_page(query, page, _SORTABLE, servers.c.number, marker)
    return listed([Server(*row) for row in tx.execute(query)], page)


def conditions(wanted: ServerQuery) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.nothing:
        found.append(sa.false())
    if wanted.deleted is not None:
        found.append(servers.c.deleted_at.is_not(None) if wanted.deleted else servers.c.deleted_at.is_(None))
    if wanted.deleted is False and not wanted.soft_deleted and "vm_state" not in wanted.exact:
        found.append(servers.c.vm_state != SOFT_DELETED)
    found += [_among(servers.c[column], values) for column, values in wanted.exact.items()]
    found += [servers.c[column].regexp_match(pattern) for column, pattern in wanted.regex.items()]
    if wanted.since is not None:
        found.append(servers.c.updated_at >= wanted.since)
    if wanted.before is not None:
        found.append(servers.c.updated_at <= wanted.before)
    if wanted.locked is not None:
        found.append(servers.c.locked_by.is_not(None) if wanted.locked else servers.c.locked_by.is_(None))
    if wanted.addresses:
        found.append(sa.or_(*(servers.c.addresses_json.regexp_match(_address(one)) for one in wanted.addresses)))
    return found + _tags(wanted.tags)


def _among(column: sa.ColumnElement[Any], values: list[Any]) -> sa.ColumnElement[bool]:
    some = [value for value in values if value is not None]
    among: sa.ColumnElement[bool] = column == some[0] if len(some) == 1 else column.in_(some)
    return sa.or_(among, column.is_(None)) if None in values else among


def _address(pattern: str) -> str:
    """A pattern for the beginning of an address, as one for the column of all addresses."""
    inner = pattern.removeprefix("^")
    inner = inner.removesuffix("$") + '"' if inner.endswith("$") else inner
    return f'"addr":"({inner})'


def _has(tag: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(server_tags.c.server_id == servers.c.id, server_tags.c.tag == tag)


def _tags(filters: dict[str, list[str]]) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if "tags" in filters:
        found += [_has(tag) for tag in filters["tags"]]
    if "tags-any" in filters:
        found.append(sa.or_(*(_has(tag) for tag in filters["tags-any"])))
    if "not-tags" in filters:
        found.append(sa.not_(sa.and_(*(_has(tag) for tag in filters["not-tags"]))))
    if "not-tags-any" in filters:
        found += [sa.not_(_has(tag)) for tag in filters["not-tags-any"]]
    return found
