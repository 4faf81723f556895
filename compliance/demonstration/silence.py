"""Silence, planted: agencies and a provider that told nothing of a part of the ripe period."""

import datetime as dt
from collections import defaultdict

from compliance.demonstration.agencies import SHERIFF
from compliance.demonstration.careers import Officer
from compliance.demonstration.courses import Course, Session
from compliance.demonstration.seasons import Record

SMALL_AGENCY = range(6, 16)
# So many are made short by the silence of an agency.
FEW = range(2, 7)


def of_agencies(errors) -> None:
    """Small agencies that entered nothing from September on."""
    since = dt.date(errors.year, 9, 1).toordinal()
    chosen = 0
    classes: dict[int, list[list[Record]]] = defaultdict(list)
    for records in errors.by_session.values():
        if (agency := records[0].session.course.agency) is not None:
            classes[agency.number].append(records)
    agencies = [one for one in errors.agencies[SHERIFF + 1 :] if one.size in SMALL_AGENCY and not one.host]
    errors.rng.shuffle(agencies)
    for agency in agencies:
        rosters = [
            records
            for records in classes[agency.number]
            if since <= records[0].session.end <= dt.date(errors.year, 12, 31).toordinal()
        ]
        a_year_before = [
            records
            for records in classes[agency.number]
            if since - 365 <= records[0].session.end <= dt.date(errors.year - 1, 12, 31).toordinal()
        ]
        lost = [one for records in rosters for one in records if one.year == errors.year]
        of = {one.officer.number: one.officer for one in lost}
        short = [
            one
            for one in of.values()
            if errors.is_ordinary(one)
            and one.number not in errors.touched
            and not errors.is_short(one)
            and errors.is_short(one, lost)
        ]
        if len(rosters) < 3 or len(a_year_before) < 3 or len(short) not in FEW:
            continue
        errors.removed |= {id(one) for one in lost}
        for one in short:
            errors.note("silent_agency", one)
        errors.touched |= of.keys()
        chosen += 1
        if chosen >= max(1, errors.count // 6):
            return


def of_a_provider(errors, number: int) -> None:
    """A small provider that reported its classes of the year before, and none of this year."""
    kept: list[Officer] = []
    made: dict[str, Course] = {}
    for officer, record in errors.needed(of_agency=False):
        template = record.session.course.template
        if template.kind != "approved_provider" or template.delivery != "classroom":
            continue
        before = [
            one
            for one in errors.before[officer.number]
            if one.session.course.template.kind == "approved_provider"
            and one.session.course.template.delivery == "classroom"
            and not (one.voided or one.not_counted or one.replaces)
            and one.session.course.agency is None
        ]
        if not before:
            continue
        old = before[0].session
        course = made.setdefault(
            old.course.template.title, Course(old.course.template, old.course.calendar, provider=number)
        )
        before[0].session = Session(course, old.start, old.end, old.recorded, 0, place=old.place)
        errors.removed.add(id(record))
        errors.touched.add(officer.number)
        kept.append(officer)
        errors.note("silent_provider", officer)
        if len(kept) >= errors.count:
            break
    if kept:
        errors.providers.append({"name": "Gasconade Bend Tactical Seminars", "kind": "provider"})
