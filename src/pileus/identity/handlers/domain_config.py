"""``/v3/domains/{domain_id}/config`` and the defaults."""

from typing import Any

from pileus.identity import domain_config as rules
from pileus.identity.handlers.projects import find_domain
from pileus.identity.model import Project
from pileus.identity.service import Identity
from pileus.identity.store import domain_options as store
from pileus.kernel.errors import Forbidden
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

COMPLIANCE = "security_compliance"
COMPLIANCE_OPTIONS = ("password_regex", "password_regex_description")
View = dict[str, Any]


def create(request: Request[Identity], domain: Project) -> Response:
    """Set the configuration of a domain as a whole."""
    config = rules.check(request.body.config)
    with request.service.database.transaction() as tx:
        replaced = store.remove(tx, domain.id)
        store.put(tx, domain.id, config)
        shown = rules.visible(store.get(tx, domain.id))
    return Response({"config": shown}, status=200 if replaced else 201)


def show(request: Request[Identity], domain_id: str, section: str | None = None, option: str | None = None) -> View:
    """Show the configuration of a domain, or a part of it."""
    if section == COMPLIANCE:
        request.authorize("identity:get_security_compliance_domain_config", {})
        find_domain(request, domain_id)
        return {"config": _compliance(request, option)}
    request.authorize("identity:get_domain_config", {})
    domain = find_domain(request, domain_id)
    rules.check_names(section, option)
    with request.service.database.read() as tx:
        found = rules.visible(store.get(tx, domain.id, section, option))
    if not found:
        raise rules.missing(domain.id, section, option)
    return {"config": _part(found, section, option)}


def _part(config: rules.Config, section: str | None, option: str | None) -> View:
    if section is not None and option is not None:
        return {option: config[section][option]}
    return config


def _compliance(request: Request[Identity], option: str | None) -> View:
    """The two rules of passwords that every user may see."""
    if option is not None and option not in COMPLIANCE_OPTIONS:
        raise Forbidden(
            f"You are not authorized to perform the requested action: Reading {option} in {COMPLIANCE} is not supported"
        )
    settings = request.service.settings
    values: View = {
        "password_regex": settings.password_regex or None,
        "password_regex_description": settings.password_regex_description or None,
    }
    return {option: values[option]} if option is not None else {COMPLIANCE: values}


def update(request: Request[Identity], domain: Project, section: str | None = None, option: str | None = None) -> View:
    """Change the configuration of a domain, or a part of it."""
    rules.check_names(section, option)
    config = rules.narrowed(request.body.config, section, option)
    with request.service.database.transaction() as tx:
        if section is not None and not store.get(tx, domain.id, section, option):
            raise rules.missing(domain.id, section, option)
        store.put(tx, domain.id, config)
        return {"config": rules.visible(store.get(tx, domain.id))}


def delete(request: Request[Identity], domain: Project, section: str | None = None, option: str | None = None) -> None:
    """Delete the configuration of a domain, or a part of it."""
    rules.check_names(section, option)
    with request.service.database.transaction() as tx:
        if store.remove(tx, domain.id, section, option) == 0 and section is not None:
            raise rules.missing(domain.id, section, option)


def show_default(request: Request[Identity], section: str | None = None, option: str | None = None) -> View:
    """Show the options that domains may set, with their defaults."""
    rules.check_names(section, option)
    if section is None:
        return {"config": rules.DEFAULTS}
    if option is None:
        return {"config": {section: rules.DEFAULTS[section]}}
    return {"config": {option: rules.DEFAULTS[section].get(option)}}
