"""Which options a domain may set for itself, under the reference's names. They are kept for clients; users of every
domain are in the same database here."""

from typing import Any

from pileus.kernel.errors import Forbidden, NotFound

Config = dict[str, dict[str, Any]]

DEFAULTS: Config = {
    "identity": {"driver": "sql", "list_limit": None},
    "ldap": {
        "url": "ldap://localhost",
        "user": None,
        "suffix": "cn=example,cn=com",
        "query_scope": "one",
        "page_size": 0,
        "alias_dereferencing": "default",
        "debug_level": None,
        "chase_referrals": None,
        "user_tree_dn": None,
        "user_filter": None,
        "user_objectclass": "inetOrgPerson",
        "user_id_attribute": "cn",
        "user_name_attribute": "sn",
        "user_mail_attribute": "mail",
        "user_description_attribute": "description",
        "user_pass_attribute": "userPassword",
        "user_enabled_attribute": "enabled",
        "user_enabled_invert": False,
        "user_enabled_mask": 0,
        "user_enabled_default": "True",
        "user_attribute_ignore": ["default_project_id"],
        "user_default_project_id_attribute": None,
        "user_enabled_emulation": False,
        "user_enabled_emulation_dn": None,
        "user_enabled_emulation_use_group_config": False,
        "user_additional_attribute_mapping": [],
        "group_tree_dn": None,
        "group_filter": None,
        "group_objectclass": "groupOfNames",
        "group_id_attribute": "cn",
        "group_name_attribute": "ou",
        "group_members_are_ids": False,
        "group_member_attribute": "member",
        "group_desc_attribute": "description",
        "group_attribute_ignore": [],
        "group_additional_attribute_mapping": [],
        "tls_cacertfile": None,
        "tls_cacertdir": None,
        "use_tls": False,
        "tls_req_cert": "demand",
        "use_pool": True,
        "pool_size": 10,
        "pool_retry_max": 3,
        "pool_retry_delay": 0.1,
        "pool_connection_timeout": -1,
        "pool_connection_lifetime": 600,
        "use_auth_pool": True,
        "auth_pool_size": 100,
        "auth_pool_connection_lifetime": 60,
    },
}
SENSITIVE = {"ldap": ("password",)}


def _invalid(reason: str) -> Forbidden:
    return Forbidden(f"Invalid domain specific configuration: {reason}.")


def missing(domain_id: str, section: str | None, option: str | None) -> NotFound:
    if option is not None:
        what = f"option {option} in group {section}"
    else:
        what = f"group {section}" if section is not None else "any options"
    return NotFound(f"Could not find {what} in domain configuration for domain {domain_id}.")


def check_names(section: str | None, option: str | None) -> None:
    """Raises Forbidden for a section or option that domains cannot set."""
    if section is None:
        return
    if section not in DEFAULTS:
        raise _invalid(f"Group {section} is not supported for domain specific configurations")
    if option is not None and option not in DEFAULTS[section] and option not in SENSITIVE.get(section, ()):
        raise _invalid(f"Option {option} in group {section} is not supported for domain specific configurations")


def check(config: object) -> Config:
    """Raises Forbidden unless it is sections of options that domains can set."""
    if not config or not isinstance(config, dict):
        raise _invalid("No options specified")
    for section, options in config.items():
        if not options or not isinstance(options, dict):
            raise _invalid(f"The value of group {section} specified in the config should be a dictionary of options")
        for option in options:
            check_names(section, option)
    return config


def narrowed(config: object, section: str | None, option: str | None) -> Config:
    """The change that a request to one section or option makes. Raises Forbidden when the body says more."""
    if option is not None and section is not None:
        if not isinstance(config, dict) or list(config) != [option]:
            raise _invalid(
                f"Trying to update option {option} in group {section}, so that, and only that, option must be "
                "specified  in the config"
            )
        return check({section: config})
    if section is not None and (not isinstance(config, dict) or list(config) != [section]):
        raise _invalid(
            f"Trying to update group {section}, so that, and only that, group must be specified in the config"
        )
    return check(config)


def visible(config: Config) -> Config:
    """Without what is secret."""
    shown = {
        section: {name: value for name, value in options.items() if name not in SENSITIVE.get(section, ())}
        for section, options in config.items()
    }
    return {section: options for section, options in shown.items() if options}
