"""Who acts for an agency: delegates named and revoked, the hand-over of the CEO. Nobody shares a password."""

import datetime as dt
import threading

import pytest
from django.db import connection

from clee_portal import clock
from clee_portal.accounts import sessions, tasks
from clee_portal.accounts.models import Session, User
from clee_portal.refusal import Refused
from training import access, invitation_tokens
from training.models import Invitation, Membership
from training.models.memberships import scope_of
from training.services import invitations, memberships
from training.tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def chief(agency):
    return make.ceo(agency, "chief@example.org", "Dana Whitlock")


def name(by, agency, email="lena@example.org", **more):
    return memberships.name_delegate(by=by, agency=agency, email=email, today=TODAY, **{"name": "Lena Macklin", **more})


def why(membership) -> str:
    return membership.events.order_by("-pgh_id").first().pgh_context["reason"]


def test_delegate_with_an_account_acts_at_once(agency, chief):
    known = make.user("lena@example.org", "Lena M.")
    made, _, is_new = name(chief, agency, " Lena@Example.org")
    assert (is_new, made.user, made.role, made.named_by, made.starts_on) == (True, known, "delegate", chief, TODAY)
    assert known.name == User.objects.get(pk=known.pk).name
    assert why(made) == "Named delegate"
    assert name(chief, agency) == (made, None, False)
    assert Membership.objects.filter(user=known).count() == 1


def test_delegate_without_an_account_is_invited(agency, chief):
    with pytest.raises(Refused, match="Give the person’s name too") as refused:
        name(chief, agency, name=" ")
    assert refused.value.field == "name"
    rights = {"may_enter_classes": True, "may_correct": False, "may_keep_roster": False, "may_ask_relief": False}
    _, made, is_new = name(chief, agency, rights=rights)
    assert (made.email, made.name, made.role, made.invited_by, made.rights) == (
        "lena@example.org", "Lena Macklin", "delegate", chief, rights,
    )  # fmt: skip
    assert is_new
    assert name(chief, agency, rights=rights) == (None, made, False)
    assert not User.objects.filter(email="lena@example.org").exists()
    person = make.user("lena@example.org")
    tie = invitations.accept(
        by=person, token=invitation_tokens.token_of(made), answer=None, now=clock.now(), today=clock.today()
    )
    assert (tie.role, tie.agency, tie.rights, tie.named_by) == ("delegate", agency, rights, chief)


def test_closed_account_and_the_ceo_are_refused(agency, chief):
    User.objects.create_user("closed@example.org", name="Gone", is_active=False)
    with pytest.raises(Refused, match="closed"):
        name(chief, agency, "closed@example.org")
    with pytest.raises(Refused, match="needs no delegation"):
        name(chief, agency, chief.email)
    assert Membership.objects.count() == 1


def test_only_ceo_and_post_name_people(agency, chief):
    for by in (make.delegate(agency), make.director(), make.ceo(make.agency()), make.user()):
        with pytest.raises(Refused, match="Only the agency"):
            name(by, agency)
    assert not User.objects.filter(email="lena@example.org").exists()
    assert name(make.post_staff(), agency).is_new


def test_revoked_at_once_and_open_sessions_end(client, agency, chief):
    make.user("lena@example.org", "Lena Macklin")
    made = name(chief, agency).membership
    client.force_login(made.user)
    other = make.user()
    client_of_other = type(client)()
    client_of_other.force_login(other)
    held = memberships.revoke(by=chief, membership=made, today=TODAY)
    assert held.revoked_at is not None
    assert why(held) == "Delegate of the agency CEO revoked"
    assert [one.get_decoded()["_auth_user_id"] for one in Session.objects.all()] == [str(other.pk)]
    assert scope_of(User.objects.get(pk=made.user_id)).agency_ids == frozenset()
    assert memberships.revoke(by=chief, membership=made, today=TODAY).revoked_at == held.revoked_at
    assert name(chief, agency).is_new


def test_ceo_is_revoked_by_post_alone(agency, chief):
    [own] = memberships.ceos(agency, TODAY)
    with pytest.raises(Refused, match="hand over"):
        memberships.revoke(by=chief, membership=own, today=TODAY)
    post = make.post_staff()
    with pytest.raises(Refused, match="Nobody would be left") as refused:
        memberships.revoke(by=post, membership=own, today=TODAY)
    assert refused.value.field == "leaves_nobody"
    assert list(memberships.ceos(agency, TODAY)) == [own]
    memberships.revoke(by=post, membership=own, leaves_nobody=True, today=TODAY)
    assert list(memberships.ceos(agency, TODAY)) == []


