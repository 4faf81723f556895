"""What may be a recording error in the record of somebody on the list: things to look at before anyone is written to.

Georgia named 121 officers over missing training, and at least 40 of them were clerical errors: so the list is looked
over first.
"""

from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse

from clee_portal import clock
from compliance import gaps, make_up_cases
from compliance.standings import Question
from compliance.verdict import Finding
from training.models import Commission, CourseReview, ImportRow, Officer, TrainingImport, TrainingRecord

# So few hours missing are often one class that was never reported.
NEAR = 2
# More classes than these are one hint together.
MOST_CLASSES = 3


class Hint(NamedTuple):
    """One thing worth a look: what it is, in words, and where it is looked at."""

    words: str
    detail: str
    url: str


def hints(officer: Officer, asked: Question, finding: Finding) -> list[Hint]:
    """What in the record of one officer on the list may be an error, the likeliest first."""
    standing = f"{reverse('compliance:officer_standing', args=[officer.license_number])}?period={asked.period.year}"
    year = asked.period.year
    records = TrainingRecord.objects.filter(officer=officer, credited_year=year)
    found = [
        *_held_rows(officer),
        *_make_up(officer, year),
        *_counted(
            records.live().exclude(not_counted="").count(),
            "kept and not counted as a duplicate or repeat",
            "Is it really the same class?",
            standing,
        ),
        *_counted(_refused(records), "in a course that POST refused", "Was the course approved since?", standing),
        *_counted(
            records.exclude(voided_at=None).count(), "taken back", "Was the class entered anew afterwards?", standing
        ),
    ]
    needed = gaps.fewest_hours(asked.requirements, finding.short)
    if finding.short and needed <= NEAR:
        found.append(Hint("Very little is missing", "One class that nobody reported would be enough.", standing))
    if not any(finding.hours):
        found.append(Hint(f"Nothing at all is on record for {year}", "Was another agency to report it?", standing))
    return found


def _counted(count: int, what: str, detail: str, url: str) -> list[Hint]:
    if not count:
        return []
    return [Hint(f"{'1 record' if count == 1 else f'{count} records'} {what}", detail, url)]


def _refused(records) -> int:
    refused = CourseReview.objects.filter(decision="refused", voided_at=None).values("course")
    return records.live().filter(not_counted="", training_class__course__in=refused).count()


def _held_rows(officer: Officer) -> list[Hint]:
    """Rows of files that name the officer, or bear the license number, and wait to be mended."""
    today = clock.today()
    agencies = Commission.objects.in_force(today).filter(officer=officer).values("agency")
    named = Q(text__icontains=officer.license_number) | Q(
        text__icontains=officer.last_name, training_import__agency__in=agencies
    )
    rows = ImportRow.objects.held().annotate(text=Cast("cells", TextField())).filter(named)
    return [
        Hint(
            f"Row {row.number} of {row.training_import.reference} is held",
            row.wrong,
            _held_rows_page(row.training_import),
        )
        for row in rows.select_related("training_import__agency").order_by("pk")[:5]
    ]


def _make_up(officer: Officer, year: int) -> list[Hint]:
    """Hours earned later that nobody has credited to the year yet."""
    every = make_up_cases.of_state(year, clock.today(), Officer.objects.filter(pk=officer.pk))
    cases = [case for case in every if not case.is_decided and case.options.own.is_now]
    if len(cases) > MOST_CLASSES:
        words = f"{len(cases)} classes completed later could be credited to {year}"
        query = urlencode({"year": year, "agency": _agency_of(officer)})
        detail = "Nobody has decided for which year they count."
        return [Hint(words, detail, f"{reverse('compliance:make_up_of_state')}?{query}")]
    return [
        Hint(
            f"{case.record.training_class.course} could be credited to {year}",
            f"Completed {case.record.completed_on:%B} {case.record.completed_on.day}, {case.record.completed_on.year}; "
            "nobody has decided for which year it counts.",
            reverse("compliance:class_make_up", args=[case.record.training_class.reference]),
        )
        for case in cases
    ]


def _agency_of(officer: Officer) -> str:
    held = Commission.objects.in_force(clock.today()).filter(officer=officer).order_by("pk")
    return held.values_list("agency__code", flat=True).first() or ""


def _held_rows_page(sent: TrainingImport) -> str:
    return f"{reverse('training:held_rows', args=[sent.agency.code])}?file={sent.reference}"
