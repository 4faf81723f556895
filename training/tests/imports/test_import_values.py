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
