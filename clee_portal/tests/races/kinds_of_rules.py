"""Sets of rules and their drafts, the days of periods and reminders, keys that sign."""

import datetime as dt
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.history import seen as pages
from clee_portal.tests.races.kinds import Act, Kind
from compliance import rules
from compliance.models import ReportingPeriod, Requirement, RequirementSet
from compliance.services import cases, reminder_days, requirement_sets, rule_cases, rule_drafts
from compliance.tests import rule_people
from training.tests import factories as make

TODAY = clock.today()
YEAR = rule_people.YEAR


def _free(state) -> None:
    """There is one draft of a year at a time: the one of the race before is given up."""
    draft = RequirementSet.objects.filter(published_at=None, discarded_at=None, drafted_at__isnull=False).first()
    if draft is None:
        return
    if draft.handed_in_at:
        draft = rule_drafts.send_back(by=state.post[0], draft=draft, reason="The next one")
    rule_drafts.discard(by=state.post[0], draft=draft, reason="The next one", now=clock.now())


def _year(state) -> SimpleNamespace:
    _free(state)
    return SimpleNamespace(source=rule_people.latest())


def _draft(state) -> SimpleNamespace:
    _free(state)
    author = state.post[0]
    hours = 4 + RequirementSet.objects.count()  # each asks for other hours than what is published
    one = SimpleNamespace(draft=rule_people.ready(author, minimum=hours), reviewer=make.post_staff())
    one.requirement = rule_people.requirement(one.draft, "legal")
    one.other = rule_people.requirement(one.draft, "technical")
    one.case = one.draft.golden_cases.get()
    one.topic = rule_drafts.propose_topic(by=author, draft=one.draft, given=_topic("wellness"))
    rule_drafts.drop_topic(by=author, topic=one.topic)
    one.topic = rule_drafts.propose_topic(by=author, draft=one.draft, given=_topic("drones"))
    one.draft.refresh_from_db()
    return one


def _handed_in(state):
    one = _draft(state)
    rule_drafts.drop_topic(by=state.post[0], topic=one.topic)
    one.draft = rule_people.hand_in(state.post[0], one.draft)
    return one


def _topic(code: str) -> dict:
    return {"code": code, "name": code.title(), "usual_area": make.area("legal")}


def _begin(o) -> dict:
    return {"year": YEAR, "source": rule_people.latest(), "now": clock.now(), "today": TODAY}


def _changed(one: Requirement, **given) -> dict:
    return {"draft": one.requirement_set, "given": given, "requirement": one, "seen": rules.of_requirement(one)}


def _framed(o) -> dict:
    period = o.draft.period
    return {
        "draft": o.draft,
        "note": "Voted in fall",
        "carries_on": o.draft.carries_on,
        "ends_on": period.ends_on,
        "show_by": period.show_by,
        "seen": pages.mark(rules.frame_facts(o.draft)),
        "today": TODAY,
    }


BEGIN = Act(rule_drafts.begin, "post", _begin)
HAND_IN = Act(
    rule_drafts.hand_in,
    "post",
    lambda o: {"draft": o.draft, "seen": rules.fingerprint(o.draft), "now": clock.now(), "today": TODAY},
)
DISCARD = Act(rule_drafts.discard, "post", lambda o: {"draft": o.draft, "reason": "Not now", "now": clock.now()})
DRAFT = (
    HAND_IN,
    DISCARD,
    BEGIN,
    Act(rule_drafts.frame, "post", _framed),
    Act(rule_drafts.put_requirement, "post", lambda o: _changed(o.requirement, name="Law")),
    Act(
        rule_drafts.remove_requirement,
        "post",
        lambda o: {"requirement": o.requirement, "seen": rules.of_requirement(o.requirement)},
    ),
    Act(rule_drafts.move_requirement, "post", lambda o: {"requirement": o.other, "up": True}),
    Act(rule_drafts.propose_topic, "post", lambda o: {"draft": o.draft, "given": _topic("canines")}),
    Act(rule_drafts.drop_topic, "post", lambda o: {"topic": o.topic}),
    Act(rule_drafts.follow_latest, "post", lambda o: {"draft": o.draft}),
    Act(
        rule_cases.write,
        "post",
        lambda o: {"draft": o.draft, "text": o.case.text.replace("nothing was", "nothing at all was"), "case": o.case},
    ),
    Act(
        rule_cases.write,
        "post",
        lambda o: {"draft": o.draft, "text": o.case.text.replace("nothing was", "nothing at all was")},
        "another",
    ),
    Act(rule_cases.remove, "post", lambda o: {"case": o.case}),
    Act(rule_cases.copy, "post", lambda o: {"draft": o.draft, "source": o.draft.base}),
)
HANDED_IN = (
    Act(
        requirement_sets.approve,
        "reviewer",
        lambda o: {"draft": o.draft, "seen": rules.fingerprint(o.draft), "at": clock.now()},
    ),
    Act(rule_drafts.take_back, "post", lambda o: {"draft": o.draft}),
    Act(rule_drafts.send_back, "reviewer", lambda o: {"draft": o.draft, "reason": "Why so many?"}),
    DISCARD,
    BEGIN,
    DRAFT[4],
)


def _reminders(state) -> SimpleNamespace:
    """The reminders of the next year, on their days."""
    period = ReportingPeriod.objects.get(year=YEAR)
    days = list(period.reminder_dates.order_by("number"))
    for number, one in enumerate(reversed(days)):
        one.due_on = period.show_by - dt.timedelta(days=7 * number)
        one.save(update_fields=["due_on"])
    return SimpleNamespace(period=period, days=days)


def _moved(number: int, days: int):
    return lambda o: {
        "period": o.period,
        "days": {o.days[number].number: o.days[number].due_on + dt.timedelta(days=days)},
        "reason": "The holidays",
        "today": TODAY,
    }


REMINDERS = (
    Act(reminder_days.move, "post", _moved(-1, -1), "the last"),
    Act(reminder_days.move, "post", _moved(-2, 6), "the one before"),
    Act(cases.set_response_days, "post", lambda o: {"period": o.period, "days": 30, "reason": "As last year"}),
    Act(cases.set_response_days, "post", lambda o: {"period": o.period, "days": 40, "reason": "More"}, "longer"),
)

KINDS = (
    Kind("year without a draft", _year, (BEGIN,)),
    Kind("draft of the rules", _draft, DRAFT),
    Kind("days of the reminders", _reminders, REMINDERS),
    Kind("draft that is handed in", _handed_in, HANDED_IN, is_grave=True),
)
