"""Identity's things as JSON shows them; links are added at the edge (handlers/collections.py)."""

from typing import Any

from pileus.identity.model import (
    AccessRule,
    ApplicationCredential,
    CatalogService,
    Endpoint,
    Group,
    Limit,
    Project,
    Region,
    Role,
    User,
)
from pileus.kernel import clock

View = dict[str, Any]


def moment(value: int | None) -> str | None:
    return None if value is None else clock.iso_micro(value)


def project(one: Project, tags: list[str]) -> View:
    return {
        **one.extra,
        "id": one.id,
        "name": one.name,
        "domain_id": one.domain_id,
        "description": one.description,
        "enabled": one.enabled,
        "parent_id": one.parent_id,
        "is_domain": one.is_domain,
        "tags": tags,
        "options": one.options,
    }


def domain(one: Project, tags: list[str]) -> View:
    return {
        **one.extra,
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "enabled": one.enabled,
        "tags": tags,
        "options": one.options,
    }


def user(one: User, password_expires_at: int | None) -> View:
    view = {
        **one.extra,
        "id": one.id,
        "name": one.name,
        "domain_id": one.domain_id,
        "enabled": one.enabled,
        "password_expires_at": None if password_expires_at is None else clock.iso_micro(password_expires_at)[:-1],
        "options": one.options,
    }
    if one.default_project_id is not None:
        view["default_project_id"] = one.default_project_id
    return view


def group(one: Group) -> View:
    return {
        **one.extra,
        "id": one.id,
        "name": one.name,
        "domain_id": one.domain_id,
        "description": one.description,
    }


def role(one: Role) -> View:
    return {
        **one.extra,
        "id": one.id,
        "name": one.name,
        "domain_id": one.domain_id,
        "description": one.description,
        "options": one.options,
    }


def region(one: Region) -> View:
    return {**one.extra, "id": one.id, "description": one.description, "parent_region_id": one.parent_region_id}


def service(one: CatalogService) -> View:
    return {"name": "", **one.extra, "id": one.id, "type": one.type, "enabled": one.enabled}


def endpoint(one: Endpoint) -> View:
    return {
        **one.extra,
        "id": one.id,
        "interface": one.interface,
        "region_id": one.region_id,
        "region": one.region_id,
        "service_id": one.service_id,
        "url": one.url,
        "enabled": one.enabled,
    }


def access_rule(one: AccessRule) -> View:
    return {"id": one.id, "service": one.service, "path": one.path, "method": one.method}


def application_credential(one: ApplicationCredential, roles: list[View], rules: list[View] | None) -> View:
    view: View = {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "user_id": one.user_id,
        "project_id": one.project_id,
        "system": one.system,
        "expires_at": None if one.expires_at is None else clock.iso_micro(one.expires_at)[:-1],
        "unrestricted": one.unrestricted,
        "roles": roles,
    }
    if rules is not None:
        view["access_rules"] = rules
    return view


def limit(one: Limit) -> View:
    return {
        "id": one.id,
        "project_id": one.project_id,
        "domain_id": one.domain_id,
        "service_id": one.service_id,
        "region_id": one.region_id or None,
        "resource_name": one.resource_name,
        "resource_limit": one.resource_limit,
        "description": one.description,
    }
