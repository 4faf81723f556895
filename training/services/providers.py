"""The register of training providers and their licenses. Sources: RSMo 590.050, 11 CSR 75-15.030, 75-14."""

import datetime as dt

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access
from training.models import Provider, ProviderLicense
from training.services import seat_messages
from training.services.officers import NOT_YOURS, said
from training.services.register_lock import one_at_a_time

Standing = ProviderLicense.Standing


@transaction.atomic
def add(*, by: User | None, source: str, **facts) -> Provider:
    """Add a provider; `facts` are fields of `Provider`. Its license is recorded apart. Raises `Refused`."""
    _check_right(by)
    source = said(source)
    one_at_a_time()
    _check_name(facts["name"], None)
    with history.because(f"Provider added: {source}"):
        return Provider.objects.create(**facts)


@transaction.atomic
def edit(*, by: User | None, provider: Provider, source: str, seen: str | None = None, **facts) -> Provider:
    """Change what the register says of a provider; what it said before stays in the history. `seen` is the mark of the
    page (`clee_portal.history.seen`). Raises `Refused`."""
    one_at_a_time()
    held = _locked(provider)
    _check_right(by)
    source = said(source)
    pages.check(seen=seen, now=stands(held), given=facts, rows=[held])
    _check_name(facts["name"], held)
    changed = [name for name, value in facts.items() if getattr(held, name) != value]
    for name in changed:
        setattr(held, name, facts[name])
    if changed:
        with history.because(f"Provider corrected: {source}"):
            held.save(update_fields=changed)
    return held


@transaction.atomic
def add_license(
    *,
    by: User | None,
    provider: Provider,
    number: str,
    standing: str,
    valid_from: dt.date,
    valid_until: dt.date | None,
    decided_on: dt.date,
    conditions: str = "",
    source: str,
    today: dt.date,
) -> tuple[ProviderLicense, bool]:
    """Record the Director's license of a provider, from a day to a day. Returns it, and whether it is new.

    Raises `Refused` where another license of the provider covers some of these days.
    """
    held = _locked(provider)
    _check_right(by)
    source = said(source)
    _check_days(valid_from, valid_until, decided_on, today)
    number, conditions = " ".join(number.split()), conditions.strip()
    whole = {"number": number, "standing": standing, "valid_from": valid_from, "valid_until": valid_until}
    if same := held.licenses.live().filter(**whole, conditions=conditions).first():
        return same, False
    for one in held.licenses.live():
        if _overlap(one, valid_from, valid_until):
            raise Refused(
                f"License {one.number} covers some of these days: from {_words(one.valid_from)}"
                f"{f' to {_words(one.valid_until)}' if one.valid_until else ' on'}. Change that one instead.",
                field="valid_from",
            )
    with history.because(f"Provider license recorded: {source}"):
        made = ProviderLicense.objects.create(
            provider=held, conditions=conditions, decided_on=decided_on, recorded_by=by, **whole
        )
    return made, True


@transaction.atomic
def change_license(
    *,
    by: User | None,
    license: ProviderLicense,
    standing: str,
    from_day: dt.date,
    valid_until: dt.date | None,
    decided_on: dt.date,
    conditions: str = "",
    source: str,
    today: dt.date,
) -> ProviderLicense:
    """From `from_day` on a license is worth something else (probation, suspension, revocation), or ends on another day.

    What it was before that day stays. The row is voided and recorded anew, so any past day can be asked for again.
    Classes that ended before keep their credit. Raises `Refused`.
    """
    _check_right(by)
    source = said(source)
    _locked(license.provider)
    held = ProviderLicense.objects.select_for_update(no_key=True).get(pk=license.pk)
    if held.voided_at:
        live = held.provider.licenses.live().filter(number=held.number).order_by("valid_from")
        now = "; ".join(map(str, live)) or "taken back"
        raise Refused(
            f"{held.voided_by or 'Somebody'} has changed this license meanwhile ({held.void_reason}). It is now: "
            f"{now}. Open it as it is, and write yours there."
        )
    _check_days(from_day, valid_until, decided_on, today)
    if from_day < held.valid_from or (held.valid_until and from_day > held.valid_until):
        raise Refused("This day does not lie in the days of the license.", field="from_day")
    others = ProviderLicense.objects.live().filter(provider=held.provider_id).exclude(pk=held.pk)
    for one in others:
        if _overlap(one, from_day, valid_until):
            raise Refused(f"License {one.number} covers some of these days.", field="valid_until")
    conditions = conditions.strip()
    same = (held.standing, held.valid_until, held.conditions) == (standing, valid_until, conditions)
    if same:
        raise Refused("Nothing would change. Choose what the license is from that day on.", field="standing")
    with history.because(f"Provider license changed from {_words(from_day)} on: {source}"):
        ProviderLicense.objects.filter(pk=held.pk).update(voided_at=Now(), voided_by=by, void_reason=source)
        anew = {"provider_id": held.provider_id, "number": held.number, "recorded_by": by}
        if from_day > held.valid_from:
            ProviderLicense.objects.create(
                **anew,
                standing=held.standing,
                conditions=held.conditions,
                decided_on=held.decided_on,
                valid_from=held.valid_from,
                valid_until=from_day - dt.timedelta(days=1),
            )
        made = ProviderLicense.objects.create(
            **anew,
            standing=standing,
            conditions=conditions,
            decided_on=decided_on,
            valid_from=from_day,
            valid_until=valid_until,
        )
    seat_messages.unlicensed(made)
    return made


@transaction.atomic
def void_license(*, by: User | None, license: ProviderLicense, source: str) -> ProviderLicense:
    """Take back a license that was recorded wrongly; it stays in the history, with the reason. Raises `Refused`."""
    _check_right(by)
    source = said(source)
    _locked(license.provider)
    held = ProviderLicense.objects.select_for_update(no_key=True).get(pk=license.pk)
    if held.voided_at is None:
        with history.because(f"Provider license taken back: {source}"):
            ProviderLicense.objects.filter(pk=held.pk).update(voided_at=Now(), voided_by=by, void_reason=source)
        held.refresh_from_db()
    return held


def stands(provider: Provider) -> dict:
    """What `edit` changes, as it stands."""
    return {name: getattr(provider, name) for name in ("name", "kind", "email", "phone", "address")}


def _locked(provider: Provider) -> Provider:
    return Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)


def _check_right(by: User | None) -> None:
    if not access.can_keep_register(by):
        raise Refused(NOT_YOURS)


def _check_name(name: str, apart_from: Provider | None) -> None:
    others = Provider.objects.filter(name__iexact=name)
    if apart_from:
        others = others.exclude(pk=apart_from.pk)
    if others.exists():
        raise Refused("There is a provider of this name already.", field="name")


def _check_days(first: dt.date, last: dt.date | None, decided_on: dt.date, today: dt.date) -> None:
    if decided_on > today:
        raise Refused("This day is in the future.", field="decided_on")
    if last and last < first:
        raise Refused("The last day cannot lie before the first.", field="valid_until")


def _overlap(one: ProviderLicense, first: dt.date, last: dt.date | None) -> bool:
    return (one.valid_until is None or one.valid_until >= first) and (last is None or one.valid_from <= last)


def _words(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
