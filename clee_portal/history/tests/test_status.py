"""What POST reads of the seals: how far, since when not, and what the last verification said."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from clee_portal import clock
from clee_portal.history.models import Verification
from clee_portal.history.sealing import sealer
from clee_portal.history.sealing.status import TOO_LONG, status
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    """The part of the workbench that says it, as one line."""
    client = Client()
    client.force_login(factories.post_staff())

    def told() -> str:
        text = client.get("/workbench/").content.decode()
        return " ".join(text.partition('id="sealed">')[2].partition("</section>")[0].split())

    return told


def verified(findings: int) -> None:
    Verification.objects.create(started_at=clock.now(), seals=1, kept_roots=1, rows=10, unsealed=0, findings=findings)


def test_nothing_is_sealed_and_nothing_was_checked(kept, page):
    assert "Nothing is sealed yet. It was not checked yet." in page()


def test_sealed_up_to_now_and_checked(kept, page):
    sealer.look()
    verified(0)
    told = page()
    assert "Everything written up to now is sealed. Last checked " in told
    assert told.endswith("nothing was changed.</p>")
    assert "behind" not in told


def test_sealed_until_something_was_written(kept, page):
    sealer.look()
    late = factories.officer(issued_on=None).events.get().pgh_created_at
    assert (status().until, status().since) == (late, late)
    assert f"Sealed until {late.astimezone(clock.CHICAGO):%B} {late.astimezone(clock.CHICAGO).day}, " in page()


@pytest.mark.parametrize(("later", "is_behind"), [(dt.timedelta(0), False), (dt.timedelta(seconds=1), True)])
def test_a_sealer_that_is_down_is_told(kept, later, is_behind):
    sealer.look()
    since = factories.officer(issued_on=None).events.get().pgh_created_at
    with time_machine.travel(since + TOO_LONG + later, tick=False):
        assert status().is_behind == is_behind


def test_being_behind_is_told_on_the_page(kept, page, monkeypatch):
    sealer.look()
    factories.officer(issued_on=None)
    monkeypatch.setattr("clee_portal.history.sealing.status.TOO_LONG", dt.timedelta(0))
    assert "<strong>Sealing is behind.</strong> What was written since " in page()


def test_findings_are_told_on_the_page(kept, page):
    sealer.look()
    verified(3)
    told = page()
    assert "The last check found 3 changes that nobody made through the portal." in told
    assert told.endswith("with findings.</p>")
