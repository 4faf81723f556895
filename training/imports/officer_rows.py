"""Rows of officers set beside the register, and what they add to it written at once."""

import datetime as dt
from dataclasses import dataclass
from itertools import count

from clee_portal import clock
from training import selectors
from training.imports.rows import Row
from training.models import Agency, Commission, LicenseClass, LicenseEvent, Officer, OfficerBirthDate
from training.names import Name, may_be_same, plain
from training.services import bulk


@dataclass(slots=True)
class Draft:
    """What one row says of an officer."""

    row: Row
    number: str
    name: Name
    license_class: LicenseClass | None
    licensed_on: dt.date | None
    email: str
    address: str
    born_on: dt.date | None
    agency: Agency | None
    started_on: dt.date | None
    ended_on: dt.date | None
    rank: str
    is_reserve: bool


class KnownOfficers:
    """The register's part that a chunk of rows concerns, and what the rows add to it."""

    def __init__(self, numbers: list[str]):
        self.officers = {one.license_number: one for one in Officer.objects.filter(license_number__in=numbers)}
        self.before = selectors.now_known_as(set(numbers) - self.officers.keys())
        ids = [one.pk for one in self.officers.values()]
        self.issued: dict[int, set[dt.date]] = {}
        live = LicenseEvent.objects.live().filter(officer__in=ids, kind=LicenseEvent.Kind.ISSUED)
        for pk, day in live.values_list("officer", "occurred_on"):
            self.issued.setdefault(pk, set()).add(day)
        self.born = dict(OfficerBirthDate.objects.filter(officer__in=ids).values_list("officer", "born_on"))
        self.commissions: dict[tuple[int, int], list[tuple[dt.date, dt.date | None]]] = {}
        held = Commission.objects.filter(officer__in=ids).values_list("officer", "agency", "started_on", "ended_on")
        for officer, agency, *days in held:
            self.commissions.setdefault((officer, agency), []).append(tuple(days))
        self._next = count(-1, -1)  # new officers are known by a negative number until they are written
        self.new: dict[int, Officer] = {}
        self.filled: dict[int, Officer] = {}
        self.new_issued: list[tuple[int, dt.date, LicenseClass | None]] = []
        self.new_born: list[tuple[int, dt.date]] = []
        self.new_commissions: list[tuple[int, Draft]] = []
        self.ended: list[tuple[int, Draft]] = []

    def place(self, draft: Draft) -> None:
        """Note what a row adds, and give the row its fate."""
        row, officer = draft.row, self.officers.get(draft.number)
        if officer is None and (had_it := self.before.get(draft.number)):
            row.refuse(
                "license_number",
                f"{draft.number} is a former license number.",
                " ".join(map(selectors.formerly, had_it)),
            )
            return
        if officer and not may_be_same(
            Name(officer.first_name, officer.middle_name, officer.last_name, officer.suffix), draft.name
        ):
            row.refuse(
                "license_number",
                f"License number {draft.number} belongs to {officer.sorted_name}.",
                "Correct the number or the name: a digit may be wrong.",
            )
            return
        pk = officer.pk if officer else 0
        if not self._commission_fits(draft, pk):
            return
        added, differing = [], []
        if officer is None:
            pk = self._add(draft)
            added.append("officer")
        else:
            self._fill(draft, officer, added, differing)
        if draft.licensed_on:
            known = self.issued.setdefault(pk, set())
            if not known:
                known.add(draft.licensed_on)
                self.new_issued.append((pk, draft.licensed_on, draft.license_class))
                added.append("license date")
            elif draft.licensed_on not in known:
                differing.append("license date")
        if draft.born_on:
            if pk not in self.born:
                self.born[pk] = draft.born_on
                self.new_born.append((pk, draft.born_on))
                added.append("birth date")
            elif self.born[pk] != draft.born_on:
                differing.append("birth date")
        if draft.agency and (held := self.commissions.setdefault((pk, draft.agency.pk), [])) is not None:
            if self._is_held(draft, held):
                self._end(draft, pk, held, added, differing)
            else:
                held.append((draft.started_on, draft.ended_on))
                self.new_commissions.append((pk, draft))
                added.append("commission")
        self._tell(row, officer, added, differing)

    def _end(self, draft: Draft, pk: int, held: list, added: list[str], differing: list[str]) -> None:
        """A commission that is held: the day it ended is filled in where it is not known; anything else differs."""
        place = next((i for i, (start, _) in enumerate(held) if start == draft.started_on), None)
        if place is None:
            differing.append("commission")
        elif draft.ended_on and held[place][1] is None:
            held[place] = (draft.started_on, draft.ended_on)
            self.ended.append((pk, draft))
            added.append("commission end")
        elif draft.ended_on and draft.ended_on != held[place][1]:
            differing.append("commission end")

    def _tell(self, row: Row, officer: Officer | None, added: list[str], differing: list[str]) -> None:
        left = f"left as it is, though the file differs: {', '.join(differing)}" if differing else ""
        if not added:
            row.already_there(left)
        elif officer is None:
            row.recorded(left)
        else:
            row.recorded("; ".join(part for part in (f"added: {', '.join(added)}", left) if part))

    def _add(self, draft: Draft) -> int:
        pk = next(self._next)
        officer = Officer(
            pk=pk,
            license_number=draft.number,
            first_name=draft.name.first,
            middle_name=draft.name.middle,
            last_name=draft.name.last,
            suffix=draft.name.suffix,
            license_class=draft.license_class,
            email=draft.email,
            postal_address=draft.address,
        )
        self.officers[draft.number] = self.new[pk] = officer
        return pk

    def _fill(self, draft: Draft, officer: Officer, added: list[str], differing: list[str]) -> None:
        given = {
            "license_class": draft.license_class,
            "email": draft.email,
            "postal_address": draft.address,
        }
        for name, value in given.items():
            held = getattr(officer, name)
            if value and not held:
                setattr(officer, name, value)
                added.append(name.replace("_", " "))
                if officer.pk > 0:
                    self.filled[officer.pk] = officer
            elif value and plain(str(held)) != plain(str(value)):
                differing.append(name.replace("_", " "))
        if (plain(officer.first_name), plain(officer.last_name)) != (plain(draft.name.first), plain(draft.name.last)):
            differing.append("name")

    def _commission_fits(self, draft: Draft, pk: int) -> bool:
        """Whether the commission of a row is held already or stands free beside those held."""
        held = self.commissions.get((pk, draft.agency.pk), []) if draft.agency and pk else []
        if not held or self._is_held(draft, held):
            return True
        for start, end in held:
            if (end is None or end >= draft.started_on) and (draft.ended_on is None or draft.ended_on >= start):
                draft.row.refuse(
                    "commission_start",
                    f"A commission at {draft.agency} from {start} to {end or 'today'} covers some of these days.",
                    "Correct the dates, or take the row out.",
                )
                return False
        return True

    def _is_held(self, draft: Draft, held: list[tuple[dt.date, dt.date | None]]) -> bool:
        return any(start <= draft.started_on and (end is None or end >= draft.started_on) for start, end in held)


