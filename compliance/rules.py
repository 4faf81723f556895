"""Requirement sets as POST works on them: what differs between two, what follows from a set, what is wrong with one.

Reads only. What counts is decided in `compliance.counting` alone; here two lists are compared and looked through."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from clee_portal.history import seen as pages
from clee_portal.templatetags.look import hours
from compliance import gaps, wording
from compliance.models import ReportingPeriod, Requirement, RequirementSet

# What a requirement is made of, each with what it is called.
PARTS = {
    "name": "name",
    "short_name": "short name",
    "minimum": "minimum",
    "subject": "area or topic",
    "source_kinds": "kinds of source",
    "in_person_only": "in person only",
    "wording": "wording",
    "citation": "citation",
}
# The parts by which hours count or do not; the others are words.
COUNTING = ("minimum", "subject", "source_kinds", "in_person_only")


def rows_of(one: RequirementSet) -> list[Requirement]:
    """The requirements of a set in their order, ready to be counted by and spoken of."""
    found = one.requirements.select_related("area", "topic__only_area", "proposed_topic__only_area")
    return list(found.order_by("order", "pk"))


def parts_of(one: Requirement) -> dict[str, object]:
    """The parts of a requirement, to be compared."""
    return {
        "name": one.name,
        "short_name": one.short_name,
        "minimum": one.minimum,
        "subject": (one.area_id, one.topic_id, one.proposed_topic_id),
        "source_kinds": tuple(sorted(one.source_kinds)),
        "in_person_only": one.in_person_only,
        "wording": one.wording,
        "citation": one.citation,
    }


def content(rows: Sequence[Requirement]) -> list[tuple]:
    """What a list asks and how it says it, in its order: equal for two lists that are the same."""
    return [(one.code, *parts_of(one).values()) for one in rows]


class Difference(NamedTuple):
    """How one requirement differs between two lists: new (no `before`), gone (no `after`), or changed in `parts`."""

    code: str
    before: Requirement | None
    after: Requirement | None
    parts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called."""
        return (self.after or self.before).name

    @property
    def words(self) -> str:
        """The difference in words: "minimum 2 h, was 1 h; wording"."""
        if self.before is None:
            return f"new: at least {hours(self.after.minimum)} h"
        if self.after is None:
            return f"no longer asked (was {hours(self.before.minimum)} h)"
        said = [
            f"minimum {hours(self.after.minimum)} h, was {hours(self.before.minimum)} h" if part == "minimum" else name
            for part, name in PARTS.items()
            if part in self.parts
        ]
        return "; ".join(said)

    @property
    def counts_differently(self) -> bool:
        """Whether it may change what is met and what is not."""
        return self.before is None or self.after is None or any(part in COUNTING for part in self.parts)


def differences(before: Sequence[Requirement], after: Sequence[Requirement]) -> list[Difference]:
    """What differs from `before` to `after`: in the order of the new list, what is gone last. The order itself is not
    a difference."""
    old, found = {one.code: one for one in before}, []
    for one in after:
        was = old.pop(one.code, None)
        if was is None:
            found.append(Difference(one.code, None, one))
            continue
        mine, theirs = parts_of(one), parts_of(was)
        if changed := tuple(part for part in PARTS if mine[part] != theirs[part]):
            found.append(Difference(one.code, was, one, changed))
    return found + [Difference(code, was, None) for code, was in old.items()]


def latest(period: ReportingPeriod) -> RequirementSet | None:
    """The latest published version of what a period asks."""
    return period.requirement_sets.exclude(published_at=None).order_by("-version").first()


def compared_with(one: RequirementSet) -> RequirementSet | None:
    """The version a set is held against: for a draft the latest published, for a published set the one before it."""
    published = one.period.requirement_sets.exclude(published_at=None)
    if one.published_at:
        published = published.filter(version__lt=one.version)
    return published.order_by("-version").first()


def is_stale(draft: RequirementSet) -> bool:
    """Whether a version was published since the draft was begun, so that it would undo what nobody looked at."""
    newest = latest(draft.period)
    return newest is not None and newest.pk != draft.base_id


def later_alike(period: ReportingPeriod) -> list[ReportingPeriod]:
    """The periods after `period`, one after the other, as long as the latest list of each asks exactly what the latest
    of `period` asks: a list holds until another is published."""
    own = latest(period)
    asked, found = (content(rows_of(own)) if own else []), []
    for one in ReportingPeriod.objects.filter(year__gt=period.year).order_by("year"):
        newest = latest(one)
        if newest is None or content(rows_of(newest)) != asked:
            break
        found.append(one)
    return found


def changes_dates(draft: RequirementSet) -> bool:
    """Whether it moves the last day of its period, or the last day to show hours."""
    period = draft.period
    return (draft.ends_on or period.ends_on, draft.show_by or period.show_by) != (period.ends_on, period.show_by)


