"""Passwords, their rules, and what their change voids."""

from typing import Any

import pytest

from pileus.kernel import clock
from tests.unit.identity.conftest import Identity

GOOD, BETTER, BEST = "good password", "better password", "best password"


def user(identity: Identity, **values: Any) -> str:
    return str(identity.make("user", name="ann", **({"password": GOOD} | values))["id"])


def change(identity: Identity, user_id: str, old: str, new: str) -> int:
    body = {"user": {"original_password": old, "password": new}}
    return identity.call("POST", f"/users/{user_id}/password", body, user="").status


def test_a_changed_password_voids_the_old_one_and_every_token(identity: Identity) -> None:
    ann = user(identity)
    token = identity.token(ann, GOOD)
    assert change(identity, ann, "wrong", BETTER) == 401
    assert change(identity, ann, GOOD, BETTER) == 204
    assert identity.call("GET", "/auth/projects", token=token).status == 401
    assert identity.log_in(ann, GOOD).status == 401
    assert identity.log_in(ann, BETTER).status == 201


@pytest.mark.parametrize("body", [{}, {"user": {"password": "x"}}, {"user": {"password": 1, "original_password": "x"}}])
def test_a_change_that_makes_no_sense(identity: Identity, body: Any) -> None:
    assert identity.call("POST", f"/users/{user(identity)}/password", body, user="").status == 400


def test_an_administrators_reset_and_disabling_void_tokens_for_good(identity: Identity) -> None:
    ann = user(identity)
    token = identity.token(ann, GOOD)
    identity.ok("PATCH", f"/users/{ann}", {"user": {"password": BETTER}})
    assert identity.call("GET", "/auth/projects", token=token).status == 401
    token = identity.token(ann, BETTER)
    identity.ok("PATCH", f"/users/{ann}", {"user": {"enabled": False}})
    identity.ok("PATCH", f"/users/{ann}", {"user": {"enabled": True}})
    assert identity.call("GET", "/auth/projects", token=token).status == 401
    events = identity.ok("GET", "/OS-REVOKE/events")["events"]
    assert [event["user_id"] for event in events] == [ann, ann]
    later = clock.iso(clock.now() + clock.HOUR)
    assert identity.ok("GET", f"/OS-REVOKE/events?since={later}")["events"] == []


def test_wrong_passwords_lock_and_time_unlocks(strict: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = user(strict)
    assert [strict.log_in(ann, "wrong password").status for _ in range(2)] == [401, 401]
    assert strict.log_in(ann, GOOD).status == 401
    later = clock.now() + 61 * clock.SECOND
    monkeypatch.setattr(clock, "now", lambda: later)
    assert strict.log_in(ann, GOOD).status == 201
    assert strict.log_in(ann, "wrong password").status == 401
    assert strict.log_in(ann, GOOD).status == 201


def test_who_is_exempt_is_not_locked(strict: Identity) -> None:
    ann = user(strict, options={"ignore_lockout_failure_attempts": True})
    for _ in range(3):
        strict.log_in(ann, "wrong password")
    assert strict.log_in(ann, GOOD).status == 201


def test_a_password_matches_the_rule_and_is_not_one_of_the_last(strict: Identity) -> None:
    answer = strict.call("POST", "/users", {"user": {"name": "weak", "password": "short"}})
    assert answer.status == 400
    assert "eight characters" in answer.json["error"]["message"]
    ann = user(strict)
    assert change(strict, ann, GOOD, "short") == 400
    assert change(strict, ann, GOOD, GOOD) == 400
    assert change(strict, ann, GOOD, BETTER) == 204
    assert change(strict, ann, BETTER, GOOD) == 400
    assert change(strict, ann, BETTER, BEST) == 204
    assert change(strict, ann, BEST, GOOD) == 204
    domain = strict.ok("GET", "/domains/default/config/security_compliance")["config"]
    assert domain["security_compliance"]["password_regex_description"] == "eight characters"


def test_an_expired_password_must_be_changed_and_can_be(strict: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = user(strict)
    shown = strict.ok("GET", f"/users/{ann}")["user"]["password_expires_at"]
    assert clock.parse(shown) > clock.now() + 29 * clock.DAY
    soon = clock.iso(clock.now() + 31 * clock.DAY)
    assert ann in {one["id"] for one in strict.ok("GET", f"/users?password_expires_at=lt:{soon}")["users"]}
    assert strict.ok("GET", f"/users?password_expires_at=gt:{soon}")["users"] == []
    assert strict.call("GET", "/users?password_expires_at=lt:soon").status == 400
    assert strict.call("GET", f"/users?password_expires_at=about:{soon}").status == 400
    later = clock.now() + 31 * clock.DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = strict.log_in(ann, GOOD)
    assert (answer.status, "expired" in answer.json["error"]["message"]) == (401, True)
    assert change(strict, ann, GOOD, BETTER) == 204
    monkeypatch.setattr(clock, "now", lambda: later + clock.SECOND)
    assert strict.log_in(ann, BETTER).status == 201


def test_a_locked_password_is_not_changed_by_its_user(identity: Identity) -> None:
    ann = user(identity, options={"lock_password": True})
    assert change(identity, ann, GOOD, BETTER) == 400


def test_a_name_or_a_user_that_is_not_there_is_refused_alike(identity: Identity) -> None:
    ann = user(identity)
    wrong, unknown = identity.log_in(ann, "wrong"), identity.log_in("nobody", "wrong")
    assert (wrong.status, wrong.json) == (unknown.status, unknown.json)
    assert change(identity, "nobody", GOOD, BETTER) == 401


def test_a_deleted_user_is_nobody(identity: Identity) -> None:
    ann = user(identity)
    token = identity.token(ann, GOOD)
    identity.ok("DELETE", f"/users/{ann}", status=204)
    assert identity.call("GET", "/auth/projects", token=token).status == 401
    assert identity.log_in(ann, GOOD).status == 401
