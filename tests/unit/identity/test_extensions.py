"""Unified limits, policies of other services, configuration of domains, federation's registers, token keys."""

from typing import Any

import pytest

from pileus.identity.service import Identity as Service
from pileus.kernel import clock
from tests.unit.identity.conftest import Identity


def test_limits_replace_registered_defaults(identity: Identity) -> None:
    service = identity.make("service", type="dns")["id"]
    registered = {"service_id": service, "resource_name": "zones", "default_limit": 10}
    body = {"registered_limits": [registered]}
    made = identity.ok("POST", "/registered_limits", body, 201)["registered_limits"][0]
    assert identity.call("POST", "/registered_limits", body).status == 409
    demo = identity.cloud.ids.demo_project_id
    limit = {"service_id": service, "resource_name": "zones", "resource_limit": 5, "project_id": demo}
    own = identity.ok("POST", "/limits", {"limits": [limit]}, 201)["limits"][0]
    assert identity.call("POST", "/limits", {"limits": [limit]}).status == 409
    assert identity.call("POST", "/limits", {"limits": [limit | {"resource_name": "other"}]}).status == 403
    assert identity.call("POST", "/limits", {"limits": [limit | {"domain_id": "default"}]}).status == 400
    assert [one["id"] for one in identity.ok("GET", "/limits", user="demo")["limits"]] == [own["id"]]
    assert identity.call("DELETE", f"/registered_limits/{made['id']}").status == 403
    assert (
        identity.ok("PATCH", f"/limits/{own['id']}", {"limit": {"resource_limit": 7}})["limit"]["resource_limit"] == 7
    )
    assert identity.ok("GET", "/limits/model", user="demo")["model"]["name"] == "flat"
    identity.ok("DELETE", f"/limits/{own['id']}", status=204)
    identity.ok("DELETE", f"/registered_limits/{made['id']}", status=204)


def test_a_policy_holds_for_the_nearest_place(identity: Identity) -> None:
    service = identity.make("service", type="dns")["id"]
    identity.make("region", id="north")
    endpoint = identity.make("endpoint", interface="public", service_id=service, region_id="north", url="http://x")
    wide, near = (
        identity.make("policy", "policies", type="application/json", blob={"n": n})["id"] for n in ("wide", "near")
    )
    found = f"/endpoints/{endpoint['id']}/OS-ENDPOINT-POLICY/policy"
    assert identity.call("GET", found).status == 404
    identity.ok("PUT", f"/policies/{wide}/OS-ENDPOINT-POLICY/services/{service}", status=204)
    assert identity.ok("GET", found)["policy"]["id"] == wide
    identity.ok("PUT", f"/policies/{near}/OS-ENDPOINT-POLICY/services/{service}/regions/north", status=204)
    assert identity.ok("GET", found)["policy"]["blob"] == {"n": "near"}
    assert identity.ok("GET", f"/policies/{wide}/OS-ENDPOINT-POLICY/endpoints")["endpoints"] == []
    identity.ok("DELETE", f"/policies/{near}", status=204)
    assert identity.ok("GET", found)["policy"]["id"] == wide


def test_domains_configure_what_they_may(identity: Identity) -> None:
    domain = identity.make("domain", name="ldap")["id"]
    path = f"/domains/{domain}/config"
    assert identity.call("GET", path).status == 404
    config: Any = {"ldap": {"url": "ldap://a", "password": "hush"}, "identity": {"driver": "ldap"}}
    shown = identity.ok("PUT", path, {"config": config}, 201)["config"]
    assert shown == {"ldap": {"url": "ldap://a"}, "identity": {"driver": "ldap"}}
    assert identity.ok("GET", path + "/ldap/url")["config"] == {"url": "ldap://a"}
    assert identity.call("GET", path + "/ldap/password").status == 404
    identity.ok("PATCH", path + "/ldap", {"config": {"ldap": {"url": "ldap://b"}}})
    assert identity.ok("GET", path)["config"]["ldap"] == {"url": "ldap://b"}
    assert identity.call("PATCH", path, {"config": {"nova": {"x": 1}}}).status == 403
    assert identity.call("PUT", path, {"config": {}}).status == 403
    identity.ok("DELETE", path + "/ldap/url", status=204)
    assert identity.ok("GET", "/domains/config/ldap/url/default")["config"] == {"url": "ldap://localhost"}


