"""The words of a finding: what is missing, what a class changed, which one class helps most. No database."""

import datetime as dt
from decimal import Decimal

import pytest

from compliance import answers, gaps, overview, wording
from compliance.models import Requirement
from compliance.verdict import ORDINARY, Asked, Finding, PeriodFacts, Situation, Standing
from compliance.wording import Person
from training.licensing import EventFact, LicenseState, LicenseStatus
from training.models import Topic

SKILL = 4
FIREARMS = Topic(pk=1, code="firearms", name="Firearms", only_area_id=SKILL)
PROFILING = Topic(pk=2, code="racial_profiling", name="Racial profiling")
APPROVED = ["approved_provider", "out_of_state"]
ROWS = {
    "total": ("Total", 24, {}),
    "approved_provider": ("Approved provider", 8, {"source_kinds": APPROVED}),
    "legal": ("Legal studies", 2, {"area_id": 1}),
    "technical": ("Technical studies", 2, {"area_id": 2}),
    "firearms": ("Firearms", 2, {"area_id": SKILL, "topic": FIREARMS, "in_person_only": True}),
    "racial_profiling": ("Racial profiling", 1, {"topic": PROFILING}),
}
REQUIREMENTS = [
    Requirement(code=code, name=name, short_name=code.split("_")[0], minimum=Decimal(minimum), **selector)
    for code, (name, minimum, selector) in ROWS.items()
]
PERIOD = PeriodFacts(2026, dt.date(2026, 1, 1), dt.date(2026, 12, 31), dt.date(2027, 3, 15))
ACTIVE = LicenseState(LicenseStatus.ACTIVE, dt.date(2015, 3, 2))
ISSUED = (EventFact("issued", dt.date(2015, 3, 2)),)
NOVEMBER = dt.date(2026, 11, 23)
DANA = Person("Dana Whitlock")


def finding(standing="in_progress", situation: Situation = ORDINARY, **short) -> Finding:
    """A finding with the hours named missing."""
    asked = tuple(Asked(row.code, row.minimum) for row in REQUIREMENTS)
    hours = tuple(need.minimum - Decimal(str(short.get(need.code, 0))) for need in asked)
    return Finding(Standing(standing), asked, hours, situation)


def answer(one: Finding, day=NOVEMBER, person=Person(), license_state=ACTIVE, events=ISSUED) -> answers.Answer:  # noqa: B008
    """The answer of a finding."""
    return answers.answer(answers.Case(person, one, REQUIREMENTS, PERIOD, day, license_state, events))


@pytest.mark.parametrize(
    ("short", "hours"),
    [
        ({"total": 3}, "3"),
        ({"total": 3, "approved_provider": 2, "legal": 1}, "3"),
        ({"approved_provider": 5, "total": 3}, "5"),
        ({"legal": 1, "technical": "0.5"}, "1.5"),
        ({"legal": 1, "racial_profiling": 1}, "1"),
        ({"firearms": 2, "racial_profiling": 1}, "3"),
        ({"firearms": 2, "racial_profiling": 1, "legal": "1.5", "total": 3}, "3.5"),
        ({}, "0"),
    ],
)
def test_fewest_hours_lets_an_hour_serve_an_area_and_a_topic(short, hours):
    assert gaps.fewest_hours(REQUIREMENTS, finding(**short).short) == Decimal(hours)


@pytest.mark.parametrize(
    ("short", "words"),
    [
        ({"total": 3}, "They may be in any area and from any source."),
        ({"total": 1}, "It may be in any area and from any source."),
        (
            {"total": 3, "approved_provider": 2, "legal": 1},
            "At least 1 hour of legal studies, and 2 of the 3 hours from an approved provider.",
        ),
        ({"total": 3, "approved_provider": 2}, "At least 2 of the 3 hours from an approved provider."),
        ({"total": 2, "approved_provider": 2}, "They all must come from an approved provider."),
        ({"approved_provider": 1}, "It must come from an approved provider."),
        ({"legal": 1}, "It must be legal studies."),
        ({"racial_profiling": 1}, "It must be on racial profiling."),
        (
            {"firearms": 2, "approved_provider": 1},
            "They all must be firearms in person, 1 of them from an approved provider.",
        ),
        ({"legal": 2, "approved_provider": 2}, "They all must be legal studies, from an approved provider."),
        (
            {"legal": 1, "racial_profiling": 1},
            "At least 1 hour of legal studies and 1 hour on racial profiling. "
            "One hour may serve an area and a topic at once.",
        ),
        (
            {"legal": 1, "technical": 2, "firearms": "0.5", "approved_provider": "3.5"},
            "At least 1 hour of legal studies, 2 hours of technical studies and 0.5 hours of firearms in person, "
            "and all of them from an approved provider.",
        ),
    ],
)
def test_missing_hours_are_named(short, words):
    assert wording.missing_words(REQUIREMENTS, finding(**short)) == words


