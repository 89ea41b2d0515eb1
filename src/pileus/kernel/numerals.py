"""Whole numbers that arrive as text, from people who may send anything.

``str.isdigit`` is no such check: it also holds for "²", and for more digits than ``int`` agrees to read. Nineteen
digits are as many as a database's largest integer has.
"""

import re

_DIGITS = re.compile(r"[0-9]{1,19}\Z")


def natural(text: str) -> int | None:
    """The number that plain digits spell; None for anything else, a sign included."""
    return int(text) if _DIGITS.match(text) else None


def integer(text: str) -> int | None:
    """The number that plain digits, perhaps behind a minus, spell; None for anything else."""
    size = natural(text.removeprefix("-"))
    return -size if size is not None and text.startswith("-") else size
