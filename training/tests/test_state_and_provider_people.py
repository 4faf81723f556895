"""Who acts for the state and for providers: named, invited, ended at once; confirmed once a quarter."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from clee_portal.refusal import Refused
from training import access, quarters
from training.models import Invitation, Membership, PeopleConfirmation, Provider
from training.services import people_confirmations, provider_people, state_people
from training.tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def director():
    return make.director("director@example.org", "Eleanor Whitcombe")


@pytest.fixture
def provider():
    return Provider.objects.create(name="Academy of the Ozarks")


@pytest.fixture
def head(provider):
    account = make.provider_staff(provider, "head@example.org", "Joel Vandermeer")
    Membership.objects.filter(user=account).update(is_head=True)
    return User.objects.get(pk=account.pk)


def fresh(user) -> User:
    return User.objects.get(pk=user.pk)


def name_for_state(by, role="post_staff", email="new@example.org", name="Nell New"):
    return state_people.name(by=by, role=role, email=email, name=name, today=TODAY)


def test_director_and_agents_name_for_the_state_and_nobody_else(director):
    person = make.user("new@example.org")
    for by in (make.post_staff(), make.ceo(make.agency()), person):
        with pytest.raises(Refused, match="Only the Director or a designated agent"):
            name_for_state(by)
    made = name_for_state(director)
    assert (made.role.user, made.role.role, made.role.named_by, made.role.starts_on) == (
        person, "post_staff", director, TODAY,
    )  # fmt: skip
    assert made.role.events.get().pgh_context["reason"] == "Named POST staff"
    assert not name_for_state(director).is_new
    agent = name_for_state(director, "director_agent").role.user
    assert name_for_state(fresh(agent), email="third@example.org").invitation.name == "Nell New"
    with pytest.raises(Refused, match="command line"):
        name_for_state(director, "director")


def test_role_is_ended_at_once_and_open_sessions_with_it(client, director):
    staff = make.post_staff()
    client.force_login(staff)
    held = state_people.end(by=director, held=staff.state_roles.get(), today=TODAY)
    assert held.revoked_at is not None
    assert client.get("/officers/").status_code == 302
    assert not fresh(staff).is_post_staff
    assert state_people.end(by=director, held=held, today=TODAY).revoked_at == held.revoked_at
    assert name_for_state(director, email=staff.email).is_new


def test_nobody_ends_their_own_role_or_the_directors(director):
    agent = make.user("agent@example.org")
    StateRole.objects.create(user=agent, role="director_agent", starts_on=TODAY)
    with pytest.raises(Refused, match="their own"):
        state_people.end(by=director, held=director.state_roles.get(), today=TODAY)
    with pytest.raises(Refused, match="command line"):
        state_people.end(by=fresh(agent), held=director.state_roles.get(), today=TODAY)
    assert StateRole.objects.filter(revoked_at=None).count() == 2


def test_the_first_and_the_director_are_named_on_the_command_line():
    make.user("old@example.org", "Old Director")
    make.user("new@example.org", "New Director")
    out = io.StringIO()
    call_command("name_state_role", "director", "old@example.org", stdout=out)
    assert fresh(User.objects.get(email="old@example.org")).is_the_director
    call_command("name_state_role", "director", "new@example.org", stdout=out)
    assert "Old Director is no longer Director" in out.getvalue()
    assert [one.user.email for one in StateRole.objects.current(clock.today())] == ["new@example.org"]
    with pytest.raises(CommandError, match="account first"):
        call_command("name_state_role", "director", "nobody@example.org", name="Nobody", stdout=out)
    call_command("name_state_role", "post_staff", "staff@example.org", name="Grace Lindqvist", stdout=out)
    assert Invitation.objects.get().email == "staff@example.org"


def test_pages_of_the_state_name_and_end(client, director):
    staff = make.post_staff("post@example.org", "Grace Lindqvist")
    client.force_login(director)
    page = client.get("/state/people/").content.decode()
    assert "Grace Lindqvist" in page
    given = {"role": "director_agent", "email": "agent@example.org", "name": "Agnes Agent"}
    client.post("/state/people/name/", given)
    made = Invitation.objects.get()
    assert (made.role, made.invited_by) == ("director_agent", director)
    client.post(f"/state/invitations/{made.pk}/", {"step": "withdraw"})
    assert not Invitation.objects.standing().exists()
    client.post(f"/state/people/{staff.state_roles.get().pk}/end/", {"step": "end"})
    assert not fresh(staff).is_post_staff
    client.post("/state/people/", {"step": "confirm"})
    assert PeopleConfirmation.objects.get().confirmed_by == director


def test_head_names_provider_staff_and_one_who_names_is_always_left(provider, head):
    staff = make.provider_staff(provider)
    person = make.user("lena@example.org", "Lena Macklin")
    for by in (staff, make.director(), person):
        with pytest.raises(Refused, match="Only the provider"):
            provider_people.name(by=by, provider=provider, email="x@example.org", name="X", today=TODAY)
    made = provider_people.name(by=head, provider=provider, email=person.email, today=TODAY).membership
    assert (made.user, made.is_head, made.named_by) == (person, False, head)
    own = head.memberships.get()
    with pytest.raises(Refused, match="Nobody would be left"):
        provider_people.revoke(by=head, membership=own, today=TODAY)
    with pytest.raises(Refused, match="Nobody would be left"):
        provider_people.name(by=head, provider=provider, email=head.email, is_head=False, today=TODAY)
    made = provider_people.name(by=head, provider=provider, email=person.email, is_head=True, today=TODAY)
    assert (made.is_new, made.membership.is_head) == (True, True)
    assert provider_people.revoke(by=fresh(person), membership=own, today=TODAY).revoked_at is not None
    last = made.membership
    with pytest.raises(Refused):
        provider_people.revoke(by=fresh(person), membership=last, leaves_nobody=True, today=TODAY)
    post = make.post_staff()
    assert provider_people.revoke(by=post, membership=last, leaves_nobody=True, today=TODAY).revoked_at is not None
    invited = provider_people.name(
        by=post, provider=provider, email="next@example.org", name="Next", is_head=True, today=TODAY
    )
    assert invited.invitation.is_head


def test_provider_pages_name_invite_and_revoke(client, provider, head):
    staff = make.provider_staff(provider, "staff@example.org", "Sam Staff")
    client.force_login(head)
    at = f"/providers/{provider.pk}/people/"
    assert "Sam Staff" in client.get(at).content.decode()
    client.post(f"{at}name/", {"email": "new@example.org", "name": "Nell New"})
    made = Invitation.objects.get()
    client.post(f"/providers/invitations/{made.pk}/", {"step": "again"})
    assert Invitation.objects.standing().get() != made
    client.post(f"/providers/people/{staff.memberships.get().pk}/revoke/", {"step": "revoke"})
    assert staff.memberships.get().revoked_at is not None
    client.post(at, {"step": "confirm"})
    assert PeopleConfirmation.objects.get().provider == provider


@pytest.mark.parametrize(
    ("day", "first", "late"),
    [
        (dt.date(2026, 1, 1), dt.date(2026, 1, 1), False),
        (dt.date(2026, 1, 30), dt.date(2026, 1, 1), False),
        (dt.date(2026, 1, 31), dt.date(2026, 1, 1), True),
        (dt.date(2026, 3, 31), dt.date(2026, 1, 1), True),
        (dt.date(2026, 4, 1), dt.date(2026, 4, 1), False),
        (dt.date(2026, 12, 31), dt.date(2026, 10, 1), True),
    ],
)
def test_quarter_and_when_its_word_is_late(day, first, late):
    assert (quarters.first_day(day), quarters.is_late(day)) == (first, late)


def test_late_words_are_listed_for_the_state_in_a_constant_number_of_statements(client, provider, head, director):
    agency = make.agency("harlan", "Harlan County Sheriff")
    chief = make.ceo(agency)
    make.agency("empty", "Nobody acts here")
    told = [(one.kind, one.name, one.people, one.has_confirmer) for one in quarters.unconfirmed(TODAY)]
    assert told == [
        ("State", "POST Program and Director", 1, True),
        ("Agency", "Harlan County Sheriff", 1, True),
        ("Provider", "Academy of the Ozarks", 1, True),
    ]
    with CaptureQueriesContext(connection) as few:
        quarters.unconfirmed(TODAY)
    for number in range(30):
        make.delegate(make.agency(f"a{number}"))
    with CaptureQueriesContext(connection) as many:
        found = quarters.unconfirmed(TODAY)
    assert (len(few), len(found)) == (len(many), 33)
    assert not any(one.has_confirmer for one in found if one.name.startswith("Police of Town"))
    people_confirmations.confirm(by=fresh(chief), agency=agency, today=TODAY - dt.timedelta(days=92))
    people_confirmations.confirm(by=fresh(head), provider=provider, today=TODAY)
    people_confirmations.confirm(by=director, today=TODAY)
    found = quarters.unconfirmed(TODAY)
    assert {one.kind for one in found} == {"Agency"}
    assert next(one.last_on for one in found if one.body == agency) == dt.date(2026, 7, 1)
    client.force_login(director)
    page = client.get("/people/unconfirmed/").content.decode()
    assert "Harlan County Sheriff" in page
    rows = b"".join(client.get("/people/unconfirmed.csv")).decode()
    assert "Agency,Harlan County Sheriff,1,yes" in rows


def test_state_finds_agencies_and_providers_and_those_where_nobody_names(client, provider, head, director):
    make.ceo(make.agency("harlan", "Harlan County Sheriff"))
    make.agency("birch", "Birch Police")
    Provider.objects.create(name="Quarterdeck Institute")
    client.force_login(director)
    for query, found in (
        ("", ["Birch Police", "Harlan County Sheriff"]),
        ("?without=1", ["Birch Police"]),
        ("?q=county harlan", ["Harlan County Sheriff"]),
        ("?kind=provider", ["Academy of the Ozarks", "Quarterdeck Institute"]),
        ("?kind=provider&without=1", ["Quarterdeck Institute"]),
    ):
        assert (query, [one.name for one in client.get(f"/people/{query}").context["object_list"]]) == (query, found)


def test_quarterly_word_is_given_by_those_whose_it_is(provider, head, director):
    agency = make.agency()
    for by in (make.delegate(agency), make.post_staff(), director):
        with pytest.raises(Refused, match="Only the agency’s CEO"):
            people_confirmations.confirm(by=by, agency=agency, today=TODAY)
    with pytest.raises(Refused, match="Only the provider’s head"):
        people_confirmations.confirm(by=make.provider_staff(provider), provider=provider, today=TODAY)
    with pytest.raises(Refused, match="Only the Director"):
        people_confirmations.confirm(by=make.post_staff(), today=TODAY)
    assert not access.can_confirm_people(make.post_staff(), agency)


def test_home_asks_the_head_and_the_director(client, provider, head, director):
    for user, url in ((head, f"/providers/{provider.pk}/people/"), (director, "/state/people/")):
        client.force_login(user)
        page = client.get("/")
        assert [one for _, one in page.context["waits"]] == [url]
        assert "whether those who act are still the right people" in page.content.decode()
    people_confirmations.confirm(by=director, today=clock.today())
    assert client.get("/").context["waits"] == []
