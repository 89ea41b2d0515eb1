"""``python -m pileus.migrations "what changed"`` writes the revision that brings the tables to what the code says.

For developers: Alembic finds the differences on an empty SQLite database. Read what it wrote before committing it.
"""

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from pileus.cloud import Cloud
from pileus.kernel import config
from pileus.kernel.database import Database
from pileus.migrations import VERSIONS, upgrade
from pileus.settings import Config as Settings


def tables() -> list[sa.MetaData]:
    """The tables of every service."""
    with tempfile.TemporaryDirectory() as directory:
        cloud = Cloud(config.load(Settings, None, {"PILEUS_CLOUD__FAKE": "true"}).config, Path(directory))
        try:
            return cloud.metadata()
        finally:
            cloud.close()


def write(message: str) -> Path:
    """The path of the new revision."""
    number = len(list(VERSIONS.glob("[0-9]*.py"))) + 1
    alembic = Config()
    alembic.set_main_option("script_location", str(VERSIONS.parent))
    alembic.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    alembic.attributes["metadata"] = tables()
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{directory}/empty.db", durable=False)
        try:
            if number > 1:
                upgrade(database)
            with database.transaction() as tx:
                alembic.attributes["connection"] = tx
                script = command.revision(alembic, message, autogenerate=True, rev_id=f"{number:04d}")
        finally:
            database.close()
    return Path(script.path)  # type: ignore[union-attr]


if __name__ == "__main__":
    print(write(sys.argv[1]))  # noqa: T201
