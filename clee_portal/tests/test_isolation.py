"""Nobody sees what is not theirs: every answer to everybody is searched for the words of others (`world.WORDS`).

`SEES` is exact: a word that turns up where it does not belong fails, and so does one that its owner no longer sees, so
that a search which finds nothing anywhere cannot pass.

Nothing is asked twice: what answers about the other house's things look like is compared with what does not exist in
test_url_sweep.py; whoever sees the rows of somebody else walked here opens each page once (`SEE_ALIKE`); and a question
is asked of the pages that read it.
"""

import datetime as dt
import uuid

import pytest
from django.apps import apps
from django.urls import reverse

from clee_portal import clock
from clee_portal.tests import world as state
from clee_portal.tests.noting import FRAGMENT, noting, noting_fragments
from clee_portal.tests.pages import ALLAUTH, OF_B, OURS, PAGES, STATE, WORKBOOKS
from clee_portal.tests.people_of_world import PEOPLE, SEE_ALIKE
from clee_portal.tests.test_url_sweep import of_allauth, sign_in
from clee_portal.tests.world import WORDS
from training.models import Officer, TrainingClass, TrainingRecord

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# An agency knows who once served there: classes of that time may still be entered.
OFFICERS_OF_A = {"officer of A", "colleague of A", "former officer of A"}
OFFICERS_OF_B = {"officer of B", "colleague of B", "former officer of B"}
CHIEFS_OF_A = OFFICERS_OF_A | {"agency A", "people of A", "joint class", "provider P"}
CHIEFS_OF_B = OFFICERS_OF_B | {"agency B", "people of B", "joint class", "provider Q", "agency A"}
# POST staff see a birth date in the register, which they keep; the Director and agents see none.
OF_POST_ALONE = {"birth date"}
# Whose words a person sees on any page about the things of A, of B, or of nobody. The joint class is looked at below.
SEES = {
    "anonymous": set(),
    "nobody": set(),
    "officer of A": {"agency A", "officer of A", "joint class", "leave of A", "home address of A"},
    "CEO of A": CHIEFS_OF_A,
    "delegate of A": CHIEFS_OF_A,
    "officer of B": {"agency B", "officer of B", "joint class", "agency A", "leave of B", "home address of B"},
    "CEO of B": CHIEFS_OF_B,
    "delegate of B": CHIEFS_OF_B,
    "staff of P": {"provider P", "colleague of A"},
    "head of P": {"provider P", "colleague of A"},
    "staff of Q": {"provider Q", "colleague of B"},
    "POST staff": set(WORDS),
    "Director": set(WORDS) - OF_POST_ALONE,
    "agent of the Director": set(WORDS) - OF_POST_ALONE,
    "CEO of A until yesterday": set(),
    "CEO of A from tomorrow": set(),
    "CEO of A, revoked": set(),
    "delegate of A, revoked": set(),
    "officer of A, revoked": set(),
    "staff of P until yesterday": set(),
    "former officer of A": {"former officer of A", "agency A"},
    "POST staff until yesterday": set(),
    "Director until yesterday": set(),
}
# Whoever is to see nothing at all is walked in test_outsiders.py.
INSIDERS = [person for person in PEOPLE if SEES[person]]
# Nothing can leak to whoever sees everybody's words; these open each page about one thing of each house.
ONE_THING = {*SEE_ALIKE, "POST staff"}
# The state's people see the things of both houses: what else a question might bring is theirs as well.
ASKING = {person for person in INSIDERS if person not in ONE_THING | STATE}


def addresses(name: str, world, person: str) -> list[str]:
    """What a page is asked about, but the joint class: everything that is not compared in test_url_sweep.py, and one
    thing of each house."""
    usual = {state.of_house(name, house) for house in (world.a, world.b)}
    if person in ONE_THING or name in WORKBOOKS:
        return sorted(usual)
    own = world.b if person in OF_B | {"staff of Q"} else world.a
    houses = (world.a, world.b) if person in STATE or PAGES[name].is_general else (own,)
    found = {state.of_nothing(name), *usual}
    for house in houses:
        found |= set(state.everything_of(name, house))
    for school in (world.p, world.q):
        # The number of a thing of this kind: that of another kind may be anybody's.
        number = school.held.records.get().pk if "duplicate" in name else school.held.course_id
        held = school.sent if "import" in name else school.held
        found.add(state.address(name, code="nowhere", reference=held.reference, license_number="9", pk=number))
    return sorted(found)


