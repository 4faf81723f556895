"""Classes of the calendar that ended and of which nobody was told yet who completed them. Constant statements.

A provider is shown such a class once `FOR_THE_PROVIDER` working days (Monday to Friday) have passed since the day it
ended, POST once `FOR_POST` days have: 11 CSR 75-15.020 asks for the report and names no day, Texas asks for it within
30 (rulebook section 9). A class that is held for its provider's license was told, and is not late.
"""

import datetime as dt

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clee_portal import clock
from training.models import HeldClass, Provider, Registration, ScheduledClass

FOR_THE_PROVIDER = 5  # working days
FOR_POST = 30  # days


def due_on(ended_on: dt.date) -> dt.date:
    """The last day on which the roster of a class that ended on `ended_on` is in time."""
    day, left = ended_on, FOR_THE_PROVIDER
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < 5
    return day


def late_since(today: dt.date) -> dt.date:
    """The last day on which a class may have ended whose roster is late on `today`."""
    day, left = today, FOR_THE_PROVIDER
    while left:
        day -= dt.timedelta(days=1)
        left -= day.weekday() < 5
    return day - dt.timedelta(days=1)


def late(today: dt.date) -> QuerySet[ScheduledClass]:
    """Classes whose roster is late on `today`, the longest ended first, with how many had a seat (`registered`)."""
    return _unconfirmed(late_since(today)).order_by("ends_at", "pk")


def late_for_post(today: dt.date) -> QuerySet[ScheduledClass]:
    """Those of them that POST is shown on `today`: they ended more than `FOR_POST` days ago."""
    return _unconfirmed(today - dt.timedelta(days=FOR_POST + 1)).order_by("ends_at", "pk")


def to_confirm(provider: Provider, today: dt.date) -> QuerySet[ScheduledClass]:
    """Every class of `provider` that ended by `today` and was not confirmed, late or not, the last first."""
    return _unconfirmed(today).filter(provider=provider).order_by("-ends_at", "-pk")


def _unconfirmed(last_day: dt.date) -> QuerySet[ScheduledClass]:
    held = HeldClass.objects.waiting().filter(scheduled_class=OuterRef("pk"))
    found = ScheduledClass.objects.filter(
        ~Exists(held),
        state=ScheduledClass.State.PUBLISHED,
        training_class=None,
        ends_at__lte=clock.midnight_after(last_day),
    )
    seats = Registration.objects.seated().filter(scheduled_class=OuterRef("pk")).order_by().values("scheduled_class")
    how_many = Subquery(seats.annotate(how_many=Count("pk")).values("how_many"))
    return found.select_related("course", "provider").annotate(registered=Coalesce(how_many, 0))
