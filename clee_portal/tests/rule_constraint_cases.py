"""What the database must refuse of drafts of the rules; registered like those of constraint_cases.py."""

import datetime as dt

from clee_portal import clock
from clee_portal.tests.constraint_cases import a_requirement, insert, refused
from compliance.models import GoldenCase, ProposedTopic, ReportingPeriod, Requirement, RequirementSet, RuleAuthor
from training.models import Topic
from training.tests import factories


def a_rule_draft(**more):
    given = {"period": ReportingPeriod.objects.get(year=2025), "drafted_at": clock.now()}
    return insert(RequirementSet, **given | more)


def published():
    return RequirementSet.objects.get(period__year=2025, version=1)


@refused("period_days_lie_in_one_period")
def _():
    ReportingPeriod.objects.filter(year=2024).update(ends_on=dt.date(2025, 1, 1))


@refused("requirement_set_one_draft")
def _():
    a_rule_draft()
    a_rule_draft()


@refused("requirement_set_published_has_version")
def _():
    a_rule_draft(published_at=clock.now(), published_by=factories.user())


@refused("requirement_set_approved_by_somebody")
def _():
    a_rule_draft(published_at=clock.now(), version=7)


@refused("requirement_set_discarded_or_published")
def _():
    a_rule_draft(published_at=clock.now(), version=7, published_by=factories.user(), discarded_at=clock.now())


@refused("requirement_set_handed_in_by_somebody")
def _():
    a_rule_draft(handed_in_at=clock.now())


@refused("set_approved_by_another")
def _():
    draft, author = a_rule_draft(), factories.user()
    insert(RuleAuthor, requirement_set=draft, user=author)
    RequirementSet.objects.filter(pk=draft.pk).update(version=7, published_at=clock.now(), published_by=author)


@refused("rule_author_once")
def _():
    draft, author = a_rule_draft(), factories.user()
    for _ in range(2):
        insert(RuleAuthor, requirement_set=draft, user=author)


@refused("requirement_minimum_can_be_met")
def _():
    a_requirement(a_rule_draft(), minimum=2001)


@refused("requirement_one_topic")
def _():
    draft = a_rule_draft()
    topic = insert(
        ProposedTopic, requirement_set=draft, code="autism", name="Autism", usual_area=factories.area("legal")
    )
    one = a_requirement(draft)
    Requirement.objects.filter(pk=one.pk).update(topic=Topic.objects.first(), proposed_topic=topic)


def a_topic(of):
    return insert(ProposedTopic, requirement_set=of, code="autism", name="Autism", usual_area=factories.area("legal"))


@refused("proposed_topic_code_once")
def _():
    draft = a_rule_draft()
    a_topic(draft)
    a_topic(draft)


@refused("published_topics_are_locked")
def _():
    a_topic(published())


def a_case(of):
    return insert(GoldenCase, requirement_set=of, name="one", text="- name: one")


@refused("golden_case_name_once")
def _():
    draft = a_rule_draft()
    a_case(draft)
    a_case(draft)


@refused("published_cases_are_locked")
def _():
    a_case(published())
