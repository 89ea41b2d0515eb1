"""How much a project may have of images: the unified limits that identity keeps for this service.

Where no limits are registered, there are none. What is used is counted from the images themselves.
"""

import time
from collections.abc import Mapping

import msgspec

from pileus.image.store import images
from pileus.kernel.context import Context
from pileus.kernel.database import Database, Tx
from pileus.kernel.errors import NotFound, TooLarge
from pileus.kernel.quotas import UNLIMITED, exceeded
from pileus.kernel.services import Directory

RESOURCES = ("image_size_total", "image_stage_total", "image_count_total", "image_count_uploading")
REGISTERED_TTL = 5.0  # seconds


class Registered(msgspec.Struct, frozen=True):
    """The defaults of this service's limits, as they were registered for it; ``at``: when they were read."""

    service_id: str
    defaults: Mapping[str, int]
    at: float


class UnifiedLimits:
    """Limits of projects, asked of identity."""

    def __init__(self, database: Database, services: Directory) -> None:
        self._database, self._services = database, services
        self._known = Registered("", {}, float("-inf"))

    def forget(self) -> None:
        """Asks for the registered limits again with the next use."""
        self._known = Registered("", {}, float("-inf"))

    def of(self, context: Context) -> dict[str, int]:
        """The limits of the caller's project; a resource without one is not in it."""
        registered = self._registered(context)
        if not registered.defaults or context.project_id is None:
            return {}
        params = {"service_id": registered.service_id, "project_id": context.project_id}
        answer = self._services["identity"].request(context.as_service(), "GET", "/v3/limits", params=params)
        own = {
            limit["resource_name"]: limit["resource_limit"]
            for limit in answer.expect(200)["limits"]
            if limit["service_id"] == registered.service_id and limit["project_id"] == context.project_id
        }
        return {name: own.get(name, default) for name, default in registered.defaults.items()}

    def check(self, context: Context, asked: Mapping[str, int]) -> None:
        """Raises TooLarge when what the project uses and asks for is more than it may have."""
        limits = self.of(context)
        if limits:
            with self._database.read() as tx:
                check_usage(tx, context, limits, asked)

    def usage(self, context: Context) -> dict[str, dict[str, int]]:
        """Use and limit by resource; nothing where no limits are registered."""
        limits = self.of(context)
        if not limits:
            return {}
        with self._database.read() as tx:
            used = images.usage(tx, context.project_id)
        return {name: {"usage": used[name], "limit": limits.get(name, UNLIMITED)} for name in RESOURCES}

    def _registered(self, context: Context) -> Registered:
        if time.monotonic() - self._known.at > REGISTERED_TTL:
            self._known = self._ask(context.as_service())
        return self._known

    def _ask(self, context: Context) -> Registered:
        now = time.monotonic()
        if "identity" not in self._services:
            return Registered("", {}, now)
        identity = self._services["identity"]
        try:
            limits = identity.request(context, "GET", "/v3/registered_limits").expect(200)["registered_limits"]
        except NotFound:  # An identity service without unified limits.
            return Registered("", {}, now)
        ours = [limit for limit in limits if limit["resource_name"] in RESOURCES]
        defaults = {limit["resource_name"]: limit["default_limit"] for limit in ours}
        return Registered(ours[0]["service_id"] if ours else "", defaults, now)


def check_usage(tx: Tx, context: Context, limits: Mapping[str, int], asked: Mapping[str, int]) -> None:
    """Raises TooLarge. ``limits`` come from UnifiedLimits.of, which may not be asked inside a transaction."""
    relevant = {name: amount for name, amount in asked.items() if name in limits}
    if not relevant:
        return
    used = images.usage(tx, context.project_id)
    over = exceeded(limits, used, relevant)
    if over:
        reasons = ", ".join(
            f"[Resource {name} is over limit of {limits[name]} due to "
            f"current usage {used[name]} and delta {asked[name]}]"
            for name in over
        )
        raise TooLarge(f"Project {context.project_id} is over a limit for {reasons}")
