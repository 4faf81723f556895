"""Made-up facts for everybody's tests. Plain functions; every name is invented, every number counts up."""

import datetime as dt
import itertools
import uuid
from decimal import Decimal

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from training.hours import Line
from training.models import (
    Agency,
    Area,
    Commission,
    Course,
    CourseLine,
    CourseReview,
    CreditLine,
    LicenseEvent,
    Membership,
    Officer,
    Provider,
    ProviderLicense,
    Registration,
    ScheduledClass,
    ScheduledLine,
    ScheduledMeeting,
    SourceKind,
    Topic,
    TrainingClass,
    TrainingRecord,
)

LONG_AGO = dt.date(2015, 3, 2)
_numbers = itertools.count(1)
FIRST = ("Renee", "Marcus", "Patrick", "Dana", "Leonard", "José", "Alma", "Theo", "Ingrid", "Quincy")
LAST = ("Abbott", "Calloway", "Dwyer", "Whitlock", "Yates", "Núñez", "O'Hara", "Vance", "Lindqvist", "Brandt-Hill")


def agency(code: str = "", name: str = "", **more) -> Agency:
    """An agency."""
    number = next(_numbers)
    return Agency.objects.create(code=code or f"agency-{number}", name=name or f"Police of Town {number}", **more)


def officer(
    agency: Agency | None = None,
    *,
    license_number: str = "",
    name: str = "",
    rank: str = "Officer",
    issued_on: dt.date | None = LONG_AGO,
    since: dt.date | None = None,
    until: dt.date | None = None,
    **more,
) -> Officer:
    """An officer ("First Last"), licensed on `issued_on` (None: never), commissioned at `agency` from `since`."""
    number = next(_numbers)
    first, _, last = (name or f"{FIRST[number % 10]} {LAST[number // 10 % 10]}").rpartition(" ")
    made = Officer.objects.create(
        license_number=license_number or f"{70000 + number}", first_name=first, last_name=last, **more
    )
    if issued_on:
        LicenseEvent.objects.create(
            officer=made, kind="issued", occurred_on=issued_on, recorded_at=min(clock.now(), clock.midday(issued_on))
        )
    if agency:
        commission(made, agency, since=since or issued_on or LONG_AGO, until=until, rank=rank)
    return made


def commission(
    officer: Officer, agency: Agency, *, since: dt.date = LONG_AGO, until=None, rank="Officer"
) -> Commission:
    """A commission of an officer at an agency."""
    return Commission.objects.create(officer=officer, agency=agency, started_on=since, ended_on=until, rank=rank)


