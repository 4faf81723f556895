"""Campaigns: held and let go, stopped while they run, weighed by the safety catch, and how they are getting on."""

import threading
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.refusal import Refused
from notifications import campaigns, outbox, queue, sending
from notifications.campaigns import Expectation
from notifications.models import Campaign, Message
from notifications.outbox import Mail
from training.tests import factories

pytestmark = pytest.mark.django_db

State = Message.State


@pytest.fixture
def post():
    return factories.post_staff()


@pytest.fixture(autouse=True)
def small(settings):
    """A catch that a handful of people can spring."""
    settings.CAMPAIGN_MINIMUM, settings.CAMPAIGN_FACTOR = 3, 2.0


def begin(coming: int, *expected: int, key: str = "2025:1") -> Campaign:
    return campaigns.begin(
        occasion="news",
        key=key,
        coming=coming,
        expectations=lambda: [Expectation(count, f"so many ({count})") for count in expected],
    )


def put(campaign: Campaign, count: int) -> list[int]:
    people = [factories.officer_account(factories.officer(factories.agency())) for _ in range(count)]
    mails = [Mail(f"{campaign.pk}:{one.pk}", one.email, one.pk, campaign=campaign.pk) for one in people]
    return outbox.put_many(occasion="news", mails=mails)


def states(campaign: Campaign) -> dict[str, int]:
    return campaigns.progress(campaign, clock.now()).counts


# The catch ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coming", "expected", "state"),
    [
        (10, (5,), "going"),  # just twice as many
        (11, (5,), "held"),
        (3, (0,), "going"),  # never fewer than the minimum
        (4, (0,), "held"),
        (5, (10,), "going"),  # just half
        (4, (10,), "held"),
        (0, (2,), "going"),  # fewer than the minimum are never missed
        (0, (3,), "held"),
        (8, (8, 3), "held"),  # far from either is far
        (9999, (), "going"),  # nothing is known to compare with
    ],
)
def test_catch_holds_what_is_far_from_what_was_to_be_expected(said, coming, expected, state):
    made = begin(coming, *expected)
    assert (made.state, campaigns.is_caught(made)) == (state, state == "held")


def test_catch_says_why_in_words(said):
    assert begin(11, 5).held_because == (
        "Held by the safety catch: 11 people would be written to, but about 5 were to be expected (so many (5))."
    )


def test_messages_of_a_held_campaign_are_held_and_go_once_released(said, post, mailoutbox):
    made = begin(4, 0)
    put(made, 4)
    sending.send_waiting(60)
    assert (states(made), mailoutbox) == ({"held": 4}, [])
    campaigns.release(by=post, campaign=made, reason="We connected them yesterday")
    sending.send_waiting(60)
    assert (states(made), len(mailoutbox)) == ({"sent": 4}, 4)
    made.refresh_from_db()
    assert (made.state, made.released_by, made.released_because) == ("going", post, "We connected them yesterday")


def test_catch_is_not_passed_without_a_reason(said, post):
    made = begin(4, 0)
    with pytest.raises(Refused, match="Say why this number") as refused:
        campaigns.release(by=post, campaign=made, reason=" ")
    assert refused.value.field == "reason"


def test_what_is_added_is_weighed_against_what_it_was_let_go_with(said, post):
    made = begin(4, 0)
    put(made, 4)
    campaigns.release(by=post, campaign=made, reason="They are right")
    assert begin(4).state == "going"
    put(made, 4)
    assert begin(1).state == "held"
    assert states(made) == {"held": 8}


def test_expectations_are_asked_for_once(said):
    begin(2, 2)
    campaigns.begin(occasion="news", key="2025:1", coming=1, expectations=lambda: pytest.fail("asked again"))


# Held, let go, stopped ------------------------------------------------------------------------------------------------


def test_held_before_its_day_goes_on_its_day_once_released(said, post):
    campaigns.plan(occasion="news", keys=["2025:1"])
    planned = Campaign.objects.get()
    campaigns.hold(by=post, campaign=planned, reason="A file is still to come")
    assert begin(2).state == "held"
    put(planned, 2)
    assert states(planned) == {"held": 2}
    campaigns.release(by=post, campaign=planned)
    assert states(planned) == {"waiting": 2}


