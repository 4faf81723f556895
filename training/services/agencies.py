"""The register of agencies, as POST keeps it."""

import datetime as dt

from django.db import transaction

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access
from training.models import Agency, Commission
from training.services.officers import NOT_YOURS, said
from training.services.register_lock import one_at_a_time


@transaction.atomic
def add(*, by: User | None, code: str, source: str, **facts) -> Agency:
    """Add an agency under a code of its own; `facts` are fields of `Agency`. Raises `Refused`."""
    if not access.can_keep_register(by):
        raise Refused(NOT_YOURS)
    source = said(source)
    one_at_a_time()
    if held := Agency.objects.filter(code=code).first():
        raise Refused(f"{code} is the code of {held}. Choose another.", field="code")
    _check_name(facts["name"], None)
    with history.because(f"Agency added: {source}"):
        return Agency.objects.create(code=code, **facts)


@transaction.atomic
def edit(*, by: User | None, agency: Agency, source: str, today: dt.date, seen: str | None = None, **facts) -> Agency:
    """Change what the register says of an agency; what it said before stays in the history. `seen` is the mark of the
    page (`clee_portal.history.seen`).

    Raises `Refused` where it is to be closed on a day after which somebody is commissioned there.
    """
    one_at_a_time()
    held = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if not access.can_keep_register(by):
        raise Refused(NOT_YOURS)
    source = said(source)
    pages.check(seen=seen, now=stands(held), given=facts, rows=[held])
    _check_name(facts["name"], held)
    if (closed_on := facts.get("closed_on")) and closed_on != held.closed_on:
        left = Commission.objects.filter(agency=held, set_aside_by=None).exclude(ended_on__lte=closed_on)
        if how_many := left.count():
            many = how_many > 1
            raise Refused(
                f"{how_many} commission{'s' if many else ''} there last{'' if many else 's'} beyond that day. "
                "End each with its last day, or transfer the officer, first.",
                field="closed_on",
            )
    changed = [name for name, value in facts.items() if getattr(held, name) != value]
    for name in changed:
        setattr(held, name, facts[name])
    if changed:
        with history.because(f"Agency corrected: {source}"):
            held.save(update_fields=changed)
    return held


def stands(agency: Agency) -> dict:
    """What `edit` changes, as it stands."""
    names = ("name", "kind", "county", "city", "address", "phone", "email", "closed_on")
    return {name: getattr(agency, name) for name in names}


def _check_name(name: str, apart_from: Agency | None) -> None:
    others = Agency.objects.filter(name__iexact=name, closed_on=None)
    if apart_from:
        others = others.exclude(pk=apart_from.pk)
    if other := others.first():
        raise Refused(f"There is an agency of this name already: {other.code}.", field="name")
