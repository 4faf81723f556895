"""The days of the reminders are POST's to move: in order, in time, with a reason, and never of one that went out."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from clee_portal.refusal import Refused
from compliance.models import ReminderDate, ReportingPeriod
from compliance.services import reminder_days
from compliance.services import reminders as putting
from training.tests import factories

pytestmark = pytest.mark.django_db
D = dt.date
TODAY = D(2025, 11, 1)
USUAL = [D(2025, 10, 1), D(2025, 11, 15), D(2025, 12, 1), D(2025, 12, 15), D(2026, 1, 5), D(2026, 2, 15), D(2026, 3, 8)]


@pytest.fixture
def period():
    return ReportingPeriod.objects.get(year=2025)


@pytest.fixture
def post():
    return factories.post_staff()


def days(period) -> list[dt.date]:
    return list(period.reminder_dates.order_by("number").values_list("due_on", flat=True))


def move(by, period, reason="The holidays", **new):
    wanted = {int(name.removeprefix("n")): day for name, day in new.items()}
    return reminder_days.move(by=by, period=period, days=wanted, reason=reason, today=TODAY)


def test_days_move_also_onto_each_others_days_with_the_reason(period, post):
    assert days(period) == USUAL
    moved = move(post, period, n2=D(2025, 12, 1), n3=D(2025, 12, 15), n4=D(2025, 12, 20), n6=D(2026, 1, 20))
    assert [one.number for one in moved] == [2, 3, 4, 6]
    later = [USUAL[0], D(2025, 12, 1), D(2025, 12, 15), D(2025, 12, 20), USUAL[4], D(2026, 1, 20), USUAL[6]]
    assert days(period) == later
    move(post, period, n2=USUAL[1], n3=USUAL[2], n4=USUAL[3], n6=USUAL[5])
    assert days(period) == USUAL
    assert move(post, period, reason="", n2=USUAL[1]) == []


@pytest.mark.parametrize(
    ("new", "reason", "field", "says"),
    [
        ({"n2": D(2025, 10, 31)}, "why", "day_2", "Give a day from November 1, 2025 to March 15, 2026"),
        ({"n7": D(2026, 3, 16)}, "why", "day_7", "Give a day from November 1, 2025 to March 15, 2026"),
        ({"n2": D(2025, 12, 1)}, "why", "day_3", "Reminder 3 has to come after reminder 2, which is on December 1"),
        ({"n2": D(2025, 11, 20)}, "  ", "reason", "Say why"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(period, post, new, reason, field, says):
    with pytest.raises(Refused, match=says) as refused:
        move(post, period, reason, **new)
    assert refused.value.field == field
    assert days(period) == USUAL


@pytest.mark.parametrize("who", [factories.director, factories.user])
def test_nobody_but_post_moves(period, who):
    with pytest.raises(Refused, match="Only POST"):
        move(who(), period, n2=D(2025, 11, 20))


def test_the_first_and_last_day_fit(period, post):
    move(post, period, n1=TODAY, n7=D(2026, 3, 15))
    assert [days(period)[0], days(period)[-1]] == [TODAY, D(2026, 3, 15)]


def test_one_that_went_out_stays(period, post):
    factories.officer_account(factories.officer(factories.agency()))
    with time_machine.travel(dt.datetime(2025, 10, 2, 15, tzinfo=dt.UTC)):
        assert putting.put_due(day=D(2025, 10, 2)) == 1
    assert reminder_days.begun(period) == {1}
    with pytest.raises(Refused, match="went out already"):
        move(post, period, n1=D(2025, 11, 3))


def test_the_page_moves_and_says_what_is_wrong(client, period, post):
    at = reverse("compliance:reminder_days")
    with time_machine.travel(dt.datetime(2025, 11, 1, 15, tzinfo=dt.UTC)):
        client.force_login(post)
        assert client.get(at, {"year": "2031"}).status_code == 404
        given = {f"day_{number}": f"{day:%Y-%m-%d}" for number, day in enumerate(USUAL, 1)} | {"reason": "Holidays"}
        given["seen"] = client.get(f"{at}?year=2025").context["seen"]
        page = client.post(f"{at}?year=2025", given | {"day_2": "2026-04-01"}).content.decode()
        assert "Give a day from November 1, 2025 to March 15, 2026" in page
        assert 'value="2026-04-01"' in page
        response = client.post(f"{at}?year=2025", given | {"day_2": "2025-11-20"}, follow=True)
        assert "1 reminder moved." in response.content.decode()
        assert ReminderDate.objects.get(period=period, number=2).due_on == D(2025, 11, 20)
        client.force_login(factories.director())
        page = client.get(f"{at}?year=2025").content.decode()
        assert "Keep these days" not in page
        assert client.post(f"{at}?year=2025", given).status_code == 403
