"""Periods and requirements every installation has, from 2018 to next year. Loaded after each migration, and daily."""

import datetime as dt
from pathlib import Path

import yaml
from django.apps import apps
from django.db import connections, transaction

from clee_portal import clock

FIRST_YEAR = 2018
HERE = Path(__file__).parent
# Before the period's end, and in the time in which hours may be made up: years after the period's, month, day.
REMINDERS = ((0, 10, 1), (0, 11, 15), (0, 12, 1), (0, 12, 15), (1, 1, 5), (1, 2, 15), (1, 3, 8))


def load(using: str = "default", **kwargs) -> None:
    """Make the periods from 2018 to next year that do not exist yet, each with its published requirement set.

    A period of a year beyond the lists in requirements.yaml, or after a set published in the portal, is made from the
    last period's set: a list holds until the next is published.
    """
    Period = apps.get_model("compliance", "ReportingPeriod")
    Set = apps.get_model("compliance", "RequirementSet")
    tables = connections[using].introspection.table_names()
    if Set._meta.db_table not in tables or apps.get_model("compliance", "Requirement")._meta.db_table not in tables:
        return  # migrating to a state before the first
    wanted_years = range(FIRST_YEAR, clock.today().year + 2)
    existing = set(Period.objects.using(using).values_list("year", flat=True))
    if not existing.issuperset(wanted_years):
        lists = listed_requirements()
        with transaction.atomic(using=using):
            for year in wanted_years:
                if year not in existing:
                    make_period(using, year, lists)
    if apps.get_model("compliance", "ReminderDate")._meta.db_table in tables:
        make_reminder_dates(using)


def make_reminder_dates(using: str) -> None:
    """The reminders of every period that has none: the usual days, which POST may move."""
    Period, ReminderDate = (apps.get_model("compliance", name) for name in ("ReportingPeriod", "ReminderDate"))
    ReminderDate.objects.using(using).bulk_create(
        [
            ReminderDate(period=period, number=number, due_on=dt.date(period.year + later, month, day))
            for period in Period.objects.using(using).filter(reminder_dates=None)
            for number, (later, month, day) in enumerate(REMINDERS, start=1)
        ],
        ignore_conflicts=True,
    )


def listed_requirements() -> dict[int, list[dict]]:
    """First year -> the requirements of requirements.yaml from that year on."""
    lists: dict[int, list[dict]] = {}
    for entry in yaml.safe_load((HERE / "requirements.yaml").read_text(encoding="utf-8")):
        rows: list[dict] = []
        for row in entry["requirements"]:
            rows.extend(lists[row["extends"]] if "extends" in row else [row])
        lists[entry["from"]] = rows
    return lists


def make_period(using: str, year: int, lists: dict[int, list[dict]]) -> None:
    """One period with its first requirement set, which counts as published on the period's first day."""
    Period, Set, Requirement = (
        apps.get_model("compliance", name) for name in ("ReportingPeriod", "RequirementSet", "Requirement")
    )
    Area, Topic = (apps.get_model("training", name) for name in ("Area", "Topic"))
    period = Period.objects.using(using).create(
        year=year,
        starts_on=dt.date(year, 1, 1),
        ends_on=dt.date(year, 12, 31),
        show_by=dt.date(year + 1, 3, 15),
    )
    fresh = Set.objects.using(using).create(period=period, version=1)
    before = (
        Set.objects.using(using).filter(period__year=year - 1, published_at__isnull=False).order_by("-version").first()
    )
    if year in lists or before is None:
        rows = lists[max(first for first in lists if first <= year)]
        areas = {area.code: area for area in Area.objects.using(using)}
        topics = {topic.code: topic for topic in Topic.objects.using(using)}
        requirements = [
            Requirement(
                **{
                    **row,
                    "order": order,
                    "area": areas[row["area"]] if "area" in row else None,
                    "topic": topics[row["topic"]] if "topic" in row else None,
                },
                requirement_set=fresh,
            )
            for order, row in enumerate(rows, start=1)
        ]
    else:
        requirements = list(before.requirements.all())
        for requirement in requirements:
            requirement.pk = None
            requirement.requirement_set = fresh
            requirement._state.adding = True
    Requirement.objects.using(using).bulk_create(requirements)
    fresh.published_at = dt.datetime.combine(period.starts_on, dt.time.min, tzinfo=clock.CHICAGO)
    fresh.save(using=using)
