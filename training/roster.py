"""The roster of an agency as its people keep it: who is or was commissioned there. Reads; constant statements."""

import datetime as dt

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Lower

from training.models import Agency, Commission, RosterConfirmation, TrainingRecord
from training.models.names import ImmutableUnaccent

NOW, PAST, EVERYONE = "now", "past", "everyone"


def commissions(agency: Agency, day: dt.date, *, which: str = NOW, words: str = "") -> QuerySet[Commission]:
    """Commissions at `agency`: in force on `day`, past, or all; of officers like every word, or of a license number."""
    found = Commission.objects.filter(agency=agency).select_related("officer", "agency")
    if which == NOW:
        found = found.in_force(day)
    elif which == PAST:
        found = found.filter(ended_on__lt=day)
    for word in words.replace(",", " ").split():
        like = Lower(ImmutableUnaccent(Value(word)))
        found = found.filter(
            Q(officer__search_name__contains=like) | Q(officer__license_number=word.upper().lstrip("#"))
        )
    return found.order_by("officer__search_name", "officer__license_number", "-started_on", "pk")


def confirmation(agency: Agency, year: int) -> RosterConfirmation | None:
    """The agency's word of `year` that its roster is right, if it gave it."""
    return RosterConfirmation.objects.filter(agency=agency, year=year).select_related("confirmed_by").first()


def unconfirmed(year: int, day: dt.date) -> QuerySet[Agency]:
    """Agencies with officers on `day` that have not confirmed their roster for `year`, with how many officers,
    and for which year they did last."""
    before = (
        RosterConfirmation.objects.filter(agency=OuterRef("pk"), year__lt=year).order_by("-year").values("year")[:1]
    )
    today = Q(commissions__started_on__lte=day) & (Q(commissions__ended_on=None) | Q(commissions__ended_on__gte=day))
    return (
        Agency.objects.exclude(pk__in=RosterConfirmation.objects.filter(year=year).values("agency"))
        .annotate(officers=Count("commissions", filter=today), confirmed_for=Subquery(before))
        .filter(officers__gt=0)
        .order_by("search_name", "pk")
    )


def classes_outside(commission: Commission, started_on: dt.date, ended_on: dt.date | None) -> list[TrainingRecord]:
    """Credit of classes its agency reported, on days the commission holds now and would not with these dates.

    Such credit stays: an agency may teach others' officers too. It is shown so that a slip of the date is noticed.
    """
    lost = Q(completed_on__lt=started_on)
    if ended_on:
        lost |= Q(completed_on__gt=ended_on)
    held_now = Q(completed_on__gte=commission.started_on)
    if commission.ended_on:
        held_now &= Q(completed_on__lte=commission.ended_on)
    return list(
        TrainingRecord.objects.live()
        .filter(held_now, lost, officer=commission.officer_id, training_class__reported_by_agency=commission.agency_id)
        .select_related("training_class__course")
        .order_by("completed_on", "pk")
    )


def classes_without(commission: Commission, day: dt.date) -> int:
    """How many classes `commission.agency` reported in the days of the commission have no record of its officer."""
    last = commission.ended_on or day
    return (
        commission.agency.reported_classes.filter(voided_at=None, ends_on__gte=commission.started_on, ends_on__lte=last)
        .exclude(pk__in=TrainingRecord.objects.live().filter(officer=commission.officer_id).values("training_class"))
        .count()
    )
