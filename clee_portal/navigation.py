"""What every page shows around its content: the way to one's work, and which hats one wears.

A person may wear several hats at once and changes them by opening another page. The hat of the page that is open stands
first. With several agencies and providers each has one entry, and the one whose page is open unfolds the others after
it: the menu stays short on a phone, and no entry leaves open whom it is for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from clee_portal import rooms, worn
from clee_portal.accounts import sessions
from clee_portal.accounts.models import StateRole
from training.models import Agency, Membership, Provider
from training.models.memberships import memberships_of

# Short, since the name of the agency follows.
# Reading medical documents is a grant beside one of these, not a hat.
_ACTING = (StateRole.Role.POST_STAFF, StateRole.Role.DIRECTOR, StateRole.Role.DIRECTOR_AGENT)
_AGENCY_ROLES = {Membership.Role.AGENCY_CEO: _("CEO"), Membership.Role.DELEGATE: _("Delegate")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu: `current` where it is the page that is open, `group` the hat it belongs to."""

    label: str
    url: str
    current: bool
    group: str


@dataclass(frozen=True, slots=True)
class Hat:
    """One role of the person, as it is shown; `works_on` is the agency's code, "standing" or "state" it is worn for,
    `url` where its work begins, and it is on where the open page is seen with it."""

    name: str
    works_on: str
    url: str
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Workplace:
    """One tile of the home page."""

    title: str
    sentence: str
    url: str
    icon: str
    primary: bool = False


def site(request) -> dict:
    """Context of every page. Read from the database only where a template shows it."""
    return {
        "is_demonstration": settings.IS_DEMONSTRATION,
        "is_mo_login_offered": bool(settings.MO_LOGIN_ISSUER),
        "navigation": _later(lambda: menu(request)),
        "tabs": _later(lambda: tabs(request)),
        "hats": _later(lambda: hats_at(request)),
        "languages": settings.LANGUAGES,
        "session_time": SimpleLazyObject(lambda: session_time(request)),
    }


def session_time(request) -> dict | None:
    """How long the session of the person lasts if they do nothing; None for somebody who is not signed in."""
    if not rooms.user_of(request).is_authenticated:
        return None
    session = request.session
    return {
        "seconds": sessions.seconds_left(session),
        "can_be_prolonged": sessions.can_be_prolonged(session),
        "idle_minutes": session[sessions.IDLE_SECONDS] // 60,
    }


def _later(make: Callable[[], list]) -> list:
    return SimpleLazyObject(make)


def hats_of(user) -> list[Hat]:
    """Every role `user` holds today: the state's first, then agencies, providers, the own license."""
    if not (user.is_authenticated and user.is_active):
        return []
    first = reverse(rooms.STATE[0].first)
    hats = [Hat(gettext(role.label), "state", first) for role in _ACTING if role in user.state_role_names]
    for agency, roles in agencies_of(user).items():
        said = gettext(" and ").join(gettext(_AGENCY_ROLES[role]) for role in roles)
        name = f"{said}, {agency.name}"
        hats.append(Hat(name, agency.code, reverse(rooms.AGENCY[0].first, args=[agency.code])))
    for provider in providers_of(user):
        url = reverse(rooms.PROVIDER[0].first, args=[provider.pk])
        hats.append(Hat(gettext("Provider staff, %(name)s") % {"name": provider.name}, f"provider {provider.pk}", url))
    for membership in memberships_of(user):
        if membership.role == Membership.Role.OFFICER:
            url = reverse("compliance:my_standing")
            said = {"number": membership.officer.license_number}
            hats.append(Hat(gettext("Officer, license %(number)s") % said, "standing", url))
    return hats


def agencies_of(user) -> dict[Agency, list[str]]:
    """The agencies `user` acts for today, by name, each with the roles held there."""
    agencies: dict[Agency, list[str]] = {}
    if not user.is_authenticated:
        return agencies
    for membership in memberships_of(user):
        if membership.role in _AGENCY_ROLES:
            agencies.setdefault(membership.agency, []).append(membership.role)
    return dict(sorted(agencies.items(), key=lambda item: (item[0].name, item[0].pk)))


def providers_of(user) -> list[Provider]:
    """The providers `user` is staff of today, by name."""
    staff = [one.provider for one in memberships_of(user) if one.role == Membership.Role.PROVIDER_STAFF]
    return sorted(staff, key=lambda provider: (provider.name, provider.pk))


