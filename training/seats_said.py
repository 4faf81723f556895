"""Registrations as mail says them: what is found of those a message is about, where it still stands."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext

from clee_portal import clock
from clee_portal.templatetags.look import hours as hours_number
from clee_portal.templatetags.look import hours_words
from training import class_mail, hours, wait_list
from training.class_mail import CALLED_OFF, ENDED, MOVED, OFFER, REMINDER, SEATED, UNLICENSED, WAITS, Seat
from training.models import ProviderLicense, Registration, ScheduledClass, ScheduledLine
from training.moments import span_words

State = Registration.State
# In which state of a registration a mail of each occasion is still true.
STANDS_IN = {
    SEATED: (State.REGISTERED,),
    REMINDER: (State.REGISTERED,),
    WAITS: (State.WAITING,),
    OFFER: (State.OFFERED,),
    ENDED: (State.CANCELLED, State.LAPSED),
    CALLED_OFF: (State.CALLED_OFF,),
    MOVED: Registration.LIVE,
    UNLICENSED: Registration.LIVE,
}


def thing(one: Registration, of: str | int = "") -> str:
    """What a message is about: a registration and, where one may be written about it more than once, what of it."""
    return f"R-{one.pk}.{of}" if of != "" else f"R-{one.pk}"


def parts(name: str) -> tuple[int, str]:
    """The id of the registration, and what of it."""
    number, _, of = name.removeprefix("R-").partition(".")
    return int(number), of


def whole(registrations):
    """A QuerySet of registrations with all that is said of them."""
    lines = Prefetch(
        "scheduled_class__lines", ScheduledLine.objects.select_related("area", "topic").order_by("area__order", "pk")
    )
    return wait_list.with_places(
        registrations.select_related(
            "officer", "agency", "scheduled_class__course", "scheduled_class__provider", "took_over_from"
        ).prefetch_related(lines, "scheduled_class__meetings", "handed_to")
    )


def find(occasion: str, things: Collection[str]) -> Mapping[str, Seat]:
    """Thing -> seat, of registrations about which the occasion still has something to say."""
    asked = {name: parts(name) for name in things}
    rows = Registration.objects.filter(pk__in={pk for pk, _ in asked.values()}, state__in=STANDS_IN[occasion])
    rows = rows.exclude(scheduled_class__training_class__isnull=False)
    if occasion not in (CALLED_OFF, ENDED):
        rows = rows.filter(scheduled_class__state=ScheduledClass.State.PUBLISHED)
    found = {one.pk: one for one in whole(rows)}
    seats = {name: (found[pk], of) for name, (pk, of) in asked.items() if pk in found}
    if occasion == UNLICENSED:
        standing = set(
            ProviderLicense.objects.live()
            .filter(pk__in={int(of) for _, of in seats.values()})
            .values_list("pk", flat=True)
        )
        seats = {name: (one, of) for name, (one, of) in seats.items() if int(of) in standing}
    elif occasion == MOVED:  # a later move says it all
        seats = {name: (one, of) for name, (one, of) in seats.items() if int(of) == one.scheduled_class.sequence}
    elif occasion == REMINDER:
        seats = {name: (one, of) for name, (one, of) in seats.items() if of == day_of(one.scheduled_class)}
    return {name: of_registration(occasion, name, one) for name, (one, _) in seats.items()}


def day_of(held: ScheduledClass) -> str:
    """The day a class begins, as a reminder's key says it: a class that is moved is reminded of again."""
    return f"{clock.day_of(held.begins_at):%Y%m%d}"


def brief(one: Registration, of: str | int = "") -> Seat:
    """As much of a registration, with its class, as is needed to put a message about it; the rest is read when its turn
    comes."""
    held = one.scheduled_class
    by_agency = one.registered_by_id if one.agency_id else None
    return Seat(
        thing(one, of), one.officer_id, "", held.begins_at, held.ends_at, "", "", "", "", "",
        answer_by=one.offered_until, registered_by=by_agency,
    )  # fmt: skip


def of_registration(occasion: str, name: str, one: Registration) -> Seat:
    """One registration as a seat."""
    held = one.scheduled_class
    return Seat(
        name,
        one.officer_id,
        held.course.title,
        held.begins_at,
        held.ends_at,
        where(held),
        held.provider.name,
        gives(held),
        contact(held),
        reverse("training:registration", args=[one.code]),
        answer_by=one.offered_until if occasion == OFFER else None,
        registered_by=one.registered_by_id if one.agency_id else None,
        turn=wait_list.ordinal(one.place) if one.place else "",
        why=_why(occasion, one),
        meetings=tuple(span_words(each.begins_at, each.ends_at) for each in held.meetings.all()),
        directions=held.directions if one.state == State.REGISTERED else "",
        is_handed_over=any(one.handed_to.all()),
        is_taken_over=one.took_over_from_id is not None,
    )


def _why(occasion: str, one: Registration) -> str:
    if occasion == CALLED_OFF:
        return one.scheduled_class.called_off_because
    return one.end_reason if occasion == ENDED else ""


def where(held: ScheduledClass) -> str:
    """The place in one line: "Main hall, 1 College Road, Columbia 65201"."""
    town = " ".join(filter(None, (held.city, held.zip_code)))
    return ", ".join(filter(None, (held.place, held.address, town)))


def gives(held: ScheduledClass) -> str:
    """What it gives: "4 hours: 3 legal studies, 1 racial profiling (interpersonal perspectives)"."""
    lines = list(held.lines.all())
    if not lines:
        return gettext("no hours")
    whole = hours_words(hours.total(lines))
    if len(lines) == 1:
        return gettext("%(hours)s of %(what)s") % {
            "hours": whole,
            "what": gettext(str(lines[0].topic or lines[0].area)),
        }
    given = [f"{hours_number(one.hours)} {_area(one)}" for one in lines]
    return f"{whole}: {', '.join(given)}"


def _area(line) -> str:
    area = gettext(line.area.name)
    return f"{gettext(line.topic.name)} ({area})" if line.topic else area


def contact(held: ScheduledClass) -> str:
    """Whom to ask, in one line."""
    phone, email = held.contact_phone or held.provider.phone, held.contact_email or held.provider.email
    return ", ".join(filter(None, (held.contact_name, phone, email)))


def reminder_day(moment: dt.datetime, days: int) -> dt.datetime:
    """Classes that begin before this moment are reminded of at `moment`: the end of the day so many days ahead."""
    return clock.end_of_day(clock.day_of(moment) + dt.timedelta(days=days))


def register() -> None:
    """From now on mail about seats is read from the registrations; called once, when the app starts."""
    class_mail.read_from(find)
