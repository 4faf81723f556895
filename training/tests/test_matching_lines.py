"""What people paste, line by line: certain lines go through, possible ones are offered, nobody is guessed."""

import datetime as dt
from decimal import Decimal

import pytest

from training.matched_line import Fate
from training.matching_lines import match_lines
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)
C, H, IGN = Fate.CREDITED, Fate.HELD, Fate.IGNORED


@pytest.fixture
def roster(agency):
    people = (
        ("38120", "Renee Abbott", {}),
        ("40218", "Robert Calloway", {"middle_name": "J.", "suffix": "Jr."}),
        ("29944", "Patrick Dwyer", {}),
        ("51200", "José Núñez", {}),
        ("61077", "Quincy Brandt-Hill", {}),
        ("33001", "Dana Whitlock", {}),
        ("33999", "Dana Whitlock", {}),
        ("44010", "Leonard O'Hara", {}),
        ("55010", "June Carter", {}),
        ("55020", "Maria De La Cruz", {}),
    )
    made = {number: make.officer(agency, license_number=number, name=name, **more) for number, name, more in people}
    made["55020"].first_name, made["55020"].last_name = "Maria", "De La Cruz"
    made["55020"].save()
    make.officer(make.agency(name="Marlow Police"), license_number="70909", name="Alma Vance")
    return made


@pytest.fixture
def lines(agency, roster):
    def call(text: str, **more):
        return [
            (one.fate, one.person.license_number if one.person else "")
            for one in match_lines(text, body=agency, day=DAY, **more)
        ]

    return call


@pytest.mark.parametrize(
    "text",
    [
        "38120",
        "#38120",
        "# 38120",
        "LIC 38120",
        "lic# 38120",
        "License No. 38120",
        "POST license number: 38 120",
        "POST 38120 Abbott",
        "38,120",
        "38120.0",
        "38120 Abbott, Renee",
        "Abbott, Renee 38120",
        "38120\tAbbott\tRenee",
        "1\tAbbott\tRenee\t38120\tSgt.\tHarlan County Sheriff",
        "Sgt. Renee Abbott, POST #38120, badge 4471",
        "- Renee Abbott (38120)",
        "3. Dep. Renee Abbott 38120 11/18/2026 0800-1200",
        "Renee Abbot 38120",
        "Renee Abbott",
        "ABBOTT, RENEE",
        "Abbott Renee",
        "* Sgt Renee Abbott",
        "Renee Abbott - attended",
        "Abbott\tRenee",
        "Renee Abbott <rabbott@example.org>",
    ],
)
def test_one_officer_certainly(lines, text):
    assert lines(text) == [(C, "38120")]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("38120, 40218 29944", ["38120", "40218", "29944"]),
        ("Renee Abbott, Patrick Dwyer, Jose Nunez", ["38120", "29944", "51200"]),
        ("Abbott, Renee; Dwyer, Patrick", ["38120", "29944"]),
        ("Renee Abbott and Patrick Dwyer", ["38120", "29944"]),
        ("38120 Renee Abbott, 29944 Patrick Dwyer", ["38120", "29944"]),
        ("Robert J. Calloway, Jr.", ["40218"]),
        ("Calloway, Jr., Robert", ["40218"]),
        ("June Carter", ["55010"]),
        ("De La Cruz, Maria", ["55020"]),
        ("Maria De La Cruz", ["55020"]),
        ("Leonard O’Hara\r\nquincy brandt hill", ["44010", "61077"]),
        ("70909", ["70909"]),
        ("70909 Alma Vance", ["70909"]),
    ],
)
def test_several_and_odd_names(lines, text, numbers):
    assert lines(text) == [(C, number) for number in numbers]


