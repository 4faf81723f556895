"""The sign-in sheet of a class, to be printed: everybody with a seat, a line each, and lines for walk-ins."""

import datetime as dt
from pathlib import Path

from clee_portal import clock, typeset
from clee_portal.accounts.models import User
from training import names_shown
from training.models import Registration, ScheduledClass
from training.presence import clock_words

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "training" / "sign_in_sheet.typ"
WALK_INS = 8


def as_pdf(held: ScheduledClass, user: User, now: dt.datetime) -> bytes:
    """The sheet as one accessible PDF (PDF/UA-1): the names `user` may see, each meeting from a new page."""
    people = list(
        Registration.objects.filter(scheduled_class=held, state=Registration.State.REGISTERED)
        .select_related("officer")
        .order_by("officer__search_name", "officer__license_number")
    )
    closed = names_shown.closed_to(user, [one.officer for one in people])
    meetings = list(held.meetings.all())
    where = ", ".join(filter(None, [held.place, held.address, held.city]))
    data = {
        "title": f"Sign-in sheet {held.reference}",
        "reference": held.reference,
        "course": held.course.title,
        "provider": str(held.provider),
        "place": where,
        "instructors": held.instructors,
        "printed": _moment(now),
        "meetings": [
            {"number": number, "of": len(meetings), "when": _span(one.begins_at, one.ends_at)}
            for number, one in enumerate(meetings, 1)
        ],
        "people": [
            [names_shown.CLOSED, ""]
            if one.officer_id in closed
            else [one.officer.sorted_name, one.officer.license_number]
            for one in people
        ],
        "walk_ins": WALK_INS,
    }
    return typeset.pdf(TEMPLATE, data)


def _moment(moment: dt.datetime) -> str:
    local = moment.astimezone(clock.CHICAGO)
    return f"{local:%A}, {local:%B} {local.day}, {local.year}, {clock_words(moment)}"


def _span(begins_at: dt.datetime, ends_at: dt.datetime) -> str:
    same = clock.day_of(begins_at) == clock.day_of(ends_at)
    return f"{_moment(begins_at)} to {clock_words(ends_at) if same else _moment(ends_at)}"
