"""Publishing what a period asks: a new version beside the old ones, which never change. From a file, or from a draft
that was handed in and is approved by somebody who did not work on it."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.db import transaction

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.history import because
from clee_portal.refusal import Refused
from compliance import rules, trial
from compliance.models import ReportingPeriod, Requirement, RequirementSet, RuleAuthor
from compliance.services import reporting_periods, rule_drafts, rule_locks
from training.models import Area, SourceKind, Topic

KEYS = {
    "code", "name", "short_name", "minimum", "area", "topic", "source_kinds", "in_person_only", "wording", "citation",
}  # fmt: skip
NEEDED = ("code", "name", "short_name", "minimum", "wording", "citation")
TOPIC_KEYS = {"code", "name", "usual_area", "only_area"}


@dataclass(frozen=True)
class Published:
    """What came of publishing: the new sets, the period's own first, then those of periods that ask the same."""

    sets: tuple[RequirementSet, ...]
    new_topics: tuple[Topic, ...]


@transaction.atomic
def publish(
    *,
    by: User,
    proposed_by: User,
    year: int,
    requirements: list[dict],
    note: str,
    at: dt.datetime,
    topics: Sequence[dict] = (),
) -> Published:
    """Publish a new version of what `year` asks from the rows of a file, and of the periods after it that ask the same:
    a list holds until another is published.

    It takes two people, as on the pages: `proposed_by` wrote the file, `by` approves it. `requirements` are rows as in
    seed/requirements.yaml (minimum in hours), `topics` new topics with `code`, `name` and `usual_area`. Raises
    `Refused` where the two are one, or one of them is not of POST staff, where a row cannot be understood or nothing
    would change. Source of the form: 11 CSR 75-15.010.
    """
    for who in (proposed_by, by):
        rule_locks.must_write(by=who)
    if proposed_by == by:
        raise Refused("Whoever proposes a list does not approve it. Name two people of POST’s staff.")
    return _publish(by, proposed_by, year, requirements, note, at, topics)


def rehearse(
    *,
    year: int,
    requirements: list[dict],
    note: str,
    at: dt.datetime,
    topics: Sequence[dict] = (),
    look: Callable[[Published], None],
) -> None:
    """Publish in nobody's name, `look`, and take it back: what would come of a file. Raises as `publish` does."""
    with transaction.atomic():
        look(_publish(None, None, year, requirements, note, at, topics))
        transaction.set_rollback(True)


def _publish(
    by: User | None,
    proposed_by: User | None,
    year: int,
    requirements: list[dict],
    note: str,
    at: dt.datetime,
    topics: Sequence[dict],
) -> Published:
    if not note.strip():
        raise Refused("Say in `note` what changes, and on what ground.")
    if not requirements:
        raise Refused("A list needs at least one requirement.")
    period = _periods_from(year)[0]
    with because(f"Requirements of {year} published: {note}", published_by=getattr(by, "pk", None)):
        new_topics = tuple(_new_topic(row) for row in topics)
        fresh = RequirementSet.objects.create(period=period, note=note)
        if proposed_by:
            RuleAuthor.objects.create(requirement_set=fresh, user=proposed_by)
        made = [_requirement(fresh, order, row) for order, row in enumerate(requirements, start=1)]
        codes = [requirement.code for requirement in made]
        if twice := next((code for code in codes if codes.count(code) > 1), None):
            raise Refused(f"The code “{twice}” stands twice.")
        latest = rules.latest(period)
        if latest and rules.content(rules.rows_of(latest)) == rules.content(made):
            raise Refused(f"{period} asks exactly this already; nothing was published.")
        if found := rules.problems(fresh, made, clock.day_of(at)):
            raise Refused(found[0])
        later = rules.later_alike(period)
        Requirement.objects.bulk_create(made)
        sets = _put(fresh, made, later, by=by, at=at)
    return Published(sets, new_topics)


@transaction.atomic
def approve(*, by: User, draft: RequirementSet, seen: str, at: dt.datetime) -> Published:
    """Publish a draft that was handed in, as it was `seen`: with its topics, its days, and for the periods it carries
    on to. Raises `Refused` for an author of it, and where it changed, was published or does not hold any more.

    One at a time: the periods are locked, then the draft.
    """
    rule_locks.must_write(by=by)
    _periods_from(draft.period.year)
    held = rule_drafts.handed_in(draft)
    if rules.is_author(by, held):
        raise Refused("You worked on this draft. Somebody else of POST’s staff approves it.")
    if seen != rules.fingerprint(held):
        raise Refused(rule_locks.CHANGED)
    today = clock.day_of(at)
    rule_drafts.must_be_publishable(held, today)
    later = rules.later_alike(held.period) if held.carries_on else []
    with because(f"Requirements of {held.period.year} published: {held.note}", published_by=by.pk):
        topics = trial.make_topics(held)
        rows = rules.rows_of(held)
        for one in rows:
            if one.proposed_topic_id:
                one.topic, one.proposed_topic = topics[one.proposed_topic_id], None
                one.save(update_fields=["topic", "proposed_topic"])
        if rules.changes_dates(held):
            reporting_periods.move_days(held.period, ends_on=held.ends_on, show_by=held.show_by, today=today)
        sets = _put(held, rows, later, by=by, at=at)
    return Published(sets, tuple(topics.values()))


def _periods_from(year: int) -> list[ReportingPeriod]:
    """The period of a year and those after it, locked in the order of their years."""
    periods = list(ReportingPeriod.objects.select_for_update(no_key=True).filter(year__gte=year).order_by("year"))
    if not periods or periods[0].year != year:
        raise Refused(f"There is no reporting period {year}.")
    return periods


def _put(
    own: RequirementSet,
    rows: Sequence[Requirement],
    later: Sequence[ReportingPeriod],
    *,
    by: User | None,
    at: dt.datetime,
) -> tuple[RequirementSet, ...]:
    """Publish a set whose rows are written, and a copy of it for each of the `later` periods."""
    sets = [own]
    for period in later:
        fresh = RequirementSet.objects.create(period=period, note=own.note)
        copies = [_copy(one, fresh) for one in rows]
        Requirement.objects.bulk_create(copies)
        sets.append(fresh)
    for one in sets:
        newest = rules.latest(one.period)
        one.version = newest.version + 1 if newest else 1
        one.published_at, one.published_by = at, by
        one.save(update_fields=["version", "published_at", "published_by"])
    return tuple(sets)


def _copy(one: Requirement, fresh: RequirementSet) -> Requirement:
    fields = [field.attname for field in Requirement._meta.concrete_fields if not field.primary_key]
    made = Requirement(**{name: getattr(one, name) for name in fields})
    made.requirement_set = fresh
    return made


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
