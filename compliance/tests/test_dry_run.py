"""A dry run finds for each officer what the published list finds once it is published; and writes nothing."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from compliance import dry_run, periods, rules, standings
from compliance.services import rule_drafts
from compliance.tests.rule_people import NEXT, YEAR, approve, begin, change, frame, hand_in, latest, ready, with_case
from compliance.verdict import Standing
from training.models import Course, Provider, SourceKind, Topic, TrainingRecord
from training.tests import factories

pytestmark = pytest.mark.django_db
FULL = {
    "legal": 10, "technical": 8, "interpersonal__racial_profiling": 1, "interpersonal__implicit_bias": 1,
    "interpersonal__de_escalation": 1, "skill__firearms": 3,
}  # fmt: skip


@pytest.fixture
def author():
    return factories.post_staff()


def credit(officer):
    """All 24 hours from a provider, 8 of them of technical studies."""
    provider, _ = Provider.objects.get_or_create(name="Academy of the test")
    kind = SourceKind.APPROVED_PROVIDER
    course, _ = Course.objects.get_or_create(title="The whole list", source_kind=kind, provider=provider)
    return factories.record(officer, clock.today(), course=course, **FULL)


def run(draft, year=YEAR):
    return dry_run.run(draft, periods.by_year(year), clock.end_of_day(clock.today()))


def of_everyone(year=YEAR):
    return standings.of_officers(standings.question(periods.by_year(year), clock.now()))


def test_who_changes_where_and_by_which_requirement(author):
    cedar, birch = factories.agency("cedar", "Cedar Police"), factories.agency("birch", "Birch Police")
    full, nothing = factories.officer(cedar), factories.officer(birch)
    free = factories.officer(birch, issued_on=clock.today())
    credit(full)
    draft = ready(author, code="technical", minimum=9)
    found = run(draft)
    assert found.officers == 3
    assert found.counts == {"standing": 1, "loses": 1, "gains": 0, "more": 2, "less": 0, "all": 2}
    assert found.between == [(Standing.COMPLIANT, Standing.IN_PROGRESS, 1)]
    assert found.by_requirement == [("technical", "Technical studies", 2, 0)]
    assert [(one.code, one.loses, one.more) for one in found.by_agency] == [("cedar", 1, 1), ("birch", 0, 1)]
    assert found.chosen("loses") == [full.pk]
    assert found.chosen("all", agency="birch") == [nothing.pk]
    assert found.chosen("all", requirement="legal") == []
    assert free.pk not in found.moves


def test_it_finds_what_publishing_then_gives(author):
    """The same engine: what the dry run foretells is what everybody's standing is afterwards."""
    agency = factories.agency()
    officers = factories.roster(agency, 6)
    for one in officers[:3]:
        credit(one)
    online = factories.record(officers[3], clock.today(), course=factories.course(agency), skill__firearms=4)
    TrainingRecord.objects.filter(pk=online.pk).update(delivery="online")
    draft = begin(author)
    change(author, draft, "firearms", in_person_only=False)
    change(author, draft, "technical", minimum=Decimal(9), wording="At least 9 hours.")
    change(author, draft, "approved_provider", source_kinds=["out_of_state"])
    frame(author, draft)
    with_case(author, draft)
    before, found = of_everyone(), run(draft)
    hand_in(author, draft)
    approve(factories.post_staff(), draft)
    after = of_everyone()
    assert {pk: (was.standing, was.short) for pk, was in before.items()} == {
        pk: (found.moves[pk].before.standing, found.moves[pk].before.short) if pk in found.moves
        else (was.standing, was.short) for pk, was in before.items()
    }  # fmt: skip
    assert {pk: one.after for pk, one in found.moves.items()} == {pk: after[pk] for pk in found.moves}
    assert found.counts["loses"] == 3
    assert found.counts["less"] == 1
    # Looking back, the published version shows the same.
    back = run(latest())
    assert {pk: one.after.short for pk, one in back.moves.items()} == {
        pk: one.after.short for pk, one in found.moves.items()
    }


def test_lists_of_one_question_are_judged_as_each_alone(author):
    officers = factories.roster(factories.agency(), 3)
    credit(officers[0])
    old, new = rules.rows_of(latest(2020)), rules.rows_of(latest())
    asked = standings.question(periods.by_year(YEAR), clock.now())
    first, last = standings.of_lists(asked, [old, new])
    assert last == standings.of_officers(asked)
    assert first == standings.of_officers(asked._replace(requirements=tuple(old)))


def test_new_topic_is_lacked_by_everybody_and_left_nowhere(author):
    credit(factories.officer(factories.agency()))
    draft = begin(author)
    given = {"code": "autism", "name": "Autism", "usual_area": factories.area("interpersonal"), "only_area": None}
    topic = rule_drafts.propose_topic(by=author, draft=draft, given=given)
    fields = {"code": "autism", "name": "Autism", "short_name": "autism", "minimum": Decimal(1), "wording": "1 hour"}
    rule_drafts.put_requirement(by=author, draft=draft, given=fields | {"proposed_topic": topic, "citation": "HB 1410"})
    found = run(draft)
    assert found.counts["loses"] == 1
    assert found.by_requirement == [("autism", "Autism", 1, 0)]
    assert not Topic.objects.filter(code="autism").exists()


def test_next_years_list_is_tried_on_this_years_records(author):
    credit(factories.officer(factories.agency()))
    draft = ready(author, NEXT, code="technical", minimum=9)
    assert [one.year for one in dry_run.periods_to_try(draft, clock.today())] == [YEAR, YEAR - 1, YEAR - 2]
    assert run(draft).counts["loses"] == 1


def test_same_statements_for_one_officer_and_for_a_hundred(author):
    draft = ready(author)
    agency = factories.agency()

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            found = run(draft)
            assert found.by_agency is not None
        return len(asked)

    credit(factories.officer(agency))
    few = statements()
    for one in factories.roster(agency, 100):
        credit(one)
    assert statements() == few
    tallies = "SUM("
    with CaptureQueriesContext(connection) as asked:
        run(draft)
    assert sum(tallies in one["sql"] for one in asked.captured_queries) == 1