def hats_at(request) -> list[Hat]:
    """The hats of the person, the one the open page is worked on with standing first; none is on where a page is the
    person's own whatever they do, such as their sign-in. An only hat is always on."""
    hats = hats_of(rooms.user_of(request))
    works_on = worn.on(request, [hat.works_on for hat in hats])
    told = [replace(hat, is_on=len(hats) == 1 or hat.works_on == works_on) for hat in hats]
    return sorted(told, key=lambda hat: not hat.is_on)


def menu(request) -> list[Entry]:
    """The entries of the menu for the person who asks; none for somebody who is not signed in."""
    user = rooms.user_of(request)
    hats = [hat.works_on for hat in hats_of(user)]
    open_one = worn.on(request, hats) if len(hats) > 1 else worn.subject(request)
    entries = []
    if "state" in hats:
        entries += [_room(request, room, "state", [], room.label, True) for room in rooms.STATE]
    bodies = [(one.name, one.code, one.code, rooms.AGENCY) for one in agencies_of(user)]
    bodies += [(one.name, f"provider {one.pk}", one.pk, rooms.PROVIDER) for one in providers_of(user)]
    for name, works_on, arg, (first, *others) in bodies:
        is_open, is_only = works_on == open_one, len(bodies) == 1
        entries.append(_room(request, first, name, [arg], first.label if is_only else name, is_open))
        if is_only or is_open:
            entries += [_room(request, room, name, [arg], room.label, is_open) for room in others]
    if "standing" in hats:
        entries.append(_entry(request, "My standing", reverse("compliance:my_standing"), "standing"))
        entries.append(_entry(request, "My record", reverse("compliance:my_record"), "standing", worn.OF_THE_RECORD))
        entries.append(_entry(request, "My classes", reverse("training:my_classes"), "standing"))
    return entries


