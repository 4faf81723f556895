"""The register of officers as POST keeps it: added, corrected, known under another number.

What was said before stays in the history, with the source of each change.
"""

import datetime as dt
import re

from django.db import transaction

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access
from training.models import (
    LicenseClass,
    LicenseEvent,
    Officer,
    OfficerBirthDate,
    OfficerFormerName,
    OfficerFormerNumber,
)
from training.services.register_lock import one_at_a_time

NOT_YOURS = "Only POST staff keep the register."
NO_SOURCE = "Say what it rests on: the paper, its date, who told it."
NAME = ("first_name", "middle_name", "last_name", "suffix")
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]*")
# Younger than this on the day of the license is a slip of the year.
YOUNGEST = 16
NEW_LINE, MOST_LINES, LONGEST_ADDRESS = "\n", 6, 300


@transaction.atomic
def add(
    *,
    by: User | None,
    license_number: str,
    licensed_on: dt.date | None,
    license_class: LicenseClass | None,
    born_on: dt.date | None = None,
    source: str,
    today: dt.date,
    **facts,
) -> Officer:
    """Add a person to the register, with the day the license was issued. `facts` are fields of `Officer`.

    Raises `Refused` where the number is somebody's, now or formerly, or a day cannot be right.
    """
    source = _checked(by, source)
    number = number_from(license_number)
    one_at_a_time()
    if held := Officer.objects.filter(license_number=number).first():
        raise Refused(
            f"{number} is the license of {held.sorted_name}. Open that record instead.", field="license_number"
        )
    if former := formerly(number):
        raise Refused(
            f"{number} is a former number of {former[0].officer}. Open that record; if the number is somebody else’s "
            "after all, take it off there first.",
            field="license_number",
        )
    if licensed_on and licensed_on > today:
        raise Refused("This day is in the future.", field="licensed_on")
    _check_birth(born_on, licensed_on or today)
    with history.because(f"Officer added: {source}"):
        made = Officer.objects.create(license_number=number, license_class=license_class, **_names(facts))
        if born_on:
            OfficerBirthDate.objects.create(officer=made, born_on=born_on)
        if licensed_on:
            LicenseEvent.objects.create(
                officer=made,
                kind=LicenseEvent.Kind.ISSUED,
                occurred_on=licensed_on,
                license_class=license_class,
                recorded_by=by,
            )
    return made


@transaction.atomic
def edit(
    *,
    by: User | None,
    officer: Officer,
    born_on: dt.date | None,
    name_until: dt.date | None,
    source: str,
    today: dt.date,
    seen: str | None = None,
    **facts,
) -> Officer:
    """Change what the register says of a person. `name_until` keeps the name of before as a former one, until that day.

    Without it a changed name is the correction of a slip. `seen` is the mark of the page (`clee_portal.history.seen`).
    Raises `Refused`.
    """
    held = locked(officer)
    source = _checked(by, source)
    facts = _names(facts)
    birth = OfficerBirthDate.objects.filter(officer=held).first()
    given = facts | ({"born_on": born_on} if born_on else {})  # an empty day leaves it as it is
    pages.check(seen=seen, now=stands(held, birth), given=given, rows=[held, *([birth] if birth else [])])
    renamed = any(facts.get(part, getattr(held, part)) != getattr(held, part) for part in NAME)
    if name_until and not renamed:
        raise Refused("The name is the same, so none was given up. Empty this day.", field="name_until")
    if name_until and name_until > today:
        raise Refused("This day is in the future.", field="name_until")
    _check_birth(born_on, today)
    with history.because(f"Register corrected: {source}"):
        if name_until:
            before = {part: getattr(held, part) for part in NAME}
            OfficerFormerName.objects.create(officer=held, used_until=name_until, **before)
        changed = [name for name, value in facts.items() if getattr(held, name) != value]
        for name in changed:
            setattr(held, name, facts[name])
        if changed:
            held.save(update_fields=changed)
        if born_on and birth is None:
            OfficerBirthDate.objects.create(officer=held, born_on=born_on)
        elif born_on and birth.born_on != born_on:
            birth.born_on = born_on
            birth.save(update_fields=["born_on"])
    return held


