"""What all resources have in common: being found, listed, shared, shown, and the hooks in which each is itself."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import sqlalchemy as sa

from pileus.kernel import clock
from pileus.kernel.errors import DomainError
from pileus.network.attributes import Attribute, Values
from pileus.network.calls import Call, Target
from pileus.network.errors import fault
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row

Shown = dict[str, Any]
Clause = sa.ColumnElement[bool]


class Resource(ABC):
    """One kind of resource.

    name, plural   keys of bodies; ``path`` where it is below ``/v2.0``, if not at the plural with dashes.
    missing        the fault type of one that is not there, and the name of its id in the message.
    quota          its name among the quotas, None for none.
    object_type    its name among RBAC policies, None when it cannot be shared.
    """

    name: ClassVar[str]
    plural: ClassVar[str]
    path: ClassVar[str] = ""
    attributes: ClassVar[Mapping[str, Attribute]]
    records: ClassVar[Records]
    missing: ClassVar[tuple[str, str]]
    quota: ClassVar[str | None] = None
    object_type: ClassVar[str | None] = None
    bulk: ClassVar[bool] = True
    pages: ClassVar[bool] = True

    # -- finding -----------------------------------------------------------------------------------------------

    @property
    def table(self) -> sa.Table:
        return self.records.table

    @property
    def collection(self) -> str:
        return self.path or f"/{self.plural.replace('_', '-')}"

    def scope(self) -> Clause:
        """What a project may see (the project is bound as ``me``): its own, and what is shared with it."""
        own: Clause = self.table.c.project_id == sa.bindparam("me")
        if self.object_type is None:
            return own
        return sa.or_(own, sharing.visible(self.object_type, self.table.c.id))

    @cached_property
    def _scoped_by_id(self) -> sa.Select[Any]:
        return sa.select(self.table).where(self.table.c.id == sa.bindparam("id"), self.scope())

    def absent(self, id: str) -> DomainError:
        type, key = self.missing
        return fault(type, **{key: id})

    def find(self, call: Call, id: str) -> Row:
        """The row of an id, if the caller may know of it. Raises the resource's own not-found fault."""
        if call.sees_all:
            row = self.records.get(call.tx, id)
        else:
            found = call.tx.execute(self._scoped_by_id, {"id": id, "me": call.project_id}).first()
            row = None if found is None else found._asdict()
        if row is None:
            raise self.absent(id)
        return row

    def get(self, call: Call, id: str) -> Row:
        """The row of an id, whoever asks. Raises the resource's own not-found fault."""
        row = self.records.get(call.tx, id)
        if row is None:
            raise self.absent(id)
        return row

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        """The condition of one filter of a list."""
        column = self.table.c[self.attributes[name].key]
        return column.in_(list(values)) if len(values) != 1 else column == values[0]

    # -- policy ------------------------------------------------------------------------------------------------

    def target(self, call: Call, facts: Mapping[str, Any]) -> Target:
        """What rules are checked against: the facts given, and what rules may ask for besides."""
        target = Target(facts, self.lookups(call, facts))
        if "project_id" in facts:
            target["tenant_id"] = facts["project_id"]
        return target

    def lookups(self, call: Call, facts: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
        if self.object_type is None or "id" not in facts:
            return {}
        id = facts["id"]
        return {"shared": lambda: bool(sharing.shared(call.tx, [id], call.project_id))}

    def before_create(self, call: Call, values: Values) -> None:  # noqa: B027 - most have nothing to check
        """What is checked before the policy is: that the caller may know of what the new one belongs to."""

    def part_rules(self, action: str, name: str, value: Any) -> Iterable[str]:
        """The rules of the parts of a value that has parts with rules of their own."""
        return ()

    # -- showing -----------------------------------------------------------------------------------------------

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        """Adds to the rows what they show besides their columns; a few queries for any number of rows."""
        missing = [row for row in rows if "shared" not in row]
        if self.object_type is not None and missing:
            shared = sharing.shared(call.tx, (row["id"] for row in missing), call.project_id)
            for row in missing:
                row["shared"] = row["id"] in shared

    def render(self, row: Row) -> Shown:
        """An expanded row as the API shows it."""
        shown = {name: row[attribute.key] for name, attribute in self.attributes.items() if attribute.key in row}
        return with_owner(shown, row)

    # -- changing ----------------------------------------------------------------------------------------------

    def count(self, call: Call, project_id: str) -> int:
        """How much of its quota a project uses."""
        return self.records.count(call.tx, project_id)

    @abstractmethod
    def create(self, call: Call, values: Values) -> Row:
        """Makes one of what the client wants, checked and complete; returns its row."""

    def create_many(self, call: Call, items: Sequence[Values]) -> list[Row]:
        return [self.create(call, item) for item in items]

    def update(self, call: Call, row: Row, values: Values) -> Row:
        return self.records.update(call.tx, row, values) if values else row

    def delete(self, call: Call, row: Row) -> None:
        self.records.delete(call.tx, row["id"])
        if self.object_type is not None:
            sharing.forget(call.tx, row["id"])

    def retag(self, call: Call, row: Row, tags: list[str]) -> Row:
        return self.records.update(call.tx, row, {"tags": tags})

    def is_shared(self, call: Call, row: Row) -> bool:
        """Whether the caller's project may use it though it is another's."""
        return bool(sharing.shared(call.tx, [row["id"]], call.project_id))

    def set_shared(self, call: Call, row: Row, wanted: bool | None) -> None:
        """Shares with everybody, or no more; None: as it is."""
        if wanted is None or self.object_type is None:
            return
        now = sharing.with_everybody(call.tx, row["id"])
        if wanted and not now:
            sharing.share(call.tx, self.object_type, row["id"], row["project_id"])
        elif now and not wanted:
            sharing.unshare(call.tx, row["id"])
        row.pop("shared", None)


def with_owner(shown: Shown, row: Row) -> Shown:
    """Adds what every resource shows: both names of the owner, its revision and its times."""
    shown["project_id"] = shown["tenant_id"] = row["project_id"]
    if "revision" in row:
        shown["revision_number"] = row["revision"]
        shown["created_at"] = clock.iso(row["created_at"])
        shown["updated_at"] = clock.iso(row["updated_at"])
    return shown
