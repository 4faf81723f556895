"""Two people open the form of one thing, and both save: the second is told what the first changed, loses nothing of
what was typed, and goes on. On every page whose form changes what stands.
"""

import datetime as dt
import re

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from clee_portal import clock
from clee_portal.history import seen
from clee_portal.tests import world as state
from clee_portal.tests.fields_of_page import Fields
from compliance.models import RequirementSet
from notifications import preferences
from training.models import (
    Agency,
    CalendarImportRow,
    Course,
    CourseReview,
    ProviderLicense,
    RecognizedSource,
    ScheduledClass,
)
from training.services import commissions
from training.tests import factories

pytestmark = pytest.mark.django_db

WHY = "Letter of today"
# Page -> who saves (of the world), and what the first and the second change.
EDITED = {
    "training:officer_edit": ("POST staff", {"email": "first@example.org"}, {"middle_name": "Quincy"}),
    "training:agency_edit": ("POST staff", {"phone": "573 555 0101"}, {"city": "Rolla"}),
    "training:provider_edit": ("POST staff", {"phone": "573 555 0101"}, {"address": "1 First Street\nRolla"}),
    "training:scheduled_edit": ("staff of P", {"note": "Bring a vest"}, {"contact_name": "Dana Yates"}),
    "training:scheduled_move": ("staff of P", {"place": "Annex"}, {"address": "2 Second Street"}),
    "training:catalogue_course_edit": ("staff of P", {"audience": "Sergeants"}, {"prerequisites": "Part one"}),
    "training:course_submission": ("CEO of A", {"synopsis": "Night driving"}, {"instructors": "Sgt. Lindqvist"}),
    "training:commission_correct": ("CEO of A", {"rank": "Sergeant"}, {"is_reserve": "on"}),
    "training:member_rights": ("CEO of A", {"rights": "may_correct"}, {"rights": "may_keep_roster"}),
    "training:brought_event": ("staff of P", {"place": "Annex"}, {"capacity": "12"}),
    "compliance:case_response_days": ("POST staff", {"days": "31"}, {"days": "33"}),
    "compliance:rule_set_frame": ("POST staff", {"note": "Voted in fall"}, {"carries_on": "on"}),
    "compliance:rule_requirement": ("POST staff", {"wording": "Hours of law"}, {"citation": "11 CSR 75-15.011"}),
}
# Of the events of a calendar that is being brought in no history is kept.
WITHOUT_HISTORY = {"training:brought_event"}


@pytest.fixture
def whole(world):
    """The world with what its pages need to be saved as they are."""
    ScheduledClass.objects.update(administrator="Dana Whitlock")
    Course.objects.update(administrator="Dana Whitlock", synopsis="Laws and practice")
    CourseReview.objects.update(voided_at=Now(), voided_by=world.people["POST staff"], void_reason="For the test")
    RequirementSet.objects.filter(drafted_at__isnull=False).update(note="Voted in spring")
    day = clock.today() + dt.timedelta(days=60)
    at = {name: dt.datetime.combine(day, dt.time(hour), clock.CHICAGO) for name, hour in (("begins", 9), ("ends", 11))}
    CalendarImportRow.objects.update(
        day=day.isoformat(), begins="09:00", ends="11:00", begins_at=at["begins"], ends_at=at["ends"], wrong=""
    )
    return world


def opened(client, path: str) -> dict[str, list[str]]:
    return Fields(client.get(path).text).marked


def send(client, path: str, fields: dict, **changes):
    """The form of a page, with what is changed and why; a page of several buttons by its first."""
    why = {name: [WHY] for name in ("source", "reason") if name in fields}
    return client.post(path, fields | why | {"step": "move", "save": "1"} | changes)


def said(fields: dict, names) -> dict:
    return {name: fields.get(name) for name in names}


def wrong_in(response) -> list[str]:
    """What the page says is wrong."""
    return re.findall(r"<li>(.*?)</li>", response.text.partition('class="error-summary"')[2].partition("</ul>")[0])


