"""Policies of other services, and which endpoint, service or region each is for."""

import sqlalchemy as sa

from pileus.identity.model import Endpoint, PolicyBlob
from pileus.identity.store.catalog import endpoint_entities, region_entities
from pileus.identity.store.entities import Entities
from pileus.identity.tables import endpoints, policies, policy_associations
from pileus.kernel.database import Tx

entities = Entities(policies, PolicyBlob, counts=False)
associations = policy_associations.c


class Place(tuple[str, str, str]):
    """(endpoint id, service id, region id), each empty where it is not named."""


def _at(place: Place) -> list[sa.ColumnElement[bool]]:
    endpoint_id, service_id, region_id = place
    return [
        associations.endpoint_id == endpoint_id,
        associations.service_id == service_id,
        associations.region_id == region_id,
    ]


def associate(tx: Tx, policy_id: str, place: Place) -> None:
    """A place has one policy: another one is replaced."""
    tx.execute(policy_associations.delete().where(*_at(place)))
    endpoint_id, service_id, region_id = place
    row = {"endpoint_id": endpoint_id, "service_id": service_id, "region_id": region_id, "policy_id": policy_id}
    tx.execute(policy_associations.insert().values(row))


def is_associated(tx: Tx, policy_id: str, place: Place) -> bool:
    where = [*_at(place), associations.policy_id == policy_id]
    return tx.execute(sa.select(policy_associations).where(*where)).first() is not None


def dissociate(tx: Tx, policy_id: str, place: Place) -> None:
    tx.execute(policy_associations.delete().where(*_at(place), associations.policy_id == policy_id))


def delete(tx: Tx, policy_id: str) -> None:
    entities.delete(tx, policy_id)
    tx.execute(policy_associations.delete().where(associations.policy_id == policy_id))


def for_endpoint(tx: Tx, endpoint: Endpoint) -> PolicyBlob | None:
    """The endpoint's own policy, or that of its service in its region or one above it, or of its service."""
    places = [Place((endpoint.id, "", ""))]
    region_id = endpoint.region_id
    while region_id is not None:
        places.append(Place(("", endpoint.service_id, region_id)))
        region = region_entities.get(tx, region_id)
        region_id = region.parent_region_id if region is not None else None
    places.append(Place(("", endpoint.service_id, "")))
    for place in places:
        policy_id = tx.scalar(sa.select(associations.policy_id).where(*_at(place)))
        if policy_id is not None:
            return entities.get(tx, policy_id)
    return None


def endpoints_for(tx: Tx, policy_id: str) -> list[Endpoint]:
    """The endpoints whose policy this is."""
    rows = tx.execute(sa.select(policy_associations).where(associations.policy_id == policy_id))
    named = [(row.endpoint_id, row.service_id) for row in rows]
    candidates = endpoint_entities.all(
        tx,
        sa.or_(
            endpoints.c.id.in_([endpoint_id for endpoint_id, _ in named if endpoint_id]),
            endpoints.c.service_id.in_([service_id for _, service_id in named if service_id]),
        ),
    )
    shown = []
    for one in candidates:
        policy = for_endpoint(tx, one)
        if policy is not None and policy.id == policy_id:
            shown.append(one)
    return shown
