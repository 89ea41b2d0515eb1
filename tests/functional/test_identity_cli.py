"""A walk with the stock client over the commands of identity."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.client_session import ClientSession

pytestmark = pytest.mark.functional


def test_domains_projects_and_tags(client: ClientSession, made: Any) -> None:
    domain = made("domain", "walk-domain", "--description", "a walk")
    project = made("project", "walk", "--domain", domain["id"], "--tag", "red", "--property", "colour=blue")
    child = made("project", "walk-child", "--domain", domain["id"], "--parent", project["id"])
    client.run("project", "set", "--description", "changed", "--tag", "green", project["id"])
    shown = client.show("project", "show", "--children", project["id"])
    assert (shown["description"], sorted(shown["tags"]), shown["colour"]) == ("changed", ["green", "red"], "blue")
    listed = client.rows("project", "list", "--domain", domain["id"], "--tags", "red")
    assert [row["Name"] for row in listed] == ["walk"]
    assert [row["ID"] for row in client.rows("project", "list", "--parent", project["id"])] == [child["id"]]
    client.run("domain", "set", "--disable", domain["id"])
    assert client.show("domain", "show", domain["id"])["enabled"] is False


def test_users_and_groups(client: ClientSession, made: Any) -> None:
    user = made(
        "user", "walker", "--password", "first", "--email", "w@example.org", "--ignore-lockout-failure-attempts"
    )
    group = made("group", "walkers")
    client.run("group", "add", "user", group["id"], user["id"])
    assert f"{user['id']} in group" in client.run("group", "contains", "user", group["id"], user["id"])
    assert [row["Name"] for row in client.rows("user", "list", "--group", group["id"])] == ["walker"]
    assert [row["Name"] for row in client.rows("group", "list", "--user", user["id"])] == ["walkers"]
    client.run("group", "remove", "user", group["id"], user["id"])
    client.run("user", "set", "--name", "runner", "--disable", user["id"])
    shown = client.show("user", "show", user["id"])
    assert (shown["name"], shown["enabled"], shown["email"]) == ("runner", False, "w@example.org")
    client.run("group", "set", "--description", "all who walk", group["id"])
    assert client.show("group", "show", group["id"])["description"] == "all who walk"


def test_roles_and_assignments(client: ClientSession, made: Any) -> None:
    user, project = made("user", "holder"), made("project", "held")
    first, second = made("role", "walk-first"), made("role", "walk-second")
    client.run("implied", "role", "create", first["id"], "--implied-role", second["id"])
    assert any(row["Implied Role Name"] == "walk-second" for row in client.rows("implied", "role", "list"))
    client.run("role", "add", "--user", user["id"], "--project", project["id"], first["id"])
    client.run("role", "add", "--user", user["id"], "--domain", "default", "--inherited", first["id"])
    client.run("role", "add", "--user", user["id"], "--system", "all", first["id"])
    effective = client.rows(
        "role", "assignment", "list", "--user", user["id"], "--project", project["id"], "--effective", "--names"
    )
    assert {row["Role"] for row in effective} == {"walk-first", "walk-second"}
    assert len(client.rows("role", "assignment", "list", "--user", user["id"])) == 3
    client.run("role", "remove", "--user", user["id"], "--project", project["id"], first["id"])
    client.run("role", "remove", "--user", user["id"], "--system", "all", first["id"])
    client.run("implied", "role", "delete", first["id"], "--implied-role", second["id"])
    client.run("role", "set", "--name", "walk-renamed", second["id"])
    assert "walk-renamed" in {row["Name"] for row in client.rows("role", "list")}


def test_the_catalogue(client: ClientSession, made: Any) -> None:
    region = made("region", "walk-region", id="region")
    service = made("service", "--name", "walker", "walking")
    endpoint = made("endpoint", "--region", region["region"], service["id"], "public", "http://walk/$(project_id)s")
    client.run("endpoint", "set", "--url", "http://run", endpoint["id"])
    assert client.show("endpoint", "show", endpoint["id"])["url"] == "http://run"
    assert [row["ID"] for row in client.rows("endpoint", "list", "--service", service["id"])] == [endpoint["id"]]
    client.run("service", "set", "--description", "walks", service["id"])
    assert client.show("service", "show", service["id"])["description"] == "walks"
    client.run("region", "set", "--description", "far", region["region"])
    assert "walker" in {row["Name"] for row in client.rows("catalog", "list")}
    assert client.show("catalog", "show", "walking")["type"] == "walking"
    client.run("endpoint", "add", "project", endpoint["id"], "demo")
    assert [row["ID"] for row in client.rows("endpoint", "list", "--project", "demo")] == [endpoint["id"]]
    client.run("endpoint", "remove", "project", endpoint["id"], "demo")


def test_credentials_of_all_kinds(client: ClientSession, made: Any, tmp_path: Path) -> None:
    credential = made("credential", "--type", "cert", "admin", "a blob")
    assert client.show("credential", "show", credential["id"])["blob"] == "a blob"
    client.run("credential", "set", "--user", "admin", "--type", "cert", "--data", "changed", credential["id"])
    made("ec2 credentials", id="access")
    assert client.rows("ec2", "credentials", "list")
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps([{"service": "compute", "method": "GET", "path": "/v2.1/servers"}]))
    application = made(
        "application credential", "walk-robot", "--role", "reader", "--access-rules", str(rules), id="ID"
    )
    assert application["Secret"]
    assert "walk-robot" in {row["Name"] for row in client.rows("application", "credential", "list")}
    rule = next(row for row in client.rows("access", "rule", "list") if row["Service"] == "compute")
    assert client.show("access", "rule", "show", rule["ID"])["Path"] == "/v2.1/servers"


def test_trusts_and_tokens(client: ClientSession, made: Any) -> None:
    trust = made("trust", "--project", "admin", "--role", "reader", "--impersonate", "admin", "demo")
    assert client.show("trust", "show", trust["id"])["is_impersonation"] is True
    assert trust["id"] in {row["ID"] for row in client.rows("trust", "list")}
    token = client.show("token", "issue")
    assert token["project_id"]
    client.run("token", "revoke", token["id"])


def test_consumers(client: ClientSession, made: Any) -> None:
    pytest.importorskip("oauthlib", reason="the client's OAuth commands need it")
    consumer = made("consumer", "--description", "an app")
    client.run("consumer", "set", "--description", "another", consumer["id"])
    assert client.show("consumer", "show", consumer["id"])["description"] == "another"


def test_limits(client: ClientSession, made: Any) -> None:
    service = made("service", "--name", "limited", "limited")
    registered = made("registered limit", "--service", service["id"], "--default-limit", "5", "walks")
    limit = made("limit", "--project", "demo", "--service", service["id"], "--resource-limit", "3", "walks")
    client.run("limit", "set", "--resource-limit", "4", limit["id"])
    assert client.show("limit", "show", limit["id"])["resource_limit"] == 4
    client.run("registered", "limit", "set", "--default-limit", "6", registered["id"])
    assert [row["Default Limit"] for row in client.rows("registered", "limit", "list")] == [6]


def test_policies_and_federation(client: ClientSession, made: Any, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text("{}")
    made("policy", str(file))
    assert client.rows("policy", "list")
    rules = tmp_path / "mapping.json"
    rules.write_text(json.dumps([{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "UserName"}]}]))
    made("mapping", "--rules", str(rules), "walk-mapping")
    provider = made("identity provider", "--remote-id", "https://idp", "--domain", "default", "walk-idp")
    assert provider["remote_ids"] == ["https://idp"]
    client.show(
        "federation", "protocol", "create", "--identity-provider", "walk-idp", "--mapping", "walk-mapping", "saml2"
    )
    listed = client.rows("federation", "protocol", "list", "--identity-provider", "walk-idp")
    assert [row["id"] for row in listed] == ["saml2"]
    client.run("federation", "protocol", "delete", "--identity-provider", "walk-idp", "saml2")
    made("service provider", "--auth-url", "https://a", "--service-provider-url", "https://b", "walk-sp")


def test_what_is_not_there_is_said_plainly(client: ClientSession) -> None:
    assert "No Project found for nowhere" in client.run("project", "show", "nowhere", check=False)
