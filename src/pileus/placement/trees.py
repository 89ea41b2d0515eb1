"""Where providers stand in trees, and what may move where."""

from collections.abc import Iterable

from msgspec.structs import replace

from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest
from pileus.placement.model import Provider
from pileus.placement.store import providers


class Misplaced(BadRequest):
    """A provider cannot be put there."""

    def __init__(self, reason: str, action: str = "update") -> None:
        super().__init__(f"Object action {action} failed because: {reason}")


def placed(tx: Tx, provider: Provider) -> Provider:
    """A new provider in the tree of its parent. Raises Misplaced."""
    if provider.parent_uuid is None:
        return provider
    if provider.parent_uuid == provider.uuid:
        raise Misplaced(
            "parent provider UUID cannot be same as UUID. Please set parent provider UUID to None if there is no "
            "parent.",
            "create",
        )
    parent = providers.get(tx, provider.parent_uuid)
    if parent is None:
        raise Misplaced("parent provider UUID does not exist.", "create")
    providers.stay(tx, parent)
    return replace(provider, root_uuid=parent.root_uuid)


def move(tx: Tx, provider: Provider, parent_uuid: str | None, *, freely: bool) -> Provider:
    """A provider below another parent, or below none, with all that is below it.

    ``freely`` is how it is since 1.37; before, only a root may be given a parent. Raises Misplaced.
    """
    if parent_uuid is None:
        if provider.parent_uuid is None:
            return provider
        if not freely:
            raise Misplaced("un-parenting a provider is not currently allowed.")
        return _moved(tx, provider, None, provider.uuid)
    parent = providers.get(tx, parent_uuid)
    if parent is None:
        raise Misplaced("parent provider UUID does not exist.", "create")
    if provider.parent_uuid not in (None, parent_uuid) and not freely:
        raise Misplaced("re-parenting a provider is not currently allowed.")
    if parent_uuid in subtree(providers.tree(tx, provider.root_uuid), provider.uuid):
        raise Misplaced("creating loop in the provider tree is not allowed.")
    if provider.parent_uuid == parent_uuid:
        return provider
    providers.stay(tx, parent)
    return _moved(tx, provider, parent_uuid, parent.root_uuid)


def subtree(tree: Iterable[Provider], root_uuid: str) -> set[str]:
    """A provider of a tree and all below it."""
    children: dict[str | None, list[str]] = {}
    for provider in tree:
        children.setdefault(provider.parent_uuid, []).append(provider.uuid)
    found, waiting = set(), [root_uuid]
    while waiting:
        uuid = waiting.pop()
        found.add(uuid)
        waiting += children.get(uuid, [])
    return found


def _moved(tx: Tx, provider: Provider, parent_uuid: str | None, root_uuid: str) -> Provider:
    providers.stay(tx, provider)
    below = subtree(providers.tree(tx, provider.root_uuid), provider.uuid)
    providers.move(tx, below, root_uuid)
    return providers.update(tx, provider, parent_uuid=parent_uuid, root_uuid=root_uuid)
