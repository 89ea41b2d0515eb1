"""Password hashes: bcrypt, with a short memory of what was verified.

bcrypt takes a fifth of a second by design. A client that logs in again and again pays it once a minute: the memory
holds a keyed digest of (hash, password), never a password, and a changed password has another hash.
"""

import hmac
import secrets
import threading
import time
from collections import OrderedDict

import bcrypt

from pileus.kernel.http.inline import before_waiting

MEMORY_SECONDS = 60.0
MEMORY_SIZE = 10_000
MAX_BYTES = 72  # of a password that bcrypt looks at; the rest is cut off, as the reference does


class Hasher:
    def __init__(self, rounds: int) -> None:
        self._rounds = rounds
        self._key = secrets.token_bytes(32)
        self._verified: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()
        self._decoy = ""

    def hash(self, password: str) -> str:
        return bcrypt.hashpw(password.encode()[:MAX_BYTES], bcrypt.gensalt(self._rounds)).decode()

    def verify(self, password: str, hashed: str | None) -> bool:
        """Whether password is the one hashed. Without a hash (no such user) it takes as long, and is False."""
        if hashed is None:
            before_waiting()
            self._check(password, self._decoy_hash())
            return False
        digest = hmac.digest(self._key, f"{hashed}\0{password}".encode(), "sha256")
        if self._verified.get(digest, 0.0) > time.monotonic():
            return True
        before_waiting()
        if not self._check(password, hashed):
            return False
        with self._lock:
            self._verified[digest] = time.monotonic() + MEMORY_SECONDS
            if len(self._verified) > MEMORY_SIZE:
                self._verified.popitem(last=False)
        return True

    def _decoy_hash(self) -> str:
        if not self._decoy:
            self._decoy = self.hash(secrets.token_urlsafe())
        return self._decoy

    @staticmethod
    def _check(password: str, hashed: str) -> bool:
        try:
            return bcrypt.checkpw(password.encode()[:MAX_BYTES], hashed.encode())
        except ValueError:
            return False
