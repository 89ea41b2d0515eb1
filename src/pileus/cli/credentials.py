"""What clients read: entries of clouds.yaml, and openrc files."""

import io
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pileus.cli.failure import Failure
from pileus.cli.secrets import Secrets, write_private

ADMIN_CLOUD = "pileus-admin"
USER_CLOUD = "pileus"


def clouds(secrets: Secrets, auth_url: str, region: str) -> dict[str, dict[str, Any]]:
    """The clouds.yaml entries of a cloud: a plain project user and the admin."""
    return {
        USER_CLOUD: _cloud("demo", secrets.demo, "demo", auth_url, region),
        ADMIN_CLOUD: _cloud("admin", secrets.admin, "admin", auth_url, region),
    }


def _cloud(user: str, password: str, project: str, auth_url: str, region: str) -> dict[str, Any]:
    return {
        "auth": {
            "auth_url": auth_url,
            "username": user,
            "password": password,
            "project_name": project,
            "user_domain_id": "default",
            "project_domain_id": "default",
        },
        "region_name": region,
        "identity_api_version": 3,
    }


def write_clouds_yaml(path: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Sets these entries and leaves everything else of the file, comments included, as it is.

    Raises Failure when the file is there and is not a clouds.yaml.
    """
    yaml = YAML()
    try:
        document = yaml.load(path.read_text()) if path.exists() else None
    except (OSError, YAMLError) as error:
        raise Failure(f"{path} cannot be read: {error}", "mend or move the file, then run the command again") from None
    document = {} if document is None else document
    if not isinstance(document, dict) or not isinstance(document.setdefault("clouds", {}), dict | None):
        raise Failure(f"{path} is not a clouds.yaml: it has no mapping named clouds", "mend or move the file")
    if document["clouds"] is None:
        document["clouds"] = {}
    if all(document["clouds"].get(name) == entry for name, entry in entries.items()):
        return
    document["clouds"].update(entries)
    text = io.StringIO()
    yaml.dump(document, text)
    write_private(path, text.getvalue().encode())


def openrc(entry: Mapping[str, Any]) -> str:
    """A clouds.yaml entry as shell variables."""
    auth = entry["auth"]
    values = {
        "OS_AUTH_URL": auth["auth_url"],
        "OS_USERNAME": auth["username"],
        "OS_PASSWORD": auth["password"],
        "OS_PROJECT_NAME": auth["project_name"],
        "OS_USER_DOMAIN_ID": auth["user_domain_id"],
        "OS_PROJECT_DOMAIN_ID": auth["project_domain_id"],
        "OS_REGION_NAME": entry["region_name"],
        "OS_IDENTITY_API_VERSION": "3",
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join(["unset OS_CLOUD", *lines]) + "\n"
