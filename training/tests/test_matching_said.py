"""What a pasted line says of somebody's attendance is understood to the last word, or somebody is asked."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from training import said
from training.matched_line import Fate
from training.matching_lines import match_lines
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)


@pytest.fixture
def roster(agency):
    people = (
        ("51002", "John Smith", {}),
        ("51003", "Dana Whitlock", {}),
        ("51004", "Robert Calloway", {"middle_name": "J.", "suffix": "Jr."}),
        ("51005", "Joe Pass", {}),
        ("51006", "Wendy Sick", {}),
        ("51007", "Marcia Novak", {}),
        ("51008", "June Mayer", {}),
    )
    for number, name, more in people:
        make.officer(agency, license_number=number, name=name, **more)
    make.officer(make.agency(name="Marlow Police"), license_number="70909", name="Alma Vance")


@pytest.fixture
def said_of(agency, roster):
    """What is understood of each person: how and hours as one word, or "?" where somebody is asked."""

    def call(text: str) -> list[str]:
        lines = match_lines(text, body=agency, day=DAY)
        return [
            "?" if one.fate is Fate.HELD else f"{one.how}{'' if one.hours is None else f'{one.hours.normalize():f}'}"
            for one in lines
            if one.fate is not Fate.IGNORED
        ]

    return call


@pytest.mark.parametrize(
    "words",
    [
        "absent", "not there", "wasn’t there", "was not there", "unable to attend", "did not show", "didn’t make it",
        "missed", "missed the class", "cancelled", "withdrawn", "Withdrew", "Fail", "failed", "on leave",
        "sick", "out sick", "no-show", "NO SHOW", "INCOMPLETE", "could not attend", "never attended", "dropped out",
        "military leave", "registered", "excused", "unsatisfactory", "on vacation", "no credit",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "where", ["51002 John Smith {}", "Smith, John - {}", "{}: John Smith", "51002\tSmith, John\t{}"]
)
def test_not_there_gives_no_credit(said_of, where, words):
    assert said_of(where.format(words)) == ["left"]


@pytest.mark.parametrize("word", sorted(said.STATUS_WORDS[said.LEFT]))
def test_every_word_of_files_for_not_completed_gives_no_credit(said_of, word):
    assert said_of(f"51002\tSmith, John\t{word}") in (["left"], ["?"])


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2 hrs", "2"), ("2hrs", "2"), ("(2 h)", "2"), ("2.5 hours", "2.5"), ("2,5 h", "2.5"), (".5 hr", "0.5"),
        ("1/2 hour", "0.5"), ("½ hour", "0.5"), ("half an hour", "0.5"), ("1 1/2 hours", "1.5"), ("1½ h", "1.5"),
        ("two hours", "2"), ("Twelve hours", "12"), ("an hour", "1"), ("two and a half hours", "2.5"),
        ("an hour and a half", "1.5"), ("1:30 hours", "1.5"), ("1 hr 30 min", "1.5"), ("1h30", "1.5"),
        ("90 min", "1.5"), ("90 minutes", "1.5"), ("50 minutes", "1"), ("49 minutes", "0.5"), ("hours: 2", "2"),
        ("(2 hrs only)", "2"), ("4 credit hours", "4"), ("2 hours of CLEE", "2"),
    ],
)  # fmt: skip
def test_hours_in_words_and_figures(said_of, text, hours):
    assert said_of(f"51002 John Smith {text}") == [hours]
    assert said_of(f"Smith, John - {text}") == [hours]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Absent\nJohn Smith\nDana Whitlock", ["left", "left"]),
        ("Absent (2):\n51002\n51003", ["left", "left"]),
        ("Did not complete:\n51002\n51003", ["left", "left"]),
        ("No shows\n\nJohn Smith", ["left"]),
        ("The following did not complete the course:\nJohn Smith", ["left"]),
        ("Instructors:\nJohn Smith\n\nStudents:\nDana Whitlock", ["taught", ""]),
        ("Attended\nJohn Smith\nAbsent\nDana Whitlock", ["", "left"]),
        ("Attended:\nJohn Smith\nDana Whitlock - left early", ["", "partly"]),
        ("2 hours:\nJohn Smith\nDana Whitlock", ["2", "2"]),
        ("John Smith\nAbsent:\nDana Whitlock", ["", "left"]),
        # Of these it is not clear for whom they hold.
        ("Absent:\nJohn Smith\n\nDana Whitlock", ["left", "?"]),
        ("John Smith\nAbsent\nDana Whitlock", ["?", "?"]),
        ("Called out on duty:\nJohn Smith\nDana Whitlock", ["?", "?"]),
        ("Absent:\nJohn Smith - attended", ["?"]),
        ("These attended until noon:\nJohn Smith", ["?"]),
        ("Instructors: John Smith,\nDana Whitlock", ["taught", "?"]),
        # These say nothing of anybody.
        ("These completed Winter driving on Wednesday:\n\nJohn Smith\nDana Whitlock", ["", ""]),
        ("Night shift:\nJohn Smith", [""]),
        ("Here’s who came on Tuesday, November 17:\n\n- John Smith\n- Dana Whitlock", ["", ""]),
        ("Who came on Nov 17th\nJohn Smith\nDana Whitlock was out sick.", ["", "left"]),
        ("Attended 11/17/2026:\nJohn Smith - left at noon", ["partly"]),
        ("Who was there:\nDana Whitlock taught", ["taught"]),
        ("Showed up to in-service:\nJohn Smith", [""]),
        # Nor do these say that anybody attended.
        ("Here’s who didn’t come on Tuesday:\nJohn Smith", ["left"]),
        ("Who was not there 11/17:\nJohn Smith", ["left"]),
        ("Nobody came:\nJohn Smith", ["?"]),
        ("These came until noon:\nJohn Smith", ["?"]),
        ("Who should have come:\nJohn Smith", ["?"]),
        ("Who came late:\nJohn Smith", ["partly"]),
        ("Roster:\nJohn Smith\n\nDana Whitlock", ["", ""]),
    ],
)
def test_a_heading_holds_for_the_lines_below(said_of, text, expected):
    assert said_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Absent: John Smith, Dana Whitlock", ["left", "left"]),
        ("John Smith (instructor) and Dana Whitlock", ["taught", ""]),
        ("John Smith (instructor), Dana Whitlock", ["taught", ""]),
        ("John Smith; Dana Whitlock left early", ["", "partly"]),
        ("John Smith | absent", ["left"]),
        ("John Smith and Dana Whitlock left early", ["?", "?"]),
        ("John Smith, Dana Whitlock 2 hrs", ["?", "?"]),
        ("51002 51003 2 hrs", ["?", "?"]),
        ("John Smith or Dana Whitlock", ["?", "?"]),
        ("All but John Smith", ["?"]),
        ("John Smith, Zed Zebulon, Dana Whitlock", ["?", "?", ""]),
    ],
)
def test_of_whom_it_is_said(said_of, text, expected):
    assert said_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name\tCLEE Hours\nSmith, John\t2", ["2"]),
        ("License\tName\tHours Attended\n51002\tSmith, John\t2 h", ["2"]),
        ("Name\tHours\nJohn Smith\ttwo\nDana Whitlock\t1:30", ["2", "1.5"]),
        ("Name,Hours\n“Smith, John”,2", ["2"]),
        ("Name, Hours\nJohn Smith, 2", ["2"]),
        ("Name\tHours\nJohn Smith\t\nDana Whitlock\tall", ["?", "?"]),
        ("Name\tAttended\nJohn Smith\tYes\nDana Whitlock\tNo", ["", "left"]),
        ("Name\tAttended?\nJohn Smith\tX\nDana Whitlock\t", ["", "?"]),
        ("Name\tAbsent\nJohn Smith\tX\nDana Whitlock\t", ["left", ""]),
        ("Name\tInstructor\nJohn Smith\tYes\nDana Whitlock\tNo", ["taught", ""]),
        ("Name\tRank\tUnit\nSmith, John\tDeputy\t2", [""]),
        ("Name\tLegal\tSkill\nJohn Smith\t2\t1", ["?"]),
        ("Name\tStatus\tRole\nJohn Smith\tWithdrawn\tStudent\nDana Whitlock\tPassed\tInstructor", ["left", "taught"]),
        ("Name\tHours\tRemarks\nJohn Smith\t4\tleft at noon", ["?"]),
    ],
)
def test_columns(said_of, text, expected):
    assert said_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Smith, John\t2", "51002\tSmith, John\t8.0", "51002 John Smith (2)", "51002 John Smith 1:30", "51002 2.5",
        "51002 John Smith 2/4 hours", "51002 John Smith 2-3 hours", "John Smith 2 of 4 hours",
        "John Smith 2 hours late", "John Smith missed 2 hours", "51002 did not complete 2 hrs", "8\tSmith\tJohn",
        "51002 John Smith 2 hrs legal 3 hrs skill", "51002, 2", "4 John Smith",
        "51002 John Smith\tNo", "51002 John Smith N", "51002 John Smith F", "51002 John Smith T", "Smith, John A",
        "John Smith?", "☐ John Smith", "[ ] John Smith", "John Smith*", "51002 John Smith (light duty)",
        "John Smith, at the dentist", "51002 John Smith called out", "John Smith - Monday only",
        "51002 John Smith instructor, absent", "Smith, John Kranked",
        "Unfortunately John Smith could not make it", "Novak, Marcia 2",
        "Mayer, June\t2", "51006 Sick, Wendy", "Wendy Sick",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_asked_and_shown(agency, roster, text):
    lines = [one for one in match_lines(text, body=agency, day=DAY) if one.named]
    assert [one.fate for one in lines] == [Fate.HELD] * len(lines)
    assert lines
    for one in lines:
        assert one.person is None
        assert [each.person for each in one.choices] == [one.named] * len(one.choices)
        assert "The line also says “" in one.wrong
        assert one.fix


@pytest.mark.parametrize(
    "text",
    [
        "Sgt. John Smith, Harlan County Sheriff's Office", "John Smith, Training Officer", "John Smith FTO K9",
        "John Smith\tDeputy\tPatrol Division\t51002\tjsmith@example.org\t(573) 555-0142\t417",
        "John A. Smith", "John Allen Smith", "Smith, John Allen", "SMITH, JOHN F.", "Chief Deputy John Smith",
        "Robert “Bob” Calloway 51004", "Robert (Bob) Calloway Jr. 51004", "Calloway, Robert James", "51004 Calloway R",
        "51002 John Smith Badge 417", "51002 John Smith DSN 12", "John Smith 11/18/2026", "2/3/2026 John Smith",
        "John Smith November 18, 2026", "Wed, Nov 18 2026 John Smith", "John Smith 0800-1200", "John Smith 8:02 AM",
        "John Smith 8:00 - 12:00", "John Smith night shift", "John Smith A Squad", "John Smith was there",
        "51002 John Smith was here", "John Smith completed the class", "1. John Smith", "1\tJohn Smith",
        "1 John Smith\n2 Dana Whitlock", "14\tSmith\tJohn\n15\tWhitlock\tDana", "70909 Vance, Alma Marlow Police",
        "✓ John Smith", "[x] John Smith", "Student: John Smith", "**John Smith**", "Det. John Smith (Investigations)",
        "51002,John Smith,Deputy,Patrol", "Joe Pass", "51005 Pass, Joe", "51002 Jon Smith", "John Smith\tYes",
    ],
)  # fmt: skip
def test_ordinary_words_beside_a_name_are_no_nuisance(said_of, text):
    assert set(said_of(text)) == {""}


@pytest.mark.parametrize("text", ["51002 John Smith, " * 2000, "x " * 25_000, "a" * 50_000, "one " * 12_000])
def test_a_line_without_end_is_held_at_once(agency, roster, text):
    [line] = match_lines(f"{text}\n", body=agency, day=DAY)
    assert (line.fate, line.wrong) == (Fate.HELD, "The line is longer than 3,000 characters.")


@pytest.mark.parametrize("code", ["", "-all", "-h2", "-left"])
def test_somebody_decides(agency, roster, code):
    [one] = match_lines("Smith, John\t2", body=agency, day=DAY)
    values = [choice.value for choice in one.choices]
    assert values == [f"{one.named.pk}{each}" for each in ("-h2", "-all", "-left")]
    picks = {one.key: f"{one.named.pk}{code}"}
    [found] = match_lines("Smith, John\t2", body=agency, day=DAY, picks=picks)
    expected = {
        "": (Fate.HELD, "", None),
        "-all": (Fate.CREDITED, "", None),
        "-h2": (Fate.CREDITED, "", Decimal(2)),
        "-left": (Fate.CREDITED, "left", None),
    }
    assert (found.fate, found.how, found.hours) == expected[code]


NAMES = ["51002 John Smith", "Smith, John", "John Smith", "Smith\tJohn\t51002"]
WORDS = some.text(
    some.characters(categories=("Lu", "Ll", "Nd")) | some.sampled_from("?*().-'/ "), min_size=1, max_size=12
)
KNOWN = some.sampled_from(
    ["Deputy", "2 hrs", "absent", "instructor", "No", "left early", "(2)", "417", "11/18/2026", "K9", "Patrol", "?",
     "4.0", "Monday only", "late", "x", "N", "on leave", "two hours", "Harlan County", "training", "yes", "light duty",
     "\t", ","]
)  # fmt: skip
# What may stand beside a name without anybody having to look: only what was listed for it here.
HARMLESS = {"deputy", "417", "11/18/2026", "k9", "patrol", "harlan county", "training", "yes", "x", "\t", ",", "monday"}


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(name="51002 John Smith", before=["MN"], after=[])
@given(
    name=some.sampled_from(NAMES),
    before=some.lists(WORDS | KNOWN, max_size=2),
    after=some.lists(WORDS | KNOWN, max_size=2),
)
@example(name="Smith, John", before=[], after=["2"])
@example(name="51002 John Smith", before=["Zz"], after=[])
def test_a_line_is_credited_only_with_everything_in_it_understood(agency, roster, name, before, after):
    line = " ".join((*before, name, *after))
    extra = [word.strip().casefold() or word for word in (*before, *after)]
    for one in match_lines(line, body=agency, day=DAY):
        if one.fate is not Fate.CREDITED or one.how or one.hours is not None:
            continue  # asked, held, ignored; or what is said is told on the page
        assert not said.read(line)[0].is_anything
        for word in extra:
            if not any(c.isalnum() for c in word) or word in HARMLESS:
                continue
            if before and word == extra[0] and re.fullmatch(r"\(?\d{1,3}[.)]?", word):
                continue  # counts the lines
            if re.search(rf"\b{re.escape(word)} \d{{5}}\b", line, re.IGNORECASE) and re.fullmatch("[a-z]{2}", word):
                continue  # a state and a ZIP; the name alone says who is meant
            # Nothing but words that are harmless alone too.
            alone = match_lines(f"{name} {word}", body=agency, day=DAY)
            assert [(each.fate, each.how, each.hours) for each in alone] == [(Fate.CREDITED, "", None)], (line, word)