def questions() -> list[dict]:
    """What may be added to an address: another day or period, a search, an order, a page, what a script asks for."""
    yesterday, year = clock.today() - dt.timedelta(days=1), clock.today().year
    return [
        {"as_of": yesterday.isoformat()},
        {"period": str(year), "sort": "name"},
        {"q": "ona", "agency": "police", "standing": "in_progress", "lacks": "total"},
        {"undoing": "1", "recorded": "1", "page": "2"},
    ]


def typed(*officers: Officer, **more) -> dict:
    """A class as the entry form sends it, with officers ticked by their number in the database."""
    return {
        "step": "check",
        "submission_key": str(uuid.uuid4()),
        "course": "Winter driving",
        "ends_on": clock.today().isoformat(),
        "starts_on": "",
        "delivery": "classroom",
        "hours-area-skill": "6",
        "officers": [officer.pk for officer in officers],
        "pasted": "",
        **more,
    }


def said_openly(path: str) -> set[str]:
    """Whose words stand there for anybody: providers in the public calendar, from which plans are made. And the name
    of whoever reported a class stands on its certificates (11 CSR 75-15.020(4)), so the officers in it read it where
    they get theirs."""
    if path.startswith(("/calendar", "/my-plan")):
        return {"provider P", "provider Q"}
    return {"people of A", "people of B"} if path.endswith("/certificates/") else set()


def everything_shown(client, world, person: str) -> dict[str, set[str]]:
    """Whose words appear -> on which addresses, over every page, question and way of asking."""
    found: dict[str, set[str]] = {}

    def note(response, path):
        headers = " ".join(response.headers.values()) if response.status_code != 302 else ""
        for owner in state.traces(state.body(response) + headers) - said_openly(path):
            found.setdefault(owner, set()).add(path)
        return response.status_code

    def ask(path, is_usual):
        first, *others = questions()
        read: dict[str, set[str]] = {}
        with noting(read), noting_fragments(read):
            status = note(client.get(path), path)
            if status == 200 and is_usual:
                note(client.get(path, first), path)  # what a page reads may depend on whether it is asked anything
        if status == 200 and is_usual:
            for question in others:
                if set(question) & set(read):
                    note(client.get(path, question), path)
        if status == 200 and FRAGMENT in read:
            note(client.get(path, headers={"HX-Request": "true"}), path)

    everybody = [one for house in (world.a, world.b) for one in (house.officer, house.colleague, house.former)]
    for name in OURS:
        usual = {state.of_house(name, house) for house in (world.a, world.b)}
        for path in addresses(name, world, person):
            if "GET" in PAGES[name].methods:
                ask(path, path in usual and person in ASKING and name not in WORKBOOKS)
            # The check and the effect of a class with everybody in it, whom only their number in the database names.
            takes = "POST" in PAGES[name].methods
            if takes and note(client.post(path, typed(*everybody), headers={"HX-Request": "true"}), path) == 200:
                note(client.post(path, {"reason": ""}), path)
    for house in (world.a, world.b):
        for officer in everybody:
            path = state.of_house("training:class_enter", house)
            note(client.get(path, {"exception": officer.pk, "number": "1"}), path)
    for name in ALLAUTH:
        if name != "account_logout":
            note(client.get(of_allauth(name)), name)
    return found


def test_words_are_nobody_elses():
    words = sorted(WORDS.values())
    assert len(set(words)) == len(words)
    assert not [(one, other) for one in words for other in words if one != other and one in other]


@pytest.mark.parametrize(("person", "walked"), SEE_ALIKE.items())
def test_whoever_sees_alike_sees_the_rows_of_somebody_who_is_walked(world, person, walked):
    scoped = [model for model in apps.get_models() if hasattr(model._default_manager, "visible_to")]
    rows = {model: set(model._default_manager.visible_to(world.people[person])) for model in scoped}
    others = {model: set(model._default_manager.visible_to(world.people[walked])) for model in scoped}
    assert not {model: more for model, own in rows.items() if (more := own - others[model])}
    assert walked in set(INSIDERS) - ONE_THING
    assert SEES["POST staff"] == set(WORDS)


@pytest.mark.parametrize("person", INSIDERS)
def test_person_sees_what_is_theirs_and_nothing_else(client, world, person):
    sign_in(client, world.people[person])
    before = TrainingRecord.objects.count()
    found = everything_shown(client, world, person)
    foreign = {owner: sorted(paths)[:3] for owner, paths in found.items() if owner not in SEES[person]}
    assert foreign == {}
    assert SEES[person] - set(found) == set()
    assert TrainingRecord.objects.count() == before


