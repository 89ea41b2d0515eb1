"""Walking a list page by page shows every row once, in the order asked for, whatever the ties and NULLs."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from pileus.kernel.errors import BadRequest
from pileus.kernel.paging import Page, Sort, listed, parse_limit, select_page

metadata = sa.MetaData()
things = sa.Table(
    "things",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(8)),
    sa.Column("size", sa.Integer, nullable=False),
)
COLUMNS = {"name": things.c.name, "size": things.c.size}


def page_of(tx: sa.Connection, page: Page) -> tuple[list[sa.Row[Any]], bool]:
    marker = None
    if page.marker is not None:
        row = tx.execute(sa.select(things).where(things.c.id == int(page.marker))).one()
        marker = {"name": row.name, "size": row.size, "__unique__": row.id}
    found = listed(tx.execute(select_page(sa.select(things), page, COLUMNS, things.c.id, marker)).all(), page)
    return found.items, found.more


def walk(tx: sa.Connection, limit: int, sorts: Sequence[Sort]) -> list[sa.Row[Any]]:
    seen: list[sa.Row[Any]] = []
    more = True
    while more:
        page = Page(limit, str(seen[-1].id) if seen else None, tuple(sorts))
        rows, more = page_of(tx, page)
        seen += rows
    return seen


@given(
    rows=st.lists(st.tuples(st.sampled_from([None, "", "a", "b", "B"]), st.integers(0, 3)), max_size=12),
    limit=st.integers(1, 5),
    sorts=st.lists(st.tuples(st.sampled_from(["name", "size"]), st.booleans()), max_size=2),
)
def test_a_walk_is_the_whole_list(
    rows: list[tuple[str | None, int]], limit: int, sorts: list[tuple[str, bool]]
) -> None:
    engine = sa.create_engine("sqlite://")
    try:
        with engine.begin() as tx:
            metadata.create_all(tx)
            for number, (name, size) in enumerate(rows):
                tx.execute(things.insert().values(id=number, name=name, size=size))
            order = [Sort(key, descending) for key, descending in sorts]
            whole, _ = page_of(tx, Page(None, None, tuple(order)))
            assert walk(tx, limit, order) == whole
            assert sorted(row.id for row in whole) == list(range(len(rows)))
    finally:
        engine.dispose()


def test_nulls_come_first_in_ascending_order() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as tx:
        metadata.create_all(tx)
        for number, name in enumerate(["b", None, "a"]):
            tx.execute(things.insert().values(id=number, name=name, size=0))
        up, _ = page_of(tx, Page(sorts=(Sort("name"),)))
        down, _ = page_of(tx, Page(sorts=(Sort("name", True),)))
    engine.dispose()
    assert [row.name for row in up] == [None, "a", "b"]
    assert [row.name for row in down] == ["b", "a", None]


def test_limits() -> None:
    assert parse_limit(None, 100) == 100
    assert parse_limit("7", 100) == 7
    assert parse_limit("700", 100) == 100
    for bad in ("x", "-1", ""):
        with pytest.raises(BadRequest):
            parse_limit(bad, 100)
