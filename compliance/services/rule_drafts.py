"""Drafts of what a period asks: begun from a published set, changed, handed in, taken back, sent back, discarded.

Whoever changes a draft is an author of it, and does not approve it. Publishing is `services.requirement_sets`.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from clee_portal.accounts.models import User
from clee_portal.history import because
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from compliance import rules
from compliance.models import ProposedTopic, Requirement, RequirementSet, RuleAuthor
from compliance.services import reporting_periods, rule_cases
from compliance.services.rule_locks import CHANGED, locked, must_write, to_change
from training.models import Topic


@transaction.atomic
def begin(*, by: User, year: int, source: RequirementSet, now: dt.datetime, today: dt.date) -> RequirementSet:
    """Begin a draft of a new version of what `year` asks, copied from a published set with its golden cases.

    The year after the last period is made first, asking what the last one asks. Raises `Refused` where there is a
    draft already, or the source is not published.
    """
    must_write(by=by)
    if not source.published_at:
        raise Refused("Copy from a set that is published.", field="source")
    period = reporting_periods.locked(by=by, year=year)
    held = RequirementSet.objects.filter(period=period, drafted_at__isnull=False, published_at=None, discarded_at=None)
    if other := held.prefetch_related("authors__user").first():
        names = ", ".join(str(author.user) for author in other.authors.all())
        raise Refused(f"{year} has a draft already ({names}). Work on that one, or discard it.", field="year")
    with because(f"Draft for {year}, copied from {source}"):
        draft = RequirementSet.objects.create(
            period=period, drafted_at=now, base=rules.latest(period), carries_on=year >= today.year
        )
        RuleAuthor.objects.create(requirement_set=draft, user=by)
        copies = rules.rows_of(source)
        for one in copies:
            one.pk, one.requirement_set, one.proposed_topic = None, draft, None
            one._state.adding = True
        Requirement.objects.bulk_create(copies)
        rule_cases.copy_all(by=by, draft=draft, source=source)
    return draft


@transaction.atomic
def frame(
    *, by: User, draft: RequirementSet, note: str, carries_on: bool, ends_on: dt.date, show_by: dt.date, seen: str,
    today: dt.date,
) -> RequirementSet:  # fmt: skip
    """Say what changes and on what ground, whether the following periods ask it too, and the days of the period."""
    held = to_change(by=by, draft=draft)
    given = {"note": note.strip(), "carries_on": carries_on, "ends_on": ends_on, "show_by": show_by}
    pages.check(seen=seen, now=rules.frame_facts(held), given=given, rows=[held])
    period = held.period
    reporting_periods.must_fit(period, ends_on=ends_on, show_by=show_by, today=today)
    held.note, held.carries_on = note.strip(), carries_on
    held.ends_on = ends_on if ends_on != period.ends_on else None
    held.show_by = show_by if show_by != period.show_by else None
    with because(f"Draft for {period.year}"):
        held.save(update_fields=["note", "carries_on", "ends_on", "show_by"])
    return held


@transaction.atomic
def put_requirement(
    *, by: User, draft: RequirementSet, given: dict, requirement: Requirement | None = None, seen: str = ""
) -> Requirement:
    """Add a requirement at the end of a draft, or change one that was `seen` so. `given` are its fields."""
    held = to_change(by=by, draft=draft)
    if requirement is None:
        last = held.requirements.aggregate(last=Max("order"))["last"] or 0
        made = Requirement(requirement_set=held, order=last + 1)
    else:
        made = _still_there(held, requirement)
    now = rules.requirement_facts(made)
    for name, value in given.items():
        setattr(made, name, value)
    if requirement is not None:
        pages.check(seen=seen, now=now, given=rules.requirement_facts(made), rows=[made])
    if made.proposed_topic and made.proposed_topic.requirement_set_id != held.pk:
        raise Refused("That topic is not of this draft.", field="subject")
    _must_be_sound(made)
    with because(f"Draft for {held.period.year}: {made.name}"):
        made.save()
    return made


def _still_there(held: RequirementSet, requirement: Requirement) -> Requirement:
    found = held.requirements.filter(pk=requirement.pk).first()
    if found is None:
        raise Refused("This requirement was removed from the draft meanwhile.")
    return found


def _must_be_sound(one: Requirement) -> None:
    """What one requirement can be told by itself; what the list has to be is `rules.problems`."""
    topic = one.topic or one.proposed_topic
    if topic and topic.only_area_id and one.area_id not in (None, topic.only_area_id):
        raise Refused(f"{topic} lies only in {topic.only_area}, so no hour could ever count.", field="area")
    try:
        one.full_clean(exclude=["requirement_set"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(" ".join(messages), field=None if field == "__all__" else field) from None


@transaction.atomic
def remove_requirement(*, by: User, requirement: Requirement, seen: str) -> None:
    """Take a requirement out of its draft."""
    held = to_change(by=by, draft=requirement.requirement_set)
    found = _still_there(held, requirement)
    if seen != rules.of_requirement(found):
        raise Refused(CHANGED)
    with because(f"Draft for {held.period.year}: {found.name} removed"):
        found.delete()


@transaction.atomic
def move_requirement(*, by: User, requirement: Requirement, up: bool) -> None:
    """Move a requirement one place up or down in its draft."""
    held = to_change(by=by, draft=requirement.requirement_set)
    rows = list(held.requirements.order_by("order", "pk"))
    at = next((n for n, one in enumerate(rows) if one.pk == requirement.pk), None)
    other = None if at is None else at - 1 if up else at + 1
    if other is None or not 0 <= other < len(rows):
        return
    rows[at], rows[other] = rows[other], rows[at]
    with because(f"Draft for {held.period.year}: order"):
        for order, one in enumerate(rows, start=1):
            if one.order != order:
                one.order = order
                one.save(update_fields=["order"])


@transaction.atomic
def propose_topic(*, by: User, draft: RequirementSet, given: dict) -> ProposedTopic:
    """Add a topic to a draft: it comes into being when the draft is published."""
    held = to_change(by=by, draft=draft)
    if Topic.objects.filter(code=given["code"]).exists():
        raise Refused(f"There is a topic “{given['code']}” already. Choose it in a requirement.", field="code")
    if held.proposed_topics.filter(code=given["code"]).exists():
        raise Refused("This draft adds a topic of that code already.", field="code")
    if given.get("only_area") and given["only_area"] != given["usual_area"]:
        raise Refused("A topic that lies in one area only has its usual place there.", field="usual_area")
    with because(f"Draft for {held.period.year}: topic {given['name']}"):
        return ProposedTopic.objects.create(requirement_set=held, **given)


@transaction.atomic
def drop_topic(*, by: User, topic: ProposedTopic) -> None:
    """Take a proposed topic out of its draft; refused while a requirement is about it."""
    held = to_change(by=by, draft=topic.requirement_set)
    if used := topic.requirements.first():
        raise Refused(f"“{used.name}” is about this topic. Change or remove that requirement first.")
    with because(f"Draft for {held.period.year}: topic {topic.name} removed"):
        ProposedTopic.objects.filter(pk=topic.pk).delete()


@transaction.atomic
def follow_latest(*, by: User, draft: RequirementSet) -> RequirementSet:
    """Let the draft follow the version published since it was begun: its differences are shown against that one."""
    held = to_change(by=by, draft=draft)
    held.base = rules.latest(held.period)
    with because(f"Draft for {held.period.year}: follows {held.base}"):
        held.save(update_fields=["base"])
    return held


@transaction.atomic
def hand_in(*, by: User, draft: RequirementSet, seen: str, now: dt.datetime, today: dt.date) -> RequirementSet:
    """Hand a draft in for approval: it is not changed any more until it is taken or sent back. Raises `Refused` where
    it could not be published as it is."""
    held = to_change(by=by, draft=draft)
    if seen != rules.fingerprint(held):
        raise Refused(CHANGED)
    must_be_publishable(held, today)
    held.handed_in_at, held.handed_in_by, held.sent_back = now, by, ""
    with because(f"Draft for {held.period.year} handed in: {held.note}"):
        held.save(update_fields=["handed_in_at", "handed_in_by", "sent_back"])
    return held


def must_be_publishable(held: RequirementSet, today: dt.date) -> None:
    """Raise `Refused` with the first thing that keeps a draft from being published."""
    if not held.note.strip():
        raise Refused("Say what changes and on what ground (“What changes”).")
    if rules.is_stale(held):
        raise Refused(
            f"{rules.latest(held.period)} was published after this draft was begun. Look at the differences against "
            "it, and let the draft follow it."
        )
    rows = rules.rows_of(held)
    if found := rules.problems(held, rows, today):
        raise Refused(found[0])
    before = rules.rows_of(held.base) if held.base else []
    changed = rules.differences(before, rows)
    is_same = rules.content(before) == rules.content(rows)
    if is_same and not rules.changes_dates(held) and not held.proposed_topics.exists():
        raise Refused(f"{held.period} asks exactly this already. Change something, or discard the draft.")
    reporting_periods.must_fit(
        held.period,
        ends_on=held.ends_on or held.period.ends_on,
        show_by=held.show_by or held.period.show_by,
        today=today,
    )
    outcomes = rule_cases.outcomes(held)
    if not outcomes and any(one.counts_differently for one in changed):
        raise Refused("What counts is changed: write at least one golden case that shows it.")
    if failed := [one for one in outcomes if not one.passed]:
        raise Refused(
            f"Golden case “{failed[0].case.name}” does not agree: {failed[0].words}. All cases have to agree."
        )


@transaction.atomic
def take_back(*, by: User, draft: RequirementSet) -> RequirementSet:
    """Take back what was handed in, to change it; an author does."""
    must_write(by=by)
    held = handed_in(draft)
    if not rules.is_author(by, held):
        raise Refused("Somebody who worked on it takes it back. You can send it back, with a reason.")
    return _opened_again(held, f"Draft for {held.period.year} taken back")


@transaction.atomic
def send_back(*, by: User, draft: RequirementSet, reason: str) -> RequirementSet:
    """Send a draft back to its authors, saying why."""
    must_write(by=by)
    held = handed_in(draft)
    if not reason.strip():
        raise Refused("Say what has to be changed.", field="reason")
    held.sent_back = reason.strip()
    return _opened_again(held, f"Draft for {held.period.year} sent back: {reason.strip()}")


def handed_in(draft: RequirementSet) -> RequirementSet:
    """A draft that waits for approval, its row locked. Raises `Refused` where it does not, or not any more."""
    held = locked(draft)
    if held.published_at:
        raise Refused(f"{held} was published meanwhile by {held.published_by}.")
    if held.discarded_at:
        raise Refused("This draft was discarded meanwhile.")
    if held.handed_in_at is None:
        raise Refused("This draft does not wait for approval: it was taken or sent back.")
    return held


def _opened_again(held: RequirementSet, why: str) -> RequirementSet:
    held.handed_in_at = held.handed_in_by = None
    with because(why):
        held.save(update_fields=["handed_in_at", "handed_in_by", "sent_back"])
    return held


@transaction.atomic
def discard(*, by: User, draft: RequirementSet, reason: str, now: dt.datetime) -> RequirementSet:
    """Give a draft up. It is kept in the history and shown nowhere."""
    held = to_change(by=by, draft=draft)
    if not reason.strip():
        raise Refused("Say why it is discarded.", field="reason")
    held.discarded_at, held.discarded_by = now, by
    with because(f"Draft for {held.period.year} discarded: {reason.strip()}"):
        held.save(update_fields=["discarded_at", "discarded_by"])
    return held
