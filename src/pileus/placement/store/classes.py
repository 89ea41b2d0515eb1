"""What happens to resource classes that inventories are of."""

import sqlalchemy as sa

from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.placement.tables import inventories, resource_classes


def in_use(tx: Tx, name: str) -> bool:
    query = sa.select(inventories.c.provider_uuid).where(inventories.c.resource_class == name).limit(1)
    return tx.execute(query).first() is not None


def rename(tx: Tx, name: str, new_name: str) -> None:
    """Everything of a class goes by its new name; allocations follow their inventories (the foreign key)."""
    tx.execute(
        resource_classes.update()
        .where(resource_classes.c.name == name)
        .values(name=new_name, users=resource_classes.c.users + 1, updated_at=clock.now())
    )
    tx.execute(inventories.update().where(inventories.c.resource_class == name).values(resource_class=new_name))
