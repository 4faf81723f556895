"""Cells read as what they mean: dates, names, numbers."""

import datetime as dt
from decimal import Decimal

import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from training import names
from training.imports import values
from training.imports.agencies import read_name
from training.imports.classes import read_hours
from training.imports.dates import read_date
from training.names import Name
from training.wrong import Wrong

TODAY = dt.date(2026, 3, 1)
MAY_5 = dt.date(2025, 5, 5)


@pytest.mark.parametrize(
    "raw",
    [
        "5/5/2025",
        "05/05/25",
        "5-5-2025",
        "2025-05-05",
        "2025/5/5",
        "2025-05-05T00:00:00",
        "5/5/2025 14:30",
        "5/5/2025 2:30 PM",
        "20250505",
        20250505,
        "5 May 2025",
        "5-May-25",
        "05-MAY-2025",
        "May 5, 2025",
        "MAY 5 2025",
        "May 5th, 2025",
        "Monday, May 5, 2025",
        "Mon 5/5/2025",
        "5.5.2025",
        45782,
        45782.75,
        "45782",
        dt.date(2025, 5, 5),
        dt.datetime.fromisoformat("2025-05-05T09:30"),
    ],
)
def test_date_is_read_in_many_forms(raw):
    assert read_date(raw, today=TODAY) == MAY_5


def test_serial_number_counts_from_its_system():
    assert read_date(44320, today=TODAY, epoch=MAC_EPOCH) == MAY_5
    assert read_date(36526, today=TODAY) == dt.date(2000, 1, 1)


def test_two_digit_year_is_at_most_one_ahead():
    assert read_date("1/2/27", today=TODAY) == dt.date(2027, 1, 2)
    assert read_date("1/2/28", today=TODAY) == dt.date(1928, 1, 2)
    assert read_date("1/2/98", today=dt.date(2001, 5, 5)) == dt.date(1998, 1, 2)
    assert read_date("1/2/05", today=dt.date(2010, 5, 5)) == dt.date(2005, 1, 2)


def test_serial_number_as_text_counts_from_its_system_too():
    assert read_date("40000", today=TODAY, epoch=MAC_EPOCH) == dt.date(2013, 7, 7)
    assert read_date("40000", today=TODAY) == dt.date(2009, 7, 6)


def test_email_is_as_long_as_a_column_holds():
    longest = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example"
    assert (len(longest), values.read_email(longest)) == (254, longest)
    assert values.read_email(longest.replace(".example", "d.example")) == ""


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1/1/1900", dt.date(1900, 1, 1)),
        ("12/31/2099", dt.date(2099, 12, 31)),
        (19_000_101, dt.date(1900, 1, 1)),
        (20_991_231.0, dt.date(2099, 12, 31)),
        (3_650, dt.date(1909, 12, 28)),
        (73_050, dt.date(2099, 12, 31)),
        ("36526.75", dt.date(2000, 1, 1)),
        ("2/29/2024", dt.date(2024, 2, 29)),
        ("4/30/2025", dt.date(2025, 4, 30)),
        (" 12/1/2025 ", dt.date(2025, 12, 1)),
    ],
)
def test_first_and_last_of_what_is_a_date(raw, day):
    assert read_date(raw, today=TODAY) == day


@pytest.mark.parametrize(
    "raw",
    ["12/31/1899", "1/1/2100", 19_000_100, 20_991_232, 3_649, 73_051, "0/1/2025", "13/13/2025", "1/0/2025", "1/32/2025",
     "0000-01-01", float("nan"), float("inf"), -1, 10**30],
)  # fmt: skip
def test_just_outside_of_what_is_a_date(raw):
    with pytest.raises(Wrong):
        read_date(raw, today=TODAY)


@pytest.mark.parametrize(
    ("raw", "wrong", "fix"),
    [
        ("13/12/2025", "“13/12/2025” has a month 13.",
         "Correct the date. The month comes first: write 3/14/2025 for March 14."),
        ("13/13/2025", "“13/13/2025” has a month 13.", "Correct the date."),
        ("0000-01-01", "“0000-01-01” has no year.", "Write it like 2025-03-14 or 3/14/2025."),
        ("0001-01-01", "The year 1 looks misprinted.", "Correct the year."),
        (73_051, "“73051” is not a date.", "Write it like 2025-03-14 or 3/14/2025."),
        ("1/32/2025", "32 January 2025 does not exist: January has 31 days.", "Correct the date."),
        ("1/1/2100", "The year 2100 looks misprinted.", "Correct the year."),
        (20_991_232, "“20991232” is not a date.", "Write it like 2025-03-14 or 3/14/2025."),
        (10**400, f"“1{'0' * 59}” is not a date.", "Write it like 2025-03-14 or 3/14/2025."),
        (0.25, "“0.25” is not a date.", "Write it like 2025-03-14 or 3/14/2025."),
    ],
)  # fmt: skip
def test_how_a_date_is_mended(raw, wrong, fix):
    with pytest.raises(Wrong) as refused:
        read_date(raw, today=TODAY)
    assert (refused.value.wrong, refused.value.fix) == (wrong, fix)


