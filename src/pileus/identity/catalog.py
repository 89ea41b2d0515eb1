"""The service catalogue as a token's project sees it."""

import logging
import re
from typing import Any

import msgspec

from pileus.identity.remembered import Remembered
from pileus.identity.store import catalog as store
from pileus.identity.store import endpoint_filters
from pileus.kernel.database import Database

log = logging.getLogger(__name__)
_PLACEHOLDER = re.compile(r"\$\((\w+)\)s|%\((\w+)\)s")


class Catalog:
    def __init__(self, database: Database, remembered: Remembered) -> None:
        self._database, self._remembered = database, remembered

    def encoded(self, moment: int, user_id: str, project_id: str | None) -> msgspec.Raw:
        """JSON of the catalogue; an endpoint whose URL needs a project is left out when there is none."""
        return self._remembered.get(
            moment,
            ("catalog", user_id if self._needs_user(moment) else "", project_id),
            lambda: msgspec.Raw(msgspec.json.encode(self._render(moment, user_id, project_id))),
        )

    def entries(self, moment: int, user_id: str, project_id: str | None) -> list[dict[str, Any]]:
        return self._render(moment, user_id, project_id)

    def _rows(self, moment: int) -> list[Any]:
        def load() -> list[Any]:
            with self._database.read() as tx:
                return store.enabled(tx)

        return self._remembered.get(moment, "catalog rows", load)

    def _needs_user(self, moment: int) -> bool:
        return self._remembered.get(
            moment,
            "catalog needs user",
            lambda: any("(user_id)s" in (row.url or "") for row in self._rows(moment)),
        )

    def _visible(self, project_id: str | None) -> set[str] | None:
        """The ids of the endpoints that a project was given; None: it sees all, having been given none."""
        if project_id is None:
            return None
        with self._database.read() as tx:
            return {endpoint.id for endpoint in endpoint_filters.visible(tx, project_id)} or None

    def _render(self, moment: int, user_id: str, project_id: str | None) -> list[dict[str, Any]]:
        visible = self._visible(project_id)
        values = {"user_id": user_id}
        if project_id:
            values |= {"project_id": project_id, "tenant_id": project_id}
        services: dict[str, dict[str, Any]] = {}
        for row in self._rows(moment):
            service = services.get(row.service_id)
            if service is None:
                name = msgspec.json.decode(row.extra).get("name", "")
                service = services[row.service_id] = {
                    "endpoints": [],
                    "id": row.service_id,
                    "type": row.type,
                    "name": name,
                }
            hidden = row.id is None or (visible is not None and row.id not in visible)
            url = None if hidden else expand(row.url, values)
            if url is not None:
                service["endpoints"].append(
                    {
                        "id": row.id,
                        "interface": row.interface,
                        "region_id": row.region_id,
                        "url": url,
                        "region": row.region_id,
                    }
                )
        return list(services.values())


def expand(url: str, values: dict[str, str]) -> str | None:
    """A URL with its ``$(project_id)s``-like parts filled in, or None when one of them has no value."""
    for groups in _PLACEHOLDER.findall(url):
        name = groups[0] or groups[1]
        if name not in values:
            return None
    return _PLACEHOLDER.sub(lambda match: values[match[1] or match[2]], url)