@pytest.mark.parametrize("name", EDITED)
def test_second_of_two_pages_is_told_and_goes_on(client, whole, name):
    who, first, second = EDITED[name]
    path = state.of_house(name, whole.a)
    client.force_login(whole.people[who])
    fields = opened(client, path)
    early = send(client, path, fields, **first)
    assert (wrong_in(early), early.status_code) == ([], 302)
    late = send(client, path, fields, **second)
    assert late.status_code == 200
    assert "Somebody changed this after you opened the page. Nothing of yours is saved yet." in late.text
    [row] = late.context["meanwhile"]
    assert f'href="#{row.target}"' in late.text
    assert f'id="{row.target}"' in late.text
    assert (row.is_touched, bool(row.at)) == (first.keys() == second.keys(), name not in WITHOUT_HISTORY)
    # Everything of the second is in the form still, with what the first changed; sent again it is kept.
    both = {key: [value] for key, value in (first | second).items()}
    page = Fields(late.text)
    assert said(page.marked, both) == both
    saved = send(client, page.action or path, page.marked)
    assert saved.status_code == 302
    path = f"{saved.url}edit/" if name == "training:catalogue_course_edit" else path
    assert said(opened(client, path), both) == both


def test_what_stands_is_said_beside_what_was_typed_with_who_and_why(client, world):
    path = reverse("training:agency_edit", args=[world.a.agency.code])
    robin, other = Client(), factories.post_staff("robin@dps.example.org", "Robin Park")
    robin.force_login(other)
    client.force_login(world.people["POST staff"])
    fields = opened(client, path)
    send(robin, path, fields, phone="573 555 0100", kind="county", source="Call of the sheriff")
    send(robin, path, opened(robin, path), email="office@example.org")  # of which the page of the second says the same
    late = send(client, path, fields, phone="573 555 0102", email="office@example.org")
    assert [(one.label, one.now, one.given, one.is_touched, one.by, one.why) for one in late.context["meanwhile"]] == [
        ("Kind", "County", "City", False, "Robin Park", "Agency corrected: Call of the sheriff"),
        ("Telephone", "573 555 0100", "573 555 0102", True, "Robin Park", "Agency corrected: Call of the sheriff"),
    ]
    assert Agency.objects.get(pk=world.a.agency.pk).phone == "573 555 0100"


def test_of_the_people_of_the_state_others_are_told_no_name(client, whole):
    path = state.of_house("training:scheduled_edit", whole.a)
    post, other = Client(), factories.post_staff("robin@dps.example.org", "Robin Park")
    post.force_login(other)
    client.force_login(whole.people["staff of P"])
    fields = opened(client, path)
    send(post, path, opened(post, path), note="Bring a vest")
    [row] = send(client, path, fields, note="Bring boots").context["meanwhile"]
    assert (row.by, row.now, row.given) == ("POST", "Bring a vest", "Bring boots")


def test_same_save_from_both_pages_is_one(client, world):
    path = reverse("training:agency_edit", args=[world.a.agency.code])
    client.force_login(world.people["POST staff"])
    fields = opened(client, path)
    assert [send(client, path, fields, phone="573 555 0100").status_code for _ in range(2)] == [302, 302]


def test_other_changed_what_the_form_does_not_say(client, whole):
    path = state.of_house("training:scheduled_edit", whole.a)
    client.force_login(whole.people["staff of P"])
    fields, move = opened(client, path), state.of_house("training:scheduled_move", whole.a)
    assert send(client, move, opened(client, move), place="Annex").status_code == 302
    assert send(client, path, fields, note="Bring a vest").status_code == 302


