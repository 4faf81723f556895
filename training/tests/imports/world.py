"""The small state in which files are imported, and what stands in it afterwards. Every name is made up."""

import datetime as dt

from training.imports.agencies import Agencies
from training.imports.classes import Classes
from training.imports.officers import Officers
from training.models import (
    Agency,
    Commission,
    LicenseEvent,
    Officer,
    Provider,
    ProviderLicense,
    RecognizedSource,
    TrainingRecord,
)
from training.tests import factories

TODAY = dt.date(2026, 3, 1)
KINDS = {"agencies": Agencies, "officers": Officers, "training": Classes}


def make() -> None:
    """Two agencies with a few officers, and a provider whose license has ended."""
    ashby = Agency.objects.create(code="ashby-pd", name="Ashby Police Department", kind="city", county="Orley")
    brill = Agency.objects.create(code="brill-so", name="Brill County Sheriff's Office", kind="county", county="Brill")
    for number, first, last, more in (
        ("40001", "Renee", "Abbott", {}),
        ("40002", "Marcus", "Calloway", {"middle_name": "J.", "suffix": "Jr."}),
        ("40003", "José", "Núñez", {}),
        ("40004", "Dana", "O'Hara", {}),
        ("40005", "Quincy", "Vance", {"issued_on": dt.date(2024, 6, 1)}),
        ("40006", "Alma", "Lindqvist", {"issued_on": None}),
        ("40007", "Theo", "Brandt", {}),
        ("40008", "Theo", "Brandt", {"middle_name": "K."}),
    ):
        factories.officer(ashby, license_number=number, name=f"{first} {last}", **more)
    factories.officer(brill, license_number="50001", name="Leonard Yates")
    provider = Provider.objects.create(name="Ozark Training Academy", kind="academy")
    RecognizedSource.objects.create(
        name="FBI", kind="federal", first_year=2021, last_year=2024, decided_on=dt.date(2020, 11, 2)
    )
    ProviderLicense.objects.create(
        provider=provider, number="OTA-1", valid_from=dt.date(2020, 1, 1), valid_until=dt.date(2024, 12, 31)
    )


def importer(kind: str, options: dict):
    """The importer of a kind; `agency` is given by its code."""
    options = dict(options)
    if code := options.pop("agency", None):
        options["body" if kind == "training" else "agency"] = Agency.objects.get(code=code)
    return KINDS[kind](**options)


def agencies() -> dict:
    """Code -> name, kind, county, city; without those that were there."""
    rows = Agency.objects.exclude(code__in=["ashby-pd", "brill-so"])
    return {one.code: [one.name, one.kind, one.county, one.city] for one in rows}


def officers() -> dict:
    """License number -> name in parts, class, day licensed, day commissioned; without those that were there."""
    found = {}
    for one in Officer.objects.filter(license_number__startswith="41").select_related("license_class"):
        issued = LicenseEvent.objects.get(officer=one, kind="issued").occurred_on
        since = Commission.objects.get(officer=one).started_on
        code = one.license_class.code if one.license_class else None
        found[one.license_number] = [one.first_name, one.middle_name, one.last_name, one.suffix, code, issued, since]
    return found


def records() -> list:
    """License number, day, source, role, why not counted, and hours by area (and topic), of every live record."""
    found = []
    for one in TrainingRecord.objects.live().select_related("officer").order_by("pk"):
        hours = {
            line.area.code + (f"/{line.topic.code}" if line.topic else ""): str(line.hours)
            for line in one.lines.select_related("area", "topic")
        }
        found.append([one.officer.license_number, one.completed_on, one.source_kind, one.role, one.not_counted, hours])
    return sorted(found, key=str)
