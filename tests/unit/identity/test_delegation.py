"""Trusts, application credentials, OAuth, EC2 signatures, one-time passwords: what was lent, and no more."""

import time
from base64 import b32encode
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest

from pileus.identity import aws_signatures, oauth, totp
from pileus.kernel import clock
from tests.unit.identity.conftest import Identity

BASE = "http://cloud.test:8780/identity"


@pytest.fixture
def trustee(identity: Identity) -> Any:
    return identity.make("user", name="trustee", password="trustee")


def trust(identity: Identity, trustee_id: str, **values: Any) -> Any:
    ids = identity.cloud.ids
    body = {
        "trustor_user_id": ids.demo_user_id,
        "trustee_user_id": trustee_id,
        "project_id": ids.demo_project_id,
        "impersonation": True,
        "roles": [{"name": "member"}],
    }
    return identity.call("POST", "/OS-TRUST/trusts", {"trust": body | values}, user="demo")


def use(identity: Identity, trustee_id: str, trust_id: str) -> Any:
    return identity.log_in(trustee_id, "trustee", **{"OS-TRUST:trust": {"id": trust_id}})


def test_a_trust_lends_its_roles_under_the_trustors_name(identity: Identity, trustee: Any) -> None:
    made = trust(identity, trustee["id"]).json["trust"]
    answer = use(identity, trustee["id"], made["id"])
    token = answer.json["token"]
    assert token["user"]["id"] == identity.cloud.ids.demo_user_id
    assert token["OS-TRUST:trust"]["trustee_user"] == {"id": trustee["id"]}
    assert {role["name"] for role in token["roles"]} == {"member", "reader"}
    subject = answer.headers["x-subject-token"]
    again = {"methods": ["token"], "token": {"id": subject}}
    assert identity.auth(again, project={"id": identity.cloud.ids.demo_project_id}).status == 403
    identity.ok("DELETE", f"/OS-TRUST/trusts/{made['id']}", status=204, user="demo")
    assert identity.call("GET", "/auth/catalog", token=subject).status == 401
    assert use(identity, trustee["id"], made["id"]).status == 401


def test_a_trust_is_used_as_often_as_it_says_and_by_its_trustee(identity: Identity, trustee: Any) -> None:
    made = trust(identity, trustee["id"], remaining_uses=1, impersonation=False).json["trust"]
    other = identity.make("user", name="other", password="trustee")
    assert use(identity, other["id"], made["id"]).status == 403
    assert use(identity, trustee["id"], made["id"]).json["token"]["user"]["id"] == trustee["id"]
    assert use(identity, trustee["id"], made["id"]).status == 401
    assert identity.call("GET", f"/OS-TRUST/trusts/{made['id']}", user="demo").status == 404


def test_a_trust_ends_with_the_trustors_role(identity: Identity, trustee: Any) -> None:
    made = trust(identity, trustee["id"]).json["trust"]
    ids = identity.cloud.ids
    path = f"/projects/{ids.demo_project_id}/users/{ids.demo_user_id}/roles/{identity.role('member')}"
    identity.ok("DELETE", path, status=204)
    assert use(identity, trustee["id"], made["id"]).status == 403


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"roles": []}, 403),
        ({"roles": [{"name": "admin"}]}, 404),
        ({"trustee_user_id": "nobody"}, 404),
        ({"expires_at": "2001-01-01T00:00:00Z"}, 400),
        ({"expires_at": "tomorrow"}, 400),
        ({"remaining_uses": 0}, 400),
        ({"redelegation_count": 9, "allow_redelegation": True}, 403),
        ({"trustor_user_id": "somebody"}, 403),
    ],
)
def test_a_trust_that_may_not_be(identity: Identity, trustee: Any, values: dict[str, Any], status: int) -> None:
    assert trust(identity, trustee["id"], **values).status == status


def test_a_redelegated_trust_gives_no_more_and_goes_with_its_parent(identity: Identity, trustee: Any) -> None:
    made = trust(identity, trustee["id"], allow_redelegation=True, redelegation_count=1).json["trust"]
    token = use(identity, trustee["id"], made["id"]).headers["x-subject-token"]
    third = identity.make("user", name="third", password="trustee")
    ids = identity.cloud.ids
    body = {
        "trustor_user_id": ids.demo_user_id,
        "trustee_user_id": third["id"],
        "project_id": ids.demo_project_id,
        "impersonation": True,
        "roles": [{"name": "member"}],
        "allow_redelegation": False,
    }
    child = identity.ok("POST", "/OS-TRUST/trusts", {"trust": body}, 201, token=token)["trust"]
    assert child["redelegated_trust_id"] == made["id"]
    assert use(identity, third["id"], child["id"]).status == 201
    too_much = body | {"roles": [{"name": "member"}, {"name": "reader"}]}
    assert identity.call("POST", "/OS-TRUST/trusts", {"trust": too_much}, token=token).status == 403
    identity.ok("DELETE", f"/OS-TRUST/trusts/{made['id']}", status=204, user="demo")
    assert use(identity, third["id"], child["id"]).status == 401


