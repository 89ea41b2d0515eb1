"""Regions, services and endpoints."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.identity.model import CatalogService, Endpoint, Region
from pileus.identity.store.entities import Entities
from pileus.identity.store.generation import advance
from pileus.identity.tables import endpoints, regions, services
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict

_CATALOG = (
    sa.select(
        services.c.id.label("service_id"),
        services.c.type,
        services.c.extra,
        endpoints.c.id,
        endpoints.c.interface,
        endpoints.c.region_id,
        endpoints.c.url,
    )
    .select_from(
        services.outerjoin(
            endpoints, sa.and_(endpoints.c.service_id == services.c.id, endpoints.c.enabled == sa.true())
        )
    )
    .where(services.c.enabled == sa.true())
    .order_by(services.c.id, endpoints.c.id)
)


def _region_taken(region: Region) -> Conflict:
    return Conflict(f"Conflict occurred attempting to store region - Duplicate entry found with ID {region.id}.")


region_entities = Entities(regions, Region, _region_taken)
service_entities = Entities(services, CatalogService)
endpoint_entities = Entities(endpoints, Endpoint)


def enabled(tx: Tx) -> list[sa.Row[Any]]:
    """Each enabled endpoint with its enabled service; a service without endpoints has one row without."""
    return list(tx.execute(_CATALOG))


def region(tx: Tx, region_id: str) -> sa.Row[Any] | None:
    return tx.execute(sa.select(regions).where(regions.c.id == region_id)).first()


def insert_region(tx: Tx, region_id: str, description: str = "", parent: str | None = None) -> None:
    tx.execute(regions.insert().values(id=region_id, parent_region_id=parent, description=description, extra="{}"))
    advance(tx)


def service_of_type(tx: Tx, service_type: str) -> sa.Row[Any] | None:
    return tx.execute(sa.select(services).where(services.c.type == service_type)).first()


def insert_service(
    tx: Tx, service_id: str, service_type: str, extra: Mapping[str, Any], is_enabled: bool = True
) -> None:
    tx.execute(
        services.insert().values(
            id=service_id, type=service_type, enabled=is_enabled, extra=msgspec.json.encode(extra).decode()
        )
    )
    advance(tx)


def endpoints_of(tx: Tx, service_id: str) -> list[sa.Row[Any]]:
    return list(tx.execute(sa.select(endpoints).where(endpoints.c.service_id == service_id)))


def insert_endpoint(tx: Tx, endpoint_id: str, service_id: str, interface: str, region_id: str | None, url: str) -> None:
    tx.execute(
        endpoints.insert().values(
            id=endpoint_id,
            service_id=service_id,
            interface=interface,
            region_id=region_id,
            url=url,
            enabled=True,
            extra="{}",
        )
    )
    advance(tx)


def set_endpoint_url(tx: Tx, endpoint_id: str, url: str) -> None:
    tx.execute(endpoints.update().where(endpoints.c.id == endpoint_id).values(url=url))
    advance(tx)


def child_regions(tx: Tx, region_id: str) -> list[Region]:
    return region_entities.all(tx, regions.c.parent_region_id == region_id)


def delete_regions(tx: Tx, region_ids: list[str]) -> None:
    region_entities.delete_where(tx, regions.c.id.in_(region_ids))


def has_endpoints_in(tx: Tx, region_ids: list[str]) -> bool:
    return (
        tx.execute(sa.select(endpoints.c.id).where(endpoints.c.region_id.in_(region_ids)).limit(1)).first() is not None
    )


def delete_service(tx: Tx, service_id: str) -> None:
    """The service and its endpoints."""
    endpoint_entities.delete_where(tx, endpoints.c.service_id == service_id)
    service_entities.delete(tx, service_id)
