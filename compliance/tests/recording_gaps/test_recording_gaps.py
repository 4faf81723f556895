"""What may be recording errors: kept, put to the agency, answered in place, settled, and in the way of "no error"."""

import datetime as dt

import pytest
import time_machine

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance.models import CandidacyCheck, GapSearch, Listing, RecordingGap, ReportingPeriod
from compliance.services import candidacies, recording_gaps
from compliance.tests.people import complete
from compliance.tests.recording_gaps.conftest import night
from notifications.models import Message
from training.models import Commission, TrainingRecord
from training.tests import factories

pytestmark = pytest.mark.django_db

YEAR = 2025
D = dt.date
Kind, How, Answer = RecordingGap.Kind, RecordingGap.How, RecordingGap.Answer


def told(officer) -> list[tuple]:
    return sorted(RecordingGap.objects.filter(officer=officer).values_list("kind", "how"))


# The search -----------------------------------------------------------------------------------------------------------


def test_a_night_keeps_what_it_finds_once(gap, short, chief):
    assert (gap.score, gap.agency, gap.found_on, gap.answer) == (75, gap.agency, D(2026, 3, 20), "")
    assert gap.asked_at == clock.midday(D(2026, 3, 20))
    assert told(short) == [("left_off", ""), ("little", "")]
    before = list(RecordingGap.objects.order_by("pk").values())
    night(D(2026, 3, 20))
    night(D(2026, 3, 22))
    assert list(RecordingGap.objects.order_by("pk").values()) == before
    searches = GapSearch.objects.filter(period__year=YEAR).order_by("day")
    assert [(one.day, one.officers, one.found, one.likely) for one in searches] == [
        (D(2026, 3, 20), 1, 2, 1), (D(2026, 3, 22), 1, 2, 1)
    ]  # fmt: skip
    assert [(one.occasion, one.user) for one in Message.objects.all()] == [("recording_gaps", chief)]


@pytest.mark.parametrize(("day", "searched"), [(D(2025, 11, 30), False), (D(2025, 12, 1), True), (D(2026, 1, 1), True)])
def test_period_in_progress_is_searched_from_december_on(short, day, searched):
    night(day)
    assert GapSearch.objects.filter(period__year=YEAR).exists() is searched
    assert RecordingGap.objects.filter(officer=short, kind=Kind.LEFT_OFF, asked_at__isnull=False).exists() is searched


def test_post_searches_at_once_and_agencies_are_not_asked_before_december(short, post, chief, period):
    with time_machine.travel(clock.midday(D(2025, 11, 20)), tick=False):
        made = recording_gaps.find_now(by=post, period=period, now=clock.now())
        assert (made.made_by, made.likely) == (post, 1)
        with pytest.raises(Refused, match="Only POST staff"):
            recording_gaps.find_now(by=chief, period=period, now=clock.now())
        with pytest.raises(Refused, match="has not begun"):
            recording_gaps.find_now(by=post, period=ReportingPeriod.objects.get(year=2026), now=clock.now())
    assert not RecordingGap.objects.exclude(asked_at=None).exists()


def test_what_no_longer_holds_settles_itself_and_is_found_again(gap, short, agency):
    complete(short, agency, YEAR)
    night(D(2026, 3, 21))
    gap.refresh_from_db()
    assert (gap.how, gap.reason, gap.resolved_by) == (How.CAME, recording_gaps.CAME, None)
    newest = TrainingRecord.objects.filter(officer=short).order_by("-pk")[:2]
    TrainingRecord.objects.filter(pk__in=newest).update(
        voided_at=clock.midday(D(2026, 3, 21)), void_reason="He was not there"
    )
    night(D(2026, 3, 22))
    assert [one.is_open for one in RecordingGap.objects.filter(officer=short, kind=Kind.LEFT_OFF).order_by("pk")] == [
        False,
        True,
    ]


def test_what_holds_no_more_while_hours_are_missing_says_so(gap, short):
    gap.training_class.records.update(voided_at=clock.midday(D(2026, 3, 20)), void_reason="It was never held")
    night(D(2026, 3, 21))
    gap.refresh_from_db()
    assert (gap.how, gap.reason) == (How.GONE, recording_gaps.GONE)


def test_what_people_settled_stays_settled(gap, short, post):
    recording_gaps.resolve(by=post, gaps=[gap.pk], how=How.NOT_ERROR, reason="Was on holiday")
    night(D(2026, 3, 21))
    assert told(short) == [("left_off", "not_error"), ("little", "")]


def test_officer_who_left_is_no_longer_a_question_to_the_agency(gap, short):
    Commission.objects.filter(officer=short).update(ended_on=D(2026, 3, 20))
    night(D(2026, 3, 21))
    gap.refresh_from_db()
    assert (gap.agency, gap.asked_at, gap.is_open) == (None, None, True)


# The agency -----------------------------------------------------------------------------------------------------------


