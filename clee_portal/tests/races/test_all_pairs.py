"""Every pair of acts on one thing, by two people at once: it ends as one of the two orders would have ended, nothing
hangs, nothing but a refusal is raised, and who comes second is told in words (docs/security.md, "Two people at once").

`CLEE_RACES=all` runs every pair of every kind, stopped at every point; `CLEE_RACES=case,invitation` those of kinds
whose name has one of the words; `quick` among the words (`CLEE_RACES=all,quick`) stops each act after its first lock
alone, and before it where that shows more; `CLEE_RACES=today` each day others of the pairs where evidence or a license
is at stake. Without it: what was found wrong once. What was run and found is added to var/races.txt.
"""

import itertools
import os
import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import TransactionTestCase

from clee_portal import clock
from clee_portal.tests.races import left
from clee_portal.tests.races.all_kinds import KINDS
from clee_portal.tests.races.at_once import Couple
from clee_portal.tests.races.found import FOUND
from clee_portal.tests.races.kinds import people_of_the_state
from clee_portal.tests.races.race import Race, Report, write_down

FORM = os.environ.get("CLEE_RACES", "")
WORDS = [word for word in FORM.split(",") if word and word != "quick"]
CHOSEN = [kind for kind in KINDS if WORDS == ["all"] or any(word in kind.name for word in WORDS)]
GRAVE = [
    (kind, one, other)
    for kind in KINDS
    if kind.is_grave
    for one, other in itertools.combinations_with_replacement(kind.acts, 2)
]
# In so many days every pair of the grave kinds has its turn.
DAYS = 60


def commit() -> str:
    """The short name of the commit that is tested."""
    if not (git := shutil.which("git")):
        return "?"
    asked = [git, "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=settings.BASE_DIR, capture_output=True, text=True).stdout.strip() or "?"


class Emptied(TransactionTestCase):
    """Whose emptying of the database the fixture borrows."""

    __test__ = False
    available_apps = None

    def runTest(self): ...


@pytest.fixture(scope="module")
def state(django_db_setup, django_db_blocker):
    """The people of the state, committed; everything is removed when the module is through."""
    with django_db_blocker.unblock():
        yield people_of_the_state()
        TransactionTestCase._fixture_teardown(Emptied())


@pytest.fixture(scope="module")
def couple(state):
    both = Couple()
    yield both
    both.leave()


@pytest.fixture
def racing(state, couple, django_db_blocker, record_property):
    """Races of kinds (`with racing() as race:`), whose report is looked at when they are through."""

    @contextmanager
    def begun():
        report = Report()
        with django_db_blocker.unblock():
            yield lambda kind: Race(kind, state, couple, report)
        record_property("pairs", report.pairs)
        record_property("races", report.runs)
        assert report.pairs
        assert not report.wrong, "\n".join(report.wrong)

    return begun


@pytest.mark.parametrize("kind", CHOSEN, ids=lambda kind: kind.name)
def test_two_at_once_end_as_one_after_the_other(kind, racing):
    began = time.monotonic()
    with racing() as race:
        races = race(kind)
        for one, other in itertools.combinations_with_replacement(kind.acts, 2):
            races.pair(one, other, deep="quick" not in FORM.split(","))
        report, never = races.report, sorted({act.name for act in kind.acts} - races.report.done)
        write_down(
            f"{clock.now():%Y-%m-%d %H:%M} {commit()} {FORM}: {kind.name}: {report.pairs} pairs, {report.runs} races, "
            f"{time.monotonic() - began:.0f} s, {len(report.wrong)} wrong"
            + (f"; always refused: {', '.join(never)}" if never else "")
            + (f"; refused meanwhile: {'; '.join(sorted(report.meanwhile))}" if report.meanwhile else "")
        )


@pytest.mark.skipif(bool(FORM), reason="the long form has them")
@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.what)
def test_what_was_found_wrong_is_mended(found, racing):
    kind = next(kind for kind in KINDS if kind.name == found.kind)
    acts = {act.name: act for act in kind.acts}
    with racing() as race:
        race(kind).pair(acts[found.one], acts[found.other])


@pytest.mark.skipif(bool(FORM), reason="the long form rests on it")
def test_a_race_is_taken_out_of_the_database_again(racing):
    """One thing serves every pair of its kind: after a race that changes a license each table is what it was."""
    kind = next(kind for kind in KINDS if kind.name == "case, before the Director")
    acts = {act.name: act for act in kind.acts}
    with racing() as race:
        races = race(kind)
        races.prepare()
        before, thing = left.everything(), races.thing
        races.pair(acts["case_decisions.decide (inactive)"], acts["classes.record (credits hours)"])
        assert races.thing is thing
        assert left.everything() == before


@pytest.mark.skipif(FORM != "today", reason="on demand: CLEE_RACES=today")
def test_todays_pairs_of_what_is_grave(racing):
    with racing() as race:
        for kind, one, other in GRAVE[clock.today().toordinal() % DAYS :: DAYS]:
            race(kind).pair(one, other, deep=False)
