"""Texts of golden cases that no case has: refused in words, or kept and said of, and never an error page."""

import contextlib

import pytest

from clee_portal.refusal import Refused
from compliance.services import rule_cases
from compliance.tests.rule_people import YEAR, begin, case_of
from training.tests import factories

pytestmark = pytest.mark.django_db
NOTHING = case_of(YEAR, {})
TRAINING = f"  training:\n  - {{completed_on: {YEAR}-05-05, source: department, hours: {{legal: 2}}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "[" * 5_000 + "]" * 5_000,
        "- &a [*a]",
        NOTHING.replace("name: nothing was completed", "name: &n [*n]"),
        NOTHING.replace(f"period: {YEAR}", "period: .inf"),
        NOTHING.replace(f"period: {YEAR}", "period: 1:30.5"),
        NOTHING.replace(f"as_of: {YEAR}-12-31", "as_of: 0001-01-01"),
        NOTHING.replace(f"as_of: {YEAR}-12-31", "as_of: 9999-12-31"),
        NOTHING.replace(f"as_of: {YEAR}-12-31", f"as_of: {YEAR}-13-45"),
        NOTHING.replace("2010-05-01", "0001-01-01"),
        NOTHING.replace("2010-05-01}", "2010-05-01, events: [{date: 2020-01-01, event: made_inactive, period: 9e9}]}"),
        NOTHING.replace(
            "2010-05-01}", "2010-05-01, events: [{date: 2020-01-01, event: made_inactive, period: 99999999999}]}"
        ),
        NOTHING + TRAINING.replace("legal: 2", "legal: .nan"),
        NOTHING + TRAINING.replace("legal: 2", "legal: 1.0e+999"),
        NOTHING + TRAINING.replace("legal: 2", "legal: 99999999999"),
        NOTHING + TRAINING.replace("legal: 2", "legal: 0"),
        NOTHING + TRAINING.replace("legal: 2", "legal: 0.001"),
        NOTHING + TRAINING.replace("legal: 2", "legal: 2, nowhere: 3"),
        NOTHING + TRAINING.replace("hours:", "period: 99999999999, hours:"),
        NOTHING + TRAINING.replace(f"{YEAR}-05-05", "9999-12-31"),
        NOTHING + TRAINING.replace("legal: 2", "? [a] : 2"),
    ],
)
def test_case_with_what_no_case_has_is_refused_or_kept_and_said_of(text):
    """And never an error page: the one who writes the rules tries things."""
    author = factories.post_staff()
    draft = begin(author)
    with contextlib.suppress(Refused):
        rule_cases.write(by=author, draft=draft, text=text)
    assert all(ran.words for ran in rule_cases.outcomes(draft))
