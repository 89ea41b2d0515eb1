"""The record of what was done with servers: actions and their events."""

from typing import Any

import sqlalchemy as sa

from pileus.compute.tables import server_action_events as events
from pileus.compute.tables import server_actions as actions
from pileus.kernel import clock
from pileus.kernel.context import Context
from pileus.kernel.database import Tx
from pileus.kernel.paging import Page, Sort, select_page

_INSERT = actions.insert()
_INSERT_EVENT = events.insert()
_TOUCH = (
    actions.update()
    .where(actions.c.server_id == sa.bindparam("the_server"), actions.c.request_id == sa.bindparam("the_request"))
    .values(updated_at=sa.bindparam("now"), message=sa.func.coalesce(sa.bindparam("why"), actions.c.message))
)
_ONE = (
    sa.select(actions)
    .where(actions.c.server_id == sa.bindparam("server_id"), actions.c.request_id == sa.bindparam("request_id"))
    .order_by(actions.c.number)
)
_EVENTS = (
    sa.select(events)
    .where(events.c.server_id == sa.bindparam("server_id"), events.c.request_id == sa.bindparam("request_id"))
    .order_by(events.c.number.desc())
)
SORTS = (Sort("start_time", True),)


def record(tx: Tx, context: Context, server_ids: list[str], action: str) -> None:
    """An action was accepted for each of these servers."""
    now = clock.now()
    rows = [
        {
            "server_id": server_id,
            "request_id": context.request_id,
            "action": action,
            "user_id": context.user_id,
            "project_id": context.project_id,
            "start_time": now,
            "updated_at": now,
        }
        for server_id in server_ids
    ]
    tx.execute(_INSERT, rows)


def finish(
    tx: Tx,
    server_id: str,
    request_id: str,
    event: str,
    started: int,
    *,
    host: str | None,
    error: str | None = None,
    details: str | None = None,
) -> None:
    """One part of an action has ended, well or with an error."""
    now = clock.now()
    row: dict[str, Any] = {
        "server_id": server_id,
        "request_id": request_id,
        "event": event,
        "start_time": started,
        "finish_time": now,
        "result": "Success" if error is None else "Error",
        "traceback": error,
        "host": host,
        "details": details,
    }
    tx.execute(_INSERT_EVENT, row)
    why = None if error is None else "Error"
    tx.execute(_TOUCH, {"the_server": server_id, "the_request": request_id, "now": now, "why": why})


def get(tx: Tx, server_id: str, request_id: str) -> sa.Row[Any] | None:
    return tx.execute(_ONE, {"server_id": server_id, "request_id": request_id}).first()


def events_of(tx: Tx, server_id: str, request_id: str) -> list[sa.Row[Any]]:
    """Newest first."""
    return list(tx.execute(_EVENTS, {"server_id": server_id, "request_id": request_id}))


def all_of(
    tx: Tx, server_id: str, page: Page, *, since: int | None = None, before: int | None = None
) -> list[sa.Row[Any]] | None:
    """A server's actions, newest first (one more than the limit); None when the marker is no action of it."""
    query = sa.select(actions).where(actions.c.server_id == server_id)
    if since is not None:
        query = query.where(actions.c.updated_at >= since)
    if before is not None:
        query = query.where(actions.c.updated_at <= before)
    marker = None
    if page.marker is not None:
        row = get(tx, server_id, page.marker)
        if row is None:
            return None
        marker = {"start_time": row.start_time, "__unique__": row.number}
    columns: dict[str, sa.ColumnElement[Any]] = {"start_time": actions.c.start_time}
    return list(tx.execute(select_page(query, page, columns, actions.c.number, marker)))
