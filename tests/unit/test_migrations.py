"""The history of the tables ends where the code is."""

import threading
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pileus.kernel.database import Database
from pileus.migrations import current, head, upgrade, wait_for_upgrade
from pileus.migrations.__main__ import tables


def test_an_upgraded_database_has_the_tables_of_the_code(database: Database) -> None:
    assert current(database) is None
    assert upgrade(database) == head() == current(database)
    with database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        found = [difference for metadata in [tables()] for difference in compare_metadata(context, metadata)]
    assert found == [], "write a revision: python -m pileus.migrations 'what changed'"


def test_a_second_upgrade_has_nothing_to_do(database: Database) -> None:
    upgrade(database)
    assert upgrade(database) is None


def test_revisions_are_one_line_of_history() -> None:
    from pileus.migrations import VERSIONS

    numbers = [path.name[:4] for path in sorted(VERSIONS.glob("[0-9]*.py"))]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    assert Path(VERSIONS / f"{head()}").stem == head()


def test_a_process_waits_until_the_tables_are_as_new_as_it_is(database: Database) -> None:
    waiting = threading.Thread(target=wait_for_upgrade, args=(database,), daemon=True)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive(), "it went on with an empty database"
    upgrade(database)
    waiting.join(10)
    assert not waiting.is_alive()


def test_an_older_program_works_on_a_newer_database(database: Database) -> None:
    upgrade(database)
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_of_the_future'")
    wait_for_upgrade(database)
