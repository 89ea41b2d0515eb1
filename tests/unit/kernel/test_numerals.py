"""Numbers from outside: digits are digits, whatever else Unicode calls one."""

import pytest

from pileus.kernel.numerals import integer, natural


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-12", -12), ("007", 7), ("9" * 19, int("9" * 19))])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    assert integer(text) == number


@pytest.mark.parametrize("text", ["", "-", "²", "٣", "1_000", " 1", "1\n", "+1", "1.0", "9" * 5000])
def test_anything_else_is_none(text: str) -> None:
    assert integer(text) is None


def test_a_natural_number_has_no_sign() -> None:
    assert (natural("12"), natural("-12"), natural("²")) == (12, None, None)


def test_one_minus_is_a_sign_and_two_are_not() -> None:
    assert (integer("-1"), integer("--1"), integer("-²")) == (-1, None, None)
