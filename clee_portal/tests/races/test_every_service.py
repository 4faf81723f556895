"""Every service that changes a state is in a table of acts, or is named here with the reason why it is not."""

import inspect

import pytest

from clee_portal.tests.races.all_kinds import KINDS
from clee_portal.tests.test_who_acts import services
from notifications import addresses, campaigns, outbox, preferences

INSIDE = "called by other services alone, under the locks they hold"
BY_THE_CLOCK = "a task of the clock, which no person begins"
# Service -> why no pair is run with it; a whole module where the name ends with a dot.
NOT_RACED = {
    "training.services.scheduling.publish_many": "`publish` for each of several",
    "training.services.scheduling.call_off_many": "`call_off` for each of several",
    "training.services.scheduling.discard_many": "`discard` for each of several",
    "training.services.calendar_imports.read": "keeps a file of its own each time; nothing is there before",
    "training.services.class_records.make": "makes a file and changes nothing",
    "training.services.imports.hold_lines": INSIDE,
    "training.services.held_classes.hold": INSIDE,
    "training.services.classes.course_of": INSIDE,
    "training.services.classes.write": INSIDE,
    "training.services.classes.take_away": INSIDE,
    "training.services.classes.take_all_away": INSIDE,
    "training.services.duplicates.": INSIDE,
    "training.services.giving.give": INSIDE,
    "training.services.renewal.renew": INSIDE,
    "training.services.invitations.send": INSIDE,
    "training.services.invitations.answer_requests": INSIDE,
    "training.services.invitations.may_send_again": "asks, and changes nothing",
    "training.services.invitations.why_not": "asks, and changes nothing",
    "training.services.memberships.lock": INSIDE,
    "training.services.seats.end_for": INSIDE,
    "training.services.seats.call_off_all": INSIDE,
    "compliance.services.reminders.put": BY_THE_CLOCK,
    "compliance.services.relief_messages.put_endings": BY_THE_CLOCK,
    "compliance.services.seasons.": BY_THE_CLOCK,
    "compliance.services.recording_gaps.find": BY_THE_CLOCK,
    "compliance.services.record_report_papers.keep_papers": INSIDE,
    "compliance.services.reporting_periods.locked": INSIDE,
    "compliance.services.requirement_sets.publish": "the command line’s act",
    "compliance.services.rule_cases.copy_all": INSIDE,
    "compliance.services.rule_locks.": INSIDE,
    "compliance.services.signing_keys.in_use": INSIDE,
    "compliance.services.signing_keys.revoke": "the command line’s act",
    "compliance.services.transcripts.made_for": "asks, and changes nothing",
    "compliance.services.transcripts.note_look": "adds a row, and changes nothing",
    "notifications.outbox.put_many": INSIDE,
    "notifications.campaigns.plan": BY_THE_CLOCK,
    "notifications.campaigns.begin": BY_THE_CLOCK,
    "notifications.campaigns.prepare": INSIDE,
}


def changing():
    """Every public service that says who acts, or opens a transaction, by its dotted name."""
    found = list(services())
    for module in (addresses, campaigns, outbox, preferences):
        members = inspect.getmembers(module, inspect.isfunction)
        found += [(f"{module.__name__}.{name}", one) for name, one in members if one.__module__ == module.__name__]
    for name, function in found:
        if name.rpartition(".")[2].startswith("_"):
            continue
        if "by" in inspect.signature(function).parameters or "@transaction.atomic" in inspect.getsource(function):
            yield name


RACED = {f"{act.service.__module__}.{act.service.__name__}" for kind in KINDS for act in kind.acts}


def reason_for(name: str) -> str:
    """Why a service is in no table."""
    return NOT_RACED.get(name) or NOT_RACED.get(f"{name.rpartition('.')[0]}.", "")


@pytest.mark.parametrize("name", sorted(changing()))
def test_service_is_raced_or_says_why_not(name):
    assert name in RACED or reason_for(name), f"put {name} into a table of clee_portal/tests/races, or say why not"


def test_no_reason_is_left_over():
    whole = {name for name in NOT_RACED if not name.endswith(".")}
    assert [name for name in whole if name in RACED] == []
    assert whole - set(changing()) == set()


def test_names_of_acts_tell_them_apart():
    for kind in KINDS:
        names = [act.name for act in kind.acts]
        assert sorted(set(names)) == sorted(names), kind.name
    assert len({kind.name for kind in KINDS}) == len(KINDS)