def problems(draft: RequirementSet, rows: Sequence[Requirement], today) -> list[str]:
    """What makes a list impossible, each with what to do. A draft with any is not handed in, nor published."""
    found = []
    if not rows:
        found.append("The list is empty. Add a requirement.")
    for one in rows:
        topic = one.topic or one.proposed_topic
        if topic and topic.only_area_id and one.area_id not in (None, topic.only_area_id):
            found.append(f"{one.name}: {topic} lies only in {topic.only_area}, so no hour could ever count.")
        if one.proposed_topic_id and today > draft.period.show_by:
            found.append(
                f"{one.name}: {topic} is a new topic, and the last day to show hours of {draft.period.year} is past: "
                "no hour of it can be completed any more, so nobody could meet this requirement."
            )
    everything = [one for one in rows if not (gaps.is_of_content(one) or one.proposed_topic_id or one.source_kinds)]
    limit = min((one.minimum for one in everything if not one.in_person_only), default=None)
    least = fewest(rows)
    if limit is not None and least > limit:
        name = next(one.name for one in everything if one.minimum == limit)
        found.append(
            f"Whoever meets all the other requirements has at least {hours(least)} hours, more than the {hours(limit)} "
            f"of “{name}”: areas and topics lie inside it, never on top. Lower a minimum, or raise “{name}”."
        )
    return found


def fewest(rows: Sequence[Requirement]) -> Decimal:
    """The fewest hours that meet every requirement but the total. New topics are topics like any other here."""
    short = {one.code: one.minimum for one in rows if one.area_id or one.topic_id or one.source_kinds}
    least = gaps.fewest_hours(rows, short)
    fresh: dict[int, Decimal] = {}
    for one in rows:
        if one.proposed_topic_id and not one.area_id:
            fresh[one.proposed_topic_id] = max(one.minimum, fresh.get(one.proposed_topic_id, Decimal(0)))
    topics = {one.topic_id: one.minimum for one in rows if one.topic_id}
    return max(least, sum(fresh.values(), Decimal(0)) + sum(topics.values(), Decimal(0)))


def to_look_at(rows: Sequence[Requirement]) -> list[str]:
    """What is possible and yet probably not meant: words that do not say the number that counts."""
    found = []
    for one in rows:
        number = hours(one.minimum)
        said = one.wording.replace(",", "").split()
        words = {word.strip(".;:()") for word in said}
        if number.replace(",", "") not in words:
            found.append(f"{one.name}: the wording does not name its minimum, {number} h. Officers read the wording.")
        if one.in_person_only and "person" not in one.wording.lower():
            found.append(f"{one.name}: hours must be in person, and the wording does not say so.")
    return found


def said_to_officers(one: Requirement) -> list[str]:
    """What an officer who lacks all of a requirement reads beside its wording, in the words of the standing page."""
    if one.proposed_topic_id and not one.topic_id:
        name = wording.first_small(one.name)
        return [f"You need {wording.hours_words(one.minimum)} {'of' if one.area_id else 'on'} {name}."]
    needs = f"You need {wording.hours_words(one.minimum)}"
    if gaps.is_of_content(one):
        needs += f" {wording.content_words(one)}"
    if gaps.is_of_source(one):
        needs += f" {wording.source_words(one)}"
    said = [f"{needs}."]
    if one.source_kinds:
        said.append(
            f"Beside hours of another source: “These hours count to the total and their area, not to “{one.name}”.”"
        )
    if one.in_person_only:
        said.append(f"Beside an online class: “Taken online: hours for “{one.name}” must be in person.”")
    return said


def fingerprint(one: RequirementSet, *more) -> str:
    """What a page showed of a set, in 16 letters: whoever approves or changes does it to what they saw."""
    rows = [(row.pk, row.order, *content([row])[0]) for row in rows_of(one)]
    topics = list(one.proposed_topics.order_by("pk").values_list("code", "name", "usual_area", "only_area"))
    cases = list(one.golden_cases.order_by("pk").values_list("pk", "name", "text"))
    frame = (one.note, one.carries_on, one.ends_on, one.show_by, one.base_id, one.handed_in_at)
    return hashlib.sha256(repr((rows, topics, cases, frame, more)).encode()).hexdigest()[:16]


def of_requirement(one: Requirement) -> str:
    """The mark of a page that shows one requirement (`clee_portal.history.seen`)."""
    return pages.mark(requirement_facts(one))


def requirement_facts(one: Requirement) -> dict:
    """What the form of a requirement changes, as it stands, by its fields."""
    names = ("name", "short_name", "code", "minimum", "area", "source_kinds", "in_person_only", "wording", "citation")
    topic = f"t{one.topic_id}" if one.topic_id else f"p{one.proposed_topic_id}" if one.proposed_topic_id else ""
    return {name: getattr(one, name) for name in names} | {"topic": topic}


def frame_facts(one: RequirementSet) -> dict:
    """What the form of a draft's days and grounds changes, as it stands, by its fields."""
    days = {"ends_on": one.ends_on or one.period.ends_on, "show_by": one.show_by or one.period.show_by}
    return {"note": one.note, "carries_on": one.carries_on} | days


def open_drafts() -> list[RequirementSet]:
    """Drafts that are not over, those that wait for approval first."""
    found = RequirementSet.objects.filter(drafted_at__isnull=False, published_at=None, discarded_at=None)
    found = found.select_related("period", "handed_in_by").prefetch_related("authors")
    return list(found.order_by("handed_in_at", "drafted_at"))


def is_author(user, one: RequirementSet) -> bool:
    """Whether `user` worked on a set."""
    return any(author.user_id == user.pk for author in one.authors.all())


def why_locked(one: RequirementSet) -> str:
    """Why a set cannot be changed, in words; "" where it can."""
    if one.published_at:
        return f"{one} is published and never changes. To correct it, begin a draft of a new version."
    if one.discarded_at:
        return "This draft was discarded."
    if one.drafted_at is None:
        return "This set is not a draft."
    if one.handed_in_at:
        return "This draft waits for approval. Take it back to change it."
    return ""
