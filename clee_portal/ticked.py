"""What was ticked in a list: the numbers of rows that a form sends."""

from collections.abc import Iterable

# PostgreSQL's largest bigint has nineteen digits; what is longer names nothing, and asking for it is an error.
MOST_DIGITS = 18


def is_number(given: str) -> bool:
    """Whether what was sent can be the number of a row."""
    return given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS


def numbers(given: Iterable[str]) -> list[int]:
    """Those of what was sent that can be numbers of rows; the rest was typed by hand and names nothing."""
    return [int(one) for one in given if is_number(one)]
