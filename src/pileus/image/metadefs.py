"""Metadata definitions: what properties of images, flavors and volumes mean, in namespaces. No HTTP, no SQL."""

from typing import Any

import msgspec

from pileus.kernel.context import Context
from pileus.kernel.errors import Forbidden

OBJECT, PROPERTY, TAG, ASSOCIATION = "object", "property", "tag", "association"


class Namespace(msgspec.Struct, frozen=True, kw_only=True):
    """A set of definitions."""

    id: str
    namespace: str
    display_name: str | None = None
    description: str | None = None
    visibility: str = "private"
    protected: bool = False
    owner: str | None = None
    created_at: int = 0
    updated_at: int = 0

    @property
    def project_id(self) -> str | None:
        """The owner, under the name that policy rules use."""
        return self.owner


class Part(msgspec.Struct, frozen=True):
    """One definition of a namespace. ``body``: what whoever made it gave."""

    namespace_id: str
    kind: str
    name: str
    body: dict[str, Any]
    created_at: int
    updated_at: int


def is_visible(context: Context, namespace: Namespace) -> bool:
    return (
        context.is_admin
        or namespace.owner is None
        or namespace.visibility == "public"
        or namespace.owner == context.project_id
    )


def check_unprotected(namespace: Namespace, what: str) -> None:
    if namespace.protected:
        raise Forbidden(f"Metadata definition {what} is protected and cannot be deleted.")


def prefixed(prefix: str, parts: dict[str, Any]) -> dict[str, Any]:
    """Properties under the names they have on a resource type."""
    return {prefix + name: body for name, body in parts.items()}
