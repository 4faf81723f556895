"""Campaigns: a list read row by row, thousands invited in a constant number of statements, and how far it has come."""

import datetime as dt
import io
from itertools import pairwise

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from notifications import sending
from notifications.models import Message
from training import campaign_plot, invitation_lists
from training.imports import invitation_list
from training.imports.problems import Unreadable
from training.models import Campaign, Invitation, InvitationRequest
from training.services import campaigns, invitation_requests, invitations
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return make.post_staff("grace@example.org", "Grace Lindqvist")


def read(text: str) -> list[tuple]:
    return [tuple(one) for one in invitation_list.read(text.encode(), "pasted")]


def send(by, text, name="January"):
    return campaigns.send(by=by, name=name, given=invitation_list.read(text.encode(), "list"), today=clock.today())


@pytest.mark.parametrize(
    "text",
    [
        "41733\tm@example.org\n41734\tn@example.org",
        "41733, m@example.org\n41734, n@example.org",
        "41733 m@example.org\n41734 n@example.org",
        "41733 <m@example.org>;\n41734 <n@example.org>;",
        "m@example.org,41733\nn@example.org,41734",
    ],
)
def test_list_without_names_of_columns_is_read_by_what_stands_in_it(text):
    assert read(text) == [(1, "41733", "m@example.org"), (2, "41734", "n@example.org")]


def test_columns_are_found_by_their_names_whatever_else_stands_beside_them():
    text = "Badge,Name,E-mail,POST License\n12,Calloway,m@example.org,41733\n\n13,Dwyer,,41734\n"
    assert read(text) == [(2, "41733", "m@example.org"), (4, "41734", "")]


def test_workbook_is_read():
    book = Workbook()
    book.active.append(["License number", "Email"])
    book.active.append([41733, "m@example.org"])
    out = io.BytesIO()
    book.save(out)
    assert [tuple(one) for one in invitation_list.read(out.getvalue(), "list.xlsx")] == [(2, "41733", "m@example.org")]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"%PDF-1.4", b"License,Email\n"])
def test_what_holds_no_list_says_so(data):
    with pytest.raises(Unreadable):
        invitation_list.read(data, "list")


def test_rows_come_back_from_the_page_as_they_were_read():
    given = invitation_list.read(b"License,Email\n41733,m@example.org\n41734,\n", "list")
    assert invitation_list.of_lines(invitation_list.as_lines(given)) == given
    assert invitation_list.of_lines("x\nnot a row\n1\t2") == []


def test_every_problem_of_a_row_is_said_and_the_others_go(agency, post):
    for number in ("10001", "10002", "10003", "10004", "10005", "10006", "10007"):
        make.officer(agency, license_number=number)
    officers = {one.license_number: one for one in agency_officers(agency)}
    make.officer_account(officers["10002"])
    make.license_event(officers["10003"], "revoked", clock.today())
    make.officer(agency, license_number="10008", issued_on=None)
    invitations.invite_officer(by=post, officer=officers["10007"], email="old@example.org", today=clock.today())
    text = "\n".join([
        "license,email", "10001,one@example.org", "99999,who@example.org", "10002,two@example.org",
        "10003,three@example.org", "10004,not an address", "10005,", "10001,again@example.org",
        "10006,one@example.org", "10008,eight@example.org", "1 2,x@example.org", "10007,seven@example.org",
    ])  # fmt: skip
    checked = invitation_list.check(invitation_list.read(text.encode(), "list"), clock.today(), clock.now())
    assert [(one.officer.license_number, one.email, one.note) for one in checked.invitees] == [
        ("10001", "one@example.org", ""),
        ("10007", "seven@example.org", "invited already: the old link ends (it went to old@example.org)"),
    ]
    assert [(one.row, one.column, one.wrong) for one in checked.problems] == [
        (3, "license_number", "No officer in the register has this license number."),
        (4, "license_number", "It is connected to an account already."),
        (5, "license_number", "The license is revoked today."),
        (6, "email", "“not an address” is not an e-mail address."),
        (7, "email", "There is no e-mail address."),
        (8, "license_number", "It stands in row 2 already."),
        (9, "email", "The same address stands in row 2."),
        (10, "license_number", "The license was never issued."),
        (11, "license_number", "“1 2” is not a license number."),
    ]
    assert (checked.rows, checked.again) == (11, 1)
    made = send(post, text)
    assert (made.invitations.count(), made.rows_left_out) == (2, 9)
    old = Invitation.objects.get(email="old@example.org")
    assert (old.is_superseded, old.withdrawn_by) == (True, post)


def agency_officers(agency):
    return [one.officer for one in agency.commissions.select_related("officer")]


