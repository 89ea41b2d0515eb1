"""What domains configure for themselves: sections of options, each value JSON."""

from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.identity.tables import domain_options
from pileus.kernel.database import Tx

Config = dict[str, dict[str, Any]]


def get(tx: Tx, domain_id: str, section: str | None = None, option: str | None = None) -> Config:
    """Section -> option -> value, as far as it is there."""
    query = sa.select(domain_options).where(*_where(domain_id, section, option))
    found: Config = {}
    for row in tx.execute(query.order_by(domain_options.c.section, domain_options.c.option)):
        found.setdefault(row.section, {})[row.option] = msgspec.json.decode(row.value)
    return found


def put(tx: Tx, domain_id: str, config: Config) -> None:
    """Sets these options; others stay."""
    for section, options in config.items():
        for option, value in options.items():
            remove(tx, domain_id, section, option)
            row = {
                "domain_id": domain_id,
                "section": section,
                "option": option,
                "value": msgspec.json.encode(value).decode(),
            }
            tx.execute(domain_options.insert().values(row))


def remove(tx: Tx, domain_id: str, section: str | None = None, option: str | None = None) -> int:
    """How many options went."""
    return int(tx.execute(domain_options.delete().where(*_where(domain_id, section, option))).rowcount)


def _where(domain_id: str, section: str | None, option: str | None) -> list[sa.ColumnElement[bool]]:
    where = [domain_options.c.domain_id == domain_id]
    if section is not None:
        where.append(domain_options.c.section == section)
    if option is not None:
        where.append(domain_options.c.option == option)
    return where
