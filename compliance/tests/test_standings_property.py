"""The one definition against a naive second reading of the rules, on generated facts."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clee_portal import clock
from compliance import periods, standings
from compliance.explanation import explain
from compliance.models import ReliefDecision, ReliefRequest
from compliance.tests import naive
from training.hours import lines_with_topics_anywhere
from training.models import (
    Agency,
    Area,
    Course,
    CourseReview,
    CreditLine,
    LicenseEvent,
    Officer,
    Provider,
    Topic,
    TrainingClass,
    TrainingRecord,
)

pytestmark = pytest.mark.django_db

EDGES = [
    dt.date(2023, 12, 31),
    dt.date(2024, 1, 1),
    dt.date(2024, 12, 31),
    dt.date(2025, 1, 1),
    dt.date(2025, 3, 15),
    dt.date(2025, 3, 16),
]
days = st.one_of(st.sampled_from(EDGES), st.dates(dt.date(2023, 6, 1), dt.date(2025, 12, 31)))
hundredths = st.one_of(st.sampled_from([0, 100, 200, 800, 2400]), st.integers(0, 900)).map(lambda n: Decimal(n) / 100)
records = st.fixed_dictionaries(
    {
        "completed_on": days,
        "late_by": st.integers(0, 40),
        "voided_after": st.one_of(st.none(), st.integers(0, 60)),
        "refused_after": st.one_of(st.none(), st.integers(0, 60)),
        "approved_again_after": st.one_of(st.none(), st.integers(0, 60)),
        "source": st.sampled_from(["approved_provider", "in_service", "individual_course", "out_of_state", "college"]),
        "delivery": st.sampled_from(["classroom", "classroom", "online"]),
        "areas": st.fixed_dictionaries(dict.fromkeys(("legal", "technical", "interpersonal", "skill"), hundredths)),
        "topics": st.fixed_dictionaries(
            {code: st.booleans() for code in ("racial_profiling", "implicit_bias", "de_escalation")}
        ),
        "firearms": st.booleans(),
        "made_up": st.booleans(),
        "not_counted": st.sampled_from(["", "", "", "duplicate", "repeat"]),
    }
)
events = st.lists(
    st.tuples(st.sampled_from(LicenseEvent.Kind.values), days, st.integers(0, 30), st.sampled_from([2023, 2024])),
    max_size=4,
)
relief = st.lists(
    st.tuples(
        st.sampled_from(["extension", "waiver"]),
        days,
        st.one_of(
            st.none(),
            st.tuples(st.sampled_from(["granted", "denied", "withdrawn"]), st.integers(0, 60), st.integers(0, 200)),
        ),
        st.one_of(st.none(), st.integers(0, 100)),
    ),
    max_size=2,
)
licensed = st.one_of(st.just(dt.date(2010, 5, 1)), st.just(dt.date(2010, 5, 1)), days)


def _moment(day, hour=12):
    return dt.datetime.combine(day, dt.time(hour), tzinfo=clock.CHICAGO)


def _write(data) -> Officer:
    officer = Officer.objects.create(license_number="P1", first_name="Pat", last_name="Property")
    agency = Agency.objects.create(code="p", name="Property Police Department")
    provider = Provider.objects.create(name="Property Academy")
    period = {2023: periods.by_year(2023), 2024: periods.by_year(2024)}
    first, other_events, items, requests = data
    _event(officer, "issued", first, 0, None)
    for kind, on, late, year in other_events:
        _event(officer, kind, on, late, year if kind in ("made_inactive", "reinstated") else None)
    areas = {a.code: a for a in Area.objects.all()}
    topics = {t.code: t for t in Topic.objects.select_related("only_area")}
    for item in items:
        _record(officer, item, areas, topics, agency, provider)
    for kind, on, decision, ended_after in requests:
        request = ReliefRequest.objects.create(
            officer=officer, period=period[2024], kind=kind, reason="medical", requested_on=on, recorded_at=_moment(on)
        )
        if decision:
            what, after, more = decision
            decided = on + dt.timedelta(after)
            due = decided + dt.timedelta(more) if what == "granted" else None
            ReliefDecision.objects.create(
                request=request, decision=what, decided_on=decided, due_on=due, recorded_at=_moment(decided)
            )
            if what == "granted" and ended_after is not None:
                ended = decided + dt.timedelta(ended_after)
                ReliefDecision.objects.create(
                    request=request, decision="ended", decided_on=ended, recorded_at=_moment(ended, 13)
                )
    return officer


def _event(officer, kind, on, late, year):
    LicenseEvent.objects.create(
        officer=officer,
        kind=kind,
        occurred_on=on,
        period_year=year,
        recorded_at=_moment(on + dt.timedelta(late)),
        carried_over_from="test",
    )


def _record(officer, item, areas, topics, agency, provider):
    by_area = {areas[code]: hours for code, hours in item["areas"].items() if hours}
    left = sum(by_area.values(), Decimal(0))
    wanted = {}
    if item["firearms"] and item["areas"]["skill"]:
        wanted[topics["firearms"]] = item["areas"]["skill"] / 2 // Decimal("0.01") * Decimal("0.01")
        left -= wanted[topics["firearms"]]
    for code, on in item["topics"].items():
        if on and left >= Decimal("0.5"):
            wanted[topics[code]] = Decimal("0.5")
            left -= Decimal("0.5")
    lines = lines_with_topics_anywhere(by_area, wanted) if by_area else ()
    source = {"approved_provider": {"provider": provider}, "in_service": {"agency": agency}}.get(
        item["source"], {"sponsor": "Institute"}
    )
    course = Course.objects.create(title="A course", source_kind=item["source"], **source)
    completed = item["completed_on"]
    for decision, after in (("refused", item["refused_after"]), ("approved", item["approved_again_after"])):
        if after is not None:
            on = completed + dt.timedelta(after)
            CourseReview.objects.create(
                course=course, decision=decision, decided_on=on, reason="test",
                recorded_at=_moment(on, 9 if decision == "refused" else 17),
            )  # fmt: skip
    held = TrainingClass.objects.create(course=course, starts_on=completed, ends_on=completed)
    recorded = _moment(completed + dt.timedelta(item["late_by"]))
    voided = None if item["voided_after"] is None else recorded + dt.timedelta(item["voided_after"])
    record = TrainingRecord.objects.create(
        officer=officer,
        training_class=held,
        completed_on=completed,
        credited_year=completed.year - (1 if item["made_up"] else 0),
        source_kind=item["source"],
        delivery=item["delivery"],
        not_counted=item["not_counted"],
        recorded_at=recorded,
        voided_at=voided,
        void_reason="test" if voided else "",
    )
    CreditLine.objects.bulk_create(
        CreditLine(record=record, area=line.area, topic=line.topic, hours=line.hours) for line in lines
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.tuples(licensed, events, st.lists(records, max_size=6), relief),
    day=days,
    year=st.sampled_from([2023, 2024]),
)
def test_standings_agree_with_naive_reading(data, day, year):
    with transaction.atomic():
        officer = _write(data)
        asked = standings.question(periods.by_year(year), clock.end_of_day(day))
        explained = explain(asked, officer)
        finding = standings.of_officers(asked)[officer.pk]
        hours = naive.hours(officer, year, clock.end_of_day(day))
        assert finding.earned == hours
        assert finding.short == naive.short(hours)
        assert finding.standing == naive.standing(officer, year, day)
        assert finding == standings.of_officer(asked, officer) == explained.finding
        for one, code in zip(explained.requirements, hours, strict=True):
            assert sum((entry.hours for entry in one.counted), Decimal(0)) == hours[code]
        listed = sum(
            (e.hours for e in explained.requirements[0].counted + explained.requirements[0].not_counted), Decimal(0)
        )
        belonging = [r for r in officer.records.all() if r.credited_year == year or r.completed_on.year == year]
        assert listed == sum((line.hours for r in belonging for line in r.lines.all()), Decimal(0))
        transaction.set_rollback(True)
