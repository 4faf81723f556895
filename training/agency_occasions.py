"""What an agency's people are written about: courses POST decided on, rows it settled, questions about commissions.

The key of each begins with the agency and ends with the account, so that an agency's people find all of it.
"""

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from notifications import occasions
from notifications.models import Message
from notifications.occasions import Occasion
from training import telling
from training.models import CommissionQuestion, CourseReview, ImportRow, TrainingRecord

# So many rows stand in a mail; the page of the file has the rest.
MOST = 20


class Key(NamedTuple):
    """The agency, what it is about, and the account."""

    agency: int
    about: str
    user: int

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        agency, about, user = key.split(":")
        return cls(int(agency), about, int(user))


def in_words(day: dt.date) -> str:
    """A day with its year: November 18, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def _url(name: str, *args) -> str:
    return f"{settings.PORTAL_URL}{reverse(name, args=args)}"


def _acts(key: Key) -> bool:
    return telling.acts_for(key.user, key.agency, clock.today())


# A course was decided ------------------------------------------------------------------------------------------------


def course_due(key: str) -> bool:
    """Whether the decision still is the latest about its course, and the reader still acts for the agency."""
    one = Key.read(key)
    review = CourseReview.objects.live().filter(pk=int(one.about)).first()
    if review is None or not _acts(one):
        return False
    later = CourseReview.objects.live().filter(course=review.course_id, recorded_at__gt=review.recorded_at)
    return not later.exists()


def course_context(key: str) -> dict:
    """The course, the decision with its reason, and how many officers have hours by it."""
    one = Key.read(key)
    review = CourseReview.objects.select_related("course__agency").get(pk=int(one.about))
    course = review.course
    given = TrainingRecord.objects.live().filter(training_class__course=course)
    counts = given.aggregate(officers=Count("officer", distinct=True), classes=Count("training_class", distinct=True))
    return {
        "agency": course.agency.name,
        "course": course.title,
        "is_refused": review.decision == CourseReview.Decision.REFUSED,
        "decided_on": in_words(review.decided_on),
        "reason": review.reason,
        "conditions": review.conditions,
        "control_number": course.control_number,
        "url": _url("training:course_detail", course.pk),
        **counts,
    }


def _latest_course(agency: int) -> str | None:
    review = CourseReview.objects.live().filter(course__agency=agency).order_by("-recorded_at", "-pk").first()
    return _key(agency, str(review.pk) if review else "")


def _key(agency: int, about: str) -> str | None:
    """The key of a mail to one of the agency's people, for POST to read; None where nobody would get it."""
    readers = telling.people_of([agency], clock.today()).get(agency)
    return f"{agency}:{about}:{readers[0].user}" if about and readers else None


# Rows that waited were settled by POST ------------------------------------------------------------------------------


def _rows(agency: int, day: dt.date):
    begin = dt.datetime.combine(day, dt.time.min, clock.CHICAGO)
    posts = StateRole.objects.current(day).filter(role=StateRole.Role.POST_STAFF).values("user")
    return (
        ImportRow.objects.filter(
            training_import__agency=agency, settled_at__range=(begin, clock.end_of_day(day)), settled_by__in=posts
        )
        .select_related("training_import", "record__officer", "record__training_class__course")
        .defer("training_import__content")
        .order_by("training_import", "number")
    )


def rows_due(key: str) -> bool:
    """Whether POST settled anything that day, and the reader still acts for the agency."""
    one = Key.read(key)
    return _acts(one) and _rows(one.agency, dt.date.fromisoformat(one.about)).exists()


def rows_context(key: str) -> dict:
    """What became of each row, and the file it came with."""
    one = Key.read(key)
    day = dt.date.fromisoformat(one.about)
    rows = list(_rows(one.agency, day))
    return {
        "agency": rows[0].training_import.agency.name,
        "day": in_words(day),
        "count": len(rows),
        "rows": [(f"{row.training_import.reference}, row {row.number}", _became(row)) for row in rows[:MOST]],
        "more": max(len(rows) - MOST, 0),
        "url": _url("training:import_detail", rows[0].training_import.reference),
    }


def _became(row: ImportRow) -> str:
    if row.record_id:
        held = row.record.training_class
        return f"{row.record.officer.full_name} is credited in {held.reference}, “{held.course.title}”"
    if row.fate == ImportRow.Fate.DROPPED:
        return f"dropped: {row.settled_why}"
    return row.notice or row.wrong or row.get_fate_display()