@pytest.fixture
def next_chief():
    return make.user("next@example.org", "Next Chief")


def hand_over(by, agency, email="next@example.org", **more):
    more = {"name": "Next Chief", "last_day": dt.date(2026, 12, 31), "today": TODAY, **more}
    return memberships.hand_over(by=by, agency=agency, email=email, **more)


def test_hand_over_leaves_no_day_without_a_ceo_and_none_with_two(agency, chief, next_chief):
    made, _, is_new = hand_over(chief, agency)
    assert (is_new, made.starts_on, made.named_by) == (True, dt.date(2027, 1, 1), chief)
    for day, email in ((dt.date(2026, 12, 31), "chief@example.org"), (dt.date(2027, 1, 1), "next@example.org")):
        assert [one.user.email for one in memberships.ceos(agency, day)] == [email]
    assert hand_over(chief, agency) == (made, None, False)
    with pytest.raises(Refused, match="Take that back first"):
        hand_over(chief, agency, "somebody@example.org")
    assert why(made) == "Handed over to Next Chief"


def test_delegate_who_becomes_ceo_is_a_delegate_until_then(agency, chief):
    deputy = make.delegate(agency, "next@example.org", "Next Chief")
    hand_over(chief, agency)
    roles = {one.role: (one.starts_on, one.ends_on) for one in Membership.objects.filter(user=deputy)}
    assert roles["delegate"][1] == dt.date(2026, 12, 31)
    assert roles["agency_ceo"] == (dt.date(2027, 1, 1), None)


def test_ceo_to_come_is_not_revoked_but_taken_back(agency, chief, next_chief):
    made, *_ = hand_over(chief, agency)
    with pytest.raises(Refused, match="Take the hand-over back instead"):
        memberships.revoke(by=make.post_staff(), membership=made, today=TODAY)
    assert memberships.next_ceo(agency, TODAY).membership == made


def test_hand_over_is_taken_back(agency, chief):
    deputy = make.delegate(agency, "next@example.org", "Next Chief")
    made, *_ = hand_over(chief, agency)
    assert memberships.take_back(by=chief, agency=agency, today=TODAY).membership == made
    assert [one.ends_on for one in Membership.objects.filter(revoked_at=None).order_by("pk")] == [None, None]
    assert Membership.objects.get(user=deputy, role="delegate").ends_on is None
    assert memberships.next_ceo(agency, TODAY) is None
    assert memberships.take_back(by=chief, agency=agency, today=TODAY) is None
    assert hand_over(chief, agency).is_new


def test_ceo_cannot_leave_in_the_past_but_post_can_say_so(client, agency, chief, next_chief):
    yesterday = TODAY - dt.timedelta(days=1)
    with pytest.raises(Refused, match="The last day is past") as refused:
        hand_over(chief, agency, last_day=yesterday)
    assert refused.value.field == "last_day"
    client.force_login(chief)
    made, *_ = hand_over(make.post_staff(), agency, last_day=yesterday)
    assert made.starts_on == TODAY
    assert [one.user.email for one in memberships.ceos(agency, TODAY)] == ["next@example.org"]
    assert not Session.objects.exists()


def test_hand_over_years_ahead_is_a_slip(agency, chief):
    for day in (TODAY + memberships.AHEAD + dt.timedelta(days=1), dt.date.max):
        with pytest.raises(Refused, match="more than a year ahead") as refused:
            hand_over(chief, agency, last_day=day)
        assert refused.value.field == "last_day"
    assert Membership.objects.get().ends_on is None


def test_agency_without_a_ceo_gets_one_from_post_today(agency):
    _, made, _ = hand_over(make.post_staff(), agency)
    assert (made.role, made.starts_on) == ("agency_ceo", TODAY)


