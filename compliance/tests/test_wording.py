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
PARTS = "at least 1 of them in legal studies and 2 from an approved provider"


@pytest.mark.parametrize(
    ("one", "day", "headline", "grounds", "tone"),
    [
        (finding(**GAP), NOVEMBER, f"You need 3 more hours, {PARTS}, by December 31.", "You have 38 days.", "due"),
        (
            finding(total=1),
            dt.date(2026, 12, 31),
            "You need 1 more hour by December 31.",
            "This is the last day.",
            "due",
        ),
        (
            finding("compliant"),
            NOVEMBER,
            "You are compliant for 2026, with 24 hours of the 24 asked.",
            "All 6 requirements are met.",
            "met",
        ),
        (
            finding("grace", **GAP),
            dt.date(2027, 3, 14),
            f"You need 3 more hours, {PARTS}, for 2026 by March 15.",
            "2026 is over, and this is the time to make hours up. You have 1 day.",
            "short",
        ),
        (
            finding("extended", Situation(is_extended=True, due_on=dt.date(2027, 6, 30)), **GAP),
            dt.date(2027, 6, 30),
            f"You need 3 more hours, {PARTS}, for 2026 by June 30, when your extension ends.",
            "This is the last day.",
            "held",
        ),
        (
            finding("extended", Situation(is_extended=True), **GAP),
            dt.date(2027, 4, 1),
            f"You need 3 more hours, {PARTS}, for 2026, and POST has given you more time with no last day.",
            "",
            "held",
        ),
        (
            finding("extension_pending", Situation(is_pending=True), **GAP),
            dt.date(2027, 3, 16),
            f"You need 3 more hours, {PARTS}, for 2026, and POST has not decided yet about more time.",
            "Nothing happens to the license before POST has decided.",
            "held",
        ),
        (
            finding("candidate", **GAP),
            dt.date(2027, 3, 16),
            f"You still need 3 hours, {PARTS}, for 2026: March 15 is past, and POST is checking the record.",
            "If a class is missing here, it can be reported now: it still counts.",
            "short",
        ),
        (
            finding("inactive", Situation(is_inactive=True), **GAP),
            dt.date(2027, 5, 1),
            f"Your license is inactive, and you still need 3 hours, {PARTS}, for 2026.",
            "While it is inactive no commission may be held.",
            "short",
        ),
        (
            finding("waived", Situation(settled=Standing.WAIVED), **GAP),
            NOVEMBER,
            "You are excused for 2026: POST granted a waiver.",
            "No hours are owed for that year.",
            "held",
        ),
    ],
)
def test_answer_of_each_standing(one, day, headline, grounds, tone):
    said = answer(one, day)
    assert (said.headline, said.grounds, said.tone) == (headline, grounds, tone)


def test_answer_about_another_names_them_and_is_otherwise_the_same():
    said = answer(finding(**GAP), person=DANA)
    assert said.headline == f"Dana Whitlock needs 3 more hours, {PARTS}, by December 31."
    assert said.grounds == "38 days are left."
    assert said.deadline == answer(finding(**GAP)).deadline


@pytest.mark.parametrize(
    ("short", "parts"),
    [
        ({"total": 3}, "3 more hours by"),
        ({"total": 1}, "1 more hour by"),
        ({"total": 3, "approved_provider": 2}, "3 more hours, at least 2 of them from an approved provider, by"),
        ({"total": 2, "approved_provider": 2}, "2 more hours, all of them from an approved provider, by"),
        ({"approved_provider": 1}, "1 more hour, from an approved provider, by"),
        ({"legal": 1, "racial_profiling": 1}, "1 more hour, in legal studies and on racial profiling, by"),
        ({"total": 1, "legal": "0.5"}, "1 more hour, at least 0.5 of it in legal studies, by"),
        (
            {"firearms": 2, "approved_provider": 1},
            "2 more hours, all of them in firearms (in person), and at least 1 of them from an approved provider, by",
        ),
        (
            {"legal": 2, "approved_provider": 2},
            "2 more hours, all of them in legal studies and from an approved provider, by",
        ),
        (
            {"legal": 1, "technical": 1, "firearms": "0.5", "approved_provider": "2.5"},
            "2.5 more hours, all of them from an approved provider, at least 1 each in legal studies and technical "
            "studies, and 0.5 in firearms (in person), by",
        ),
    ],
)
def test_what_is_missing_is_part_of_the_sentence(short, parts):
    assert answer(finding(**short)).headline == f"You need {parts} December 31."