def test_yes_enters_the_officer_in_the_class(gap, short, chief):
    kept = recording_gaps.answer(by=chief, gap=gap, said="yes")
    record = TrainingRecord.objects.get(officer=short, training_class=gap.training_class)
    assert (kept.how, kept.resolved_by, kept.answer) == (How.MENDED, chief, Answer.YES)
    assert kept.reason == f"Entered in {gap.training_class.reference}."
    assert (record.recorded_by, sum(line.hours for line in record.lines.all())) == (chief, 4)
    TrainingRecord.objects.filter(pk=record.pk).update(recorded_at=clock.midday(D(2026, 3, 20)))
    night(D(2026, 3, 21))
    assert RecordingGap.objects.unresolved().filter(officer=short).count() == 0


def test_no_needs_a_word_and_settles_it(gap, chief):
    with pytest.raises(Refused, match="Say in a word"):
        recording_gaps.answer(by=chief, gap=gap, said="no", words="  ")
    kept = recording_gaps.answer(by=chief, gap=gap, said="no", words="On holiday  that week")
    assert (kept.how, kept.reason, kept.answered_by) == (How.NOT_THERE, "On holiday that week", chief)
    with pytest.raises(Refused, match="settled meanwhile"):
        recording_gaps.answer(by=chief, gap=gap, said="yes")


def test_yes_elsewhere_stays_open_until_the_hours_are_in(gap, short, agency, chief):
    little = RecordingGap.objects.get(officer=short, kind=Kind.LITTLE)
    RecordingGap.objects.filter(pk=little.pk).update(asked_at=clock.now())
    assert recording_gaps.answer(by=chief, gap=little, said="yes").is_open
    complete(short, agency, YEAR)
    night(D(2026, 3, 21))
    little.refresh_from_db()
    assert (little.how, little.resolved_by) == (How.MENDED, chief)


def test_only_the_agency_that_was_asked_answers(gap):
    stranger = factories.ceo(factories.agency())
    with pytest.raises(Refused, match="Only the agency that was asked"):
        recording_gaps.answer(by=stranger, gap=gap, said="no", words="No")
    assert RecordingGap.objects.get(pk=gap.pk).answer == ""


# POST -----------------------------------------------------------------------------------------------------------------


def test_post_sends_and_settles_with_a_reason(gap, short, post, chief):
    little = RecordingGap.objects.get(officer=short, kind=Kind.LITTLE)
    assert recording_gaps.send(by=post, gaps=[gap.pk, little.pk]) == 1
    little.refresh_from_db()
    assert (little.asked_by, Message.objects.filter(user=chief).count()) == (post, 2)
    with pytest.raises(Refused, match="None of them can be sent"):
        recording_gaps.send(by=post, gaps=[little.pk])
    with pytest.raises(Refused, match="Say in words why"):
        recording_gaps.resolve(by=post, gaps=[gap.pk], how=How.NOT_ERROR, reason="")
    assert recording_gaps.override(by=post, gaps=[gap.pk], reason="The chief says so") == 1
    gap.refresh_from_db()
    assert (gap.how, gap.reason, gap.resolved_by) == (How.OVERRIDDEN, "The chief says so", post)
    with pytest.raises(Refused, match="None of them is open"):
        recording_gaps.resolve(by=post, gaps=[gap.pk], how=How.NOT_ERROR, reason="Again")


@pytest.mark.parametrize("act", ["send", "resolve"])
def test_nobody_else_settles_or_sends(gap, chief, act):
    acts = {
        "send": lambda by: recording_gaps.send(by=by, gaps=[gap.pk]),
        "resolve": lambda by: recording_gaps.resolve(by=by, gaps=[gap.pk], how=How.NOT_ERROR, reason="No"),
    }
    for by in (chief, factories.director()):
        with pytest.raises(Refused, match="Only POST staff"):
            acts[act](by)


def test_no_error_is_refused_while_something_likely_is_open(listing, gap, post):
    with pytest.raises(Refused, match=r"not settled yet: Dell, Renee\. Settle it"):
        candidacies.look(by=post, listings=[listing.pk], found="no_error")
    assert CandidacyCheck.objects.count() == 0
    assert candidacies.look(by=post, listings=[listing.pk], found="error", words="Left off") == 1
    with pytest.raises(Refused, match="Say in words why"):
        candidacies.look(by=post, listings=[listing.pk], found="no_error", override=True)
    candidacies.look(by=post, listings=[listing.pk], found="no_error", words="Called the chief", override=True)
    gap.refresh_from_db()
    assert (gap.how, gap.reason) == (How.OVERRIDDEN, "Called the chief")
    assert list(Listing.objects.ready()) == [listing]


def test_what_turns_up_after_the_look_stands_in_the_way_of_the_notice(listing, gap, post):
    candidacies.look(by=post, listings=[listing.pk], found="no_error", words="Called", override=True)
    RecordingGap.objects.filter(pk=gap.pk).update(how="", reason="", resolved_at=None, resolved_by=None)
    assert list(Listing.objects.ready()) == []
