"""One database is as good as another: the kernel's promises hold on SQLite, MariaDB and PostgreSQL."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pileus.kernel.context import Context
from pileus.kernel.database import Database, note, noted, retried, rows_changed
from pileus.kernel.errors import BadRequest, RetryLater, Unavailable
from pileus.kernel.operations import tables
from pileus.kernel.operations.engine import Engine
from pileus.kernel.operations.leases import Lease
from pileus.kernel.operations.model import Kind, Run, Step
from pileus.kernel.operations.queue import Queue
from pileus.kernel.quotas import Quotas
from pileus.kernel.quotas import metadata as quota_tables
from pileus.migrations import head, upgrade
from pileus.migrations.__main__ import tables as all_tables
from tests.database_servers import available, free_port, server

metadata = sa.MetaData()
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text),
)
CONTEXT = Context("req-1")


@pytest.fixture(scope="module", params=["sqlite", "mariadb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    reason = available(request.param)
    if reason:
        pytest.skip(reason)
    with server(request.param, tmp_path_factory.mktemp(request.param)) as url:
        yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url, durable=False)
    everything = (metadata, tables.metadata, quota_tables)
    for part in everything:
        database.create(part)
    with database.transaction() as tx:
        tx.execute(counters.insert().values(id="a", value=0, text="ü \U0001f600"))
    yield database
    with database.transaction() as tx:
        for part in everything:
            part.drop_all(tx)
    database.close()


def value(database: Database) -> int:
    return int(database.peek("SELECT value FROM counters WHERE id = 'a'"))


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.execute(counters.update().values(value=1))
        raise ZeroDivisionError
    assert value(database) == 0
    with database.transaction() as tx:
        tx.execute(counters.update().values(value=2))
    assert value(database) == 2


def test_hooks_see_committed_transactions_only(database: Database) -> None:
    seen: list[bool] = []
    database.after_commit(lambda tx: seen.append(noted(tx, "mark")))
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        note(tx, "mark")
        raise ZeroDivisionError
    with database.transaction() as tx:
        note(tx, "mark")
    with database.transaction():
        pass
    assert seen == [True, False]


def test_a_failed_insert_in_a_savepoint_leaves_the_transaction_usable(database: Database) -> None:
    with database.transaction() as tx:
        with pytest.raises(sa.exc.IntegrityError), tx.begin_nested():
            tx.execute(counters.insert().values(id="a", value=9))
        tx.execute(counters.update().values(value=5))
    assert value(database) == 5


def test_reading_sees_what_was_just_committed_by_another_connection(database: Database) -> None:
    with database.read() as tx:
        assert tx.scalar(sa.select(counters.c.value)) == 0
        with database.transaction() as other:
            other.execute(counters.update().values(value=3))
        assert tx.scalar(sa.select(counters.c.value)) == 3


def test_a_transaction_inside_a_transaction_is_a_mistake_that_is_told(database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="inside another"), database.transaction():
        pass


def test_no_update_is_lost_when_many_compare_and_set(database: Database) -> None:
    def add_one() -> None:
        def attempt() -> None:
            while True:
                with database.transaction() as tx:
                    seen = tx.scalar(sa.select(counters.c.value).where(counters.c.id == "a"))
                    changed = tx.execute(
                        counters.update().where(counters.c.id == "a", counters.c.value == seen).values(value=seen + 1)
                    )
                    if rows_changed(changed) == 1:
                        return

        for _ in range(20):
            retried(attempt)

    threads = [threading.Thread(target=add_one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(database) == 100


def test_deadlocked_transactions_are_run_again(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(counters.insert().values(id="b", value=0))
    met = threading.Barrier(2, timeout=1)

    def change(first: str, second: str) -> None:
        def attempt() -> None:
            with database.transaction() as tx:
                tx.execute(counters.update().where(counters.c.id == first).values(value=counters.c.value + 1))
                try:
                    met.wait()
                except threading.BrokenBarrierError:
                    met_once.append(True)
                tx.execute(counters.update().where(counters.c.id == second).values(value=counters.c.value + 1))

        retried(attempt)

    met_once: list[bool] = []
    threads = [threading.Thread(target=change, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        assert tx.scalars(sa.select(counters.c.value)).all() == [2, 2]


def test_operations_are_claimed_once_and_done(database: Database) -> None:
    done: list[str] = []

    def work(run: Run) -> dict[str, str]:
        if run.attempts == 0:
            raise RetryLater("once more", after=0)
        done.append(run.resource_id)
        return {"name": "ü"}

    kind = Kind(name="work", steps=[Step("work", work)])
    queue = Queue(database)
    for number in range(30):
        with database.transaction() as tx:
            queue.ask(tx, kind, f"r{number}", CONTEXT)
    engines = [Engine(database, {"work": (kind, None)}, owner=f"engine-{n}", threads=3) for n in range(3)]
    threads = [threading.Thread(target=engine.drain) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engines[0].drain()
    assert sorted(done) == sorted({f"r{number}" for number in range(30)})


def test_a_lease_has_one_holder(database: Database) -> None:
    leases = [Lease(database, "one", f"owner-{n}", 60) for n in range(4)]
    held: list[bool] = []
    threads = [threading.Thread(target=lambda lease=lease: held.append(retried(lease.hold))) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held) == [False, False, False, True]


def test_quotas(database: Database) -> None:
    quotas = Quotas("network", {"port": 10, "router": -1})
    with database.transaction() as tx:
        quotas.set(tx, "p1", {"port": 3})
        assert quotas.limits(tx, "p1") == {"port": 3, "router": -1}
        assert quotas.limits(tx, "p2") == {"port": 10, "router": -1}
        quotas.reset(tx, "p1")
        assert quotas.limits(tx, "p1")["port"] == 10


def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database(f"mysql+pymysql://p@127.0.0.1:{free_port()}/x")
    with pytest.raises(Unavailable), database.read():
        pass
    database.close()


def test_the_history_of_the_tables_ends_where_the_code_is(url: str) -> None:
    database = Database(url, durable=False)
    try:
        assert upgrade(database) == head()
        with database.read() as tx:
            found = compare_metadata(MigrationContext.configure(tx), all_tables())
        assert found == []
    finally:
        everything = sa.MetaData()
        with database.transaction() as tx:
            everything.reflect(tx)
            everything.drop_all(tx)
        database.close()


def test_a_value_that_no_column_can_hold_is_the_callers_mistake(database: Database) -> None:
    with pytest.raises(BadRequest, match="out of the range"), database.transaction() as tx:
        tx.execute(counters.update().values(value=1 << 70))
    assert value(database) == 0
