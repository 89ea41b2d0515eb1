"""Time, everywhere an integer: microseconds since the Unix epoch, UTC.

One representation for every database, cheap to store, compare and cache; it becomes text only at the edge.
"""

import time
from datetime import UTC, datetime
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def iso(moment: int) -> str:
    """``2026-11-20T11:12:15Z``, as compute, image and network write it."""
    return _second(moment // SECOND) + "Z"


def iso_micro(moment: int) -> str:
    """``2026-11-20T11:12:15.000000Z``, as identity writes it."""
    return f"{_second(moment // SECOND)}.{moment % SECOND:06d}Z"


def iso_naive(moment: int) -> str:
    """``2026-11-20T11:12:15.000000`` without a zone, as some compute and volume fields are written."""
    return iso_micro(moment)[:-1]


@lru_cache(maxsize=8192)
def _second(second: int) -> str:
    """What is listed again and again was made at the same few moments."""
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]


def parse(text: str) -> int:
    """Microseconds since the epoch of an ISO 8601 time; a time without a zone is UTC.

    Raises ValueError when it is not such a time.
    """
    parsed = datetime.fromisoformat(text.strip())
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return int(parsed.timestamp()) * SECOND + parsed.microsecond