def credential(identity: Identity, **values: Any) -> Any:
    path = f"/users/{identity.cloud.ids.demo_user_id}/application_credentials"
    return identity.call("POST", path, {"application_credential": {"name": "robot"} | values}, user="demo")


def by_credential(identity: Identity, made: Any) -> Any:
    return identity.auth(
        {"methods": ["application_credential"], "application_credential": {"id": made["id"], "secret": made["secret"]}}
    )


def test_an_application_credential_is_its_users_roles_on_one_project(identity: Identity) -> None:
    made = credential(identity, roles=[{"name": "reader"}]).json["application_credential"]
    token = by_credential(identity, made)
    assert [role["name"] for role in token.json["token"]["roles"]] == ["reader"]
    subject = token.headers["x-subject-token"]
    path = f"/users/{identity.cloud.ids.demo_user_id}/application_credentials"
    more = {"application_credential": {"name": "another"}}
    assert identity.call("POST", path, more, token=subject).status == 403
    shown = identity.ok("GET", path, user="demo")["application_credentials"]
    assert "secret" not in shown[0]
    identity.ok("DELETE", f"{path}/{made['id']}", status=204, user="demo")
    assert by_credential(identity, made).status == 401


def test_access_rules_bound_what_it_may_be_used_for(identity: Identity) -> None:
    rule = {"service": "identity", "method": "GET", "path": "/v3/auth/projects"}
    made = credential(identity, access_rules=[rule]).json["application_credential"]
    subject = by_credential(identity, made).headers["x-subject-token"]
    assert identity.call("GET", "/auth/projects", token=subject).status == 200
    assert identity.call("GET", "/auth/domains", token=subject).status == 401
    rules = f"/users/{identity.cloud.ids.demo_user_id}/access_rules"
    kept = identity.ok("GET", rules, user="demo")["access_rules"]
    assert [(one["service"], one["path"]) for one in kept] == [("identity", "/v3/auth/projects")]
    assert identity.call("DELETE", f"{rules}/{kept[0]['id']}", user="demo").status == 403


def test_it_gives_no_role_that_its_user_lacks(identity: Identity) -> None:
    assert credential(identity, roles=[{"name": "admin"}]).status == 400
    assert credential(identity, expires_at="2001-01-01T00:00:00Z").status == 400


def signed(identity: Identity, path: str, secrets: tuple[str, str], **parameters: str) -> dict[str, str]:
    values = {
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": "n",
        "oauth_version": "1.0",
        **parameters,
    }
    call = oauth.Signed("POST", f"{BASE}/v3{path}", "", values)
    values["oauth_signature"] = oauth.signature(call, *secrets)
    pairs = ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in values.items())
    return {"Authorization": f"OAuth {pairs}"}


def test_oauth_lends_roles_in_three_steps(identity: Identity) -> None:
    consumer = identity.make("consumer", "OS-OAUTH1/consumers", description="an app")
    key, secret = consumer["id"], consumer["secret"]
    headers = signed(identity, "/OS-OAUTH1/request_token", (secret, ""), oauth_consumer_key=key)
    project_id = identity.cloud.ids.admin_project_id
    path = "/OS-OAUTH1/request_token"
    wrong = signed(identity, path, ("wrong", ""), oauth_consumer_key=key)
    assert identity.call("POST", path, user="", Requested_Project_Id=project_id, **wrong).status == 401
    asked = identity.call("POST", path, user="", Requested_Project_Id=project_id, **headers)
    assert (asked.status, asked.headers["content-type"]) == (201, "application/x-www-form-urlencoded")
    request_token = dict(parse_qsl(asked.body.decode()))
    agreed = identity.ok("PUT", f"/OS-OAUTH1/authorize/{request_token['oauth_token']}", {"roles": [{"name": "reader"}]})
    path = "/OS-OAUTH1/access_token"
    headers = signed(
        identity,
        path,
        (secret, request_token["oauth_token_secret"]),
        oauth_consumer_key=key,
        oauth_token=request_token["oauth_token"],
        oauth_verifier=agreed["token"]["oauth_verifier"],
    )
    access = dict(parse_qsl(identity.call("POST", path, user="", **headers).body.decode()))
    headers = signed(
        identity,
        "/auth/tokens",
        (secret, access["oauth_token_secret"]),
        oauth_consumer_key=key,
        oauth_token=access["oauth_token"],
    )
    answer = identity.auth({"methods": ["oauth1"], "oauth1": {}}, headers)
    assert answer.status == 201, answer.body
    assert [role["name"] for role in answer.json["token"]["roles"]] == ["reader"]
    assert answer.json["token"]["OS-OAUTH1"]["consumer_id"] == key
    own = f"/users/{identity.cloud.ids.admin_user_id}/OS-OAUTH1/access_tokens"
    assert [one["id"] for one in identity.ok("GET", own)["access_tokens"]] == [access["oauth_token"]]
    identity.ok("DELETE", f"{own}/{access['oauth_token']}", status=204)
    assert identity.call("GET", "/auth/catalog", token=answer.headers["x-subject-token"]).status == 401
    assert identity.auth({"methods": ["oauth1"], "oauth1": {}}, headers).status == 401


