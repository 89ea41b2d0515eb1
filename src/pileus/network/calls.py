"""One API call on the network's rows: its transaction, who asks, and what the driver has to be told afterwards."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pileus.kernel.context import Context
from pileus.kernel.database import Tx
from pileus.network.drivers.base import ResourceKind
from pileus.network.errors import fault
from pileus.network.store import journal
from pileus.network.store.records import Row

if TYPE_CHECKING:
    from pileus.network.service import Network


class Call:
    """What resources work with. ``finish`` writes what changed for the driver, in the same transaction."""

    def __init__(self, service: "Network", tx: Tx, context: Context) -> None:
        self.service, self.tx, self.context = service, tx, context
        self._allows = service.policy.decider(context)
        self._changes: dict[tuple[ResourceKind, str], None] = {}
        self._events: dict[tuple[str, str, str], None] = {}

    @property
    def project_id(self) -> str:
        return self.context.project_id or ""

    @property
    def sees_all(self) -> bool:
        """Whether lists and look-ups are not limited to what belongs to, or is shared with, the caller's project."""
        context = self.context
        return context.is_admin or "service" in context.roles or "advsvc" in context.roles

    def allows(self, rule: str, target: Any) -> bool:
        return self._allows(rule, target)

    def authorize(self, rules: Iterable[str], target: Any) -> None:
        """Raises PolicyNotAuthorized unless each of the rules allows it."""
        wanted = list(rules)
        if not all(self._allows(rule, target) for rule in wanted):
            text = " and ".join(f"rule:{rule}" for rule in wanted)
            raise fault("PolicyNotAuthorized", rule=f"({text})" if len(wanted) > 1 else text)

    def changed(self, kind: ResourceKind, *ids: str) -> None:
        """The driver is to be told how these are now (or that they are gone)."""
        for id in ids:
            self._changes[kind, id] = None

    def tell_compute(self, event: str, port: Row) -> None:
        """Compute is to be told what became of a server's port; what it asked for itself, it knows."""
        if port["device_owner"].startswith("compute:") and "service" not in self.context.roles:
            self._events[event, port["device_id"], port["id"]] = None

    def finish(self) -> None:
        """Writes the journal of the changes and asks an engine to work it off, and to tell compute."""
        if self._events:
            self.service.ask_notifier(self.tx, self.context, list(self._events))
        if self._changes:
            journal.write(self.tx, list(self._changes))
            self.service.wake_writer(self.tx, self.context)

    def check_quota(self, resource: str, project_id: str, used: Callable[[], int], asked: int = 1) -> None:
        """Raises OverQuota when the project may not have that many more."""
        limit = self.service.quotas.limits(self.tx, project_id).get(resource, -1)
        if limit >= 0 and used() + asked > limit:
            raise fault("OverQuota", overs=[resource])


class Target(dict[str, Any]):
    """What a policy rule is checked against: known facts, and others that are looked up when a rule asks for them."""

    def __init__(self, facts: Mapping[str, Any], lookups: Mapping[str, Callable[[], Any]]) -> None:
        super().__init__(facts)
        self._lookups = lookups

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self and key in self._lookups:
            self[key] = self._lookups[key]()
        return super().get(key, default)
