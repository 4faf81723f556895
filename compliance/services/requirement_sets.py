"""Publishing what a period asks: a new version beside the old ones, which never change."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.db import transaction

from clee_portal.history import because
from clee_portal.refusal import Refused
from compliance.models import ReportingPeriod, Requirement, RequirementSet
from training.models import Area, SourceKind, Topic

KEYS = {
    "code", "name", "short_name", "minimum", "area", "topic", "source_kinds", "in_person_only", "wording", "citation",
}  # fmt: skip
NEEDED = ("code", "name", "short_name", "minimum", "wording", "citation")
TOPIC_KEYS = {"code", "name", "usual_area", "only_area"}


@dataclass(frozen=True)
class Published:
    """What came of publishing: the new sets, the period's own first, then those of later periods made ahead."""

    sets: tuple[RequirementSet, ...]
    new_topics: tuple[Topic, ...]


@transaction.atomic
def publish(
    *, by, year: int, requirements: list[dict], note: str, at: dt.datetime, topics: list[dict] = ()
) -> Published:
    """Publish a new version of what `year` asks, and of every later period already made ahead: a list holds until the
    next is published.

    `requirements` are rows as in seed/requirements.yaml (minimum in hours), `topics` new topics with `code`, `name` and
    `usual_area`. Raises `Refused` where a row cannot be understood or nothing would change. Source of the form: 11 CSR
    75-15.010.
    """
    if not note.strip():
        raise Refused("Say in `note` what changes, and on what ground.")
    if not requirements:
        raise Refused("A list needs at least one requirement.")
    periods = list(ReportingPeriod.objects.select_for_update().filter(year__gte=year).order_by("year"))
    if not periods or periods[0].year != year:
        raise Refused(f"There is no reporting period {year}.")
    with because(f"Requirements of {year} published: {note}", published_by=getattr(by, "pk", None)):
        new_topics = tuple(_new_topic(row) for row in topics)
        sets = tuple(_publish_one(period, requirements, note, at) for period in periods)
    return Published(sets, new_topics)


def _publish_one(period: ReportingPeriod, rows: list[dict], note: str, at: dt.datetime) -> RequirementSet:
    latest = period.requirement_sets.order_by("-version").first()
    if latest and latest.published_at is None:
        raise Refused(f"{period} has a draft that is not published yet (version {latest.version}).")
    fresh = RequirementSet.objects.create(period=period, version=latest.version + 1 if latest else 1, note=note)
    made = [_requirement(fresh, order, row) for order, row in enumerate(rows, start=1)]
    codes = [requirement.code for requirement in made]
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise Refused(f"The code “{twice}” stands twice.")
    if latest and [_content(one) for one in latest.requirements.all()] == [_content(one) for one in made]:
        raise Refused(f"{period} asks exactly this already; nothing was published.")
    Requirement.objects.bulk_create(made)
    fresh.published_at = at
    fresh.save(update_fields=["published_at"])
    return fresh


def _content(requirement: Requirement) -> tuple:
    fields = ("code", "name", "short_name", "minimum", "area_id", "topic_id", "in_person_only", "wording", "citation")
    return (*(getattr(requirement, name) for name in fields), tuple(requirement.source_kinds))


def _requirement(fresh: RequirementSet, order: int, row: dict) -> Requirement:
    where = f"Requirement {order}" + (f" (“{row['code']}”)" if isinstance(row, dict) and "code" in row else "")
    if not isinstance(row, dict):
        raise Refused(f"{where}: a mapping with {', '.join(NEEDED)} is expected.")
    if unknown := sorted(row.keys() - KEYS):
        raise Refused(f"{where}: unknown key “{unknown[0]}”. Known are {', '.join(sorted(KEYS))}.")
    if missing := [key for key in NEEDED if not str(row.get(key, "")).strip()]:
        raise Refused(f"{where}: “{missing[0]}” is missing.")
    if strange := [kind for kind in row.get("source_kinds", []) if kind not in SourceKind.values]:
        raise Refused(f"{where}: “{strange[0]}” is no kind of source. Known are {', '.join(SourceKind.values)}.")
    try:
        minimum = Decimal(str(row["minimum"])).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Refused(f"{where}: “{row['minimum']}” is not a number of hours.") from None
    made = Requirement(
        requirement_set=fresh,
        order=order,
        minimum=minimum,
        area=_named(Area, row.get("area"), where),
        topic=_named(Topic, row.get("topic"), where),
        source_kinds=list(row.get("source_kinds", [])),
        in_person_only=bool(row.get("in_person_only", False)),
        **{key: str(row[key]).strip() for key in NEEDED if key != "minimum"},
    )
    if made.topic and made.topic.only_area_id and made.area_id not in (None, made.topic.only_area_id):
        raise Refused(f"{where}: {made.topic} lies only in {made.topic.only_area}, so no hour could ever count.")
    try:
        made.full_clean(exclude=["requirement_set"])
    except ValidationError as error:
        raise Refused(f"{where}: {' '.join(error.messages)}") from None
    return made


def _named(model, code, where: str):
    if not code:
        return None
    found = model.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(model.objects.values_list("code", flat=True))
        raise Refused(f"{where}: no {model._meta.verbose_name} has the code “{code}”. Known are {known}.")
    return found


def _new_topic(row: dict) -> Topic:
    if not isinstance(row, dict) or row.keys() - TOPIC_KEYS or not {"code", "name", "usual_area"} <= row.keys():
        raise Refused("A new topic has `code`, `name`, `usual_area` and, if bound to one area, `only_area`.")
    if Topic.objects.filter(code=row["code"]).exists():
        raise Refused(f"There is a topic “{row['code']}” already; leave it out of `topics`.")
    where = f"Topic “{row['code']}”"
    return Topic.objects.create(
        code=row["code"],
        name=row["name"],
        order=Topic.objects.count() + 1,
        usual_area=_named(Area, row["usual_area"], where),
        only_area=_named(Area, row.get("only_area"), where),
    )
