"""The class that helps most: against trying every class there is, line by line, on small cases; and its words."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from compliance import gaps, wording
from compliance.tests.test_wording import FIREARMS, PROFILING, REQUIREMENTS, SKILL, finding
from training.models import SourceKind

INTERPERSONAL = 3
# Where an hour may lie: its area, and its topic or none.
PLACES = [
    (area, topic)
    for area in (1, 2, INTERPERSONAL, SKILL)
    for topic in (None, PROFILING, FIREARMS)
    if topic is None or topic.only_area_id in (None, area)
]


def gives(lines, kind: str, requirement) -> int:
    """The hours of a class that count to a requirement: the rule read word by word."""
    if requirement.source_kinds and kind not in requirement.source_kinds:
        return 0
    return sum(
        1
        for area, topic in lines
        if requirement.area_id in (None, area) and (requirement.topic is None or requirement.topic == topic)
    )


def tried(findings, longest: int, kinds) -> tuple[int, int]:
    """Most officers any class helps, and the fewest hours that do, by trying them all."""
    best = (0, 0)
    for kind in kinds:
        for hours in range(1, longest + 1):
            for lines in itertools.combinations_with_replacement(PLACES, hours):
                given_ = {one.code: gives(lines, kind, one) for one in REQUIREMENTS}
                helped = sum(1 for one in findings if all(given_[code] >= need for code, need in one.short.items()))
                best = max(best, (helped, -hours))
    return best


NEEDS = some.fixed_dictionaries(
    {
        "total": some.integers(0, 5),
        "approved_provider": some.integers(0, 5),
        "legal": some.integers(0, 2),
        "technical": some.integers(0, 2),
        "firearms": some.integers(0, 2),
        "racial_profiling": some.integers(0, 1),
    }
).filter(lambda one: any(one.values()))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(needs=some.lists(NEEDS, min_size=1, max_size=5), kinds=some.sampled_from([gaps.OWN, gaps.ANY]))
def test_no_class_there_is_helps_more_nor_is_shorter(needs, kinds):
    """A day is four hours here, so that everything can be tried."""
    findings = [finding(**one) for one in needs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gaps, "A_DAYS_CLASS", Decimal(4))
        one = gaps.best_class(REQUIREMENTS, findings, kinds)
    most, _ = tried(findings, 4, kinds)
    assert (one.helped if one else 0) == most
    if one:
        own_kinds = gaps.OWN if one.source is None else (SourceKind.APPROVED_PROVIDER,)
        assert tried(findings, 4, own_kinds) == (one.helped, -one.hours)
        assert sum(gaps.would_help(REQUIREMENTS, one, who) for who in findings) == most
        assert one.of == len(findings)


def test_mix_of_areas_helps_more_than_any_one_of_them():
    findings = [finding(legal=1), finding(technical=2), finding(firearms=2, racial_profiling=1)]
    one = gaps.best_class(REQUIREMENTS, findings)
    assert (one.hours, one.helped, one.of, one.source) == (5, 3, 3, None)
    assert wording.part_words(one) == [
        "1 hour of legal studies",
        "2 hours of technical studies",
        "2 hours of firearms in person",
        "1 hour on racial profiling",
    ]


def test_provider_is_named_only_where_one_is_needed():
    findings = [
        finding(total=3, approved_provider=2, legal=1),
        finding(total=4, approved_provider=4),
        finding(legal=1),
        finding(firearms=2),
        finding(total=20, approved_provider=8, legal=2),
    ]
    one = gaps.best_class(REQUIREMENTS, findings)
    assert (one.hours, one.helped, one.of) == (4, 4, 5)
    assert wording.class_words(one) == (
        "A 4-hour class from an approved provider with 1 hour of legal studies and 2 hours of firearms in person"
    )
    assert wording.class_words(one, in_full=False) == "A 4-hour class from an approved provider"
    own = gaps.best_class(REQUIREMENTS, findings, gaps.OWN)
    assert (own.hours, own.helped, own.source) == (3, 2, None)


def test_own_class_goes_before_one_that_helps_as_many():
    one = gaps.best_class(REQUIREMENTS, [finding(legal=1), finding(approved_provider=1)])
    assert (one.helped, one.source.code) == (2, "approved_provider")
    assert gaps.best_class(REQUIREMENTS, [finding(legal=1)]).source is None


def test_class_about_one_thing_says_so():
    assert wording.class_words(gaps.best_class(REQUIREMENTS, [finding(legal=1)])) == "A 1-hour class of legal studies"


def test_somebody_is_left_out_where_a_day_is_too_short_for_all():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gaps, "A_DAYS_CLASS", Decimal(3))
        findings = [finding(legal=2), finding(technical=2), finding(firearms=1), finding(firearms=1)]
        one = gaps.best_class(REQUIREMENTS, findings)
    assert (one.hours, one.helped) == (3, 3)
    assert wording.part_words(one) == ["2 hours of legal studies", "1 hour of firearms in person"] or (
        wording.part_words(one) == ["2 hours of technical studies", "1 hour of firearms in person"]
    )


def test_nobody_is_helped_where_no_class_of_a_day_is_enough():
    assert gaps.best_class(REQUIREMENTS, [finding(total=9), finding(approved_provider=8, total=10)]) is None
    assert gaps.best_class(REQUIREMENTS, []) is None


def test_twelve_hundred_officers_who_each_lack_something_else_are_answered_at_once():
    halves = [Decimal(one) / 2 for one in range(5)]
    every = itertools.product(halves, halves, halves, (0, Decimal("0.5"), 1), range(0, 16, 3))
    findings = [
        finding(legal=a, technical=b, firearms=c, racial_profiling=d, total=e) for a, b, c, d, e in every if a + b + c
    ][:1200]
    one = gaps.best_class(REQUIREMENTS, findings)
    assert one.of == 1200
    assert one.helped == sum(1 for who in findings if who.short.get("total", 0) <= 8)


def test_eight_hour_class_has_its_article():
    assert wording.class_words(gaps.best_class(REQUIREMENTS, [finding(total=8)])) == "An 8-hour class"