def test_released_before_its_day_is_planned_again_and_still_weighed(said, post):
    campaigns.plan(occasion="news", keys=["2025:1"])
    campaigns.hold(by=post, campaign=Campaign.objects.get(), reason="Wait")
    assert campaigns.release(by=post, campaign=Campaign.objects.get()).state == "planned"
    assert begin(9, 1).state == "held"


def test_stopped_while_it_runs_what_was_not_handed_over_stays_and_goes_on_later(said, post, mailoutbox):
    made = begin(5)
    put(made, 5)
    worker = uuid.uuid4()
    taken = queue.claim(worker, 5)
    first = taken[0]
    assert queue.step(worker, begins=first)
    campaigns.hold(by=post, campaign=made, reason="A wrong date in the letter")
    assert states(made) == {"held": 4, "sending": 1}
    # The worker that had taken all five hands over no more than the one it had begun.
    queue.step(worker, ended=queue.ended(first, State.SENT))
    assert not queue.step(worker, begins=taken[1])
    assert states(made) == {"held": 4, "sent": 1}
    campaigns.release(by=post, campaign=made)
    sending.send_waiting(60)
    assert (states(made), len(mailoutbox)) == ({"sent": 5}, 4)


@pytest.mark.parametrize("who", [factories.director, factories.user])
def test_nobody_but_post_decides(said, who):
    made = begin(4, 0)
    for act in (campaigns.hold, campaigns.release):
        with pytest.raises(Refused, match="Only POST staff"):
            act(by=who(), campaign=made, reason="Because")


def test_holding_needs_a_reason_and_holds_once(said, post):
    made = begin(1)
    with pytest.raises(Refused, match="Say why it is held"):
        campaigns.hold(by=post, campaign=made, reason="")
    campaigns.hold(by=post, campaign=made, reason="Wait")
    with pytest.raises(Refused, match="held already"):
        campaigns.hold(by=post, campaign=made, reason="Wait")


def test_laid_ready_goes_only_by_a_person(said, post):
    made = campaigns.prepare(occasion="news", key="2025:1", because="Never by itself", size=2)
    put(made, 2)
    assert (states(made), made.held_because, campaigns.is_caught(made)) == ({"held": 2}, "Never by itself", False)
    with pytest.raises(Refused, match="just laid"):
        campaigns.prepare(occasion="news", key="2025:1", because="Again", size=2)
    campaigns.release(by=post, campaign=made)
    assert states(made) == {"waiting": 2}


def test_laid_ready_far_from_last_year_needs_a_reason(said, post):
    made = campaigns.prepare(
        occasion="news", key="2025:1", because="Never by itself", size=50, expectations=[Expectation(4, "last year")]
    )
    assert campaigns.is_caught(made)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_let_it_go_once(said):
    people = [factories.post_staff(f"staff{n}@example.org", f"Staff {n}") for n in range(2)]
    made = begin(4, 0)
    put(made, 4)
    barrier, told = threading.Barrier(2), []

    def let_go(by):
        barrier.wait()
        try:
            campaigns.release(by=by, campaign=made, reason="It is right")
            told.append("released")
        except Refused as refusal:
            told.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=let_go, args=[one]) for one in people]
    [one.start() for one in threads]
    [one.join() for one in threads]
    made.refresh_from_db()
    assert sorted(told) == [f"It is not held: {made.released_by.name} let it go.", "released"]
    assert states(made) == {"waiting": 4}


# How it is getting on -------------------------------------------------------------------------------------------------


def test_progress_counts_by_state_and_pace(said):
    made = begin(4)
    ids = put(made, 4)
    Message.objects.filter(pk__in=ids[:2]).update(state="sent", next_try_at=None, settled_at=clock.now())
    Message.objects.filter(pk=ids[2]).update(state="refused", next_try_at=None, note="550 No such user")
    found = campaigns.progress(made, clock.now())
    assert (found.total, found.sent, found.left, found.done, found.trouble) == (4, 2, 1, 3, 1)
    assert (found.sent_last_minute, found.minutes_left) == (2, 1)
    assert [(one.state, one.note, one.count) for one in campaigns.failures(made)] == [
        ("refused", "550 No such user", 1)
    ]


def test_progress_of_many_is_one_statement(said):
    made = [begin(1, key=f"2025:{n}") for n in range(5)]
    for one in made:
        put(one, 1)
    with CaptureQueriesContext(connection) as sent:
        found = campaigns.progress_of([one.pk for one in made], clock.now())
    assert ({one.total for one in found.values()}, len(sent)) == ({1}, 1)
