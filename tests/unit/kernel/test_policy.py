"""Rules of the oslo.policy language decide as oslo.policy decides."""

from pathlib import Path

import pytest

from pileus.kernel.config import ConfigError
from pileus.kernel.context import Context
from pileus.kernel.errors import Forbidden
from pileus.kernel.policy import Enforcer, Rule, enforcer
from pileus.kernel.policy.language import PolicySyntaxError, compile_any, compile_rule

CREDS = {"user_id": "u1", "project_id": "p1", "roles": ("Member", "reader"), "system_scope": None, "is_admin": False}


def allows(rule: str, target: object = None, creds: dict[str, object] = CREDS) -> bool:
    named = {"yes": compile_rule("@"), "no": compile_rule("!")}
    return compile_rule(rule)(target or {}, creds, named.__getitem__)


@pytest.mark.parametrize(
    ("rule", "target", "expected"),
    [
        ("", {}, True),
        ("@", {}, True),
        ("!", {}, False),
        ("role:member", {}, True),
        ("role:MEMBER", {}, True),
        ("role:admin", {}, False),
        ("role:%(wanted)s", {"wanted": "reader"}, True),
        ("role:%(wanted)s", {}, False),
        ("rule:yes", {}, True),
        ("rule:no or role:reader", {}, True),
        ("rule:no and role:reader", {}, False),
        ("not rule:no", {}, True),
        ("not role:admin and not role:root", {}, True),
        ("role:admin or role:reader and role:member", {}, True),
        ("(role:admin or role:reader) and role:nobody", {}, False),
        ("project_id:%(project_id)s", {"project_id": "p1"}, True),
        ("project_id:%(project_id)s", {"project_id": "p2"}, False),
        ("project_id:%(project_id)s", {}, False),
        ("user_id:%(target.user.id)s", {"target": {"user": {"id": "u1"}}}, True),
        ("user_id:%(target.user.id)s", {"target.user.id": "u1"}, True),
        ("project_id:p1", {}, True),
        ("system_scope:all", {}, False),
        ("system_scope:None", {}, True),
        ("is_admin:False", {}, True),
        ("'public':%(visibility)s", {"visibility": "public"}, True),
        ("'public':%(visibility)s", {"visibility": "private"}, False),
        ("None:%(owner)s", {"owner": None}, True),
        ("True:%(shared)s", {"shared": True}, True),
        ("nobody_has_this:x", {}, False),
        ("field:networks:shared=True", {"shared": True}, True),
        ("field:networks:shared=True", {"shared": False}, False),
        ("field:port:device_owner=~^network:", {"device_owner": "network:dhcp"}, True),
        ("roles:reader", {}, True),
    ],
)
def test_decisions(rule: str, target: object, expected: bool) -> None:
    assert allows(rule, target) is expected


def test_targets_may_be_objects() -> None:
    class Server:
        project_id = "p1"

    assert allows("project_id:%(project_id)s", Server())


def test_nested_lists_are_alternatives_of_conjunctions() -> None:
    check = compile_any([["role:admin"], ["role:reader", "project_id:p1"]])
    assert check({}, CREDS, compile_rule)


@pytest.mark.parametrize("rule", ["role:a and", "(role:a", "role:a role:b", "nonsense", "http://decide.example/", "or"])
def test_broken_rules_are_refused(rule: str) -> None:
    with pytest.raises(PolicySyntaxError):
        compile_rule(rule)


MEMBER = Context("req-1", project_id="p1", roles=("member",))
RULES = [
    Rule("see", "role:member"),
    Rule("system_only", "role:member", scopes=("system",)),
    Rule("change", "role:admin"),
]


def test_the_enforcer_names_the_rule_it_refuses_by() -> None:
    with pytest.raises(Forbidden, match="change"):
        Enforcer(RULES).enforce(MEMBER, "change", {})


def test_a_service_has_its_own_words_for_a_refusal() -> None:
    with pytest.raises(Forbidden, match=r"^No: change$"):
        Enforcer(RULES, refusal="No: {rule}").enforce(MEMBER, "change", {})


def test_rules_see_the_domain_that_a_token_is_scoped_to() -> None:
    rules = Enforcer([Rule("mine", "token.domain.id:%(domain_id)s")])
    assert rules.allows(Context("req-1", domain_id="d1"), "mine", {"domain_id": "d1"})
    assert not rules.allows(Context("req-1", domain_id="d2"), "mine", {"domain_id": "d1"})
    assert not rules.allows(Context("req-1", project_id="p"), "mine", {"domain_id": "None"})


def test_a_token_of_the_wrong_scope_is_refused() -> None:
    rules = Enforcer(RULES)
    assert not rules.allows(MEMBER, "system_only", {})
    assert rules.allows(Context("req-1", system_scope="all", roles=("member",)), "system_only", {})


def test_an_unknown_rule_refuses() -> None:
    assert not Enforcer(RULES).allows(MEMBER, "unheard_of", {})


def test_a_file_overrides_and_is_read_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enforcer, "LOOK_AGAIN", 0.0)
    path = tmp_path / "policy.yaml"
    rules = Enforcer(RULES, path)
    assert not rules.allows(MEMBER, "change", {})
    path.write_text('"change": "role:member"\n')
    assert rules.allows(MEMBER, "change", {})
    path.write_text('"change": "role:member and"\n')
    assert rules.allows(MEMBER, "change", {}), "a broken file leaves the last good rules in force"
    path.unlink()
    assert not rules.allows(MEMBER, "change", {})


def test_a_file_that_is_broken_at_the_start_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("- not a mapping\n")
    with pytest.raises(ConfigError, match=r"policy\.yaml"):
        Enforcer(RULES, path)
