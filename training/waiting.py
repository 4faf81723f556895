"""What waits for the people of an agency or a provider, in words, with the page on which it is done."""

import datetime as dt
from collections import Counter
from typing import NamedTuple

from django.db.models import QuerySet

from clee_portal import clock, compiled
from clee_portal.templatetags.look import count_words
from training import claims, course_states, late_rosters, pairs, quarters, roster
from training.models import Agency, ImportRow, Provider, TrainingImport

# So long a refusal is told of, if the agency does not add to the course.
TOLD_FOR = dt.timedelta(days=60)


class Waiting(NamedTuple):
    """Something that waits: how many, in words, and the name of the page, whose address takes the agency's code, or
    the provider's number."""

    count: int
    words: str
    page: str


def of(agency: Agency, today: dt.date) -> list[Waiting]:
    """What waits for `agency`, the most urgent first; empty where nothing does."""
    held = Counter(_held().rows(agency=agency.pk))
    unsent = TrainingImport.objects.filter(agency=agency, state=TrainingImport.State.UPLOADED).count()
    alike = len(pairs.both_counted(body=agency, day=today, since=dt.date(today.year - 1, 1, 1)))
    refused = len(_refused().rows(agency=agency.pk, now=clock.now(), since=today - TOLD_FOR))
    asked = claims.questions_to(agency).count()
    found = [
        _some(refused, "course was refused by POST, and gives no hours before it is mended", "courses were refused by "
              "POST, and give no hours before they are mended", "training:course_list"),
        _some(held[False,], "row that could not be credited waits to be mended", "rows that could not be credited wait "
              "to be mended", "training:held_rows"),
        _some(alike, "pair of entries looks like one class and counts twice", "pairs of entries look like one class "
              "and count twice", "training:duplicate_list"),
        _some(asked, "question of another agency about an officer waits for your answer", "questions of other agencies "
              "about officers wait for your answer", "training:roster"),
        _some(unsent, "file was taken in and not sent", "files were taken in and not sent", "training:import_list"),
        _some(held[True,], "row waits for POST to place it", "rows wait for POST to place them", "training:held_rows"),
    ]  # fmt: skip
    if not roster.confirmation(agency, today.year):
        found.append(Waiting(1, f"The roster is not confirmed for {today.year}", "training:roster"))
    return [one for one in found if one]


@compiled.written(agency=compiled.NUMBER)
def _held(agency) -> QuerySet:
    return ImportRow.objects.filter(training_import__agency=agency).held().values_list("is_for_post")


@compiled.written(agency=compiled.NUMBER, now=compiled.MOMENT, since=compiled.FIRST_DAY)
def _refused(agency, now, since) -> QuerySet:
    """Courses that were refused, and to which nothing was added since."""
    in_service = course_states.in_service(now).filter(agency=agency, decided_on__gt=since)
    return course_states.in_state(in_service, course_states.REFUSED).filter(is_again=False).values_list("pk")


def of_provider(provider: Provider, today: dt.date) -> list[Waiting]:
    """What waits for the staff of `provider`, the most urgent first; empty where nothing does."""
    late = late_rosters.late(today).filter(provider=provider).count()
    rows = ImportRow.objects.filter(training_import__provider=provider).held().count()
    alike = len(pairs.both_counted(body=provider, day=today, since=dt.date(today.year - 1, 1, 1)))
    unsent = TrainingImport.objects.filter(provider=provider, state=TrainingImport.State.UPLOADED).count()
    found = [
        _some(late, "roster is late: say who completed the class", "rosters are late: say who completed the classes",
              "training:provider_late_list"),
        _some(rows, "row that could not be credited waits to be mended", "rows that could not be credited wait to be "
              "mended", "training:provider_held_rows"),
        _some(alike, "pair of entries looks like one class and counts twice", "pairs of entries look like one class "
              "and count twice", "training:provider_duplicate_list"),
        _some(unsent, "file was taken in and not sent", "files were taken in and not sent",
              "training:provider_import_list"),
    ]  # fmt: skip
    return [one for one in found if one]


def quarter(agency: Agency, today: dt.date) -> Waiting | None:
    """The quarterly question to the agency's CEO whether its people are still right; None once it is answered."""
    if quarters.confirmation(agency, None, today):
        return None
    return Waiting(1, quarters.asked(today), "training:agency_people")


def _some(count: int, one: str, many: str, page: str) -> Waiting | None:
    return Waiting(count, count_words(count, one, many), page) if count else None
