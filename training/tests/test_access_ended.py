"""Whoever a right is taken from is told, in the transaction that takes it, connected to anything else or not."""

import datetime as dt
from functools import partial

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse

from clee_portal import clock
from clee_portal.refusal import Refused
from notifications import occasions as outbox_occasions
from notifications import sending
from notifications.models import Message
from training import occasions
from training.models import Provider
from training.services import invitations, memberships, provider_people, state_people
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return factories.agency("harlan", "Harlan County Sheriff")


def taken(who: str, agency):
    """Somebody who has lost what they had: the service called once more gives the same; the account, and what its mail
    says they can no longer do."""
    today, post = clock.today(), factories.post_staff("post@example.org")
    if who == "delegate":
        factories.ceo(agency)
        user = factories.delegate(agency, "dana@example.org", "Dana Delegate")
        held = user.memberships.get()
        call = partial(memberships.revoke, by=post, membership=held, today=today)
        what = "act for Harlan County Sheriff as Delegate of the agency CEO"
    elif who == "officer":
        officer = factories.officer(agency, license_number="70001")
        user = factories.officer_account(officer, "olive@example.org", "Olive Officer")
        held = user.memberships.get()
        call = partial(invitations.disconnect, by=post, membership=held)
        what = "see the record of the peace officer license ending in 01"
    elif who == "provider":
        provider = Provider.objects.create(name="Academy of the Ozarks")
        user = factories.provider_staff(provider, "sam@example.org", "Sam Staff")
        held = user.memberships.get()
        call = partial(provider_people.revoke, by=post, membership=held, leaves_nobody=True, today=today)
        what = "act for Academy of the Ozarks as Provider staff"
    else:
        director = factories.director("director@example.org")
        user = factories.post_staff("grace@example.org", "Grace Staff")
        held = user.state_roles.get()
        call = partial(state_people.end, by=director, held=held, today=today)
        what = "act for the state as POST staff"
    call()
    call()
    return user, what


@pytest.mark.parametrize("who", ["delegate", "officer", "provider", "state"])
def test_whoever_lost_a_right_is_told_once(agency, who):
    user, what = taken(who, agency)
    rows = Message.objects.filter(occasion=occasions.ACCESS_ENDED)
    assert list(rows.values_list("user", "address", "state", "priority")) == [(user.pk, user.email, "waiting", 0)]
    sending.send_waiting(20)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        ([user.email], "Your access was taken away in the CLEE Portal")
    ]
    text = " ".join(mail.outbox[0].body.split())
    assert f"(Missouri time) you can no longer {what}. You were signed out everywhere." in text
    assert "call POST at once: (573) 751-3409" in text
    assert "70001" not in text


def test_what_was_refused_or_undone_tells_nobody(agency):
    ceo, dana = factories.ceo(agency), factories.delegate(agency)
    with pytest.raises(Refused):
        memberships.revoke(by=dana, membership=ceo.memberships.get(), today=clock.today())
    with transaction.atomic():
        memberships.revoke(by=ceo, membership=dana.memberships.get(), today=clock.today())
        transaction.set_rollback(True)
    assert not Message.objects.filter(occasion=occasions.ACCESS_ENDED).exists()


def test_a_hand_over_tells_the_leaving_ceo_its_last_day_and_one_taken_back_ends_nothing(agency):
    today = clock.today()
    ceo = factories.ceo(agency, "chief@example.org", "Ann Chief")
    factories.user("next@example.org", "Ned Next")
    held = ceo.memberships.get()

    def hand_over(days: int) -> str:
        day = today + dt.timedelta(days=days)
        memberships.hand_over(by=ceo, agency=agency, email="next@example.org", last_day=day, today=today)
        return f"membership:{held.pk}:{day.isoformat()}"

    first = hand_over(10)
    assert occasions.ended_due(first)
    memberships.take_back(by=ceo, agency=agency, today=today)
    assert not occasions.ended_due(first)
    second = hand_over(20)
    told = Message.objects.filter(occasion=occasions.ACCESS_ENDED)
    assert list(told.filter(user=ceo).order_by("pk").values_list("key", flat=True)) == [first, second]
    assert list(told.exclude(user=ceo).values_list("user__email", flat=True)) == ["next@example.org"]
    sending.send_waiting(20)
    (text,) = [" ".join(one.body.split()) for one in mail.outbox if one.to == ["chief@example.org"]]
    assert "The last day on which you can act for Harlan County Sheriff as Agency CEO is " in text
    assert told.get(key=first).state == "overtaken"


def test_post_reads_an_invitation_without_the_link_that_lets_somebody_in(agency, client):
    post = factories.post_staff()
    officer = factories.officer(agency, license_number="70001")
    invitations.invite_officer(by=post, officer=officer, email="olive@example.org", today=clock.today())
    message = Message.objects.get(occasion=occasions.INVITATION)
    path = occasions.invitation_contexts([message.key])[message.key]["path"]
    client.force_login(post)
    for part in ("html", ""):
        page = client.get(reverse("compliance:mail_preview"), {"occasion": "invitation", "part": part, "width": "text"})
        text = page.content.decode()
        assert "license ending in 01" in text
        assert path not in text
        assert "/invitation/link-of-the-person-invited/" in text
    assert outbox_occasions.get("access_ended").account_security