def test_an_ec2_signature_is_as_good_as_a_password(identity: Identity) -> None:
    ids = identity.cloud.ids
    path = f"/users/{ids.demo_user_id}/credentials/OS-EC2"
    made = identity.ok("POST", path, {"tenant_id": ids.demo_project_id}, 201, user="demo")["credential"]
    request: dict[str, Any] = {
        "access": made["access"],
        "host": "ec2.test:8773",
        "verb": "GET",
        "path": "/services/Cloud",
        "params": {"SignatureVersion": "2", "Action": "Describe Instances", "AWSAccessKeyId": made["access"]},
    }
    request["signature"] = aws_signatures.ec2(made["secret"], request, "ec2.test")
    answer = identity.call("POST", "/ec2tokens", {"credentials": request})
    assert answer.status == 200, answer.body
    assert answer.json["token"]["project"]["id"] == ids.demo_project_id
    assert answer.headers["x-subject-token"]
    assert identity.call("POST", "/ec2tokens", {"credentials": request}, user="demo").status == 403
    assert identity.call("POST", "/ec2tokens", {"credentials": request | {"signature": "x"}}).status == 401
    assert identity.call("POST", "/ec2tokens", {"credentials": request | {"access": "x"}}).status == 404
    listed = identity.ok("GET", path, user="demo")["credentials"]
    assert [one["access"] for one in listed] == [made["access"]]


def test_blobs_of_credentials_are_sealed_in_the_database(identity: Identity) -> None:
    made = identity.make("credential", blob="hush", type="cert", user_id=identity.cloud.ids.demo_user_id)
    assert identity.ok("GET", f"/credentials/{made['id']}", user="demo")["credential"]["blob"] == "hush"
    with identity.cloud.cloud.database.read() as tx:
        stored = tx.exec_driver_sql("SELECT sealed FROM identity_credentials").scalar()
    assert "hush" not in stored
    service: Any = identity.cloud.cloud.services["identity"]
    service.vault.rotate()
    assert identity.ok("GET", f"/credentials/{made['id']}", user="demo")["credential"]["blob"] == "hush"
    other = identity.make("user", name="nosy", password="nosy")
    identity.grant(f"projects/{identity.cloud.ids.demo_project_id}", other["id"], "member")
    token = identity.token(other["id"], "nosy", project={"id": identity.cloud.ids.demo_project_id})
    assert identity.call("GET", f"/credentials/{made['id']}", token=token).status == 403
    assert identity.ok("GET", "/credentials", token=token)["credentials"] == []


def test_a_second_factor_is_asked_for_and_proven_with_a_receipt(identity: Identity) -> None:
    secret = b32encode(b"0123456789abcdefghij").decode()
    user = identity.make("user", name="careful", password="first")
    identity.make("credential", blob=secret, type="totp", user_id=user["id"])
    options = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
    identity.ok("PATCH", f"/users/{user['id']}", {"user": {"options": options}})
    half = identity.log_in(user["id"], "first")
    assert half.status == 401
    assert half.json["required_auth_methods"] == [["password", "totp"]]
    assert half.json["receipt"]["methods"] == ["password"]
    receipt = {"Openstack_Auth_Receipt": half.headers["openstack-auth-receipt"]}
    code = totp.code(secret, clock.now() // totp.STEP)
    second = {"methods": ["totp"], "totp": {"user": {"id": user["id"], "passcode": code}}}
    assert identity.auth(second, receipt).status == 201
    wrong = {"methods": ["totp"], "totp": {"user": {"id": user["id"], "passcode": "000000x"}}}
    assert identity.auth(wrong, receipt).status == 401
    assert identity.auth(second, {"Openstack_Auth_Receipt": "forged"}).status == 401
    assert identity.auth(second).status == 401


def test_the_code_of_rfc_6238() -> None:
    assert totp.code(b32encode(b"12345678901234567890").decode(), 59 // 30) == "287082"