def test_end_of_a_commission_is_not_taken_back_by_an_older_page(client, world):
    held = world.a.commission
    path = reverse("training:commission_correct", args=[held.pk])
    client.force_login(world.a.ceo)
    fields = opened(client, path)
    commissions.end(
        by=None, commission=held, ended_on=dt.date(2026, 11, 1), reason="Retired", today=dt.date(2026, 11, 2)
    )
    late = send(client, path, fields, rank="Sergeant")
    assert [(one.label, one.now, one.is_touched) for one in late.context["meanwhile"]] == [
        ("Last day (empty it to take the end back)", "November 1, 2026", False),
        ("Why it ended", "Retired", False),
    ]
    assert send(client, path, Fields(late.text).marked).status_code == 302
    held.refresh_from_db()
    assert (held.ended_on, held.end_reason, held.rank) == (dt.date(2026, 11, 1), "Retired", "Sergeant")


def test_mark_of_no_page_is_of_another():
    facts = {"name": "Elm Fork", "closed_on": None}
    seen.check(seen=None, now=facts, given=facts | {"name": "Oak"})  # a program has no page
    seen.check(seen=seen.mark(facts), now=facts, given=facts | {"name": "Oak"})
    for mark in ("", ":", "name", "name:,closed_on", "x" * 10_000):
        seen.check(seen=mark, now=facts, given=facts)  # nothing would change
        with pytest.raises(seen.ChangedMeanwhile) as refusal:
            seen.check(seen=mark, now=facts, given=facts | {"name": "Oak"})
        [one] = refusal.value.differences
        assert (one.name, one.now, one.given, one.is_touched, one.by) == ("name", "Elm Fork", "Oak", True, None)
        assert refusal.value.seen == seen.mark(facts)


def test_group_renamed_by_two(client, world):
    path, group = reverse("training:group_list", args=[world.a.agency.code]), world.a.group
    client.force_login(world.a.ceo)
    sent = {"group": group.pk, "act": "rename", "seen": group.name}
    client.post(path, sent | {"name": "Early shift"})
    late = client.post(path, sent | {"name": "Morning shift"})
    assert "Somebody has called this group “Early shift” meanwhile. Yours is not kept." in late.text
    assert 'value="Morning shift"' in late.text
    client.post(path, sent | {"name": "Morning shift", "seen": opened_row(late, group.pk)})
    group.refresh_from_db()
    assert group.name == "Morning shift"


def opened_row(response, pk: int) -> str:
    return next(one[seen.FIELD][0] for one in Fields(response.text).forms if one.get("group") == [str(pk)])


def test_kinds_of_mail_chosen_in_two_tabs_are_both_kept(client, world):
    path, user = reverse("notifications:preferences"), world.a.ceo
    client.force_login(user)
    every = [code for code, wanted in preferences.choices_of(user).items() if wanted]
    first, second, *others = every
    client.post(path, {"keep": "1", "was": every, "wanted": [second, *others]})
    client.post(path, {"keep": "1", "was": every, "wanted": [first, *others]})
    assert [code for code, wanted in preferences.choices_of(user).items() if not wanted] == [first, second]


def test_license_and_source_that_somebody_changed_say_who_and_how_they_stand(client, world):
    user, held = world.people["POST staff"], world.a.school.provider.licenses.live().first()
    client.force_login(user)
    path, day = reverse("training:provider_license_change", args=[held.pk]), clock.today().isoformat()
    given = {"standing": "probation", "from_day": day, "decided_on": day, "source": "Order 7"}
    assert client.post(path, given).status_code == 302
    late = client.post(path, given | {"standing": "suspended", "source": "Order 8"})
    assert f"{user} has changed this license meanwhile (Order 7). It is now:" in late.text
    now = ProviderLicense.Standing("probation").label
    assert f"{held.number} ({now})" in late.text
    assert "Order 8" in late.text
    source = RecognizedSource.objects.live().first()
    path = reverse("training:source_end", args=[source.pk])
    year = max(source.first_year, clock.today().year)
    assert client.post(path, {"last_year": year, "source": "List of fall"}).status_code == 302
    late = client.post(path, {"last_year": year + 1, "source": "List of winter"})
    assert f"{user} has changed this entry meanwhile (List of fall): it is on the list until {year} now." in late.text
    assert "List of winter" in late.text