def test_federation_registers_providers_protocols_and_mappings(identity: Identity) -> None:
    base = "/OS-FEDERATION"
    rules = [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "UserName"}]}]
    identity.ok("PUT", f"{base}/mappings/m", {"mapping": {"rules": rules}}, 201)
    made = identity.ok("PUT", f"{base}/identity_providers/idp", {"identity_provider": {}}, 201)["identity_provider"]
    assert made["enabled"] is False
    assert identity.ok("GET", f"/domains/{made['domain_id']}")["domain"]["enabled"] is True
    path = f"{base}/identity_providers/idp/protocols/saml2"
    assert identity.call("PUT", path, {"protocol": {"mapping_id": "none"}}).status == 400
    identity.ok("PUT", path, {"protocol": {"mapping_id": "m"}}, 201)
    assert identity.call("DELETE", f"{base}/mappings/m").status == 403
    assert identity.call("PUT", f"{base}/mappings/m", {"mapping": {"rules": rules}}).status == 409
    identity.ok("DELETE", f"{base}/identity_providers/idp", status=204)
    assert identity.call("GET", path).status == 404
    assert identity.ok("GET", f"{base}/service_providers")["service_providers"] == []
    provider = {"auth_url": "https://a", "sp_url": "https://b", "enabled": True}
    identity.ok("PUT", f"{base}/service_providers/sp", {"service_provider": provider}, 201)
    token = identity.ok("GET", "/auth/tokens", X_Subject_Token=identity.cloud.token("demo"))["token"]
    assert token["service_providers"] == [{"id": "sp", "auth_url": "https://a", "sp_url": "https://b"}]


def test_token_keys_turn_by_time_and_by_command(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    service: Any = identity.cloud.cloud.services["identity"]
    assert isinstance(service, Service)

    def count() -> int:
        with service.database.read() as tx:
            return int(tx.exec_driver_sql("SELECT count(*) FROM identity_token_keys").scalar() or 0)

    token = identity.cloud.token("demo")
    turn = next(piece for piece in service.periodic() if "rotate" in piece.name)
    turn.work()
    assert count() == 2
    service.rotate_keys()
    assert count() == 3
    later = clock.now() + 25 * clock.HOUR
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        turn.work()
        turn.work()
    assert count() == 4
    assert identity.call("GET", "/auth/projects", token=token).status == 200


def test_revocations_are_forgotten_once_every_token_they_void_has_expired(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = identity.cloud.token("demo")
    identity.ok("DELETE", "/auth/tokens", status=204, X_Subject_Token=token)
    service: Any = identity.cloud.cloud.services["identity"]
    tidy = next(piece for piece in service.periodic() if "forget" in piece.name)
    tidy.work()
    assert len(identity.ok("GET", "/OS-REVOKE/events")["events"]) == 1
    later = clock.now() + 10 * clock.DAY
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        tidy.work()
    assert identity.ok("GET", "/OS-REVOKE/events")["events"] == []


def test_what_the_personas_may(identity: Identity) -> None:
    domain = identity.make("domain", name="managed")["id"]
    manager = identity.make("user", name="manager", domain_id=domain, password="manager")["id"]
    identity.grant(f"domains/{domain}", manager, "manager")
    token = identity.token(manager, "manager", domain={"id": domain})
    made = identity.ok("POST", "/users", {"user": {"name": "new", "domain_id": domain}}, 201, token=token)["user"]
    project = identity.ok("POST", "/projects", {"project": {"name": "p", "domain_id": domain}}, 201, token=token)[
        "project"
    ]
    path = f"/projects/{project['id']}/users/{made['id']}/roles"
    identity.ok("PUT", f"{path}/{identity.role('member')}", status=204, token=token)
    assert identity.call("PUT", f"{path}/{identity.role('admin')}", token=token).status == 403
    assert identity.call("POST", "/users", {"user": {"name": "x", "domain_id": "default"}}, token=token).status == 403
    assert identity.call("GET", f"/users/{identity.cloud.ids.demo_user_id}", token=token).status == 403
    assert {one["id"] for one in identity.ok("GET", "/users", token=token)["users"]} == {manager, made["id"]}
    reader = identity.make("user", name="reader", password="reader")["id"]
    identity.grant("system", reader, "reader")
    token = identity.token(reader, "reader", system={"all": True})
    identity.ok("GET", "/users", token=token)
    assert identity.call("POST", "/users", {"user": {"name": "y"}}, token=token).status == 403
    for call in (("GET", "/users"), ("GET", "/projects"), ("POST", "/regions"), ("GET", "/role_assignments")):
        body = {"region": {}} if call[0] == "POST" else None
        answer = identity.call(*call, body, user="demo")
        assert answer.status == 403
        assert answer.json["error"]["message"].startswith("You are not authorized to perform the requested action:")
    assert identity.call("GET", "/users", user="").status == 401
