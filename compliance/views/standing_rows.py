"""What the standing page shows row by row: requirements with their classes, the periods, requests for more time."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from compliance import explanation, relief, wording
from compliance.models import ReliefRequest, Requirement
from training.models import Delivery, SourceKind


class PeriodRow:
    """One period in the history."""

    def __init__(self, year, standing, license_state, asked):
        self.year = year
        self.finding = standing.finding
        self.is_shown = year == asked.year
        self.is_owing = standing.finding.standing in wording.OWING
        inside = license_state if standing.finding.situation.is_inactive else None
        self.chip = wording.standing_chip(standing.finding, inside)
        self.total = standing.finding.earned.get("total", sum(standing.finding.hours))
        self.missing = wording.missing_chips(standing.question.requirements, standing.finding, room=2)
        parts = {"period": year, "as_of": asked.day.isoformat()} if asked.is_replay else {"period": year}
        self.url = f"?{urlencode(parts)}"


class Held:
    """A class as the page shows it, under whatever requirement: made once for all of them."""

    def __init__(self, record, year: int):
        course = record.training_class.course
        self.record, self.course = record, course
        self.url = reverse("training:class_detail", args=[record.training_class.reference])
        self.source = course.source_name
        is_of_year = record.completed_on.year == year
        self.day = date_format(record.completed_on, _("M j") if is_of_year else _("M j, Y"))
        self.is_makeup = record.credited_year != record.completed_on.year
        self.is_unreviewed = course.source_kind == SourceKind.IN_SERVICE and not course.known_reviews
        self.cells = None  # its HTML, once it was written (`standing_lines`)


class Line:
    """One class under a requirement: whether it counted, in words."""

    def __init__(self, entry, held: Held):
        self.held, self.hours, self.reason, self.counts = held, entry.hours, entry.reason, entry.counts
        self.chip = wording.counted_chip(entry.reason_code, entry.record.credited_year)
        self.is_makeup = entry.counts and held.is_makeup


class Need:
    """One requirement as a row: bar, done, missing, and its lines."""

    def __init__(self, explained, finding, held: dict[int, Held]):
        self.requirement = explained.requirement
        self.name, self.wording = _(explained.requirement.name), _(explained.requirement.wording)
        self.hours = explained.hours
        self.hours_of = format_html(
            _("<b>{hours}</b> of {minimum} h"),
            hours=wording.hours_number(explained.hours),
            minimum=wording.hours_number(explained.requirement.minimum),
        )
        self.what_unfolds = _("to %(name)s: the classes and the rule") % {"name": self.name}
        self.chip = wording.requirement_chip(finding, explained.requirement.code)
        entries = sorted(
            [*explained.counted, *explained.not_counted],
            key=lambda entry: (entry.record.completed_on, entry.record.pk),
            reverse=True,
        )
        self.lines = [Line(entry, held[entry.record.pk]) for entry in entries]
        said = {
            "hours": wording.hours_words(explained.hours),
            "others": wording.hours_number(explained.hours_not_counted),
        }
        said["hours"] = capfirst(said["hours"])
        text = _("%(hours)s counted, %(others)s did not") if explained.not_counted else _("%(hours)s counted")
        self.counted_words = text % said
        self.finds = finds(explained.requirement) if explained.requirement.code in wording.owed(finding) else ""


def needs_of(why: explanation.Explanation, finding) -> list[Need]:
    """The requirements as rows."""
    records = {e.record.pk: e.record for one in why.requirements for e in (*one.counted, *one.not_counted)}
    held = {pk: Held(record, why.question.period.year) for pk, record in records.items()}
    return [Need(one, finding, held) for one in why.requirements]


def finds(requirement: Requirement) -> str:
    """The address of the training calendar that finds classes which give hours for a requirement; empty where no class
    of a provider does."""
    if requirement.source_kinds and SourceKind.APPROVED_PROVIDER not in requirement.source_kinds:
        return ""
    parts = {}
    if of := requirement.topic or requirement.area:
        parts["gives"] = of.code
    if requirement.in_person_only:
        parts["delivery"] = Delivery.CLASSROOM
    return f"{reverse('training:calendar')}{'?' if parts else ''}{urlencode(parts)}"


class Requested:
    """A request for more time, with what became of it in a sentence that says nothing of the leave."""

    def __init__(self, one):
        self.reference = one.reference
        self.url = reverse("compliance:relief_request", args=[one.reference])
        self.chip = relief.chip(one)
        said = {"year": one.period.year, "day": wording.full_date(one.requested_on)}
        is_waiver = one.kind == ReliefRequest.Kind.WAIVER
        if one.latest == "granted" and one.latest_due_on:
            said["due"] = wording.full_date(one.latest_due_on)
            text = _("More time for %(year)s, asked for on %(day)s: POST granted it until %(due)s.")
        elif one.latest == "granted":
            text = (
                _("A waiver for %(year)s, asked for on %(day)s: POST granted it.")
                if is_waiver
                else _("More time for %(year)s, asked for on %(day)s: POST granted it with no last day.")
            )
        elif is_waiver:
            text = _("A waiver for %(year)s, asked for on %(day)s.")
        else:
            text = _("More time for %(year)s, asked for on %(day)s.")
        self.words = text % said