def workplaces(user) -> list[Workplace]:
    """The tiles of the home page for `user`: what each hat is for, in one sentence. Empty without any hat."""
    hats = {hat.works_on for hat in hats_of(user)}
    places = []
    if "state" in hats:
        places.append(
            Workplace(
                gettext("Find an officer"),
                gettext("By license number, name or agency: the same standing page the officer reads."),
                reverse("training:officer_find"),
                "search",
                primary=True,
            )
        )
        places.append(
            Workplace(
                gettext("What waits for POST"),
                gettext("Every queue with how many wait, who waits longest, and the next one to open."),
                reverse("compliance:workbench"),
                "list-check",
            )
        )
        places.append(
            Workplace(
                gettext("The state at a glance"),
                gettext(
                    "How many are compliant, against last year; by requirement, county, size and agency; late rosters."
                ),
                reverse("compliance:glance"),
                "bar-chart-line",
            )
        )
        places.append(
            Workplace(
                gettext("Messages to many people"),
                gettext(
                    "Reminders and notices: who would be written to, release, hold, stop, and what became of each."
                ),
                reverse("compliance:mailings"),
                "send",
            )
        )
        places.append(
            Workplace(
                gettext("Past the last day"),
                gettext(
                    "Who is still short after March 15 or an extension; look for recording errors "
                    "before anyone is told."
                ),
                reverse("compliance:candidate_list"),
                "hourglass-split",
            )
        )
        places.append(
            Workplace(
                gettext("Before the Director"),
                gettext("Cases that wait for a decision, what was decided, and licenses whose hours are shown by now."),
                reverse("compliance:case_queue"),
                "person-check",
                primary=user.is_director,
            )
        )
        places.append(
            Workplace(
                gettext("The rules"),
                gettext(
                    "What each period asks: draft a change, see whom it would concern, have it approved, publish it."
                ),
                reverse("compliance:rules"),
                "journal-text",
            )
        )
        places.append(
            Workplace(
                gettext("Register and exports"),
                gettext(
                    "Agencies, providers, licenses near their end, recognized sources; the whole register as files."
                ),
                reverse("training:agency_list"),
                "journal-text",
            )
        )
        places.append(
            Workplace(
                gettext("Invitations and people"),
                gettext(
                    "Who is connected and who is not: invite one or thousands, see how far it is, "
                    "who acts for the state."
                ),
                reverse("training:invitation_list"),
                "envelope",
            )
        )
    for agency in agencies_of(user):
        of = {"args": [agency.code]}
        places += [
            Workplace(
                gettext("Overview of %(name)s") % {"name": agency.name},
                gettext("Every officer with a commission there: standing, and what is missing."),
                reverse("compliance:agency_overview", **of),
                "people",
                primary=True,
            ),
            Workplace(
                gettext("Enter a class for %(name)s") % {"name": agency.name},
                gettext("Tick who completed it, check, submit; you see whose standing changed."),
                reverse("training:class_enter", **of),
                "plus-lg",
            ),
            Workplace(
                gettext("Send a file for %(name)s") % {"name": agency.name},
                gettext("A spreadsheet or an export, as it is. Rows that cannot be placed wait for you."),
                reverse("training:import_list", **of),
                "upload",
            ),
            Workplace(
                gettext("Classes of %(name)s") % {"name": agency.name},
                gettext("What was reported, with its reference number; correct or undo what was wrong."),
                reverse("training:class_list", **of),
                "list-ul",
            ),
            Workplace(
                gettext("Roster of %(name)s") % {"name": agency.name},
                gettext("Who is commissioned: add, end, confirm once a year. Who acts for the agency."),
                reverse("training:roster", **of),
                "person-badge",
            ),
            Workplace(
                gettext("Seats in classes for %(name)s") % {"name": agency.name},
                gettext(
                    "Register several officers at once for a class in the training calendar; who has a seat, who waits."
                ),
                reverse("training:registrations_of_agency", **of),
                "calendar-check",
            ),
        ]
    for provider in providers_of(user):
        of = {"args": [provider.pk]}
        places += [
            Workplace(
                gettext("Calendar of %(name)s") % {"name": provider.name},
                gettext("Classes to come: plan, publish, move; who has a seat, and what waits to be confirmed."),
                reverse("training:provider_calendar", **of),
                "calendar3",
                primary=True,
            ),
            Workplace(
                gettext("Courses of %(name)s") % {"name": provider.name},
                gettext("The catalogue: what each course teaches, its hours by area and topic, its fee."),
                reverse("training:provider_courses", **of),
                "mortarboard",
            ),
            Workplace(
                gettext("Classes of %(name)s") % {"name": provider.name},
                gettext("What was confirmed or reported: correct it, give the certificates; rosters that are late."),
                reverse("training:provider_class_list", **of),
                "list-ul",
            ),
            Workplace(
                gettext("People of %(name)s") % {"name": provider.name},
                gettext("Who acts for the provider, each with an account of their own; confirmed once a quarter."),
                reverse("training:provider_people", **of),
                "people",
            ),
        ]
    if "standing" in hats:
        places.append(
            Workplace(
                gettext("My standing"),
                gettext("What you have, what is missing and by when, which classes counted and why others did not."),
                reverse("compliance:my_standing"),
                "person-check",
                primary=True,
            )
        )
        places.append(
            Workplace(
                gettext("My record"),
                gettext(
                    "Every class of every year, its certificate; report what is missing or wrong, "
                    "and training elsewhere."
                ),
                reverse("compliance:my_record"),
                "journal-text",
            )
        )
        places.append(
            Workplace(
                gettext("My classes"),
                gettext(
                    "What you are registered for, with the code for the door; your place on wait-lists; seats offered."
                ),
                reverse("training:my_classes"),
                "calendar-check",
            )
        )
        places.append(
            Workplace(
                gettext("Find a class"),
                gettext("The training calendar: by what a class gives, when, how near, and whether a seat is left."),
                reverse("training:calendar"),
                "search",
            )
        )
    return places


def tabs(request) -> list[Entry]:
    """The pages of the room that is open, side by side; none where it has one page only, or for strangers."""
    match = getattr(request, "resolver_match", None)
    room = rooms.room_of(match.view_name) if match else None
    if room is None or len(room.pages) == 1:
        return []
    args, works_on = _args_of(room, match.kwargs)
    if not {"state", works_on} & {hat.works_on for hat in hats_of(rooms.user_of(request))}:
        return []
    group = gettext(room.label)
    return [Entry(gettext(p.label), reverse(p.name, args=args), p.name == match.view_name, group) for p in room.pages]


def _args_of(room: rooms.Room, kwargs: dict) -> tuple[list, str]:
    """What the addresses of a room take, and whom they are about."""
    if room in rooms.PROVIDER:
        return [kwargs["pk"]], f"provider {kwargs['pk']}"
    return ([kwargs["code"]], kwargs["code"]) if "code" in kwargs else ([], "")


def _entry(request, label: str, url: str, group: str, names: tuple[str, ...] = ()) -> Entry:
    match = getattr(request, "resolver_match", None)
    return Entry(gettext(label), url, request.path == url or (match is not None and match.view_name in names), group)


def _room(request, room: rooms.Room, group: str, args: list, label: str, is_open: bool) -> Entry:
    match = getattr(request, "resolver_match", None)
    is_current = is_open and match is not None and room.holds(match.view_name)
    return Entry(gettext(label), reverse(room.first, args=args), is_current, group)