def stands(officer: Officer, birth: OfficerBirthDate | None) -> dict:
    """What `edit` changes, as it stands."""
    names = (*NAME, "email", "postal_address", "is_name_closed")
    return {name: getattr(officer, name) for name in names} | {"born_on": birth.born_on if birth else None}


@transaction.atomic
def tell_address(*, by: User, officer: Officer, postal_address: str, before: str) -> Officer:
    """The officer tells the own address of record, which a license holder keeps up to date (RSMo 590.030). `before` is
    what their page said it was. Raises `Refused`.
    """
    held = locked(officer)
    if not access.can_keep_contact(by, held):
        raise Refused("Only the officer tells the own address here.")
    told, seen = (_lines(one) for one in (postal_address, before))
    if told == seen:
        return held
    if seen != _lines(held.postal_address):
        now = ", ".join(_lines(held.postal_address).split(NEW_LINE)) or "empty"
        raise Refused(f"The address was changed meanwhile. It is now: {now}.", field="postal_address")
    if held.postal_address and not told:
        raise Refused("POST needs an address of record. Write the new one.", field="postal_address")
    if len(told) > LONGEST_ADDRESS or told.count(NEW_LINE) >= MOST_LINES:
        raise Refused(f"At most {MOST_LINES} lines and {LONGEST_ADDRESS} characters.", field="postal_address")
    with history.because("Address of record told by the officer"):
        held.postal_address = told
        held.save(update_fields=["postal_address"])
    return held


def _lines(address: str) -> str:
    return NEW_LINE.join(line for one in address.splitlines() if (line := " ".join(one.split())))


@transaction.atomic
def correct_number(*, by: User | None, officer: Officer, license_number: str, source: str, today: dt.date) -> Officer:
    """Give an officer the license number that is right. The old one still finds them, and stands for them no more.

    Raises `Refused` where the new number is another person's.
    """
    one_at_a_time()
    held = locked(officer)
    source = _checked(by, source)
    number, old = number_from(license_number), held.license_number
    if number == old:
        raise Refused("This is the number the officer has.", field="license_number")
    if other := Officer.objects.filter(license_number=number).first():
        raise Refused(
            f"{number} is the license of {other.sorted_name}. If both are one person, join the two records instead.",
            field="license_number",
        )
    theirs = [one for one in formerly(number) if one.officer_id != held.pk]
    if theirs:
        raise Refused(
            f"{number} is a former number of {theirs[0].officer}. Look at that record first.", field="license_number"
        )
    with history.because(f"License number corrected from {old}: {source}"):
        OfficerFormerNumber.objects.create(officer=held, license_number=old, used_until=today, recorded_by=by)
        held.license_number = number
        held.save(update_fields=["license_number"])
    return held


def formerly(number: str) -> list[OfficerFormerNumber]:
    """Who had `number` before and is known by another now."""
    found = OfficerFormerNumber.objects.live().filter(license_number=number)
    return list(found.select_related("officer").order_by("-used_until", "-pk"))


def number_from(text: str) -> str:
    """A license number as the register writes it, from what was typed. Raises `Refused`."""
    number = "".join(text.split()).upper().lstrip("#")
    if not _NUMBER.fullmatch(number) or len(number) > 12:
        raise Refused("A license number is digits, or letters and digits, twelve at most.", field="license_number")
    return number


def locked(officer: Officer) -> Officer:
    """The officer, locked: two who change one record wait for each other. Raises `Refused` where it was joined."""
    held = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
    if held.merged_into_id:
        raise Refused(f"This record was joined with that of {held.merged_into}. Work there.")
    return held


def _checked(by: User | None, source: str) -> str:
    if not access.can_keep_register(by):
        raise Refused(NOT_YOURS)
    return said(source)


def said(source: str) -> str:
    """The source of a change in one line. Raises `Refused` where there is none."""
    source = " ".join(source.split())
    if not source:
        raise Refused(NO_SOURCE, field="source")
    return source


def _names(facts: dict) -> dict:
    return {name: " ".join(value.split()) if name in NAME else value for name, value in facts.items()}


def _check_birth(born_on: dt.date | None, day: dt.date) -> None:
    if born_on and born_on.year > day.year - YOUNGEST:
        raise Refused(f"Born then, the officer would be under {YOUNGEST}. Check the year.", field="born_on")
