"""Drafts of the rules: begun, changed, handed in, approved by somebody else, published; and what is refused."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
import time_machine
from django.db import connection

from clee_portal import clock
from clee_portal.history.seen import ChangedMeanwhile
from clee_portal.refusal import Refused
from compliance import glance, periods, rules, standings
from compliance.models import GoldenCase, ReportingPeriod, RequirementSet
from compliance.services import requirement_sets, rule_cases, rule_drafts
from compliance.tests.rule_people import (
    NEXT,
    YEAR,
    approve,
    begin,
    case_of,
    change,
    frame,
    hand_in,
    latest,
    missing,
    ready,
    requirement,
    with_case,
)
from training.models import Topic
from training.tests import factories

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def author():
    return factories.post_staff("petra@example.org", "Petra Post")


@pytest.fixture
def second():
    return factories.post_staff("sam@example.org", "Sam Second")


def minimum(year: int, code: str = "legal") -> Decimal:
    asked = standings.question(periods.by_year(year), clock.now())
    return next(one.minimum for one in asked.requirements if one.code == code)


def standing_now(officer):
    return standings.of_officer(standings.question(periods.by_year(YEAR), clock.now()), officer)


def test_draft_is_published_by_another_and_standings_follow_at_once(author, second):
    officer = factories.officer(factories.agency())
    draft = ready(author)
    assert standing_now(officer).short["legal"] == 2
    hand_in(author, draft)
    made = approve(second, draft)
    assert [(one.period.year, one.version, one.published_by) for one in made.sets] == [
        (YEAR, 2, second),
        (NEXT, 2, second),
    ]
    assert (minimum(YEAR), minimum(NEXT)) == (4, 4)
    assert standing_now(officer).short["legal"] == 4
    assert latest().golden_cases.get().name == "nothing was completed"
    reason = draft.events.latest("pgh_id").pgh_context["reason"]
    assert reason == f"Requirements of {YEAR} published: Voted in spring"
    # The day before, the list before held.
    before = standings.question(periods.by_year(YEAR), clock.now() - dt.timedelta(days=1))
    assert next(one.minimum for one in before.requirements if one.code == "legal") == 2


def test_nothing_changes_until_it_is_published(author):
    draft = ready(author)
    hand_in(author, draft)
    assert minimum(YEAR) == 2
    assert RequirementSet.objects.get(pk=draft.pk).version is None


def test_whoever_worked_on_it_does_not_approve(author, second):
    third = factories.post_staff()
    draft = ready(author)
    change(second, draft, "technical", citation="11 CSR 75-15.010, as amended")
    hand_in(author, draft)
    for who in (author, second):
        with pytest.raises(Refused, match="You worked on this draft"):
            approve(who, draft)
    assert approve(third, draft).sets[0].published_by == third


@pytest.mark.parametrize("who", [factories.user, factories.director])
def test_nobody_but_post_staff_drafts_or_approves(author, who):
    with pytest.raises(Refused, match="Only POST staff"):
        begin(who())
    draft = ready(author)
    hand_in(author, draft)
    with pytest.raises(Refused, match="Only POST staff"):
        approve(who(), draft)


def test_what_is_approved_is_what_was_seen(author, second):
    draft = ready(author)
    seen = rules.fingerprint(RequirementSet.objects.get(pk=draft.pk))
    hand_in(author, draft)
    with pytest.raises(Refused, match="changed by somebody else"):
        approve(second, draft, seen=seen)


def test_draft_that_waits_or_is_published_is_not_changed(author, second):
    draft = ready(author)
    hand_in(author, draft)
    with pytest.raises(Refused, match="waits for approval"):
        change(author, draft, "legal", minimum=Decimal(9))
    approve(second, draft)
    for act in (
        lambda: change(author, draft, "legal", minimum=Decimal(9)),
        lambda: rule_cases.write(by=author, draft=draft, text=case_of(YEAR, {"total": 24}, name="late")),
        lambda: rule_drafts.discard(by=author, draft=draft, reason="why", now=clock.now()),
        lambda: frame(author, draft, note="Another"),
    ):
        with pytest.raises(Refused, match="is published and never changes"):
            act()
    with pytest.raises(Refused, match="was published meanwhile by Sam Second"):
        approve(factories.post_staff(), draft)


def test_sent_back_with_words_and_taken_back(author, second):
    draft = ready(author)
    hand_in(author, draft)
    with pytest.raises(Refused, match="Somebody who worked on it"):
        rule_drafts.take_back(by=second, draft=draft)
    with pytest.raises(Refused, match="Say what has to be changed"):
        rule_drafts.send_back(by=second, draft=draft, reason=" ")
    rule_drafts.send_back(by=second, draft=draft, reason="Cite the vote.")
    draft.refresh_from_db()
    assert (draft.sent_back, draft.handed_in_at) == ("Cite the vote.", None)
    hand_in(author, draft)
    assert rule_drafts.take_back(by=author, draft=draft).handed_in_at is None
    with pytest.raises(Refused, match="does not wait for approval"):
        approve(second, draft)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda a, d: frame(a, d, note=" "), "Say what changes"),
        (lambda a, d: d.golden_cases.all().delete(), "write at least one golden case"),
        (lambda a, d: change(a, d, "total", minimum=Decimal(30)), "does not agree: short: expected"),
        (lambda a, d: change(a, d, "approved_provider", minimum=Decimal(40)), "at least 40 hours, more than the 24"),
        (lambda a, d: change(a, d, "legal", minimum=Decimal(20)), "at least 26 hours, more than the 24 of “Total”"),
        (lambda a, d: change(a, d, "legal", minimum=Decimal(2), wording=requirement(latest(), "legal").wording),
         "asks exactly this already"),
    ],
)  # fmt: skip
def test_draft_that_could_not_be_published_is_not_handed_in(author, spoil, says):
    draft = ready(author)
    spoil(author, draft)
    with pytest.raises(Refused, match=says):
        hand_in(author, draft)


def test_minimum_nobody_can_meet_is_refused_at_its_field(author):
    draft = begin(author)
    with pytest.raises(Refused, match="less than or equal to 2000") as refusal:
        change(author, draft, "legal", minimum=Decimal(2001))
    assert refusal.value.field == "minimum"
    with pytest.raises(Refused, match="lies only in Skill") as refusal:
        change(author, draft, "firearms", area=factories.area("legal"))
    assert refusal.value.field == "area"


def test_two_who_change_the_same_requirement(author, second):
    draft = begin(author)
    one = requirement(draft, "legal")
    seen = rules.of_requirement(one)
    change(second, draft, "legal", minimum=Decimal(3))
    with pytest.raises(ChangedMeanwhile, match="Somebody changed this after you opened the page"):
        rule_drafts.put_requirement(by=author, draft=draft, given={"minimum": Decimal(4)}, requirement=one, seen=seen)
    assert requirement(draft, "legal").minimum == 3


def test_one_draft_a_period_and_the_second_is_told_whose(author, second):
    draft = begin(author)
    with pytest.raises(Refused, match=f"{YEAR} has a draft already \\(Petra Post\\)"):
        begin(second)
    rule_drafts.discard(by=author, draft=draft, reason="Begun by mistake", now=clock.now())
    assert begin(second).pk != draft.pk


def test_draft_begun_before_a_version_has_to_follow_it(author, second):
    draft = ready(author)
    rows = [{"code": "total", "name": "Total", "short_name": "total", "minimum": 25, "wording": "25", "citation": "x"}]
    requirement_sets.publish(
        by=second, proposed_by=author, year=YEAR, requirements=rows, note="From a file", at=clock.now()
    )
    with pytest.raises(Refused, match="version 2 was published after this draft was begun"):
        hand_in(author, draft)
    rule_drafts.follow_latest(by=author, draft=draft)
    hand_in(author, draft)
    assert approve(second, draft).sets[0].version == 3


def test_correction_of_a_past_year_leaves_other_lists_alone(author, second):
    draft = ready(author, 2020)
    assert draft.carries_on is False
    frame(author, draft, carries_on=True)
    hand_in(author, draft)
    # 2021 asks more than 2020 did: the list of 2020 held until then.
    assert [one.period.year for one in approve(second, draft).sets] == [2020]
    assert [minimum(2020), minimum(2021)] == [4, 2]


def test_new_period_is_made_with_the_last_list_and_its_cases_move_along(author, second):
    draft = ready(author)
    hand_in(author, draft)
    approve(second, draft)
    far = begin(author, NEXT + 1)
    period = ReportingPeriod.objects.get(year=NEXT + 1)
    assert (period.starts_on, period.show_by) == (D(NEXT + 1, 1, 1), D(NEXT + 2, 3, 15))
    assert (minimum(NEXT + 1), period.reminder_dates.count()) == (4, 7)
    kept = far.golden_cases.get()
    assert f"period: {NEXT + 1}" in kept.text
    assert f"as_of: {NEXT + 1}-12-31" in kept.text
    assert [one.passed for one in rule_cases.outcomes(far)] == [True]
    with pytest.raises(Refused, match=f"Periods follow each other: the next is {NEXT + 2}"):
        begin(author, NEXT + 9)


def test_new_topic_comes_into_being_when_it_is_published(author, second):
    draft = begin(author, NEXT)
    given = {"code": "autism", "name": "Autism", "usual_area": factories.area("interpersonal"), "only_area": None}
    topic = rule_drafts.propose_topic(by=author, draft=draft, given=given)
    rule_drafts.put_requirement(
        by=author,
        draft=draft,
        given={"code": "autism", "name": "Autism", "short_name": "autism", "minimum": Decimal(1),
               "proposed_topic": topic, "wording": "At least 1 hour on autism.", "citation": "HB 1410"},
    )  # fmt: skip
    frame(author, draft)
    text = case_of(NEXT, missing(draft) | {"autism": 0}).replace(", autism: 0", "").replace(
        "  expect:",
        f"  training:\n    - completed_on: {NEXT}-02-01\n      source: college\n      hours: {{interpersonal: 1}}\n"
        "      topics: {autism: 1}\n  expect:",
    ).replace("total: 24", "total: 23").replace("interpersonal: 2", "interpersonal: 1")  # fmt: skip
    rule_cases.write(by=author, draft=draft, text=text)
    assert [one.differences for one in rule_cases.outcomes(draft)] == [()]
    with pytest.raises(Refused, match="“Autism” is about this topic"):
        rule_drafts.drop_topic(by=author, topic=topic)
    hand_in(author, draft)
    assert not Topic.objects.filter(code="autism").exists()
    made = approve(second, draft)
    assert [one.code for one in made.new_topics] == ["autism"]
    assert latest(NEXT).requirements.get(code="autism").topic.code == "autism"


def test_new_topic_for_a_year_that_is_over_could_not_be_met(author):
    draft = begin(author, YEAR - 2)
    given = {"code": "autism", "name": "Autism", "usual_area": factories.area("legal"), "only_area": None}
    topic = rule_drafts.propose_topic(by=author, draft=draft, given=given)
    rule_drafts.put_requirement(
        by=author,
        draft=draft,
        given={"code": "autism", "name": "Autism", "short_name": "autism", "minimum": Decimal(1),
               "proposed_topic": topic, "wording": "At least 1 hour on autism.", "citation": "HB 1410"},
    )  # fmt: skip
    frame(author, draft)
    with pytest.raises(Refused, match="nobody could meet this requirement"):
        hand_in(author, draft)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- name: x", "case: “x”|“x”: 'as_of' is missing"),
        ("nonsense", "a list of cases is expected"),
        (case_of(YEAR - 1, {"total": 24}), f"this draft is about {YEAR}, the case about {YEAR - 1}"),
        (case_of(YEAR, {"cooking": 1}), "'cooking' is no requirement"),
        (case_of(YEAR, {"total": 24}) + case_of(YEAR, {"total": 24}, name="b"), "There are 2 cases here"),
        ("- {name: [", "cannot be read"),
    ],
)
def test_case_that_cannot_be_understood_is_refused_with_the_place(author, text, says):
    draft = begin(author)
    with pytest.raises(Refused, match=says) as refusal:
        rule_cases.write(by=author, draft=draft, text=text)
    assert refusal.value.field == "text"
    assert not GoldenCase.objects.exists()


def test_case_that_disagrees_is_kept_and_says_how(author):
    draft = begin(author)
    rule_cases.write(by=author, draft=draft, text=case_of(YEAR, missing(draft) | {"legal": 1}))
    (ran,) = rule_cases.outcomes(draft)
    assert "legal: 1" in ran.words
    assert "legal: 2" in ran.words
    with pytest.raises(Refused, match="has a case “nothing was completed” already"):
        with_case(author, draft)


def test_days_of_a_period_are_moved_with_the_draft(author, second):
    with time_machine.travel(dt.datetime(YEAR, 11, 1, 15, tzinfo=dt.UTC)):
        draft = begin(author)
        frame(author, draft, show_by=D(NEXT, 4, 1), ends_on=D(NEXT, 1, 15))
        hand_in(author, draft)
        approve(second, draft)
    period, following = (ReportingPeriod.objects.get(year=year) for year in (YEAR, NEXT))
    assert (period.ends_on, period.show_by, following.starts_on) == (D(NEXT, 1, 15), D(NEXT, 4, 1), D(NEXT, 1, 16))
    assert latest().show_by == D(NEXT, 4, 1)


@pytest.mark.parametrize(
    ("year", "days", "field", "says"),
    [
        (YEAR, {"show_by": D(NEXT, 3, 1)}, "show_by", "Reminder 7 .* Move it first"),
        (YEAR, {"show_by": D(YEAR, 12, 30)}, "show_by", "Hours are shown after the period"),
        (YEAR, {"ends_on": D(YEAR, 10, 31)}, "ends_on", "October 31, .* is past"),
        (YEAR, {"ends_on": D(NEXT, 12, 31), "show_by": D(NEXT + 1, 3, 15)}, "ends_on", "cannot share a day"),
        (YEAR - 1, {"ends_on": D(YEAR, 12, 1)}, "ends_on", "A day that is past is not moved"),
        (YEAR - 1, {"show_by": D(YEAR, 12, 1)}, "show_by", "A day that is past is not moved"),
    ],
)
def test_days_that_cannot_be_are_refused_at_their_field(author, year, days, field, says):
    with time_machine.travel(dt.datetime(YEAR, 11, 1, 15, tzinfo=dt.UTC)):
        draft = begin(author, year)
        with pytest.raises(Refused, match=says) as refusal:
            frame(author, draft, today=D(YEAR, 11, 1), **days)
    assert refusal.value.field == field


def test_order_is_moved_and_a_requirement_taken_out(author):
    draft = begin(author)
    rule_drafts.move_requirement(by=author, requirement=requirement(draft, "legal"), up=True)
    assert [one.code for one in rules.rows_of(draft)][:3] == ["total", "legal", "approved_provider"]
    one = requirement(draft, "legal")
    rule_drafts.remove_requirement(by=author, requirement=one, seen=rules.of_requirement(one))
    (gone,) = rules.differences(rules.rows_of(draft.base), rules.rows_of(draft))
    assert (gone.code, gone.after) == ("legal", None)


@pytest.mark.django_db(transaction=True)
def test_two_approve_at_once_and_the_second_is_told(author, second):
    third = factories.post_staff("tess@example.org", "Tess Third")
    draft = ready(author)
    hand_in(author, draft)
    seen = rules.fingerprint(RequirementSet.objects.get(pk=draft.pk))
    told = []
    gate = threading.Barrier(2)

    def act(who):
        try:
            gate.wait()
            requirement_sets.approve(by=who, draft=draft, seen=seen, at=clock.now())
            told.append("published")
        except Refused as refusal:
            told.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(who,)) for who in (second, third)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told)[1] == "published"
    assert "was published meanwhile by" in sorted(told)[0]
    assert latest().version == 2


def test_what_is_kept_of_the_state_follows_at_once(author, second):
    """The state at a glance is counted once and kept: a publication is a change of the facts it rests on."""
    factories.officer(factories.agency())
    draft = ready(author)
    hand_in(author, draft)
    before = glance.state(clock.today())
    approve(second, draft)
    after = glance.state(clock.today())
    asked = [{code: hours for code, _, hours in one.requirements}["legal"] for one in (before, after)]
    assert asked == [2, 4]
