"""What a transcript says: asked anew from the facts, or read from the rows of one that was issued; and what changed.

The words are those of the standing page: the same answer, chips and reasons.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Prefetch
from django.utils import translation
from django.utils.translation import gettext

from clee_portal import clock
from compliance import answers, counting, explanation, selectors, wording
from compliance.explanation import Explanation
from compliance.models import Transcript, TranscriptHours
from training import licensing
from training.licensing import LicenseStatus
from training.models import CreditLine, Officer

# Entries that did not stand at the moment the transcript is of: known later, or taken back by then.
_NOT_THERE = ("recorded", "not_voided")


class Hours(NamedTuple):
    """Hours of a class in one area, or in one topic of it (or ""); they add up to the hours of the class."""

    area: str
    topic: str
    hours: Decimal


class Held(NamedTuple):
    """One class: whether it counted, and why not (of one that counted: to which requirement it did not)."""

    reference: str
    completed_on: dt.date
    course: str
    source: str
    delivery: str
    role: str
    counts: bool
    why_not: str
    hours: tuple[Hours, ...]

    @property
    def total(self) -> Decimal:
        """All its hours."""
        return sum((one.hours for one in self.hours), Decimal(0))


class Need(NamedTuple):
    """One requirement: hours asked, hours that counted, and in words whether it is met."""

    code: str
    name: str
    minimum: Decimal
    hours: Decimal
    words: str
    citation: str


class Period(NamedTuple):
    """One period: the standing in words, requirement by requirement, class by class."""

    year: int
    requirement_set_id: int
    standing: str
    words: str
    headline: str
    grounds: str
    deadline: str
    needs: tuple[Need, ...]
    classes: tuple[Held, ...]


class Figures(NamedTuple):
    """All that a transcript says of an officer; the latest period first."""

    name: str
    license_number: str
    license: str
    periods: tuple[Period, ...]


def years_of(officer: Officer, as_of: dt.datetime) -> list[int]:
    """The periods a transcript can speak of, the latest first: those of the officer's history, this year included."""
    day = clock.day_of(as_of)
    found = selectors.over_the_periods(officer, selectors.questions(as_of), as_of, licensing.events_of(officer, as_of))
    first = selectors.first_year(found, day.year)
    return sorted((year for year in found if first <= year <= day.year), reverse=True)


def of_officer(officer: Officer, years: Iterable[int], as_of: dt.datetime) -> Figures:
    """What is known of an officer and these periods at a moment. Two statements for each period and five beside,
    however many classes there are. In English whoever asks: a paper is compared with what it said when it was made."""
    with translation.override(settings.LANGUAGE_CODE):
        return _of_officer(officer, years, as_of)


def _of_officer(officer: Officer, years: Iterable[int], as_of: dt.datetime) -> Figures:
    day = clock.day_of(as_of)
    events = licensing.events_of(officer, as_of)
    state = licensing.state_on(events, day)
    asked = selectors.questions(as_of, set(years))
    found = selectors.over_the_periods(officer, asked, as_of, events)
    explained = {year: explanation.explain(question, officer, finding) for year, (question, finding) in found.items()}
    hours = _hours(explained.values())
    person = wording.Person(officer.full_name)
    periods = []
    for year in sorted(found, reverse=True):
        question, finding = found[year]
        said = answers.answer(answers.Case(person, finding, question.requirements, question.facts, day, state, events))
        periods.append(
            Period(
                year,
                question.requirements[0].requirement_set_id,
                str(finding.standing.value),
                wording.standing_chip(finding, state).label,
                said.headline,
                said.grounds,
                said.deadline,
                tuple(_need(one, finding) for one in explained[year].requirements),
                _classes(explained[year], hours),
            )
        )
    # Without a license the words of the page name the day, which is no figure.
    license = "No license" if state.status is LicenseStatus.NONE else wording.license_words(state, day)
    return Figures(" ".join(officer.full_name.split()), officer.license_number, license, tuple(periods))


def _need(one, finding) -> Need:
    asked = one.requirement
    chip = wording.requirement_chip(finding, asked.code)
    return Need(asked.code, asked.name, asked.minimum, one.hours, chip.label, asked.citation)


