"""Writing a namespace from its definition, which is also the format of definition files."""

from typing import Any

from pileus.image.metadefs import ASSOCIATION, OBJECT, PROPERTY, TAG, Namespace
from pileus.image.store import metadefs
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest


def write(tx: Tx, body: dict[str, Any], owner: str | None) -> Namespace:
    """A namespace and all it holds, from a definition. Raises Conflict, BadRequest."""
    now = clock.now()
    namespace = Namespace(id=ids.new_uuid(), created_at=now, updated_at=now, **own_fields(body, owner))
    metadefs.insert(tx, namespace)
    for kind, key in ((ASSOCIATION, "resource_type_associations"), (OBJECT, "objects"), (TAG, "tags")):
        for part in body.get(key, ()):
            if not part.get("name"):
                raise BadRequest(f"Provided object does not match schema 'namespace': {key} need a name")
            metadefs.add_part(tx, namespace, kind, part["name"], part)
    for name, part in body.get("properties", {}).items():
        metadefs.add_part(tx, namespace, PROPERTY, name, part)
    return namespace


def own_fields(body: dict[str, Any], owner: str | None) -> dict[str, Any]:
    """A namespace's own attributes, from a definition; ``owner``: whose it is when it does not say."""
    return {
        "namespace": body["namespace"],
        "display_name": body.get("display_name"),
        "description": body.get("description"),
        "visibility": body.get("visibility") or "private",
        "protected": body.get("protected", False),
        "owner": body.get("owner", owner),
    }