def test_successor_without_an_account_is_invited_and_begins_on_the_day(agency, chief):
    _, made, is_new = hand_over(chief, agency)
    assert (is_new, made.name, made.starts_on) == (True, "Next Chief", dt.date(2027, 1, 1))
    assert hand_over(chief, agency) == (None, made, False)
    planned = memberships.next_ceo(agency, TODAY)
    assert (planned.person, planned.email, planned.invitation) == ("Next Chief", "next@example.org", made)
    with pytest.raises(Refused, match="Take the hand-over back instead"):
        invitations.withdraw(by=chief, invitation=made)
    person = make.user("next@example.org")
    tie = invitations.accept(
        by=person, token=invitation_tokens.token_of(made), answer=None, now=clock.now(), today=TODAY
    )
    assert (tie.starts_on, tie.role) == (dt.date(2027, 1, 1), "agency_ceo")
    assert [one.user for one in memberships.ceos(agency, TODAY)] == [chief]
    assert [one.user for one in memberships.ceos(agency, dt.date(2027, 1, 1))] == [person]


def test_hand_over_to_somebody_invited_is_taken_back(agency, chief):
    _, made, _ = hand_over(chief, agency)
    assert memberships.take_back(by=chief, agency=agency, today=TODAY).invitation == made
    made.refresh_from_db()
    assert (made.withdrawn_by, memberships.next_ceo(agency, TODAY)) == (chief, None)
    assert [one.ends_on for one in memberships.ceos(agency, TODAY)] == [None]


RIGHTS = dict.fromkeys(("may_enter_classes", "may_correct", "may_keep_roster", "may_ask_relief"), False)


@pytest.mark.parametrize("right", RIGHTS)
def test_delegate_may_do_what_the_ceo_lets_them_and_nothing_else(agency, chief, right):
    deputy = make.delegate(agency)
    held = memberships.change_rights(by=chief, membership=deputy.memberships.get(), rights={**RIGHTS, right: True})
    assert why(held) == "What the delegate may do was changed"
    user = User.objects.get(pk=deputy.pk)
    course = make.course(agency)
    recorded = make.record(make.officer(agency), TODAY, course=course).training_class
    assert {
        "may_enter_classes": access.can_enter_class(user, agency),
        "may_correct": access.can_void_class(user, recorded),
        "may_keep_roster": access.can_keep_roster(user, agency),
        "may_ask_relief": agency.pk in scope_of(user).asking,
    } == {**RIGHTS, right: True}
    assert access.can_see_agency(user, agency.pk)
    assert not access.can_name_people(user, agency)


def test_rights_are_changed_by_ceo_and_post_of_delegates_alone(agency, chief):
    deputy = make.delegate(agency)
    tie = deputy.memberships.get()
    for by in (deputy, make.director(), make.ceo(make.agency())):
        with pytest.raises(Refused, match="Only the agency"):
            memberships.change_rights(by=by, membership=tie, rights=RIGHTS)
    assert memberships.change_rights(by=make.post_staff(), membership=tie, rights=RIGHTS).rights_in_words == "see only"
    with pytest.raises(Refused, match="Only what a delegate"):
        memberships.change_rights(by=chief, membership=chief.memberships.get(), rights=RIGHTS)


def test_nobody_hands_over_to_themself(agency, chief):
    with pytest.raises(Refused, match="Name who comes after"):
        hand_over(chief, agency, chief.email)
    assert Membership.objects.get().ends_on is None


def test_delegate_does_not_hand_over(agency, chief):
    for act in (hand_over, lambda by, of: memberships.take_back(by=by, agency=of, today=TODAY)):
        with pytest.raises(Refused, match="Only the agency"):
            act(make.delegate(agency), agency)


def test_sessions_that_are_over_are_cleared(client, chief, settings):
    client.force_login(chief)
    Session.objects.create(session_key="over", session_data="", expire_date=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    tasks.clear_sessions()
    tasks.clear_sessions()
    assert Session.objects.count() == 1
    entry = settings.CELERY_BEAT_SCHEDULE["clear-sessions"]
    assert (entry["task"], entry["schedule"]) == (tasks.clear_sessions.name, 24 * 60 * 60)
    assert sessions.end_all(chief) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_hand_over_at_once_name_one_successor():
    agency = make.agency()
    make.ceo(agency)
    start, told = threading.Barrier(2), []

    def work(email):
        start.wait()
        try:
            told.append(hand_over(None, agency, email).is_new)
        except Refused:
            told.append(False)
        connection.close()

    workers = [threading.Thread(target=work, args=[email]) for email in ("one@example.org", "two@example.org")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(told) == [False, True]
    assert Invitation.objects.standing().filter(agency=agency, starts_on=dt.date(2027, 1, 1)).count() == 1