def roster(agency: Agency, size: int, *, first_number: int = 40000) -> list[Officer]:
    """`size` officers of one agency, made in a few statements."""
    made = Officer.objects.bulk_create(
        Officer(
            license_number=str(first_number + i),
            first_name=FIRST[i % 10],
            middle_name=chr(65 + i % 26) + ".",
            last_name=LAST[i // 10 % 10] + ("" if i < 100 else f"-{LAST[i // 100 % 10]}"),
        )
        for i in range(size)
    )
    LicenseEvent.objects.bulk_create(
        LicenseEvent(officer=one, kind="issued", occurred_on=LONG_AGO, recorded_at=clock.midday(LONG_AGO))
        for one in made
    )
    Commission.objects.bulk_create(
        Commission(officer=one, agency=agency, started_on=LONG_AGO, rank="Deputy") for one in made
    )
    return made


def license_event(officer: Officer, kind: str, day: dt.date, **more) -> LicenseEvent:
    """Something that happened to a license; made inactive or reinstated as a register kept elsewhere says, which names
    who decided and the reference there."""
    if kind in ("made_inactive", "reinstated"):
        more = {"period_year": day.year - 1, "decided_by": "Avery Stone", "reference": "POST-100", **more}
        more["carried_over_from"] = "Register of earlier years"
    return LicenseEvent.objects.create(officer=officer, kind=kind, occurred_on=day, **more)


def user(email: str = "", name: str = "", *, password: str | None = None) -> User:
    """An account without any role."""
    number = next(_numbers)
    return User.objects.create_user(email or f"person{number}@example.org", password, name=name or f"Person {number}")


def _member(role: str, email: str, name: str, **of) -> User:
    account = user(email, name)
    Membership.objects.create(user=account, role=role, starts_on=LONG_AGO, **of)
    return account


def ceo(agency: Agency, email: str = "", name: str = "") -> User:
    """The CEO of an agency."""
    return _member("agency_ceo", email, name, agency=agency)


def delegate(agency: Agency, email: str = "", name: str = "") -> User:
    """A delegate of an agency's CEO."""
    return _member("delegate", email, name, agency=agency)


def officer_account(officer: Officer, email: str = "", name: str = "") -> User:
    """The account connected to an officer's license."""
    return _member("officer", email, name or officer.full_name, officer=officer)


def provider_staff(provider, email: str = "", name: str = "") -> User:
    """Staff of a training provider."""
    return _member("provider_staff", email, name, provider=provider)


def post_staff(email: str = "", name: str = "") -> User:
    """POST staff."""
    account = user(email, name)
    StateRole.objects.create(user=account, role=StateRole.Role.POST_STAFF, starts_on=LONG_AGO)
    return account


def director(email: str = "", name: str = "") -> User:
    """The Director of Public Safety."""
    account = user(email, name)
    StateRole.objects.create(user=account, role=StateRole.Role.DIRECTOR, starts_on=LONG_AGO)
    return account


def area(code: str) -> Area:
    """The area of a code: legal, technical, interpersonal, skill."""
    return Area.objects.get(code=code)


def topic(code: str) -> Topic:
    """The topic of a code: firearms, racial_profiling, implicit_bias, de_escalation."""
    return Topic.objects.get(code=code)


def lines(**hours) -> tuple[Line, ...]:
    """Lines by area code, with a topic after two underscores: `lines(legal=2, skill__firearms="1.5")`."""
    areas = {one.code: one for one in Area.objects.all()}
    topics = {one.code: one for one in Topic.objects.all()}
    made = []
    for key, value in hours.items():
        code, _, of = key.partition("__")
        made.append(Line(areas[code], topics[of] if of else None, Decimal(str(value))))
    return tuple(made)


def course(agency: Agency, title: str = "", *, refused_on: dt.date | None = None, **hours) -> Course:
    """An in-service course of an agency with its hours; refused by POST where a day is given."""
    made = Course.objects.create(
        title=title or f"Course {next(_numbers)}", source_kind=SourceKind.IN_SERVICE, agency=agency
    )
    CourseLine.objects.bulk_create(
        CourseLine(course=made, area=line.area, topic=line.topic, hours=line.hours)
        for line in lines(**(hours or {"legal": 2}))
    )
    if refused_on:
        CourseReview.objects.create(
            course=made,
            decision="refused",
            decided_on=refused_on,
            reason="No synopsis",
            recorded_at=clock.midday(refused_on),
        )
    return made


def record(
    officer: Officer, day: dt.date, *, course: Course, held: TrainingClass | None = None, **hours
) -> TrainingRecord:
    """A record of one officer and its credit, without any check; in a class of its own unless `held` is given."""
    held = held or TrainingClass.objects.create(
        course=course, starts_on=day, ends_on=day, reported_by_agency=course.agency, submission_key=uuid.uuid4()
    )
    made = TrainingRecord.objects.create(
        officer=officer, training_class=held, completed_on=day, credited_year=day.year, source_kind=course.source_kind
    )
    CreditLine.objects.bulk_create(
        CreditLine(record=made, area=line.area, topic=line.topic, hours=line.hours)
        for line in lines(**(hours or {"legal": 2}))
    )
    return made


def provider(name: str = "", *, valid_from: dt.date | None = LONG_AGO, **more) -> Provider:
    """A training provider, licensed from `valid_from` on (None: never)."""
    number = next(_numbers)
    made = Provider.objects.create(name=name or f"Academy {number}", **more)
    if valid_from:
        ProviderLicense.objects.create(
            provider=made, number=f"P-{number}", valid_from=valid_from, recorded_at=clock.midday(valid_from)
        )
    return made


def provider_course(provider: Provider, title: str = "", *, more: dict | None = None, **hours) -> Course:
    """A course of a provider with its hours (`lines`); `more` are other columns."""
    made = Course.objects.create(
        title=title or f"Course {next(_numbers)}",
        source_kind=SourceKind.APPROVED_PROVIDER,
        provider=provider,
        **(more or {}),
    )
    CourseLine.objects.bulk_create(
        CourseLine(course=made, area=line.area, topic=line.topic, hours=line.hours)
        for line in lines(**(hours or {"legal": 4}))
    )
    return made


def scheduled_class(
    course: Course,
    begins_at: dt.datetime | None = None,
    *,
    state: str = ScheduledClass.State.PUBLISHED,
    meetings: int = 1,
    **more,
) -> ScheduledClass:
    """A class in the calendar, of the course's hours: `meetings` mornings one week apart, 8 to noon in Chicago; the
    first four weeks from today unless `begins_at` is given."""
    if begins_at is None:
        day = clock.today() + dt.timedelta(weeks=4)
        begins_at = dt.datetime.combine(day, dt.time(8), clock.CHICAGO)
    starts = [begins_at + dt.timedelta(weeks=week) for week in range(meetings)]
    made = ScheduledClass.objects.create(
        provider=course.provider,
        course=course,
        state=state,
        published_at=None if state == ScheduledClass.State.DRAFT else clock.now(),
        changed_at=clock.now(),
        begins_at=starts[0],
        ends_at=starts[-1] + dt.timedelta(hours=4),
        **{"capacity": 20, "place": "Main hall", "city": "Columbia", "zip_code": "65201", **more},
    )
    ScheduledMeeting.objects.bulk_create(
        ScheduledMeeting(scheduled_class=made, begins_at=start, ends_at=start + dt.timedelta(hours=4))
        for start in starts
    )
    ScheduledLine.objects.bulk_create(
        ScheduledLine(scheduled_class=made, area=line.area, topic=line.topic, hours=line.hours)
        for line in course.lines.all()
    )
    return made


def registration(
    held: ScheduledClass, officer: Officer, *, state: str = Registration.State.REGISTERED, **more
) -> Registration:
    """A registration of an officer in a class of the calendar, without any check."""
    if state == Registration.State.REGISTERED:
        more.setdefault("seated_at", clock.now())
    return Registration.objects.create(
        scheduled_class=held, officer=officer, state=state, turn=held.registrations.count() + 1, **more
    )
