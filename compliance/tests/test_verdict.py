"""The pure verdict: each standing at the edges of its conditions, without a database."""

import datetime as dt
from decimal import Decimal

import pytest

from compliance.verdict import Asked, Finding, PeriodFacts, ReliefFact, Situation, Standing, judge, situation_of
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


def event(kind, on, year=None):
    return EventFact(kind, dt.date.fromisoformat(on), year)


@pytest.mark.parametrize(
    ("events", "day", "expected"),
    [
        # Whose license owes nothing: none yet, none any more, the first after the year, none on any day of it.
        ([], "2024-06-01", Standing.NOT_APPLICABLE),
        ([event("issued", "2024-06-02")], "2024-06-01", Standing.NOT_APPLICABLE),
        ([event("issued", "2024-06-01")], "2024-06-01", Standing.EXEMPT),
        ([event("issued", "2024-12-31")], "2024-12-31", Standing.EXEMPT),
        ([event("issued", "2025-01-01")], "2025-01-01", Standing.NOT_APPLICABLE),
        ([ISSUED, event("revoked", "2024-05-01")], "2024-06-01", Standing.NOT_APPLICABLE),
        ([ISSUED, event("revoked", "2024-06-02")], "2024-06-01", Standing.IN_PROGRESS),
        ([ISSUED, event("expired", "2023-12-31"), event("issued", "2025-01-01")], "2025-01-02",
         Standing.NOT_APPLICABLE),
        ([ISSUED, event("expired", "2024-01-02"), event("issued", "2025-01-01")], "2025-01-02", Standing.GRACE),
        ([ISSUED, event("expired", "2024-01-01"), event("issued", "2025-01-01")], "2025-01-02",
         Standing.NOT_APPLICABLE),
        ([ISSUED, event("expired", "2023-12-31"), event("issued", "2024-01-01")], "2024-01-02", Standing.EXEMPT),
        ([ISSUED, event("expired", "2023-12-31"), event("issued", "2024-12-31")], "2025-01-02", Standing.EXEMPT),
        ([ISSUED, event("expired", "2023-12-31"), event("issued", "2024-01-01"), event("expired", "2024-01-01"),
          event("issued", "2025-01-01")], "2025-01-02", Standing.EXEMPT),
        # What frees from the year it falls in: its first and last day, and the days beside them.
        ([ISSUED, event("basic_training_completed", "2024-01-01")], "2024-06-01", Standing.EXEMPT),
        ([ISSUED, event("upgraded", "2024-12-31")], "2025-06-01", Standing.EXEMPT),
        ([ISSUED, event("upgraded", "2023-12-31")], "2024-06-01", Standing.IN_PROGRESS),
        ([ISSUED, event("upgraded", "2025-01-01")], "2025-06-01", Standing.CANDIDATE),
        ([ISSUED, event("suspended", "2024-03-01")], "2024-06-01", Standing.IN_PROGRESS),
        # Inactive for this year and no other, until it is reinstated for this year; the last word counts.
        ([ISSUED, event("made_inactive", "2025-04-01", 2024)], "2025-04-01", Standing.INACTIVE),
        ([ISSUED, event("made_inactive", "2025-04-01", 2023)], "2025-04-01", Standing.CANDIDATE),
        ([ISSUED, event("made_inactive", "2025-04-01", 2024), event("reinstated", "2025-05-01", 2023)], "2025-06-01",
         Standing.INACTIVE),
        ([ISSUED, event("made_inactive", "2025-04-01", 2024), event("reinstated", "2025-05-01", 2024)], "2025-06-01",
         Standing.CANDIDATE),
        ([ISSUED, event("made_inactive", "2025-04-01", 2024), event("reinstated", "2025-05-01", 2024),
          event("made_inactive", "2025-05-15", 2024)], "2025-06-01", Standing.INACTIVE),
        ([ISSUED, event("made_inactive", "2025-04-01", 2024), event("expired", "2025-05-01"),
          event("issued", "2025-05-02")], "2025-06-01", Standing.INACTIVE),
        # Inactive goes before the year's end too.
        ([ISSUED, event("made_inactive", "2024-04-01", 2024)], "2024-06-01", Standing.INACTIVE),
    ],
)  # fmt: skip
def test_standing_by_the_events_of_the_license(events, day, expected):
    assert standing(dt.date.fromisoformat(day), events=events) == expected


JUNE, JULY = dt.date(2025, 6, 30), dt.date(2025, 7, 31)


@pytest.mark.parametrize(
    ("relief", "expected"),
    [
        ([], Situation()),
        ([ReliefFact("extension")], Situation(is_pending=True)),
        ([ReliefFact("extension", "granted")], Situation(is_extended=True)),
        ([ReliefFact("extension", "granted", JUNE)], Situation(is_extended=True, due_on=JUNE)),
        ([ReliefFact("extension", "granted", JULY), ReliefFact("extension", "granted", JUNE)],
         Situation(is_extended=True, due_on=JULY)),
        ([ReliefFact("extension", "granted", JUNE), ReliefFact("extension", "granted")],
         Situation(is_extended=True, due_on=JUNE)),
        ([ReliefFact("extension", "granted", dt.date(2025, 5, 31)), ReliefFact("extension")],
         Situation(is_pending=True)),
        ([ReliefFact("extension", "granted", JUNE), ReliefFact("extension")],
         Situation(is_extended=True, due_on=JUNE, is_pending=True)),
        ([ReliefFact("extension", "denied", JUNE), ReliefFact("waiver", "denied")], Situation()),
        ([ReliefFact("extension"), ReliefFact("waiver", "granted")], Situation(settled=Standing.WAIVED)),
    ],
)  # fmt: skip
def test_what_relief_says_of_june_first(relief, expected):
    assert situation_of(PERIOD, dt.date(2025, 6, 1), (ISSUED,), relief) == expected


def test_exempt_goes_before_waived_and_nothing_is_said_without_a_license():
    waived, day = [ReliefFact("waiver", "granted")], dt.date(2025, 6, 1)
    assert situation_of(PERIOD, day, (ISSUED, event("upgraded", "2024-05-01")), waived).settled == Standing.EXEMPT
    assert situation_of(PERIOD, day, (), waived) == Situation(settled=Standing.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("situation", "day", "hours", "expected"),
    [
        (Situation(settled=Standing.EXEMPT, is_inactive=True), "2025-06-01", ENOUGH, Standing.EXEMPT),
        (Situation(is_inactive=True, is_extended=True), "2024-06-01", ENOUGH, Standing.COMPLIANT),
        (Situation(is_extended=True, is_pending=True), "2024-12-31", SHORT, Standing.IN_PROGRESS),
        (Situation(is_extended=True, is_pending=True), "2025-01-01", SHORT, Standing.EXTENDED),
        (Situation(is_pending=True), "2025-03-15", SHORT, Standing.GRACE),
        (Situation(is_pending=True), "2025-03-16", SHORT, Standing.EXTENSION_PENDING),
        (Situation(), "2025-03-16", (Decimal(24), Decimal("1.99")), Standing.CANDIDATE),
    ],
)
def test_first_standing_that_fits(situation, day, hours, expected):
    finding = judge(PERIOD, dt.date.fromisoformat(day), ASKED, situation, hours)
    assert finding == Finding(expected, ASKED, hours, situation)


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