def write(known: KnownOfficers, carried_over_from: str) -> None:
    """Write what the rows added. An older register's license dates count as known from their own day on."""
    ids = dict(zip(known.new, bulk.reserve_ids(Officer, len(known.new)), strict=True))
    columns = ("license_number", "first_name", "middle_name", "last_name", "suffix", "email", "postal_address")
    bulk.copy_rows(
        Officer,
        ("id", *columns, "license_class"),
        ((ids[pk], *(getattr(one, name) for name in columns), one.license_class_id) for pk, one in known.new.items()),
    )
    now = bulk.database_now()
    bulk.copy_rows(
        LicenseEvent,
        ("officer", "kind", "occurred_on", "license_class", "decided_by", "reference", "recorded_at", "void_reason",
         "carried_over_from"),
        (
            (ids.get(pk, pk), "issued", day, of.pk if of else None, "", "",
             clock.midday(day) if carried_over_from else now, "", carried_over_from)
            for pk, day, of in known.new_issued
        ),
    )  # fmt: skip
    bulk.copy_rows(OfficerBirthDate, ("officer", "born_on"), ((ids.get(pk, pk), day) for pk, day in known.new_born))
    bulk.copy_rows(
        Commission,
        ("officer", "agency", "started_on", "ended_on", "rank", "is_reserve"),
        (
            (ids.get(pk, pk), one.agency.pk, one.started_on, one.ended_on, one.rank, one.is_reserve)
            for pk, one in known.new_commissions
        ),
    )
    for pk, draft in known.ended:
        held = Commission.objects.filter(officer=ids.get(pk, pk), agency=draft.agency, started_on=draft.started_on)
        held.filter(ended_on=None).update(ended_on=draft.ended_on)
    Officer.objects.bulk_update(list(known.filled.values()), ["license_class", "email", "postal_address"])