def test_hours_beyond_the_requirement_are_said():
    one = finding("compliant")._replace(hours=(Decimal("27.5"), *finding("compliant").hours[1:]))
    assert answer(one).headline == "You are compliant for 2026, with 3.5 hours more than the 24 asked."
    one = finding("compliant")._replace(hours=(Decimal(25), *finding("compliant").hours[1:]))
    assert answer(one).headline == "You are compliant for 2026, with 1 hour more than the 24 asked."


def test_period_to_come_says_when_it_begins_and_what_it_will_ask():
    said = answer(finding(total=24), dt.date(2025, 11, 23))
    assert said.headline == "The 2026 period begins on January 1 and will ask 24 hours of you."


def test_exemption_names_its_ground():
    events = (*ISSUED, EventFact("upgraded", dt.date(2026, 5, 4)))
    said = answer(finding("exempt", Situation(settled=Standing.EXEMPT)), events=events)
    assert said.headline == "You are exempt for 2026: your license was upgraded on May 4, 2026."
    assert said.grounds == "No hours are owed for that year."


@pytest.mark.parametrize(
    ("events", "state", "why"),
    [
        ((), LicenseState(LicenseStatus.NONE, None), "you held no license on May 1, 2027."),
        (
            (EventFact("issued", dt.date(2027, 2, 3)),),
            LicenseState(LicenseStatus.ACTIVE, dt.date(2027, 2, 3)),
            "your license was first issued on February 3, 2027, after the year.",
        ),
        (
            (*ISSUED, EventFact("expired", dt.date(2020, 1, 1)), EventFact("issued", dt.date(2027, 2, 3))),
            LicenseState(LicenseStatus.ACTIVE, dt.date(2027, 2, 3)),
            "your license was issued again on February 3, 2027, after the year.",
        ),
        (
            ISSUED,
            LicenseState(LicenseStatus.REVOKED, dt.date(2026, 8, 5)),
            "your license was revoked on August 5, 2026.",
        ),
    ],
)
def test_period_that_does_not_apply_says_why(events, state, why):
    one = finding("not_applicable", Situation(settled=Standing.NOT_APPLICABLE))
    said = answer(one, dt.date(2027, 5, 1), license_state=state, events=events)
    assert (said.headline, said.grounds) == (f"Nothing is asked of you for 2026: {why}", "")


def test_hours_shown_while_the_license_is_inactive_wait_for_reinstatement():
    one = finding("compliant", Situation(is_inactive=True))
    state = LicenseState(LicenseStatus.INACTIVE, dt.date(2027, 4, 1), (2026,))
    said = answer(one, dt.date(2027, 5, 1), license_state=state)
    assert said.headline == (
        "You have shown the hours of 2026, and may not hold a commission until you are reinstated."
    )
    assert wording.standing_chip(one, state).label == "Awaiting reinstatement"


def test_suspended_license_is_said_beside_the_standing():
    said = answer(finding("compliant"), license_state=LicenseState(LicenseStatus.SUSPENDED, dt.date(2026, 9, 1)))
    assert said.grounds.endswith(
        "Your license has been suspended since September 1, 2026; hours are owed all the same."
    )


def test_extension_granted_before_the_year_ends_is_said():
    one = finding("in_progress", Situation(is_extended=True, due_on=dt.date(2027, 6, 30)), total=1)
    assert answer(one).headline == "You need 1 more hour by December 31, or by June 30, 2027 with your extension."


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
