"""Types and conversions of what compute's clients send: the reference takes numbers and flags as text, too."""

import unicodedata
from typing import Annotated, Literal

from msgspec import Meta

from pileus.kernel.errors import BadRequest

MAX_INT = 0x7FFFFFFF

Whole = Annotated[int, Meta(ge=0)] | Annotated[str, Meta(pattern=r"^[0-9]{1,19}\Z")]
"""A number that is not negative; to be read with ``whole``."""

Flag = (
    bool
    | Literal[
        "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes",
        "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no",
    ]
)  # fmt: skip
"""To be read with ``flag``."""

Name = Annotated[str, Meta(min_length=1, max_length=255)]
"""To be held against ``check_name``."""

TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})
FALSE = frozenset({"0", "f", "false", "off", "n", "no"})


def whole(value: int | str, field: str, minimum: int = 0, maximum: int = MAX_INT) -> int:
    """Raises BadRequest when value is not within the bounds."""
    number = int(value)
    if number < minimum:
        raise BadRequest(
            f"Invalid input for field/attribute {field}. Value: {value}. {number} is less than the minimum of {minimum}"
        )
    if number > maximum:
        raise BadRequest(
            f"Invalid input for field/attribute {field}. Value: {value}. "
            f"{number} is greater than the maximum of {maximum}"
        )
    return number


def flag(value: bool | str) -> bool:
    return value if isinstance(value, bool) else value.strip().lower() in TRUE


def strict_flag(text: str) -> bool:
    """Raises ValueError when text is no flag in any spelling (oslo.utils' bool_from_string, strict)."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError(text)


def printable(character: str) -> bool:
    """Neither a control character nor a separator other than a space; within the basic multilingual plane."""
    return character < "\uffff" and (character.isprintable() or unicodedata.category(character) == "Zs")


def check_name(text: str, forbidden: str = "") -> str:
    """Raises BadRequest unless text is printable, and begins and ends with something else than a space."""
    good = all(printable(character) and character not in forbidden for character in text)
    if not good or _space(text[0]) or _space(text[-1]):
        allowed = f"printable characters except {forbidden}." if forbidden else "printable characters. "
        raise BadRequest(
            f"An invalid 'name' value was provided. The name must be: {allowed}Can not start or end with whitespace."
        )
    return text


def check_description(text: str | None, field: str = "description") -> str | None:
    """Raises BadRequest when text has characters that are not printable (line breaks are not)."""
    if text is not None and not all(printable(character) for character in text):
        raise BadRequest(f"Invalid input for field/attribute {field}. Value: {text}. It must be printable characters.")
    return text


def _space(character: str) -> bool:
    return unicodedata.category(character) == "Zs"