def _hours(explained: Iterable[Explanation]) -> dict[int, tuple[Hours, ...]]:
    """Record id -> its hours by area and topic. One statement."""
    needs = [need for one in explained for need in one.requirements]
    records = {entry.record.pk for need in needs for entry in (*need.counted, *need.not_counted)}
    found: dict[int, tuple[Hours, ...]] = {}
    rows = CreditLine.objects.filter(record__in=records).order_by("area__order", "topic__order", "pk")
    for record, area, topic, given in rows.values_list("record", "area__name", "topic__name", "hours"):
        found[record] = (*found.get(record, ()), Hours(area, topic or "", given))
    return found


def _classes(explained: Explanation, hours: dict[int, tuple[Hours, ...]]) -> tuple[Held, ...]:
    """Every class of a period once, the earliest first. What is wrong with the record itself keeps it from counting; a
    reason of one requirement is said, and the class counts."""
    asked = explained.question
    of_the_record = {one.code for one in counting.record_conditions(asked.period.year, asked.as_of)}
    records, why = {}, {}
    for need in explained.requirements:
        for entry in (*need.counted, *need.not_counted):
            if entry.reason_code in _NOT_THERE:
                continue
            records[entry.record.pk] = entry.record
            if entry.reason_code:
                why.setdefault(entry.record.pk, {})[entry.reason] = entry.reason_code
    made = []
    for pk, record in sorted(records.items(), key=lambda pair: (pair[1].completed_on, pair[0])):
        reasons = why.get(pk, {})
        course = record.training_class.course
        made.append(
            Held(
                record.training_class.reference,
                record.completed_on,
                course.title,
                course.source_name,
                record.get_delivery_display(),
                record.get_role_display(),
                not of_the_record & set(reasons.values()),
                " ".join(reasons),
                hours.get(pk, ()),
            )
        )
    return tuple(made)


def as_issued(transcript: Transcript) -> Figures:
    """What a transcript said when it was issued, from its rows. Four statements."""
    hours = Prefetch("classes__hours", queryset=TranscriptHours.objects.order_by("order", "pk"))
    periods = transcript.periods.order_by("-year").prefetch_related("needs", "classes", hours)
    return Figures(
        transcript.name,
        transcript.license_number,
        transcript.license_words,
        tuple(
            Period(
                one.year,
                one.requirement_set_id,
                one.standing,
                one.words,
                one.headline,
                one.grounds,
                one.deadline,
                tuple(
                    Need(need.code, need.name, need.minimum, need.hours, need.words, need.citation)
                    for need in one.needs.all()
                ),
                tuple(
                    Held(
                        held.reference,
                        held.completed_on,
                        held.course,
                        held.source,
                        held.delivery,
                        held.role,
                        held.counts,
                        held.why_not,
                        tuple(Hours(given.area, given.topic, given.hours) for given in held.hours.all()),
                    )
                    for held in one.classes.all()
                ),
            )
            for one in periods
        ),
    )


def changes(issued: Figures, now: Figures) -> list[str]:
    """What is no longer as a transcript says, in sentences that tell nothing the paper does not; [] while it holds.

    How a thing stands now is not said: whoever holds the paper is not told more by it than it was made to tell. The
    number of a class is no figure: a correction gives another, and may change nothing that is printed.
    """
    found = []
    if (issued.name, issued.license_number) != (now.name, now.license_number):
        found.append(gettext("The officer’s name or license number is written differently now."))
    if issued.license != now.license:
        found.append(gettext("What is said of the license has changed."))
    today = {one.year: one for one in now.periods}
    for one in issued.periods:
        found += [f"{one.year}: {words}" for words in _changes_of(one, today.get(one.year))]
    return found


def _changes_of(issued: Period, now: Period | None) -> list[str]:
    if now is None:
        return [gettext("this period cannot be looked at any more.")]
    found = []
    if (issued.standing, issued.words) != (now.standing, now.words):
        found.append(gettext("the standing has changed."))
    needs = {one.code: (one.name, one.minimum, one.hours) for one in now.needs}
    for one in issued.needs:
        if needs.pop(one.code, None) != (one.name, one.minimum, one.hours):
            found.append(gettext("what is said of “%(name)s” has changed.") % {"name": one.name})
    if needs:
        found.append(gettext("something is asked that the transcript does not name."))
    left = Counter(one._replace(reference="") for one in now.classes)
    for one in issued.classes:
        same = one._replace(reference="")
        if left[same]:
            left[same] -= 1
        else:
            found.append(
                gettext("“%(course)s” of %(day)s no longer stands as printed.")
                % {"course": one.course, "day": wording.full_date(one.completed_on)}
            )
    if left.total():
        found.append(gettext("the record has an entry that the transcript does not show."))
    return found