GAP = {"total": 3, "approved_provider": 2, "legal": 1}
NEED = "At least 1 hour of legal studies, and 2 of the 3 hours from an approved provider."


@pytest.mark.parametrize(
    ("one", "day", "headline", "grounds", "tone"),
    [
        (finding(**GAP), NOVEMBER, "You need 3 more hours by December 31.", f"{NEED} You have 38 days.", "due"),
        (
            finding(total=1),
            dt.date(2026, 12, 31),
            "You need 1 more hour by December 31.",
            "It may be in any area and from any source. This is the last day.",
            "due",
        ),
        (finding("compliant"), NOVEMBER, "You are compliant for 2026.", "All 6 requirements are met.", "met"),
        (
            finding("grace", **GAP),
            dt.date(2027, 3, 14),
            "You are 3 hours short for 2026; you may make them up until March 15.",
            f"{NEED} You have 1 day.",
            "short",
        ),
        (
            finding("extended", Situation(is_extended=True, due_on=dt.date(2027, 6, 30)), **GAP),
            dt.date(2027, 6, 30),
            "You have until June 30 to complete 3 hours for 2026.",
            f"POST granted an extension. {NEED} This is the last day.",
            "held",
        ),
        (
            finding("extended", Situation(is_extended=True), **GAP),
            dt.date(2027, 4, 1),
            "You have more time to complete 3 hours for 2026.",
            f"POST granted an extension. {NEED}",
            "held",
        ),
        (
            finding("extension_pending", Situation(is_pending=True), **GAP),
            dt.date(2027, 3, 16),
            "You are 3 hours short for 2026; a request for more time is undecided.",
            f"Nothing happens to the license before POST has decided. {NEED}",
            "held",
        ),
        (
            finding("candidate", **GAP),
            dt.date(2027, 3, 16),
            "Past March 15, 3 hours still missing for 2026; POST is checking the record.",
            f"{NEED} If a class is missing here, it can be reported now: it still counts.",
            "short",
        ),
        (
            finding("inactive", Situation(is_inactive=True), **GAP),
            dt.date(2027, 5, 1),
            "Your license is inactive: 3 hours of 2026 are still missing.",
            f"{NEED} While it is inactive no commission may be held.",
            "short",
        ),
        (
            finding("waived", Situation(settled=Standing.WAIVED), **GAP),
            NOVEMBER,
            "You are excused for 2026.",
            "POST granted a waiver, so no hours are owed for that year.",
            "held",
        ),
    ],
)
def test_answer_of_each_standing(one, day, headline, grounds, tone):
    said = answer(one, day)
    assert (said.headline, said.grounds, said.tone) == (headline, grounds, tone)


def test_answer_about_another_names_them_and_is_otherwise_the_same():
    said = answer(finding(**GAP), person=DANA)
    assert said.headline == "Dana Whitlock needs 3 more hours by December 31."
    assert said.grounds == f"{NEED} 38 days are left."
    assert said.deadline == answer(finding(**GAP)).deadline


def test_exemption_names_its_ground():
    events = (*ISSUED, EventFact("upgraded", dt.date(2026, 5, 4)))
    said = answer(finding("exempt", Situation(settled=Standing.EXEMPT)), events=events)
    assert said.headline == "You are exempt for 2026."
    assert said.grounds == "The license was upgraded on May 4, 2026, so no hours are owed for that year."


@pytest.mark.parametrize(
    ("events", "state", "grounds"),
    [
        ((), LicenseState(LicenseStatus.NONE, None), "You held no license on May 1, 2027."),
        (
            (EventFact("issued", dt.date(2027, 2, 3)),),
            LicenseState(LicenseStatus.ACTIVE, dt.date(2027, 2, 3)),
            "Your license was first issued on February 3, 2027, after the period.",
        ),
        (
            (*ISSUED, EventFact("expired", dt.date(2020, 1, 1)), EventFact("issued", dt.date(2027, 2, 3))),
            LicenseState(LicenseStatus.ACTIVE, dt.date(2027, 2, 3)),
            "Your license was issued again on February 3, 2027, after the period.",
        ),
        (
            ISSUED,
            LicenseState(LicenseStatus.REVOKED, dt.date(2026, 8, 5)),
            "Your license was revoked on August 5, 2026.",
        ),
    ],
)
def test_period_that_does_not_apply_says_why(events, state, grounds):
    one = finding("not_applicable", Situation(settled=Standing.NOT_APPLICABLE))
    said = answer(one, dt.date(2027, 5, 1), license_state=state, events=events)
    assert (said.headline, said.grounds) == ("Nothing is asked of you for 2026.", grounds)


