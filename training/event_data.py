"""A class as data that search engines read (schema.org, JSON-LD)."""

import json

from django.utils.safestring import SafeString, mark_safe

from clee_portal import clock
from training import class_words
from training.feeds import url
from training.models import ScheduledClass
from training.models.sources import Delivery

# Inside a script element nothing may end it or begin another: these signs are written as escapes, which JSON allows.
_ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_SCHEMA = "https://schema.org/"


def json_ld(held: ScheduledClass, meetings, hours, path: str) -> SafeString:
    """What stands in the page's `application/ld+json` element. The browser does not execute it, and the content
    security policy says nothing of it; `path` is the page's own, `hours` the hours it gives."""
    data = _data(held, list(meetings), hours, url(path))
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308 - escaped just above  # nosec B703 B308


def _data(held: ScheduledClass, meetings: list, hours, page: str) -> dict:
    is_off = held.state == ScheduledClass.State.CALLED_OFF
    is_online = held.delivery == Delivery.ONLINE
    data = {
        "@context": "https://schema.org",
        "@type": ["EducationEvent", "CourseInstance"],
        "@id": page,
        "identifier": held.reference,
        "name": held.course.title,
        "description": held.course.synopsis or held.course.title,
        "url": page,
        "startDate": _moment(held.begins_at),
        "endDate": _moment(held.ends_at),
        "eventStatus": f"{_SCHEMA}{'EventCancelled' if is_off else 'EventScheduled'}",
        "eventAttendanceMode": f"{_SCHEMA}{'Online' if is_online else 'Offline'}EventAttendanceMode",
        "courseMode": "Online" if is_online else "Onsite",
        "courseWorkload": f"PT{hours.normalize():f}H",
        "maximumAttendeeCapacity": held.capacity,
        "remainingAttendeeCapacity": max(held.seats_left, 0),
        "location": {"@type": "VirtualLocation", "url": page} if is_online else _place(held),
        "organizer": {"@type": "EducationalOrganization", "name": held.provider.name},
        "offers": {
            "@type": "Offer",
            "price": f"{held.fee:.2f}",
            "priceCurrency": "USD",
            "availability": f"{_SCHEMA}{'InStock' if held.seats_left > 0 and not is_off else 'SoldOut'}",
            "url": page,
        },
    }
    if held.instructors:
        data["instructor"] = {"@type": "Person", "name": held.instructors}
    if len(meetings) > 1:
        data["subEvent"] = [
            {
                "@type": "Event",
                "name": held.course.title,
                "startDate": _moment(one.begins_at),
                "endDate": _moment(one.ends_at),
                "location": data["location"],
                "eventStatus": data["eventStatus"],
            }
            for one in meetings
        ]
    return data


def _place(held: ScheduledClass) -> dict:
    address = {
        "@type": "PostalAddress",
        "streetAddress": held.address,
        "addressLocality": held.city,
        "addressRegion": "MO",
        "postalCode": held.zip_code,
        "addressCountry": "US",
    }
    return {
        "@type": "Place",
        "name": held.place
        or class_words.where(held.place, held.address, held.city, held.zip_code)
        or "To be announced",
        "address": {name: value for name, value in address.items() if value},
    }


def _moment(moment) -> str:
    return moment.astimezone(clock.CHICAGO).isoformat(timespec="minutes")