@pytest.mark.parametrize(
    ("read", "raw", "value"),
    [
        (values.read_email, "mailto:a@b.example", "a@b.example"),
        (values.read_email, None, ""),
        (values.read_email, " a@b.example ", "a@b.example"),
        (values.read_yes_no, "Yes", True),
        (values.read_yes_no, "n", False),
        (values.read_yes_no, None, False),
        (values.read_year, "1900", 1900),
        (values.read_year, 2099.0, 2099),
    ],
)
def test_value_is_read(read, raw, value):
    assert read(raw) == value


@pytest.mark.parametrize(
    ("read", "raw", "wrong", "fix"),
    [
        (values.read_email, "a@b@c", "“a@b@c” is not an e-mail address.", "Correct it, or leave it empty."),
        (values.read_yes_no, "perhaps", "“perhaps” is neither yes nor no.", "Write yes or no."),
        (values.read_year, "2100", "“2100” is not a year.", "Write it with four digits, like 2025."),
        (values.read_year, "1899", "“1899” is not a year.", "Write it with four digits, like 2025."),
        (values.read_county, "['Larkfield', 'Boone']", "There are 2 counties.",
         "Leave the one in which the agency has its seat."),
        (values.read_county, "[", "“[” is not a county.", "Write the county’s name."),
        (values.read_county, "x" * 61, "The county’s name is too long.", "Write the county’s name."),
        (values.read_county, "x" * 201, "It is 201 characters long; at most 200 fit.", "Shorten it."),
        (values.read_county, "[1]", "“[1]” is not a county.", "Write the county’s name."),
        (values.read_county, "['Boone'], []", "“['Boone'], []” is not a county.", "Write the county’s name."),
        # What is long is shown by its beginning.
        (values.read_email, "x" * 61, f"“{'x' * 60}” is not an e-mail address.", "Correct it, or leave it empty."),
        (values.read_yes_no, "x" * 41, f"“{'x' * 40}” is neither yes nor no.", "Write yes or no."),
        (values.read_year, "2" * 41, f"“{'2' * 40}” is not a year.", "Write it with four digits, like 2025."),
        (values.read_county, "[" * 61, f"“{'[' * 60}” is not a county.", "Write the county’s name."),
        (lambda raw: values.choose(raw, {}, "a letter", "Give one."), "b" * 41, f"“{'b' * 40}” is not a letter.",
         "Give one."),
        (lambda raw: values.read_text(raw, most=3), "four", "It is 4 characters long; at most 3 fit.", "Shorten it."),
        (lambda raw: values.choose(raw, {"a": "A"}, "a letter", "Give one."), "b", "“b” is not a letter.", "Give one."),
    ],
)  # fmt: skip
def test_value_that_is_none_says_why(read, raw, wrong, fix):
    with pytest.raises(Wrong) as refused:
        read(raw)
    assert (refused.value.wrong, refused.value.fix) == (wrong, fix)


def test_longest_that_fits_fits():
    assert values.read_text("abc", most=3) == "abc"
    assert values.read_county("x" * 60) == "x" * 60
    assert values.choose(" A ", {"a": "the first"}, "a letter", "Give one.") == "the first"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("29 February 2025", "29 February 2025 does not exist: 2025 is not a leap year."),
        ("4/31/2025", "31 April 2025 does not exist: April has 30 days."),
        ("14/3/2025", "“14/3/2025” has a month 14."),
        ("5/5/2107", "The year 2107 looks misprinted."),
        (dt.date(2107, 5, 5), "The year 2107 looks misprinted."),
        ("5/5/0205", "The year 205 looks misprinted."),
        ("May 5", "“May 5” has no year."),
        ("5/5", "“5/5” has no year."),
        ("May 5-7, 2025", "“May 5-7, 2025” is more than one day."),
        ("May 5 – May 7", "“May 5 - May 7” is more than one day."),
        ("5/5/2025 to 5/7/2025", "“5/5/2025 to 5/7/2025” is more than one day."),
        ("TBD", "“TBD” stands where the date should be."),
        ("soon", "“soon” is not a date."),
        (12, "“12” is not a date."),
        (dt.time(9, 30), "“09:30:00” is not a date."),
        (True, "“True” is not a date."),
    ],
)
def test_date_that_is_none_is_refused_by_name(raw, told):
    with pytest.raises(Wrong) as wrong:
        read_date(raw, today=TODAY)
    assert wrong.value.wrong == told
    assert wrong.value.fix


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CALLOWAY, MARCUS J", Name("Marcus", "J", "Calloway", "")),
        ("Calloway Jr., Marcus J.", Name("Marcus", "J.", "Calloway", "Jr.")),
        ("Calloway, Marcus J., III", Name("Marcus", "J.", "Calloway", "III")),
        ("Calloway, Jr, Marcus", Name("Marcus", "", "Calloway", "Jr.")),
        ("Calloway, Marcus SR", Name("Marcus", "", "Calloway", "Sr.")),
        ("CallowayJR, Marcus", Name("Marcus", "", "Calloway", "Jr.")),
        ("Marcus J. Calloway II", Name("Marcus", "J.", "Calloway", "II")),
        ("O’HARA,  DANA", Name("Dana", "", "O'Hara", "")),
        ("MCALLEN-BRANDT, INGRID", Name("Ingrid", "", "McAllen-Brandt", "")),
        ("Alma de la Cruz", Name("Alma", "", "de la Cruz", "")),
        ("PEÑA RUIZ, JOSÉ MARÍA", Name("José", "María", "Peña Ruiz", "")),
        ("\u00a0Yates,\u200bLeonard ", Name("Leonard", "", "Yates", "")),
    ],
)
def test_whole_name_is_taken_apart(text, name):
    assert names.read_full_name(text) == name


