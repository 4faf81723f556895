"""The pure verdict: each standing at the edges of its conditions, without a database."""

import datetime as dt
from decimal import Decimal

import pytest

from compliance.verdict import Asked, PeriodFacts, ReliefFact, Situation, Standing, judge, situation_of
from training.licensing import EventFact, LicenseStatus, state_on

PERIOD = PeriodFacts(2024, dt.date(2024, 1, 1), dt.date(2024, 12, 31), dt.date(2025, 3, 15))
ASKED = (Asked("total", Decimal(24)), Asked("legal", Decimal(2)))
ENOUGH, SHORT = (Decimal(24), Decimal(2)), (Decimal("23.99"), Decimal(2))
ISSUED = EventFact("issued", dt.date(2010, 5, 1))


def standing(day, *, hours=SHORT, events=(ISSUED,), relief=()):
    return judge(PERIOD, day, ASKED, situation_of(PERIOD, day, events, relief), hours).standing


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2024, 12, 31), Standing.IN_PROGRESS),
        (dt.date(2025, 1, 1), Standing.GRACE),
        (dt.date(2025, 3, 15), Standing.GRACE),
        (dt.date(2025, 3, 16), Standing.CANDIDATE),
    ],
)
def test_standing_of_the_short_follows_the_dates(day, expected):
    assert standing(day) == expected
    assert standing(day, hours=ENOUGH) == Standing.COMPLIANT


def test_finding_names_what_is_short_and_by_how_much():
    finding = judge(PERIOD, dt.date(2024, 6, 1), ASKED, Situation(), (Decimal("23.99"), Decimal("0")))
    assert finding.short == {"total": Decimal("0.01"), "legal": Decimal(2)}
    assert finding.earned == {"total": Decimal("23.99"), "legal": Decimal(0)}


def test_equal_findings_compare_equal_and_hash_alike():
    one, two = (judge(PERIOD, dt.date(2024, 6, 1), ASKED, Situation(), SHORT) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)


@pytest.mark.parametrize(
    ("relief", "expected"),
    [
        ([], Standing.CANDIDATE),
        ([ReliefFact("extension")], Standing.EXTENSION_PENDING),
        ([ReliefFact("waiver")], Standing.EXTENSION_PENDING),
        ([ReliefFact("extension", "denied")], Standing.CANDIDATE),
        ([ReliefFact("extension", "withdrawn")], Standing.CANDIDATE),
        ([ReliefFact("extension", "ended")], Standing.CANDIDATE),
        ([ReliefFact("extension", "granted", dt.date(2025, 6, 1))], Standing.EXTENDED),
        ([ReliefFact("extension", "granted", dt.date(2025, 5, 31))], Standing.CANDIDATE),
        ([ReliefFact("waiver", "granted")], Standing.WAIVED),
        ([ReliefFact("waiver", "ended")], Standing.CANDIDATE),
    ],
)
def test_relief_asked_on_june_first(relief, expected):
    assert standing(dt.date(2025, 6, 1), relief=relief) == expected


def test_inactive_goes_before_an_extension_and_after_hours():
    events = (ISSUED, EventFact("made_inactive", dt.date(2025, 4, 10), 2024))
    relief = [ReliefFact("extension", "granted", dt.date(2025, 9, 30))]
    assert standing(dt.date(2025, 5, 1), events=events, relief=relief) == Standing.INACTIVE
    assert standing(dt.date(2025, 5, 1), events=events, hours=ENOUGH) == Standing.COMPLIANT
    assert standing(dt.date(2025, 4, 9), events=events) == Standing.CANDIDATE


def test_license_state_beside_the_standing():
    events = (
        ISSUED,
        EventFact("suspended", dt.date(2024, 2, 1)),
        EventFact("made_inactive", dt.date(2024, 4, 1), 2023),
        EventFact("suspension_ended", dt.date(2024, 6, 1)),
        EventFact("reinstated", dt.date(2024, 8, 1), 2023),
        EventFact("surrendered", dt.date(2024, 10, 1)),
    )
    seen = [state_on(events, dt.date(2024, month, 15)).status for month in (1, 2, 5, 7, 9, 11)]
    assert seen == [
        LicenseStatus.ACTIVE,
        LicenseStatus.SUSPENDED,
        LicenseStatus.SUSPENDED,
        LicenseStatus.INACTIVE,
        LicenseStatus.ACTIVE,
        LicenseStatus.SURRENDERED,
    ]
    assert state_on((), dt.date(2024, 1, 1)).status == LicenseStatus.NONE
