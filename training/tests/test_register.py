"""Officers and license events as POST keeps them: what is refused, what is remembered, what the pages show."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.refusal import Refused
from training import changes, licensing
from training.models import (
    Agency,
    LicenseClass,
    LicenseEvent,
    Officer,
    OfficerBirthDate,
    OfficerFormerName,
    OfficerFormerNumber,
    Provider,
    RecognizedSource,
)
from training.services import licenses, officers
from training.tests import factories

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)
SOURCE = "Application of November 3, 2026"


@pytest.fixture
def post():
    return factories.post_staff()


def add(post, **more):
    facts = {
        "license_number": " 91234 ",
        "licensed_on": dt.date(2026, 11, 3),
        "license_class": LicenseClass.objects.get(code="A"),
        "born_on": dt.date(1990, 5, 6),
        "first_name": "Marcus",
        "middle_name": "J.",
        "last_name": "Calloway",
        "suffix": "",
    }
    return officers.add(by=post, today=TODAY, **{"source": SOURCE} | facts | more)


def why_of(row) -> str:
    return row.events.order_by("-pgh_id").first().pgh_context["reason"]


# Officers -------------------------------------------------------------------------------------------------------------


def test_an_officer_is_added_with_the_license_and_the_source(post):
    made = add(post)
    event = made.license_events.get()
    assert (made.license_number, event.kind, event.occurred_on) == ("91234", "issued", dt.date(2026, 11, 3))
    assert (event.recorded_by, event.license_class.code, made.license_class.code) == (post, "A", "A")
    assert OfficerBirthDate.objects.get(officer=made).born_on == dt.date(1990, 5, 6)
    assert {why_of(one) for one in (made, event)} == {f"Officer added: {SOURCE}"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"license_number": "not a number!"}, "license_number"),
        ({"license_number": "70001"}, "license_number"),
        ({"license_number": "OLD1"}, "license_number"),
        ({"licensed_on": TODAY + dt.timedelta(days=1)}, "licensed_on"),
        ({"born_on": dt.date(2020, 1, 1)}, "born_on"),
        ({"source": "  "}, "source"),
    ],
)
def test_what_cannot_be_right_is_refused(post, given, field):
    held = factories.officer(license_number="70001")
    OfficerFormerNumber.objects.create(officer=held, license_number="OLD1", used_until=TODAY)
    before = Officer.objects.count()
    with pytest.raises(Refused) as refused:
        add(post, **given)
    assert (refused.value.field, Officer.objects.count()) == (field, before)


@pytest.mark.parametrize("make", [factories.director, factories.user])
def test_only_post_staff_keep_the_register(make):
    with pytest.raises(Refused, match="Only POST staff"):
        add(make())


def test_a_new_name_keeps_the_old_one_and_a_slip_does_not(post):
    one = add(post)
    facts = {"first_name": "Marcus", "middle_name": "J.", "last_name": "Whitlock", "suffix": "", "email": "m@x.example"}
    officers.edit(
        by=post, officer=one, born_on=None, name_until=dt.date(2026, 6, 1), source="Decree", today=TODAY, **facts
    )
    former = OfficerFormerName.objects.get(officer=one)
    assert (former.last_name, former.used_until) == ("Calloway", dt.date(2026, 6, 1))
    officers.edit(
        by=post,
        officer=one,
        born_on=None,
        name_until=None,
        source="Slip",
        today=TODAY,
        **facts | {"last_name": "Whitlok"},
    )
    assert OfficerFormerName.objects.count() == 1
    with pytest.raises(Refused) as refused:
        officers.edit(
            by=post,
            officer=one,
            born_on=None,
            name_until=TODAY,
            source="X",
            today=TODAY,
            **facts | {"last_name": "Whitlok"},
        )
    assert refused.value.field == "name_until"
    trail = changes.of(Officer.objects.get(pk=one.pk))
    assert [change.why for change in trail] == [
        "Register corrected: Slip",
        "Register corrected: Decree",
        f"Officer added: {SOURCE}",
    ]
    assert trail[0].fields == (("last name", "Whitlock", "Whitlok"),)


def test_a_corrected_number_still_finds_the_officer_and_is_not_theirs(post):
    one = factories.officer(license_number="12345")
    officers.correct_number(by=post, officer=one, license_number="12354", source="License file", today=TODAY)
    assert Officer.objects.get(pk=one.pk).license_number == "12354"
    assert [(f.license_number, f.used_until) for f in one.former_numbers.all()] == [("12345", TODAY)]
    assert why_of(Officer.objects.get(pk=one.pk)) == "License number corrected from 12345: License file"
    other = factories.officer(license_number="777")
    for number, words in (("777", "is the license of"), ("12354", "number the officer has")):
        with pytest.raises(Refused, match=words):
            officers.correct_number(by=post, officer=one, license_number=number, source="X", today=TODAY)
    with pytest.raises(Refused, match="former number of"):
        officers.correct_number(by=post, officer=other, license_number="12345", source="X", today=TODAY)


def test_finding_by_a_former_number(client, post):
    one = factories.officer(license_number="12345", name="Dana Whitlock")
    officers.correct_number(by=post, officer=one, license_number="12354", source="License file", today=TODAY)
    client.force_login(post)
    page = client.get(reverse("training:officer_find"), {"q": "12345"})
    assert [found.pk for found in page.context["officers"]] == [one.pk]
    assert b"formerly 12345" in page.content


# License events -------------------------------------------------------------------------------------------------------


def record(post, officer, kind, day, **more):
    return licenses.record(by=post, officer=officer, kind=kind, occurred_on=day, source=SOURCE, today=TODAY, **more)


def test_an_event_is_recorded_once_and_the_state_follows(post):
    one = factories.officer()
    day = dt.date(2026, 5, 4)
    made, is_new = record(post, one, "suspended", day, decided_by="Avery Stone", reference="D-7")
    again, is_new_again = record(post, one, "suspended", day, decided_by="Avery Stone", reference="D-7")
    assert (made.pk, is_new, is_new_again) == (again.pk, True, False)
    state = licensing.state_on(licensing.events_of(one, clock.END_OF_TIME), TODAY)
    assert (state.status, state.since) == ("suspended", day)
    assert (made.decided_by, why_of(made)) == ("Avery Stone", f"License: suspended: {SOURCE}")


@pytest.mark.parametrize("kind", ["made_inactive", "reinstated"])
def test_what_the_director_decides_is_not_recorded_here(post, kind):
    one = factories.officer()
    with pytest.raises(Refused, match="Director’s decision"):
        record(post, one, kind, TODAY)
    event = factories.license_event(one, kind, dt.date(2026, 4, 1))
    with pytest.raises(Refused, match="only the Director"):
        licenses.void(by=post, event=event, source="Wrong")
    assert LicenseEvent.objects.get(pk=event.pk).voided_at is None


def test_the_form_does_not_offer_what_the_director_decides(client, post):
    one = factories.officer()
    client.force_login(post)
    page = client.get(reverse("training:officer_license", args=[one.license_number]))
    offered = [value for value, _ in page.context["form"].fields["kind"].choices]
    assert offered == ["", *licenses.RECORDED_HERE]
    assert {"made_inactive", "reinstated"} & set(offered) == set()


@pytest.mark.parametrize(
    ("kind", "day", "words"),
    [
        ("issued", dt.date(2020, 1, 1), "held already"),
        ("suspension_ended", dt.date(2020, 1, 1), "not suspended"),
        ("expired", dt.date(2010, 1, 1), "No license was held"),
        ("upgraded", dt.date(2020, 1, 1), "class it was upgraded"),
        ("suspended", dt.date(2020, 1, 1), "Name who decided"),
        ("surrendered", TODAY + dt.timedelta(days=1), "in the future"),
    ],
)
def test_what_does_not_fit_the_license_is_refused(post, kind, day, words):
    one = factories.officer()
    who = {"decided_by": "Avery Stone", "reference": "D-1"} if kind == "suspension_ended" else {}
    with pytest.raises(Refused, match=words):
        record(post, one, kind, day, **who)
    assert one.license_events.count() == 1


def test_nothing_follows_a_revocation(post):
    one = factories.officer()
    record(post, one, "revoked", dt.date(2026, 1, 5), decided_by="Avery Stone", reference="D-8")
    with pytest.raises(Refused, match="for good"):
        record(post, one, "issued", dt.date(2026, 2, 5))


def test_an_expired_license_comes_back_by_a_new_one(post):
    one = factories.officer()
    record(post, one, "expired", dt.date(2026, 1, 5))
    record(post, one, "issued", dt.date(2026, 2, 5), license_class=LicenseClass.objects.get(code="B"))
    state = licensing.state_on(licensing.events_of(one, clock.END_OF_TIME), TODAY)
    assert (state.status, state.since) == ("active", dt.date(2026, 2, 5))
    assert Officer.objects.get(pk=one.pk).license_class.code == "B"


def test_an_event_taken_back_stays_with_its_reason(post):
    one = factories.officer()
    made, _ = record(post, one, "surrendered", dt.date(2026, 1, 5))
    licenses.void(by=post, event=made, source="It was the brother")
    made.refresh_from_db()
    assert (made.void_reason, made.voided_by) == ("It was the brother", post)
    assert licensing.state_on(licensing.events_of(one, clock.END_OF_TIME), TODAY).status == "active"
    record(post, one, "expired", dt.date(2026, 1, 6))
    with pytest.raises(Refused, match="No license was held"):
        licenses.void(by=post, event=one.license_events.get(kind="issued"), source="X")


# Pages ----------------------------------------------------------------------------------------------------------------


def test_adding_an_officer_on_the_page(client, post):
    client.force_login(post)
    url = reverse("training:officer_add")
    sent = {"license_number": "91234", "first_name": "Dana", "last_name": "Whitlock", "licensed_on": "2026-11-03"}
    page = client.post(url, sent)
    assert page.context["form"].errors == {"source": ["Say what it rests on: the paper, its date, who told it."]}
    assert b'value="Dana"' in page.content
    page = client.post(url, sent | {"source": SOURCE}, follow=True)
    assert page.redirect_chain == [(reverse("training:officer_register", args=["91234"]), 302)]
    assert "The license of Dana Whitlock is active since November 3, 2026." in page.content.decode()
    assert f"Officer added: {SOURCE}" in page.content.decode()


def test_the_page_of_an_officer_says_every_change(client, post):
    agency = factories.agency(name="Elm Fork Police")
    one = factories.officer(agency, license_number="70001", name="Dana Whitlock")
    client.force_login(post)
    page = client.post(
        reverse("training:officer_edit", args=["70001"]),
        {
            "first_name": "Dana",
            "last_name": "Yates",
            "name_until": "2026-06-01",
            "source": "Marriage of June 1",
            "seen": client.get(reverse("training:officer_edit", args=["70001"])).context["seen"],
        },
        follow=True,
    )
    body = page.content.decode()
    assert "formerly Dana  Whitlock" in body
    assert "Register corrected: Marriage of June 1" in body
    assert "<del>Whitlock</del> → Yates" in body
    assert f"by {post}" in body
    assert Officer.objects.get(pk=one.pk).last_name == "Yates"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("agency_add", {"code": "elm-fork", "name": "Elm Fork Police", "kind": "city", "source": SOURCE}),
        ("provider_add", {"name": "Elm Fork Academy", "kind": "academy", "source": SOURCE}),
        (
            "source_add",
            {"name": "Arkansas", "kind": "state", "first_year": "2027", "decided_on": "2026-11-01", "source": SOURCE},
        ),
    ],
)
def test_what_is_added_on_a_page_is_there(client, post, name, sent):
    client.force_login(post)
    page = client.post(reverse(f"training:{name}"), sent, follow=True)
    assert page.status_code == 200
    assert len(page.redirect_chain) == 1
    kinds = {"agency_add": Agency, "provider_add": Provider, "source_add": RecognizedSource}
    assert kinds[name].objects.filter(name=sent["name"]).count() == 1


def test_lists_take_as_many_statements_for_one_as_for_many(client, post):
    client.force_login(post)
    factories.agency()
    Provider.objects.create(name="The first")
    for name in ("agency_list", "provider_list"):
        counted = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as statements:
                client.get(reverse(f"training:{name}"))
            counted.append(len(statements))
            for number in range(20):
                Provider.objects.create(name=f"Provider {number}")
                factories.ceo(factories.agency())
        assert counted[0] == counted[1]


def test_a_birth_date_is_seen_by_who_keeps_the_register_alone(client, post):
    one = factories.officer(license_number="70001")
    OfficerBirthDate.objects.create(officer=one, born_on=dt.date(1971, 2, 3))
    url = reverse("training:officer_register", args=["70001"])
    for user, seen in ((post, True), (factories.director(), False)):
        client.force_login(user)
        assert ("February 3, 1971" in client.get(url).content.decode()) is seen