def _latest_rows(agency: int) -> str | None:
    row = ImportRow.objects.filter(training_import__agency=agency, settled_at__isnull=False).order_by("-settled_at")
    settled = row.values_list("settled_at", flat=True).first()
    key = _key(agency, clock.day_of(settled).isoformat() if settled else "")
    return key if key and rows_due(key) else None


# Two agencies claim an officer ----------------------------------------------------------------------------------------


def _question(key: Key) -> CommissionQuestion | None:
    found = CommissionQuestion.objects.select_related("commission__officer", "commission__agency", "asked_by_agency")
    return found.filter(pk=int(key.about)).first()


def asked_due(key: str) -> bool:
    """Whether the question still waits for an answer, and the reader still acts for the agency asked."""
    one = Key.read(key)
    question = _question(one)
    return question is not None and question.answered_at is None and _acts(one)


def asked_context(key: str) -> dict:
    """Who asks about whom."""
    question = _question(Key.read(key))
    held = question.commission
    return {
        "agency": held.agency.name,
        "other": question.asked_by_agency.name,
        "officer": held.officer.full_name,
        "license_number": held.officer.license_number,
        "since": in_words(held.started_on),
        "note": question.note,
        "url": _url("training:question_answer", question.pk),
    }


def answered_due(key: str) -> bool:
    """Whether there is an answer, and the reader still acts for the agency that asked."""
    one = Key.read(key)
    question = _question(one)
    return question is not None and question.answered_at is not None and _acts(one)


def answered_context(key: str) -> dict:
    """What was answered about whom."""
    question = _question(Key.read(key))
    held = question.commission
    return {
        "agency": question.asked_by_agency.name,
        "other": held.agency.name,
        "officer": held.officer.full_name,
        "license_number": held.officer.license_number,
        "has_left": question.answer == CommissionQuestion.Answer.LEFT,
        "last_day": in_words(held.ended_on) if held.ended_on else "",
        "url": _url("training:roster", question.asked_by_agency.code),
    }


def _latest_asked(agency: int) -> str | None:
    question = CommissionQuestion.objects.filter(commission__agency=agency, answered_at=None).first()
    return _key(agency, str(question.pk) if question else "")


def _latest_answered(agency: int) -> str | None:
    question = CommissionQuestion.objects.filter(asked_by_agency=agency, answered_at__isnull=False).first()
    return _key(agency, str(question.pk) if question else "")


_PEOPLE = _("The agency’s CEO and delegates who are connected.")

ABOUT_AGENCIES = (
    Occasion(
        code=telling.COURSE_DECIDED,
        title=_("Course decided"),
        context=course_context,
        still_due=course_due,
        purpose=_("POST approved or refused an in-service course of the agency: why, and what becomes of its hours."),
        audience=_PEOPLE,
        about="agency",
        sample=_latest_course,
    ),
    Occasion(
        code=telling.ROWS_SETTLED,
        title=_("Held rows settled by POST"),
        context=rows_context,
        still_due=rows_due,
        purpose=_("POST placed or dropped rows that waited with the agency. Told the next morning, once for the day."),
        audience=_PEOPLE,
        about="agency",
        sample=_latest_rows,
    ),
    Occasion(
        code=telling.CLAIM_ASKED,
        title=_("Another agency asks about an officer"),
        context=asked_context,
        still_due=asked_due,
        purpose=_("Two agencies claim one officer, and one asks the other whether the officer is still there."),
        audience=_PEOPLE,
        about="agency",
        sample=_latest_asked,
    ),
    Occasion(
        code=telling.CLAIM_ANSWERED,
        title=_("Answer about an officer"),
        context=answered_context,
        still_due=answered_due,
        purpose=_("The other agency, or POST, answered what the agency asked about an officer."),
        audience=_PEOPLE,
        about="agency",
        sample=_latest_answered,
    ),
)


def sent_about(agency: int):
    """The messages about an agency to any of its people, and those compliance puts about it; newest first."""
    codes = [one.code for one in occasions.registered() if one.about == "agency"]
    found = Message.objects.filter(key__startswith=f"{agency}:", occasion__in=codes)
    return found.select_related("text", "user").order_by("-put_at", "-pk")
