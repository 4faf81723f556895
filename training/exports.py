"""The register and the records as whole files: which there are, and what each column means.

`docs/exports.md` is made from the definitions here.
"""

from collections.abc import Callable

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, Exists, F, Min, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat, Greatest, Length, LPad

from clee_portal import clock
from training.exporting import Column, Export
from training.models import (
    Agency,
    Commission,
    Course,
    CourseReview,
    CreditLine,
    LicenseEvent,
    Officer,
    OfficerFormerNumber,
    Provider,
    ProviderLicense,
    RecognizedSource,
    TrainingClass,
    TrainingRecord,
)

CLOSED = "closed"


def _within(rows: QuerySet, field: str, scope: QuerySet) -> QuerySet:
    """Those rows whose `field` lies in `scope`; where that holds everything, nothing has to be compared."""
    return rows.filter(**{f"{field}__in": scope}) if scope.query.has_filters() else rows


def _of_officers(model) -> Callable[..., QuerySet]:
    return lambda user: _within(model.objects.all(), "officer", Officer.objects.visible_to(user))


def _officers(user) -> QuerySet:
    return Officer.objects.visible_to(user).filter(merged_into=None)


def _at_work(name: str) -> Subquery:
    today = clock.today()
    held = Commission.objects.in_force(today).filter(officer=OuterRef("pk")).order_by().values("officer")
    return Subquery(held.annotate(all=StringAgg(name, "; ", order_by=name)).values("all"))


def _issued(officer: str) -> Subquery:
    events = LicenseEvent.objects.live().filter(officer=OuterRef(officer), kind=LicenseEvent.Kind.ISSUED)
    return Subquery(events.order_by().values("officer").annotate(first=Min("occurred_on")).values("first"))


def _latest(course: str, name: str) -> Subquery:
    live = CourseReview.objects.live().filter(course=OuterRef(course))
    return Subquery(live.order_by("-recorded_at", "-pk").values(name)[:1])


_PERSON = (
    Column("license_number", "POST license number of the officer", "officer__license_number"),
    Column("last_name", "last name", "officer__last_name"),
    Column("first_name", "first name", "officer__first_name"),
)
_KNOWN = (
    Column("recorded_at", "when it was recorded, Missouri time", "recorded_at", "moment"),
    Column("voided_at", "when it was taken back; empty while it stands", "voided_at", "moment"),
    Column("void_reason", "why it was taken back", "void_reason"),
)
_SOURCE = Case(
    When(provider__isnull=False, then=F("provider__name")),
    When(agency__isnull=False, then=F("agency__name")),
    default=F("sponsor"),
)


def _reference(path: str) -> Combinable:
    """The reference number of a class, from its id: C-000123."""
    text = Cast(path, CharField())
    return Concat(Value("C-"), LPad(text, Greatest(Value(6), Length(text)), Value("0")))


def _unless_closed(name: str) -> Case:
    """A field of an officer whose name is closed is masked in files for the public."""
    field = F(name) if isinstance(name, str) else name
    return Case(When(officer__is_name_closed=True, then=Value(CLOSED)), default=Cast(field, CharField()))


def _closed(name: str, meaning: str) -> Column:
    return Column(name, f"{meaning}: closed, never told", Value(CLOSED))


