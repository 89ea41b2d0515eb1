"""The history of the database's tables, as Alembic revisions.

A change expands first (new tables and columns that old processes do not mind), and contracts in a later release, so
that a rolling upgrade has both versions at work on one database. Alembic is imported only to migrate.
"""

import logging
import time
from pathlib import Path

import sqlalchemy as sa

from pileus.kernel.database import Database, prepare
from pileus.kernel.errors import Unavailable

log = logging.getLogger(__name__)

LOOK = 0.03  # seconds between looks while somebody else brings the tables up to date
VERSIONS = Path(__file__).parent / "versions"
TABLE = "alembic_version"


def head() -> str:
    """The newest revision of this program: its file's name begins with it, and they are numbered."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def current(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with database.read() as tx:
        if not sa.inspect(tx).has_table(TABLE):
            return None
        found: str | None = tx.scalar(sa.text(f"SELECT version_num FROM {TABLE}"))
        return found


def wait_for_upgrade(database: Database) -> None:
    """Returns once the tables are at least as new as this program: `pileus up` or `pileus db upgrade` makes them so.

    Returns at once when the database does not answer: whoever asks for something will be told that.
    """
    wanted, seen = head(), None
    try:
        while (found := current(database) or "") < wanted:
            if found != seen:
                revision = found or "empty"
                log.info("waiting for `pileus db upgrade`: the database is %s, this program needs %s", revision, wanted)
                seen = found
            time.sleep(LOOK)
    except Unavailable as error:
        log.warning("%s", error.message)


def upgrade(database: Database) -> str | None:
    """Brings the tables up to ``head()``; returns the revision, or None when there was nothing to do."""
    if current(database) == head():
        return None
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with database.transaction() as tx:
        prepare(tx)
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
    return head()
