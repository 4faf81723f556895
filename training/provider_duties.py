"""What a licensed provider owes, in words, each with its source and whether it is done: its license, completions
reported, certificates given, a synopsis for each course, records kept, training away from its main center.

Sources: 11 CSR 75-15.020(4) and (5), 75-15.030; rulebook sections 4 and 8.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse

from training import late_rosters
from training.models import Certificate, Course, Delivery, Provider, ProviderLicense, TrainingClass, TrainingRecord
from training.provider_overview import Held, away
from training.provider_standing import in_words, why_not_valid

# A license that ends within so many days is to be renewed.
SOON = 90
AWAY_PERCENT = 30
YEARS_KEPT = 6


class Duty(NamedTuple):
    """One duty: what is asked, how it stands, whether that is done, the source, and where it is mended if anywhere."""

    asked: str
    stands: str
    is_done: bool
    source: str
    url: str = ""
    act: str = ""


def duties(
    provider: Provider,
    licenses: Sequence[ProviderLicense],
    classes: Sequence[Held],
    span: tuple[dt.date, dt.date],
    today: dt.date,
) -> list[Duty]:
    """The duties of a provider: of what was held in a span of days (inclusive), and of its catalogue as it is today.

    A constant number of statements.
    """
    found = [
        _license(licenses, today),
        _reported(provider, today),
        _certificates(provider, span),
        _synopses(provider),
        _kept(provider, today),
    ]
    # An academy is licensed under 75-14, which asks for none of it.
    if provider.kind == Provider.Kind.PROVIDER:
        found.append(_away(provider, classes))
    return found


def _license(licenses: Sequence[ProviderLicense], today: dt.date) -> Duty:
    asked, source = "A license that is valid on the day a class ends", "RSMo 590.050, 11 CSR 75-15.030"
    if why := why_not_valid(licenses, today):
        return Duty(asked, why.replace(", so a class that ends on", ": a class that ends on"), False, source)
    current = next(
        one for one in licenses if one.valid_from <= today and (one.valid_until is None or one.valid_until >= today)
    )
    last = _last_day(licenses, current)
    if last is None:
        return Duty(asked, f"License {current.number} has no end on record.", True, source)
    if (last - today).days <= SOON:
        days = (last - today).days
        return Duty(
            asked,
            f"It ends on {in_words(last)}, in {days} day{'' if days == 1 else 's'}. Ask POST to renew it: "
            "(573) 751-3409. A class that ends later gives no approved hours until then.",
            False,
            source,
        )
    return Duty(asked, f"License {current.number} is valid until {in_words(last)}.", True, source)


def _last_day(licenses: Sequence[ProviderLicense], current: ProviderLicense) -> dt.date | None:
    """The last day up to which one license follows the other without a gap; None where there is no end."""
    last = current.valid_until
    for one in sorted(licenses, key=lambda each: each.valid_from):
        if last is None or why_not_valid([one], one.valid_from):
            continue
        if current.valid_from < one.valid_from <= last + dt.timedelta(days=1):
            last = one.valid_until
    return last


def _reported(provider: Provider, today: dt.date) -> Duty:
    asked, source = "Report who completed a class", "11 CSR 75-15.020(4)"
    late = late_rosters.late(today).filter(provider=provider).count()
    if not late:
        return Duty(asked, "No class that ended waits too long for its roster.", True, source)
    which, them = ("class", "it") if late == 1 else ("classes", "them")
    words = f"{late} {which} ended, and nobody was told who completed {them}."
    url = reverse("training:provider_late_list", args=[provider.pk])
    return Duty(asked, words, False, source, url, "See the late rosters")


def _certificates(provider: Provider, span: tuple[dt.date, dt.date]) -> Duty:
    """A certificate belongs to the class as it was first recorded: corrections are followed back to it."""
    asked, source = "Give everybody who completed a class a certificate", "11 CSR 75-15.020(4)"
    own = TrainingClass.objects.reported_by(provider)
    before = dict(own.exclude(replaces=None).values_list("pk", "replaces"))
    records = TrainingRecord.objects.live().filter(
        training_class__in=own.filter(ends_on__range=span).values("pk"), role=TrainingRecord.Role.STUDENT
    )
    pairs = {(_first(pk, before), officer) for pk, officer in records.values_list("training_class", "officer")}
    given = (
        Certificate.objects.filter(first_class__in=own.values("pk"))
        .annotate(person=Coalesce("officer__merged_into", F("officer")))
        .values_list("first_class", "person")
    )
    without = len(pairs.difference(given))
    if not pairs:
        return Duty(asked, "Nobody completed a class in these days.", True, source)
    if not without:
        return Duty(asked, f"All {len(pairs):,} certificates of these days were made.", True, source)
    words = (
        f"{without:,} of {len(pairs):,} certificates of these days were never made. Open a class and print all of it "
        "at once."
    )
    url = reverse("training:provider_class_list", args=[provider.pk])
    return Duty(asked, words, False, source, url, "See the classes")


def _first(pk: int, before: dict[int, int]) -> int:
    while pk in before:
        pk = before[pk]
    return pk


def _synopses(provider: Provider) -> Duty:
    asked, source = "Keep a detailed synopsis of every course", "11 CSR 75-15.030"
    courses = list(
        Course.objects.current().filter(provider=provider).order_by("title", "pk").values("title", "synopsis")
    )
    without = [one["title"] for one in courses if not one["synopsis"].strip()]
    if not without:
        words = f"All {len(courses)} courses of the catalogue have one." if courses else "The catalogue is empty."
        return Duty(asked, words, True, source)
    more = f" and {len(without) - 3} more" if len(without) > 3 else ""
    words = f"{len(without)} of {len(courses)} have none: {', '.join(without[:3])}{more}."
    return Duty(
        asked, words, False, source, reverse("training:provider_courses", args=[provider.pk]), "See the courses"
    )


def _kept(provider: Provider, today: dt.date) -> Duty:
    since = dt.date(today.year - YEARS_KEPT, 1, 1)
    many = TrainingClass.objects.reported_by(provider).filter(ends_on__gte=since).count()
    words = (
        f"The portal keeps them, and deletes none: {many:,} class{'' if many == 1 else 'es'} since {since.year}. "
        "The page of a class gives its whole record set as one download."
    )
    url = reverse("training:provider_class_list", args=[provider.pk])
    return Duty(
        "Keep the records of a course for six years", words, True, "11 CSR 75-15.020(5)", url, "See the classes"
    )


def _away(provider: Provider, classes: Sequence[Held]) -> Duty:
    asked = f"Offer computer-based training, or give {AWAY_PERCENT} % of live hours away from your main center"
    source = "11 CSR 75-15.030"
    live, elsewhere, is_online = away(classes, provider)
    offered = Course.objects.current().filter(provider=provider, delivery=Delivery.ONLINE).count()
    if is_online or offered:
        words = f"{offered} course{' is' if offered == 1 else 's are'} computer-based." if offered else ""
        return Duty(asked, words or "Computer-based classes are in the calendar of these days.", True, source)
    if not live:
        return Duty(
            asked, "No class stands in the calendar of these days, and no course is computer-based.", False, source
        )
    if not provider.address.strip():
        words = "POST has no address of yours on record, so it cannot be told which classes are away from it."
        return Duty(asked, words, False, source)
    share = elsewhere * 100 // live
    given = f"{elsewhere.normalize():f} of {live.normalize():f} live hours"
    words = f"{given} in the calendar of these days are in other cities: {share} %."
    return Duty(asked, words, share >= AWAY_PERCENT, source)