@pytest.mark.parametrize(
    ("person", "seen", "unseen"),
    [
        ("CEO of A", {"officer of A", "colleague of A", "officer of B"}, {"agency B"}),
        ("CEO of B", {"officer of B"}, {"officer of A", "colleague of A"}),
        ("officer of B", {"officer of B"}, {"officer of A", "colleague of A"}),
        ("officer of A", {"officer of A"}, {"colleague of A", "officer of B"}),
        ("staff of P", set(), {"officer of A", "colleague of A", "officer of B", "joint class"}),
        ("former officer of A", set(), {"officer of A", "colleague of A", "officer of B", "joint class"}),
    ],
)
@pytest.mark.parametrize("name", ["training:class_detail", "compliance:class_effect"])
def test_class_of_one_agency_shows_another_only_its_own_officer(client, world, name, person, seen, unseen):
    sign_in(client, world.people[person])
    shown = state.traces(state.body(client.get(reverse(name, args=[world.joint.reference]))))
    assert unseen & shown == set()
    if name == "training:class_detail":
        assert seen <= shown


@pytest.mark.parametrize("person", ["CEO of B", "officer of B"])
def test_undone_class_tells_another_agency_nothing_of_who_undid_it(client, world, person):
    sign_in(client, world.people[person])
    page = state.body(client.get(reverse("training:class_detail", args=[world.joint_undone.reference])))
    assert "officer of B" in state.traces(page)
    assert state.traces(page) & {"people of A", "colleague of A"} == set()


def test_undone_class_tells_its_own_agency_who_undid_it_and_why(client, world):
    sign_in(client, world.a.ceo)
    page = state.body(client.get(reverse("training:class_detail", args=[world.joint_undone.reference])))
    assert {"people of A", "colleague of A"} <= state.traces(page)
    assert "Entered twice, on two days" in page


def test_spreadsheet_shows_the_agencys_officers_only(client, world):
    sign_in(client, world.a.ceo)
    sheet = state.body(client.get(reverse("compliance:agency_overview_csv", args=[world.a.agency.code])))
    assert {"officer of A", "colleague of A"} <= state.traces(sheet)
    assert state.traces(sheet) <= {"agency A", "officer of A", "colleague of A"}


def test_officer_of_another_agency_is_found_by_license_number_alone(client, world):
    """Ticking a number of the database that is not in the roster names nobody; a license number does."""
    sign_in(client, world.a.ceo)
    path = reverse("training:class_enter", args=[world.a.agency.code])
    ticked = client.post(path, typed(world.a.officer, world.b.officer))
    assert "officer of B" not in state.traces(state.body(ticked))
    given = client.post(path, typed(world.a.officer, pasted=world.b.officer.license_number))
    assert "Rowan" in state.body(given)
    assert "home address of B" not in state.traces(state.body(given))


@pytest.mark.parametrize("person", ["CEO of B", "nobody", "staff of P", "officer of A", "Director", "anonymous"])
def test_class_is_recorded_and_undone_by_nobody_else(client, world, person):
    sign_in(client, world.people[person])
    classes, live = TrainingClass.objects.count(), TrainingRecord.objects.live().count()
    client.post(reverse("training:class_enter", args=[world.a.agency.code]), typed(world.a.officer, step="record"))
    client.post(reverse("training:class_void", args=[world.a.held.reference]), {"reason": "Because I can"})
    client.post(reverse("compliance:draft_effect", args=[world.a.agency.code]), typed(world.a.officer))
    assert (TrainingClass.objects.count(), TrainingRecord.objects.live().count()) == (classes, live)


def test_class_is_recorded_and_undone_by_those_who_may(client, world):
    """The same requests do something for the right person, or the test before would prove nothing."""
    sign_in(client, world.a.ceo)
    classes, live = TrainingClass.objects.count(), TrainingRecord.objects.live().count()
    client.post(reverse("training:class_enter", args=[world.a.agency.code]), typed(world.a.officer, step="record"))
    assert (TrainingClass.objects.count(), TrainingRecord.objects.live().count()) == (classes + 1, live + 1)
    client.post(reverse("training:class_void", args=[world.a.held.reference]), {"reason": "Entered twice"})
    assert TrainingRecord.objects.live().count() == live - 1


def test_birth_date_would_be_seen_however_it_is_written():
    for text in ("1971-02-03", "February 3, 1971", "Feb. 3, 1971", "02/03/1971", "2/3/71"):
        assert state.traces(f"Born {text}.") == {"birth date"}
    assert state.traces("C-001971, on 2026-02-03") == set()
    assert state.BORN.isoformat() == "1971-02-03"