@pytest.mark.parametrize(
    ("text", "candidates", "is_for_post"),
    [
        ("38121", ["38120"], False),
        ("38210 Renee Abbott", ["38120"], False),
        ("40218 Renee Abbott", ["40218", "38120"], False),
        ("70909 Renee Abbott", ["70909", "38120"], False),
        ("38120 Zebulon", ["38120"], False),
        ("Dana Whitlock", ["33001", "33999"], False),
        ("Bob Calloway", ["40218"], False),
        ("Dwyer", ["29944"], False),
        ("Patrik Dwyer", ["29944"], False),
        ("Renee, Abbott", ["38120"], False),
        ("38120 40218 Zed Zebulon", ["38120", "40218"], False),
        ("99999", [], False),
        ("Alma Vance", [], True),
        ("Zed Zebulon", [], True),
    ],
)
def test_held_until_somebody_decides(agency, roster, text, candidates, is_for_post):
    [one] = match_lines(text, body=agency, day=DAY)
    assert (one.fate, one.person, one.is_for_post) == (H, None, is_for_post)
    assert [each.license_number for each in one.candidates] == candidates
    assert one.wrong
    assert one.fix


@pytest.mark.parametrize(
    "text",
    [
        "Hi Chief,",
        "Here is who attended last night:",
        "From: Renee Abbott <rabbott@example.org>",
        "Thanks!",
        "License\tName\tHours",
        "Harlan County Sheriff",
        "(573) 555-0142",
        "Jefferson City, MO 65101",
        "----------",
        "Coordinator: Renee Abbott",
        "Wednesday",
        "badge 38120",
    ],
)
def test_lines_that_name_nobody_are_shown_as_ignored(lines, text):
    assert lines(text) == [(IGN, "")]


@pytest.mark.parametrize("text", ["ROWAN-1", "#rowan-1", "ROWAN-1, 38120"])
def test_number_with_letters(agency, lines, text):
    make.officer(agency, license_number="ROWAN-1")
    assert lines(text)[0] == (C, "ROWAN-1")


def test_letter_with_greeting_and_signature(lines):
    letter = """
        From: Patrick Dwyer <pdwyer@example.org>
        Subject: Firearms 11/18/2026

        Chief,
        These officers completed the class on Wednesday:

        1. Sgt. Renee Abbott
        2. Calloway, Robert (instructor)
        3. LIC 51200 Nunez - 2 hrs

        Thanks,
        Patrick Dwyer
        Records Clerk
        (573) 555-0142
    """
    assert [one for one in lines(letter) if one[0] is not IGN] == [(C, "38120"), (C, "40218"), (C, "51200")]
    assert len(lines(letter)) == 11


def test_what_is_said_of_a_person(agency, roster):
    text = "Renee Abbott (instructor)\n29944 did not complete\n51200 2 hrs\nQuincy Brandt-Hill left early\n44010"
    said = [(one.how, one.hours) for one in match_lines(text, body=agency, day=DAY)]
    assert said == [("taught", None), ("left", None), ("", Decimal(2)), ("partly", None), ("", None)]


def test_hours_of_a_column(agency, roster):
    text = "License\tName\tHours\n38120\tAbbott\t2\n29944\tDwyer\t4"
    said = [(one.fate, one.hours) for one in match_lines(text, body=agency, day=DAY)]
    assert said == [(IGN, None), (C, Decimal(2)), (C, Decimal(4))]


def test_a_candidate_is_taken_only_when_picked(agency, roster):
    [one] = match_lines("Dana Whitlock", body=agency, day=DAY)
    picked = {one.key: str(roster["33999"].pk)}
    [found] = match_lines("Dana Whitlock", body=agency, day=DAY, picks=picked)
    assert (found.fate, found.person.license_number, found.is_picked) == (C, "33999", True)
    wrong = {one.key: str(roster["38120"].pk)}
    assert match_lines("Dana Whitlock", body=agency, day=DAY, picks=wrong)[0].fate is H


def test_named_again_is_marked(agency, roster):
    again = [one.is_again for one in match_lines("38120\nRenee Abbott", body=agency, day=DAY)]
    assert again == [False, True]


@pytest.mark.parametrize("size", [1, 30])
def test_constant_number_of_statements(agency, size, django_assert_num_queries):
    make.roster(agency, size)
    others = make.roster(make.agency(), size, first_number=80000)
    text = "\n".join(f"{one.license_number} {one.full_name}" for one in others)
    with django_assert_num_queries(5):
        match_lines(text, body=agency, day=DAY)
