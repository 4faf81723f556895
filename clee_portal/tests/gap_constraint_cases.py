"""What the database must refuse of recording gaps; registered like those of constraint_cases.py."""

from clee_portal import clock
from clee_portal.tests.constraint_cases import DAY, insert, refused
from compliance.models import GapSearch, RecordingGap, ReportingPeriod
from training.tests import factories


def a_gap(**more):
    given = {
        "officer": factories.officer(),
        "period": ReportingPeriod.objects.get(year=2025),
        "kind": "little",
        "score": 40,
    }
    return insert(RecordingGap, **given | more)


@refused("recording_gap_once")
def _():
    a_gap(officer=a_gap().officer)


@refused("recording_gap_score_up_to_100")
def _():
    a_gap(score=101)


@refused("recording_gap_part_of_whole")
def _():
    a_gap(part=3, whole=2)


@refused("recording_gap_asked_of_an_agency")
def _():
    a_gap(asked_at=clock.now())


@refused("recording_gap_answer_whole")
def _():
    a_gap(answer="yes")


@refused("recording_gap_no_has_words")
def _():
    a_gap(answer="no", answered_at=clock.now(), answered_by=factories.user())


@refused("recording_gap_settled_with_reason")
def _():
    a_gap(how="gone", resolved_at=clock.now())


@refused("recording_gap_settled_by_somebody")
def _():
    a_gap(how="not_error", reason="A holiday", resolved_at=clock.now())


def a_search(**more):
    given = {"period": ReportingPeriod.objects.get(year=2025), "day": DAY, "officers": 3, "found": 2, "likely": 1}
    return insert(GapSearch, **given | more)


@refused("gap_search_once_a_day")
def _():
    a_search()
    a_search()


@refused("gap_search_likely_among_found")
def _():
    a_search(likely=3)
