"""An officer's own contact details: confirmed by the mail that goes there, theirs through every change of agency."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.models import ContactDetails
from clee_portal.accounts.services import contacts
from clee_portal.history.models import Access
from clee_portal.refusal import Refused
from notifications import addresses
from training import changes, telling
from training.contacts import Reached, shown_to
from training.models import Commission
from training.services import contacts as kept
from training.tests import factories

pytestmark = pytest.mark.django_db
PAGE, ADDRESS, CONFIRM = "/my-contact/", "/my-contact/address/", "/my-contact/confirm/"
OWN = "renee.abbott@example.net"
TODAY = clock.today()


@pytest.fixture
def agency():
    return factories.agency("cedar", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    return factories.officer(agency, name="Renee Abbott", license_number="38120", postal_address="1 Old Road\nRolla")


@pytest.fixture
def account(client, officer):
    """Signed in by password just now, as `factors` of the accounts do it."""
    made = factories.officer_account(officer, "renee@cedar.example")
    made.set_password("a long old password 7")
    made.save()
    client.post(reverse("account_login"), {"login": made.email, "password": "a long old password 7"})
    return made


def text(response) -> str:
    return " ".join(response.content.decode().split())


def confirmed(account, email=OWN, **more) -> ContactDetails:
    _, code = contacts.ask(by=account, email=email, seen=contacts.of(account).step)
    contacts.confirm(by=account, code=code)
    ContactDetails.objects.filter(user=account).update(**more)
    return contacts.of(account)


def address_of(officer) -> list[str]:
    return [reader.address for reader in telling.accounts_of([officer.pk], TODAY)[officer.pk]]


def typed(account, **more) -> dict:
    one = contacts.of(account)
    given = {"phone": one.phone, "mail_to": one.mail_to, "postal_address": "1 Old Road\r\nRolla", "seen": one.step}
    return given | {"address_before": "1 Old Road\nRolla", "step": "keep"} | more


def test_own_address_counts_once_the_code_that_went_there_is_given_back(client, account, officer, mailoutbox):
    assert "Mail about you goes to renee@cedar.example." in text(client.get(PAGE))
    mailoutbox.clear()
    answer = client.post(ADDRESS, {"email": OWN, "seen": 0})
    assert answer["Location"] == CONFIRM
    (mail,) = mailoutbox
    assert mail.to == [OWN]
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}$", mail.body, re.MULTILINE)[0]
    assert f"{CONFIRM}?code={code}" in mail.body
    assert address_of(officer) == ["renee@cedar.example"]
    assert code in client.get(f"{CONFIRM}?code={code}").content.decode()
    assert contacts.of(account).email == ""  # a link that is opened confirms nothing; a person does
    client.post(CONFIRM, {"code": code.lower()})
    one = contacts.of(account)
    assert (one.email, one.mail_to, one.asked_email, one.asked_digest) == (OWN, "own", "", "")
    assert address_of(officer) == [OWN]
    told = mailoutbox[1:]
    assert [mail.to for mail in told] == [["renee@cedar.example"]]
    assert "r…@example.net was confirmed as your own address" in told[0].body
    assert f"Mail about you goes to {OWN}." in text(client.get(PAGE))


def test_code_that_is_wrong_run_out_or_of_an_earlier_mail_confirms_nothing(account):
    _, first = contacts.ask(by=account, email="first@example.net", seen=0)
    _, code = contacts.ask(by=account, email=OWN, seen=1)
    for wrong in ("", "AAAAA-AAAAA", first):
        with pytest.raises(Refused) as refused:
            contacts.confirm(by=account, code=wrong)
        assert refused.value.field == "code"
    ContactDetails.objects.update(asked_until=clock.now() - dt.timedelta(seconds=1))
    with pytest.raises(Refused, match="run out"):
        contacts.confirm(by=account, code=code)
    assert contacts.of(account).email == ""


def test_code_of_one_person_is_nothing_to_another(account, agency):
    _, code = contacts.ask(by=account, email=OWN, seen=0)
    other = factories.officer_account(factories.officer(agency))
    with pytest.raises(Refused):
        contacts.confirm(by=other, code=code)
    assert not ContactDetails.objects.filter(user=other).exists()


@pytest.mark.parametrize("email", ["", "no address", "Renee@Cedar.example", "a@b\n.example"])
def test_address_that_is_none_or_that_of_the_sign_in_is_refused(account, email):
    with pytest.raises(Refused) as refused:
        contacts.ask(by=account, email=email, seen=0)
    assert refused.value.field == "email"


def test_only_who_has_just_proved_who_they_are_names_an_address_and_loses_nothing(
    client, account, mailoutbox, settings
):
    settings.STEP_UP_MINUTES = 0  # the sign-in is too long ago
    mailoutbox.clear()
    page = client.get(ADDRESS)
    sent = {"email": OWN, "seen": 0, "signed_in_as": page.context["signed_in_as"]}
    answer = client.post(ADDRESS, sent)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert mailoutbox == []
    assert f'value="{OWN}"' in client.get(ADDRESS).content.decode()
    confirmed(account)
    client.post(PAGE, {"step": "remove", "seen": 2})
    assert contacts.of(account).email == OWN


def test_mails_to_an_address_are_limited(client, account, mailoutbox):
    mailoutbox.clear()
    for number in range(5):
        assert client.post(ADDRESS, {"email": f"a{number}@example.net", "seen": number}).status_code == 302
    answer = client.post(ADDRESS, {"email": OWN, "seen": 5})
    assert (answer.status_code, len(mailoutbox)) == (429, 5)
    assert f'value="{OWN}"' in answer.content.decode()


def test_double_click_sends_one_mail_and_says_nothing_of_another_tab(client, account, mailoutbox):
    mailoutbox.clear()
    answers = [client.post(ADDRESS, {"email": OWN, "seen": 0}) for _ in range(2)]
    assert [(one.status_code, one["Location"]) for one in answers] == [(302, CONFIRM)] * 2
    assert len(mailoutbox) == 1
    before = typed(account, phone="(573) 555-0107")
    assert [client.post(PAGE, before).status_code for _ in range(2)] == [302, 302]
    assert contacts.of(account).step == 2


def test_two_tabs_the_second_is_told(client, account):
    before = typed(account)
    client.post(PAGE, before | {"phone": "(573) 555-0107"})
    late = client.post(PAGE, before | {"phone": "(573) 555-9999"})
    assert "changed in another tab" in text(late)
    assert "(573) 555-9999" in text(late)
    assert contacts.of(account).phone == "(573) 555-0107"


@pytest.mark.parametrize("phone", ["12345", "call me", "5735550107 ext 12345678901234", "+1 573 555 0107 0107 0107"])
def test_phone_that_is_none_is_said_at_its_field(client, account, phone):
    page = client.post(PAGE, typed(account, phone=phone))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["phone"]
    assert not ContactDetails.objects.exists()


def test_address_of_record_is_told_by_the_officer_and_stays_with_post(client, account, officer):
    client.post(PAGE, typed(account, postal_address="2 New Street\r\n\r\n Rolla  65401 "))
    officer.refresh_from_db()
    assert officer.postal_address == "2 New Street\nRolla 65401"
    newest = changes.of(officer)[0]
    assert (newest.why, newest.by) == ("Address of record told by the officer", str(account))
    late = client.post(PAGE, typed(account, postal_address="3 Third Street"))  # as the page of before showed it
    assert "The address was changed meanwhile. It is now: 2 New Street, Rolla 65401." in text(late)
    empty = client.post(PAGE, typed(account, postal_address="", address_before="2 New Street\nRolla 65401"))
    assert "POST needs an address of record." in text(empty)


def test_nobody_else_keeps_them(agency, officer, account):
    for user in (factories.ceo(agency), factories.post_staff()):
        with pytest.raises(Refused):
            kept.keep(
                by=user, officer=officer, phone="", mail_to="sign_in", is_open_to_agency=True, postal_address="",
                address_before="1 Old Road\nRolla", seen=0,
            )  # fmt: skip
    assert not ContactDetails.objects.exists()


def test_they_survive_a_change_of_agency(account, officer, agency):
    confirmed(account, phone="(573) 555-0107", is_open_to_agency=True)
    other = factories.agency("dry-fork", "Dry Fork Police")
    Commission.objects.filter(officer=officer).update(ended_on=TODAY - dt.timedelta(days=1))
    factories.commission(officer, other, since=TODAY)
    assert address_of(officer) == [OWN]
    assert shown_to(factories.ceo(other), officer) == [Reached(OWN, "(573) 555-0107")]


def test_agency_sees_what_was_opened_to_it_and_of_undercover_nothing(client, account, officer, agency):
    confirmed(account, phone="(573) 555-0107")
    ceo, path = factories.ceo(agency), reverse("compliance:officer_contact", args=["38120"])
    client.force_login(ceo)
    closed = text(client.get(path))
    assert "Renee Abbott has opened no contact details to you." in closed
    ContactDetails.objects.update(is_open_to_agency=True)
    page = text(client.get(path))
    assert OWN in page
    assert "(573) 555-0107" in page
    assert "Old Road" not in page
    assert Access.objects.filter(by=ceo, license_number="38120", what="Contact details").count() == 2
    officer.is_name_closed = True
    officer.save()
    page = text(client.get(path))
    assert OWN not in page
    assert "555-0107" not in page
    client.force_login(factories.post_staff())
    page = text(client.get(path))
    assert OWN in page
    assert "1 Old Road" in page
    client.force_login(factories.ceo(factories.agency()))
    assert client.get(path).status_code == 404


def test_who_works_undercover_cannot_open_them_by_mistake(client, account, officer):
    officer.is_name_closed = True
    officer.save()
    assert "is_open_to_agency" not in client.get(PAGE).context["form"].fields
    client.post(PAGE, typed(account, is_open_to_agency="on"))
    assert contacts.of(account).is_open_to_agency is False
    with pytest.raises(Refused):
        kept.keep(
            by=account, officer=officer, phone="", mail_to="sign_in", is_open_to_agency=True,
            postal_address=officer.postal_address, address_before=officer.postal_address, seen=1,
        )  # fmt: skip


def test_mail_goes_where_it_was_wished_and_away_from_where_it_comes_back(account, officer):
    confirmed(account, mail_to="sign_in")
    assert address_of(officer) == ["renee@cedar.example"]
    addresses.mark_failing("Renee@cedar.example", "550 no such user")
    assert address_of(officer) == [OWN]
    addresses.mark_failing(OWN, "550 no such user")
    assert address_of(officer) == ["renee@cedar.example"]
    addresses.works_again(OWN.upper())
    assert address_of(officer) == [OWN]


def test_agency_business_never_goes_to_an_own_address(account, officer, agency):
    confirmed(account)
    account.memberships.create(role="agency_ceo", agency=agency, starts_on=factories.LONG_AGO)
    assert [one.address for one in telling.people_of([agency.pk], TODAY)[agency.pk]] == ["renee@cedar.example"]
    assert address_of(officer) == [OWN]


def test_removing_it_tells_both_addresses_and_stays_in_the_history(client, account, officer, mailoutbox):
    one = confirmed(account)
    mailoutbox.clear()
    client.post(PAGE, {"step": "remove", "seen": one.step})
    after = contacts.of(account)
    assert (after.email, after.mail_to, after.email_confirmed_at) == ("", "sign_in", None)
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(["renee@cedar.example", OWN])
    assert [change.why for change in changes.of(after)] == [
        "Own e-mail address removed",
        "Own e-mail address confirmed by the code sent there",
        "Own e-mail address named",
    ]
    assert "Own e-mail address removed" in text(client.get(PAGE))
    again = client.post(PAGE, {"step": "remove", "seen": one.step}, follow=True)
    assert "changed in another tab" in text(again)


def test_change_of_the_sign_in_is_told_at_both_addresses(client, account, mailoutbox):
    confirmed(account)
    mailoutbox.clear()
    chosen = "quite another password 9"
    client.post(
        reverse("account_change_password"),
        {"oldpassword": "a long old password 7", "password1": chosen, "password2": chosen},
    )
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(["renee@cedar.example", OWN])


def test_account_without_a_license_is_told_how_to_connect_it(client, agency):
    client.force_login(factories.ceo(agency))
    for path in (PAGE, ADDRESS, CONFIRM):
        assert "Your account is not connected to a license." in text(client.get(path))
