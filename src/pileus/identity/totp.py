"""Time-based one-time passwords (RFC 6238): six digits, thirty seconds, HMAC-SHA1."""

import hashlib
import hmac
import struct
from base64 import b32decode
from binascii import Error
from collections.abc import Iterable

from pileus.kernel import clock

STEP = 30 * clock.SECOND
PREVIOUS = 1  # codes before the one of now that count too: clocks differ, and people type slowly


def matches(passcode: str, secrets: Iterable[str], now: int) -> bool:
    """Whether a passcode is one that any of the secrets (base 32) gives at this time."""
    moments = [now // STEP - back for back in range(PREVIOUS + 1)]
    right = False
    for secret in secrets:
        for moment in moments:
            # Every one is compared, so that the time taken tells nothing.
            right |= hmac.compare_digest(code(secret, moment).encode(), passcode.encode())
    return right


def code(secret: str, moment: int) -> str:
    """The code of one step; empty, which matches nothing of six digits, for a secret that is not base 32."""
    try:
        key = b32decode(secret.strip().upper() + "=" * (-len(secret.strip()) % 8))
    except (Error, ValueError):
        return ""
    digest = hmac.new(key, struct.pack(">Q", moment), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