EXPORTS: tuple[Export, ...] = (
    Export(
        "officers",
        "Officers",
        "The register: everybody with a license number, with the address of record. Birth dates leave in no file.",
        _officers,
        (
            Column("license_number", "POST license number", "license_number"),
            Column("last_name", "last name", "last_name"),
            Column("first_name", "first name", "first_name"),
            Column("middle_name", "middle name or initial", "middle_name"),
            Column("suffix", "Jr., Sr., II, III, IV", "suffix"),
            Column("license_class", "class of the license (11 CSR 75-13.010)", "license_class__code"),
            Column("licensed_on", "day the first license was issued", _issued("pk"), "date"),
            Column(
                "agency_codes",
                "codes of the agencies of today, with semicolons between",
                lambda: _at_work("agency__code"),
            ),
            Column("agencies", "names of these agencies", lambda: _at_work("agency__name")),
            Column("email", "e-mail address POST holds", "email"),
            Column("postal_address", "address of record (RSMo 590.030)", "postal_address"),
            Column("name_is_closed", "works undercover: left out of files for the public", "is_name_closed", "yes_no"),
        ),
    ),
    Export(
        "former-numbers",
        "Former license numbers",
        "Numbers that were corrected, or whose record was joined with another, and the number that is right now.",
        _of_officers(OfficerFormerNumber),
        (
            Column("former_number", "the number that is no longer right", "license_number"),
            *_PERSON,
            Column("used_until", "the day it was corrected", "used_until", "date"),
            *_KNOWN,
        ),
    ),
    Export(
        "license-events",
        "License events",
        "What happened to each license, taken back or not: issued, upgraded, inactive, reinstated, suspended, ended.",
        _of_officers(LicenseEvent),
        (
            *_PERSON,
            Column("kind", "what happened, as a code: issued, upgraded, made_inactive, reinstated, …", "kind"),
            Column("occurred_on", "the day", "occurred_on", "date"),
            Column(
                "period",
                "the reporting period an inactive license or its reinstatement concerns",
                "period_year",
                "number",
            ),
            Column("license_class", "class, where one was given", "license_class__code"),
            Column("decided_by", "who decided, where somebody did", "decided_by"),
            Column("reference", "number or file of the decision", "reference"),
            Column(
                "carried_over_from", "the register it came from; empty for what was entered here", "carried_over_from"
            ),
            *_KNOWN,
        ),
    ),
    Export(
        "commissions",
        "Commissions",
        "Who was commissioned where, from a day to a day, and when POST was told.",
        lambda user: _of_officers(Commission)(user).filter(set_aside_by=None),
        (
            *_PERSON,
            Column("agency_code", "code of the agency", "agency__code"),
            Column("agency", "name of the agency", "agency__name"),
            Column("started_on", "first day", "started_on", "date"),
            Column("ended_on", "last day, inclusive; empty while it lasts", "ended_on", "date"),
            Column("rank", "rank", "rank"),
            Column("is_reserve", "reserve officer", "is_reserve", "yes_no"),
            Column("end_reason", "why it ended", "end_reason"),
            Column("started_reported_on", "when POST was told that it began", "started_reported_on", "date"),
            Column("ended_reported_on", "when POST was told that it ended", "ended_reported_on", "date"),
        ),
    ),
    Export(
        "agencies",
        "Agencies",
        "Every agency of the register, closed ones too.",
        lambda user: Agency.objects.visible_to(user),
        (
            Column("code", "POST’s code", "code"),
            Column("name", "name", "name"),
            Column("kind", "city, county, state, school or other", "kind"),
            Column("county", "county", "county"),
            Column("city", "city", "city"),
            Column("address", "address", "address"),
            Column("phone", "telephone", "phone"),
            Column("email", "e-mail", "email"),
            Column("closed_on", "last day it existed", "closed_on", "date"),
        ),
    ),
    Export(
        "providers",
        "Provider licenses",
        "Training providers and basic training centers, a row for each of their licenses, taken back or not.",
        lambda user: _within(ProviderLicense.objects.all(), "provider", Provider.objects.visible_to(user)),
        (
            Column("provider", "name of the provider", "provider__name"),
            Column("kind", "provider, or academy (11 CSR 75-14)", "provider__kind"),
            Column("number", "license number", "number"),
            Column("standing", "valid, probation, suspended or revoked, in these days", "standing"),
            Column("valid_from", "first day", "valid_from", "date"),
            Column("valid_until", "last day, inclusive; empty where there is no end", "valid_until", "date"),
            Column("decided_on", "day of the Director’s decision", "decided_on", "date"),
            Column("conditions", "conditions", "conditions"),
            *_KNOWN,
        ),
    ),
    Export(
        "recognized-sources",
        "Recognized sources",
        "Other states, federal agencies and organizations whose courses are recognized, by period (11 CSR 75-15.050).",
        lambda user: RecognizedSource.objects.filter(Exists(Officer.objects.visible_to(user))),
        (
            Column("name", "state, agency or organization", "name"),
            Column("kind", "state, federal or organization", "kind"),
            Column("first_year", "first reporting period", "first_year", "number"),
            Column("last_year", "last reporting period; empty while it lasts", "last_year", "number"),
            Column("decided_on", "day of the Director’s decision", "decided_on", "date"),
            Column("conditions", "conditions", "conditions"),
            *_KNOWN,
        ),
    ),
    Export(
        "courses",
        "Courses",
        "Courses with their source, hours, and POST’s latest decision.",
        lambda user: Course.objects.visible_to(user),
        (
            Column("course", "number of the course in the portal", "pk", "number"),
            Column("title", "title", "title"),
            Column("control_number", "the number POST gave it", "control_number"),
            Column(
                "source_kind",
                "approved_provider, in_service, individual_course, out_of_state or college",
                "source_kind",
            ),
            Column("source", "provider, agency or sponsor", _SOURCE),
            Column("delivery", "classroom or online", "delivery"),
            Column(
                "hours",
                "hours it gives",
                Subquery(Course.objects.filter(pk=OuterRef("pk")).annotate(all=Sum("lines__hours")).values("all")),
                "hours",
            ),
            Column("submitted_at", "when it was submitted, Missouri time", "submitted_at", "moment"),
            Column("decision", "approved or refused; empty while not reviewed", _latest("pk", "decision")),
            Column("decided_on", "day of the decision", _latest("pk", "decided_on"), "date"),
            Column("conditions", "conditions of the approval", _latest("pk", "conditions")),
        ),
    ),
    Export(
        "classes",
        "Classes",
        "Classes that were held, undone ones too.",
        lambda user: TrainingClass.objects.visible_to(user),
        (
            Column("class", "reference number of the class", _reference("pk")),
            Column("course", "number of the course in the portal", "course_id", "number"),
            Column("title", "title of the course", "course__title"),
            Column("starts_on", "first day", "starts_on", "date"),
            Column("ends_on", "last day: the day of credit", "ends_on", "date"),
            Column("place", "place", "place"),
            Column("delivery", "classroom or online", "delivery"),
            Column("reported_by", "code of the agency that reported it", "reported_by_agency__code"),
            Column("recognized_source", "out of state: who approved it", "recognized_source__name"),
            Column("recorded_although", "out of state: why recorded without a listed source", "recorded_although"),
            *_KNOWN,
        ),
    ),
    Export(
        "training-records",
        "Training records",
        "A row for each officer in each class: who completed what, credited to which period, counted or not.",
        lambda user: TrainingRecord.objects.visible_to(user),
        (
            Column("record", "number of the record in the portal", "pk", "number"),
            *_PERSON,
            Column("class", "reference number of the class", _reference("training_class_id")),
            Column("title", "title of the course", "training_class__course__title"),
            Column("completed_on", "the day the class ended", "completed_on", "date"),
            Column("credited_year", "the reporting period it is credited to", "credited_year", "number"),
            Column("role", "student or instructor", "role"),
            Column("source_kind", "where the credit comes from", "source_kind"),
            Column("delivery", "classroom or online", "delivery"),
            Column("not_counted", "why it gives no hours: duplicate or repeat; empty where it counts", "not_counted"),
            Column("not_counted_note", "what is counted instead", "not_counted_note"),
            *_KNOWN,
        ),
    ),
    Export(
        "credit-lines",
        "Credit lines",
        "The hours: a row for each area and topic of each record. Those that stand and count add up to credit.",
        lambda user: _within(CreditLine.objects.all(), "record", TrainingRecord.objects.visible_to(user)),
        (
            Column("line", "number of the line in the portal", "pk", "number"),
            Column("record", "number of the record in the portal", "record_id", "number"),
            Column("license_number", "POST license number of the officer", "record__officer__license_number"),
            Column("class", "reference number of the class", _reference("record__training_class_id")),
            Column("completed_on", "the day the class ended", "record__completed_on", "date"),
            Column("credited_year", "the reporting period it is credited to", "record__credited_year", "number"),
            Column("source_kind", "where the credit comes from", "record__source_kind"),
            Column("delivery", "classroom or online", "record__delivery"),
            Column("area", "legal, technical, interpersonal or skill", "area__code"),
            Column("topic", "firearms, racial_profiling, …; empty where there is none", "topic__code"),
            Column("hours", "hours", "hours", "hours"),
            Column("not_counted", "why the record gives no hours; empty where it counts", "record__not_counted"),
            Column("voided_at", "when the record was taken back; empty while it stands", "record__voided_at", "moment"),
        ),
    ),
    Export(
        "public-records",
        "For a public-records request",
        "Officers and their commissions, with what is closed left out: each closed column says so in every row.",
        lambda user: _of_officers(Commission)(user).filter(set_aside_by=None),
        (
            Column(
                "license_number",
                "POST license number; “closed” where the name is",
                _unless_closed("officer__license_number"),
            ),
            Column("last_name", "last name; “closed” for who works undercover", _unless_closed("officer__last_name")),
            Column("first_name", "first name, likewise", _unless_closed("officer__first_name")),
            Column("middle_name", "middle name or initial, likewise", _unless_closed("officer__middle_name")),
            Column("suffix", "Jr., Sr., II, III, IV, likewise", _unless_closed("officer__suffix")),
            Column("license_class", "class of the license, likewise", _unless_closed("officer__license_class__code")),
            Column("licensed_on", "day the first license was issued, likewise", _unless_closed(_issued("officer"))),
            Column("agency", "name of the agency", "agency__name"),
            Column("started_on", "first day of the commission, likewise", _unless_closed("started_on")),
            Column("ended_on", "last day, likewise; empty while it lasts", _unless_closed("ended_on")),
            _closed("birth_date", "birth date"),
            _closed("postal_address", "home address"),
            _closed("email", "e-mail address"),
            _closed("discipline", "suspension, revocation, surrender and what led to them"),
            _closed("requests_for_more_time", "medical and military leave"),
        ),
        closed=("birth_date", "postal_address", "email", "discipline", "requests_for_more_time"),
    ),
)
KINDS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}
HEAD = """\
# The files of the register

Made by `bin/manage exports --write` from `training/exports.py`, and compared with it in the tests: do not edit it.

POST staff, the Director and designated agents take them under *Register, Exports*, as CSV or as JSON Lines (one object
a line). Both are UTF-8, in no order, and hold every row that the person may see, taken-back ones too where there is a
`voided_at`. Days are `2026-11-03`, moments `2026-11-03 14:05` in Missouri. In CSV yes and no are words, and a text that
begins like a formula has an apostrophe before it; in JSON they are `true` and `false`, texts are as they are, and what
is empty is `null` or `""`. Who took which file, when, and how many rows it had stands in the record of access.
"""


def named(code: str) -> Export:
    """The export of a code."""
    return next(one for one in EXPORTS if one.code == code)


def document() -> str:
    """`docs/exports.md`: every file with its columns."""
    parts = [HEAD]
    for one in EXPORTS:
        parts.append(f"## {one.title} (`{one.code}`)\n\n{one.sentence}\n\n| column | is |\n|---|---|")
        parts[-1] += "".join(f"\n| `{column.name}` | {column.meaning} |" for column in one.columns) + "\n"
    return "\n".join(parts)