def test_hours_shown_while_the_license_is_inactive_wait_for_reinstatement():
    one = finding("compliant", Situation(is_inactive=True))
    state = LicenseState(LicenseStatus.INACTIVE, dt.date(2027, 4, 1), (2026,))
    said = answer(one, dt.date(2027, 5, 1), license_state=state)
    assert said.headline == "Hours shown for 2026, awaiting reinstatement: you may not hold a commission."
    assert wording.standing_chip(one, state).label == "Awaiting reinstatement"


def test_suspended_license_is_said_beside_the_standing():
    said = answer(finding("compliant"), license_state=LicenseState(LicenseStatus.SUSPENDED, dt.date(2026, 9, 1)))
    assert said.grounds.endswith(
        "Your license has been suspended since September 1, 2026; hours are owed all the same."
    )


def test_extension_granted_before_the_year_ends_is_said():
    one = finding("in_progress", Situation(is_extended=True, due_on=dt.date(2027, 6, 30)), total=1)
    assert answer(one).grounds.endswith("POST has extended the time to June 30, 2027.")


@pytest.mark.parametrize(
    ("one", "label"),
    [
        (finding("compliant"), "compliant"),
        (finding(**GAP), "3 h left"),
        (finding(legal=1), "1 h legal left"),
        (
            finding("extended", Situation(is_extended=True, due_on=dt.date(2027, 6, 30)), total=1),
            "extended to Jun 30, 2027",
        ),
        (finding("grace", **GAP), "3 h missing"),
        (finding("exempt", Situation(settled=Standing.EXEMPT)), "exempt"),
    ],
)
def test_roster_chip_has_three_words(one, label):
    assert wording.roster_chip(REQUIREMENTS, one).label == label


@pytest.mark.parametrize(
    ("without", "with_it", "undone", "tone", "label"),
    [
        (finding(total=8), finding("compliant"), False, "met", "becomes compliant"),
        (finding("compliant"), finding("compliant"), False, "quiet", "was compliant already"),
        (finding(total=11), finding(total=3), False, "due", "now needs 3 h (was 11 h)"),
        (finding(legal=1), finding(legal=1), False, "due", "still needs 1 h"),
        (
            finding("exempt", Situation(settled=Standing.EXEMPT), total=24),
            finding("exempt", Situation(settled=Standing.EXEMPT), total=20),
            False,
            "held",
            "exempt: nothing is owed",
        ),
        (finding(total=3), finding("compliant"), True, "short", "no longer compliant: needs 3 h"),
        (finding(total=11), finding(total=3), True, "due", "now needs 11 h (was 3 h)"),
    ],
)
def test_change_by_a_class_is_told(without, with_it, undone, tone, label):
    chip = wording.change_chip(REQUIREMENTS, without, with_it, undone)
    assert (chip.tone, chip.label) == (tone, label)


@pytest.mark.parametrize(
    ("one", "label"),
    [
        (finding("extended", Situation(is_extended=True, due_on=dt.date(2027, 6, 30)), total=3),
         "3 h missing, extended to Jun 30, 2027"),
        (finding("extended", Situation(is_extended=True), total=3), "3 h left"),
        (finding("extension_pending", total=5), "5 h missing, request undecided"),
        (finding("grace", total=2), "2 h missing"),
        (finding("compliant"), "compliant"),
    ],
)  # fmt: skip
def test_chip_of_a_choice_always_says_the_hours_that_are_owed(one, label):
    """Two choices for the same hours that leave both years extended differ by them alone."""
    assert wording.owing_chip(REQUIREMENTS, one).label == label


def test_missing_chips_leave_out_what_is_not_owed_and_what_has_no_room():
    everything = dict.fromkeys(ROWS, 1)
    labels = [chip.label for chip in wording.missing_chips(REQUIREMENTS, finding(**everything))]
    assert labels == ["1 h total", "1 h approved", "1 h legal", "3 more"]
    assert wording.missing_chips(REQUIREMENTS, finding("waived", total=3)) == []


@pytest.mark.parametrize(("typed", "words"), [("  NÚÑEZ, José ", ["nunez", "jose"]), ("O’Hara", ["o'hara"]), ("", [])])
def test_search_is_without_accents_and_case(typed, words):
    assert overview.plain(typed) == words
