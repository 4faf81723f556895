"""Whoever adds to the register, or gives something in it another name or number, does it one at a time: what is not
there yet has no row that could be locked, and two who look for it at the same moment both find nothing."""

from django.db import connection

_REGISTER, _ELSEWHERE = 0x8E615, 0x8E616


def one_at_a_time() -> None:
    """Wait for whoever else changes names or numbers of the register, until the end of their transaction. Taken before
    any row is locked."""
    _take(_REGISTER)


def one_course_elsewhere_at_a_time() -> None:
    """The same for courses of other states and federal agencies, which nobody's row stands for. Taken last."""
    _take(_ELSEWHERE)


def _take(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
