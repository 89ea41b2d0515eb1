"""Where a user must prove itself by several methods, and which of them it has proven so far.

A receipt is like a token, sealed by the same keys: it says who proved what, and lets the next request prove the rest.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from pileus.identity.model import Project, User
from pileus.identity.tokens import METHODS, Sealer
from pileus.kernel import clock
from pileus.kernel.errors import NotFound

LIFETIME = 300 * clock.SECOND


class Receipt(msgspec.Struct, frozen=True, array_like=True, tag="receipt"):
    user_id: str
    methods: tuple[str, ...]
    issued_at: int
    expires_at: int


_pack = msgspec.msgpack.encode
_unpack = msgspec.msgpack.Decoder(Receipt)


def rules_of(user: User) -> list[list[str]]:
    """The sets of methods of which a user must prove one whole; none when any method is enough."""
    if not user.options.get("multi_factor_auth_enabled"):
        return []
    rules = []
    for rule in user.options.get("multi_factor_auth_rules") or ():
        known = [method for method in rule if method in METHODS]
        # A rule with a method that this cloud does not have could never be met: only its known part is one.
        if known and len(known) == len(rule):
            rules.append(known)
    return rules


def enough(rules: Sequence[Sequence[str]], methods: Sequence[str]) -> bool:
    """Whether the proven methods are enough."""
    return not rules or any(set(rule) <= set(methods) for rule in rules)


def seal(sealer: Sealer, user_id: str, methods: Sequence[str], moment: int) -> tuple[str, Receipt]:
    now = clock.now()
    receipt = Receipt(user_id, tuple(methods), now, now + LIFETIME)
    return sealer.encrypt(_pack(receipt), moment), receipt


def open_receipt(sealer: Sealer, text: str, moment: int) -> Receipt:
    """Raises NotFound for anything that is no receipt of ours, or an old one."""
    try:
        receipt = _unpack.decode(sealer.decrypt(text, moment))
    except msgspec.MsgspecError:
        raise NotFound("Could not find auth receipt.") from None
    if receipt.expires_at <= clock.now():
        raise NotFound("Could not find auth receipt.")
    return receipt


def body(receipt: Receipt, user: User, domain: Project, rules: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {
        "receipt": {
            "methods": list(receipt.methods),
            "user": {"domain": {"id": domain.id, "name": domain.name}, "id": user.id, "name": user.name},
            "expires_at": clock.iso_micro(receipt.expires_at),
            "issued_at": clock.iso_micro(receipt.issued_at),
        },
        "required_auth_methods": [list(rule) for rule in rules],
    }