def test_name_in_parts_gives_up_suffix_and_initial():
    assert names.read_parts("MARCUS J", "", "CALLOWAY JR", "") == Name("Marcus", "J", "Calloway", "Jr.")
    assert names.read_parts("Marcus", "J.", "Calloway", "iv") == Name("Marcus", "J.", "Calloway", "IV")


@pytest.mark.parametrize(
    "text", ["", " ", "?", "Calloway", "POLICE OFFICER", "Withheld", "Hill, Dana, A, B", "Hill 12, Dana"]
)
def test_name_that_is_none_is_refused(text):
    with pytest.raises(Wrong):
        names.read_full_name(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Núñez, José", "NUNEZ, JOSE", True),
        ("O'Hara, Dana", "OHARA, DANA", True),
        ("Peña-Ruiz, José", "Pena Ruiz, Jose", True),
        ("Calloway Jr., Marcus J.", "Calloway, Marcus", True),
        ("Calloway, Marcus J.", "Calloway, Marcus K.", False),
        ("Calloway Jr., Marcus", "Calloway Sr., Marcus", False),
        ("Calloway, Marcus", "Calloway, Mark", False),
    ],
)
def test_names_are_compared_without_accents_and_blanks(one, other, same):
    assert names.is_same(names.read_full_name(one), names.read_full_name(other)) is same


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (41877.0, "41877"),
        (41877, "41877"),
        ("41877.0", "41877"),
        (" 41877 ", "41877"),
        ("41,877", "41877"),
        ("#41877", "41877"),
        ("p-12a", "P-12A"),
        ("00123", "00123"),
    ],
)
def test_license_number_survives_a_spreadsheet(raw, number):
    assert values.read_license_number(raw) == number


@pytest.mark.parametrize("raw", [41877.5, "4 18 77", "-5", "n/a", "1234567890123", True])
def test_license_number_that_is_none_is_refused(raw):
    with pytest.raises(Wrong):
        values.read_license_number(raw)


@pytest.mark.parametrize(
    ("raw", "hours"),
    [
        ("1.5", "1.50"),
        ("1,5", "1.50"),
        (".72", "0.72"),
        (1.1, "1.10"),
        (8, "8.00"),
        ("2 hrs", "2.00"),
        ("3h", "3.00"),
        ("0", "0.00"),
    ],
)
def test_hours_are_read(raw, hours):
    assert read_hours(raw) == Decimal(hours)


@pytest.mark.parametrize(
    "raw", ["-1", "1.234", "1e3", "nan", "1_0", "two", "1:30", dt.time(1, 30), dt.timedelta(hours=2), True, "99999"]
)
def test_hours_that_are_none_are_refused(raw):
    with pytest.raises(Wrong):
        read_hours(raw)


@pytest.mark.parametrize(
    ("raw", "county"),
    [
        ("['Larkfield']", "Larkfield"),
        ("Larkfield County", "Larkfield"),
        ("St. Odo Co.", "St. Odo"),
        ("[]", ""),
        ("Larkfield", "Larkfield"),
    ],
)
def test_county_is_read(raw, county):
    assert values.read_county(raw) == county


@pytest.mark.parametrize("raw", ["['Larkfield', 'Boone']", "[", "[" * 5000, "x" * 100])
def test_county_that_is_none_is_refused(raw):
    with pytest.raises(Wrong):
        values.read_county(raw)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Odo Police Department", "Saint Odo Police Dept"),
        ("Larkfield County Sheriff's Office", "LARKFIELD COUNTY SHERIFF’S DEPARTMENT."),
        ("Corwin Police Department", "City of Corwin Police Department - MO"),
        ("Corwin PD", "Corwin Police"),
        ("Fort Hale Police Department", "Ft. Hale Police Department"),
    ],
)
def test_spellings_of_one_agency_are_alike(one, other):
    assert values.agency_key(one) == values.agency_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Larkfield County Sheriff's Office", "Larkfield County Police Department"),
        ("Larkfield Police Department", "Larkfield County Police Department"),
        ("Corwin Police Department", "Corwin City Police Department"),
    ],
)
def test_different_agencies_are_not_alike(one, other):
    assert values.agency_key(one) != values.agency_key(other)


def test_state_behind_an_agency_name_is_left_out():
    assert read_name("Corwin Police Department - MO") == "Corwin Police Department"
