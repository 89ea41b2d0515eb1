"""What a resource's attributes are, as data, and the checks of a request's body against them.

The order of the checks is Neutron's: the owner, unknown names, what may not be said, defaults, conversions, values.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from pileus.kernel.context import Context
from pileus.network import validators
from pileus.network.errors import bad_request
from pileus.network.validators import Check, Convert

Values = dict[str, Any]
_REQUIRED = object()


class Attribute(Struct, frozen=True):
    """One attribute of a resource.

    post, put  may be given in a create, an update.
    default    what a create without it means; UNSET: the resource decides itself; REQUIRED: it must be given.
    ruled      an explicit value is allowed by a rule of its own, ``create_RESOURCE:NAME``.
    column     the table's column behind it, for filters and sorting; empty: the attribute's own name.
    """

    name: str
    post: bool = False
    put: bool = False
    default: Any = _REQUIRED
    check: Check | None = None
    convert: Convert | None = None
    visible: bool = True
    filter: bool = True
    sort: bool = True
    ruled: bool = False
    column: str = ""

    @property
    def key(self) -> str:
        return self.column or self.name


Attributes = Mapping[str, Attribute]


def table_of(*attributes: Attribute) -> dict[str, Attribute]:
    return {attribute.name: attribute for attribute in attributes}


def read_only(name: str, *, filter: bool = True, sort: bool = True, column: str = "") -> Attribute:
    return Attribute(name, filter=filter, sort=sort, column=column)


ID = Attribute("id")
PROJECT_ID = Attribute("project_id", post=True, check=validators.string(255))
NAME = Attribute("name", post=True, put=True, default="", check=validators.string(255))
DESCRIPTION = Attribute("description", post=True, put=True, default="", check=validators.string(255))
ADMIN_STATE_UP = Attribute("admin_state_up", post=True, put=True, default=True, convert=validators.to_boolean)
TAGS = Attribute("tags", post=True, default=UNSET, check=validators.tags, ruled=True, filter=False, sort=False)
STANDARD = (
    read_only("created_at"),
    read_only("updated_at"),
    read_only("revision_number", column="revision"),
)


def prepare_create(context: Context, attributes: Attributes, body: Any, name: str) -> Values:
    """The values of a create, complete with defaults; those the resource decides itself are left out."""
    values = _named(body, name)
    _check_owner(context, values)
    if "project_id" in attributes and "project_id" not in values:
        if not context.project_id:
            raise bad_request("Running without keystone AuthN requires that project_id is specified")
        values["project_id"] = context.project_id
    _refuse_unknown(attributes, values)
    for attribute in attributes.values():
        given = attribute.name in values
        if attribute.post:
            if not given:
                if attribute.default is _REQUIRED:
                    raise bad_request(f"Failed to parse request. Required attribute '{attribute.name}' not specified")
                if not isinstance(attribute.default, UnsetType):
                    values[attribute.name] = attribute.default
        elif given:
            raise bad_request(f"Attribute '{attribute.name}' not allowed in POST")
    _convert(attributes, values)
    return values


def prepare_update(context: Context, attributes: Attributes, body: Any, name: str) -> Values:
    values = _named(body, name)
    _check_owner(context, values)
    _refuse_unknown(attributes, values)
    for given in values:
        if not attributes[given].put:
            raise bad_request(f"Cannot update read-only attribute {given}")
    _convert(attributes, values)
    return values


def _named(body: Any, name: str) -> Values:
    if not isinstance(body, dict):
        raise bad_request("Body contains invalid data")
    found = body.get(name)
    if found is None:
        raise bad_request(f"Unable to find '{name}' in request body")
    if not isinstance(found, dict):
        raise bad_request(f"Object '{name}' contains invalid data")
    return dict(found)


def _check_owner(context: Context, values: Values) -> None:
    tenant = values.pop("tenant_id", None)
    if tenant is not None and values.setdefault("project_id", tenant) != tenant:
        raise bad_request("'project_id' and 'tenant_id' do not match")
    if "target_tenant" in values:
        values.setdefault("target_project", values.pop("target_tenant"))
    project = values.get("project_id")
    if project is not None and project != context.project_id and not context.is_admin:
        raise bad_request(
            "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires "
            "admin privileges"
        )


def _refuse_unknown(attributes: Attributes, values: Values) -> None:
    unknown = [name for name in values if name not in attributes]
    if unknown:
        raise bad_request(f"Unrecognized attribute(s) '{', '.join(unknown)}'")


def _convert(attributes: Attributes, values: Values) -> None:
    for name, value in values.items():
        attribute = attributes[name]
        if attribute.convert is not None:
            value = values[name] = attribute.convert(value)
        if attribute.check is not None:
            reason = attribute.check(value)
            if reason:
                raise bad_request(f"Invalid input for {name}. Reason: {reason}.")


def explicit(attributes: Attributes, values: Values) -> list[str]:
    """The attributes with a rule of their own that a create says something about (more than its default)."""
    return [
        name
        for name, value in values.items()
        if attributes[name].ruled and value is not UNSET and value != attributes[name].default
    ]