def test_campaign_is_sent_answers_what_was_asked_and_keeps_the_history(agency, post):
    one, other = make.officer(agency, license_number="10001"), make.officer(agency, license_number="10002")
    chief = make.ceo(agency)
    assert invitation_requests.ask(by=chief, agency=agency, today=clock.today()) == (2, 0)
    assert invitation_requests.ask(by=chief, agency=agency, officers=[one.pk], today=clock.today()) == (1, 1)
    made = send(post, "10001,a@example.org\n10002,b@example.org")
    assert [(row.officer, row.invited_by) for row in made.invitations.order_by("pk")] == [(one, post), (other, post)]
    [first, _] = made.invitations.order_by("pk")
    assert first.events.get().pgh_context["reason"] == "Campaign January"
    assert first.expires_at - first.invited_at == dt.timedelta(days=14)
    assert set(InvitationRequest.objects.values_list("answer", "times")) == {
        ("An invitation was sent.", 2), ("An invitation was sent.", 1),
    }  # fmt: skip
    sending.send_waiting(5, ahead=False)
    assert sorted(sent.to[0] for sent in mail.outbox) == ["a@example.org", "b@example.org"]


def test_campaign_takes_the_same_number_of_statements_for_one_and_for_three_hundred(agency, post):
    counts = []
    for first, size in ((50000, 1), (60000, 300)):
        make.roster(agency, size, first_number=first)
        text = "\n".join(f"{first + at},p{first + at}@example.org" for at in range(size))
        given = invitation_list.read(text.encode(), "list")
        with CaptureQueriesContext(connection) as captured:
            campaigns.send(by=User.objects.get(pk=post.pk), name=f"Of {size}", given=given, today=clock.today())
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert (Invitation.objects.count(), Message.objects.count()) == (301, 301)


def test_campaign_is_named_once_and_sent_by_post_alone(agency, post):
    make.officer(agency, license_number="10001")
    for by in (make.director(), make.ceo(agency), make.user()):
        with pytest.raises(Refused, match="Only POST staff invite"):
            send(by, "10001,a@example.org")
    with pytest.raises(Refused, match="Nobody of this list"):
        send(post, "99999,a@example.org")
    send(post, "10001,a@example.org")
    with pytest.raises(Refused, match="of this name already") as refused:
        send(post, "10001,a@example.org", "JANUARY")
    assert refused.value.field == "name"
    assert (Campaign.objects.count(), Invitation.objects.standing().count()) == (1, 1)


def test_progress_counts_each_officer_once_by_the_first_time_it_happened(agency, post):
    day = dt.datetime(2026, 10, 1, 12, tzinfo=clock.CHICAGO)
    made = Campaign.objects.create(name="Autumn")

    def invited(number, at, **more):
        officer = make.officer(agency, license_number=number)
        return row(officer, at, **more)

    def row(officer, at, mailed=None, **more):
        one = invitations.draft(role="officer", officer=officer, email="x@example.org", campaign=made)
        one.invited_at, one.expires_at = at, at + dt.timedelta(days=14)
        for name, value in more.items():
            setattr(one, name, value)
        one.save()
        if mailed:
            Message.objects.create(
                occasion="invitation", key=str(one.pk), address=one.email, priority=0, state=mailed, next_try_at=None,
                settled_at=at + dt.timedelta(hours=1),
            )  # fmt: skip
        return one

    days = dt.timedelta
    invited("1", day, mailed="sent", opened_at=day + days(1), used_at=day + days(2), used_by=make.user())
    first = invited("2", day, mailed="sent", withdrawn_at=day + days(3), is_superseded=True)
    row(first.officer, day + days(3), mailed="sent", opened_at=day + days(4))
    invited("3", day, mailed="refused")
    invited("4", day, mailed="sent", locked_at=day + days(1), wrong_facts=5)
    invited("5", day)
    found = invitation_lists.days(made, day + days(4), dt.date(2026, 10, 5))
    assert [tuple(one)[1:] for one in found] == [
        (5, 3, 0, 0, 1), (5, 3, 1, 0, 2), (5, 3, 1, 1, 2), (5, 3, 1, 1, 2), (5, 3, 2, 1, 2),
    ]  # fmt: skip
    later = invitation_lists.days(made, day + days(20), dt.date(2026, 10, 21))
    assert (later[-1].day, tuple(later[-1])[1:]) == (dt.date(2026, 10, 21), (5, 3, 2, 1, 4))
    told = invitation_lists.with_progress(Invitation.objects.filter(campaign=made), day + days(4)).order_by("pk")
    assert [one.progress for one in told] == [
        "connected", "superseded", "opened", "failed", "locked", "waiting",
    ]  # fmt: skip
    assert invitation_lists.totals([made]) == {made.pk: (5, 1)}


def test_plot_names_its_lines_apart_and_inside():
    days = [
        invitation_lists.Day(dt.date(2026, 10, 1), 5, 0, 0, 0, 0),
        invitation_lists.Day(dt.date(2026, 10, 2), 5, 5, 5, 0, 0),
    ]
    found = campaign_plot.plot(days)
    assert [(line.kind, line.label) for line in found.lines] == [
        ("invited", "5 invited"), ("sent", "5 sent"), ("opened", "5 opened"), ("connected", "0 connected"),
    ]  # fmt: skip
    heights = [line.y for line in found.lines]
    assert all(below - above >= campaign_plot.APART - 1 for above, below in pairwise(heights))
    assert found.lines[0].points == "0.00,0.00 100.00,0.00"
    assert found.lines[3].points == "0.00,100.00 100.00,100.00"
    assert (max(heights) <= campaign_plot.HEIGHT, campaign_plot.plot([])) == (True, None)
