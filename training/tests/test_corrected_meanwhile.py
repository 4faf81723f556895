"""Two people at one class: what the second typed is never lost, and never sent in the place of the first’s unseen."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from training.models import CourseReview, TrainingClass
from training.services import classes, corrections, courses, duplicates
from training.services.classes import Attendance
from training.tests import factories as make
from training.views.corrections import ClassCorrectView

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def held(agency, chief, three):
    return entered(agency, chief, three[:2])


def entered(agency, by, people, title="Winter driving", day=DAY):
    return classes.record(
        by=by, agency=agency, title=title, starts_on=day, ends_on=day, lines=make.lines(skill=4),
        attendances=[Attendance(one) for one in people], submission_key=uuid.uuid4(), today=TODAY,
    )[0]  # fmt: skip


def by_somebody_else(agency, held, three):
    """The same class corrected by a delegate: the third officer is in it too."""
    return corrections.correct(
        by=make.delegate(agency), training_class=held, reason="One forgotten", agency=agency,
        submission_key=uuid.uuid4(), today=TODAY, course=held.course, starts_on=DAY, ends_on=DAY,
        lines=make.lines(skill=4), attendances=[Attendance(one) for one in three],
    )[0]  # fmt: skip


def url(name: str, held) -> str:
    return reverse(name, args=[held.reference])


def typed(client, held, **changes) -> dict:
    form = client.get(url("training:class_correct", held)).context["form"]
    data = {key: form.data.getlist(key) for key in form.data}
    return data | {"submission_key": str(form.submission_key)} | changes


@pytest.mark.parametrize("step", ["check", "record", "edit"])
def test_old_page_of_a_corrected_class_keeps_what_was_typed_for_the_class_that_stands(
    client, agency, held, three, step
):
    late = typed(client, held, place="Range 2") | {"step": step, "reason": "Wrong range"}
    anew = by_somebody_else(agency, held, three)
    page = client.post(url("training:class_correct", held), late)
    text = page.content.decode()
    assert f"{held.reference} was corrected meanwhile by" in text
    assert "One forgotten" in text
    assert 'value="Range 2"' in text
    assert f'action="{url("training:class_correct", anew)}"' in text
    assert TrainingClass.objects.live().get() == anew
    client.post(url("training:class_correct", anew), late | {"step": "record"})
    last = TrainingClass.objects.live().get()
    assert (last.replaces, last.place, last.void_reason) == (anew, "Range 2", "")


def test_class_undone_meanwhile_leaves_what_was_typed_as_a_class_of_its_own(client, agency, chief, held):
    late = typed(client, held, place="Range 2") | {"step": "record", "reason": "Wrong range"}
    classes.void(by=chief, training_class=held, reason="Never held")
    text = client.post(url("training:class_correct", held), late).content.decode()
    assert f"{held.reference} was undone meanwhile by" in text
    assert "Never held" in text
    assert 'value="Range 2"' in text
    assert f'action="{reverse("training:class_enter", args=[agency.code])}"' in text
    assert not TrainingClass.objects.live().exists()


def test_correction_that_comes_second_at_the_same_moment_is_told(client, agency, held, three, monkeypatch):
    late = typed(client, held, place="Range 2") | {"step": "record", "reason": "Wrong range"}
    record = ClassCorrectView.record

    def after_somebody_else(view, form):
        by_somebody_else(agency, held, three)
        return record(view, form)

    monkeypatch.setattr(ClassCorrectView, "record", after_somebody_else)
    text = client.post(url("training:class_correct", held), late).content.decode()
    assert f"{held.reference} was corrected meanwhile by" in text
    assert 'value="Range 2"' in text


def test_correction_interrupted_by_the_end_of_the_session_is_still_there(client, chief, held):
    token = client.get(url("training:class_correct", held)).context["signed_in_as"]
    changes = typed(client, held, place="Range 2", signed_in_as=token) | {"step": "check"}
    client.logout()
    client.post(url("training:class_correct", held), changes)
    client.force_login(chief)
    text = client.get(url("training:class_correct", held)).content.decode()
    assert 'value="Range 2"' in text
    assert "What you typed is here again; nothing was sent." in text


def test_part_of_an_old_page_is_still_answered(client, agency, held, three):
    late = typed(client, held) | {"step": "roster"}
    by_somebody_else(agency, held, three)
    part = client.post(url("training:class_correct", held), late, headers={"HX-Request": "true"})
    assert (part.status_code, b"<html" in part.content) == (200, False)


def test_moving_on_an_old_page_leads_to_the_class_that_stands_with_who_was_ticked(client, agency, held, three):
    record = held.records.get(officer=three[0])
    anew = by_somebody_else(agency, held, three)
    given = {"records": [record.pk], "to": "out", "reason": "Was ill"}
    response = client.post(url("training:class_move", held), given, follow=True)
    text = response.content.decode()
    assert f"{held.reference} was corrected meanwhile, as {anew.reference}. Nobody was moved or taken out." in text
    assert anew.records.live().count() == 3


def test_undoing_on_an_old_page_undoes_nothing_else_and_says_so(client, agency, held, three):
    anew = by_somebody_else(agency, held, three)
    page = client.post(url("training:class_void", held), {"reason": "Entered twice"}, follow=True)
    assert page.redirect_chain[-1][0] == url("training:class_detail", anew)
    assert f"{anew.reference} stands for it, and is not undone." in page.content.decode()
    anew.refresh_from_db()
    assert anew.voided_at is None


def test_officer_taken_out_meanwhile_is_told_in_words(client, chief, held, three):
    record = held.records.get(officer=three[0])
    corrections.take_out(by=chief, training_class=held, records=[record], reason="Was ill")
    given = {"records": [record.pk], "to": "out", "reason": "Was ill"}
    text = client.post(url("training:class_move", held), given).content.decode()
    assert "Somebody you ticked is not in the class any more. Look at it again." in text
    assert "available choices" not in text


def test_officers_are_moved_to_a_class_of_long_ago_by_its_number(client, agency, chief, held, three):
    old = entered(agency, chief, [three[2]], "Search law", DAY - dt.timedelta(days=400))
    given = {
        "records": [held.records.get(officer=three[0]).pk],
        "to": "",
        "reason": "Was there",
        "reference": "c-999999",
    }
    text = client.post(url("training:class_move", held), given).content.decode()
    assert "There is no class C-999999 of yours to move them to." in text
    response = client.post(url("training:class_move", held), given | {"reference": old.reference.lower()})
    assert response.url == url("training:class_detail", old)
    assert old.records.live().filter(officer=three[0]).exists()


def test_pair_settled_meanwhile_is_shown_as_it_stands(client, agency, chief, held, three):
    other = entered(agency, chief, [three[0]], "Winter  driving")
    one = other.records.get()
    anew = duplicates.keep(by=chief, record=one, reason="Part two")
    response = client.post(reverse("training:duplicate_settle", args=[one.pk]), {"decision": "once"}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("training:duplicate_settle", args=[anew.pk])
    assert "These entries were changed meanwhile. This is how they stand; nothing of yours was kept." in (
        response.content.decode()
    )
    anew.refresh_from_db()
    assert (anew.voided_at, anew.kept_because) == (None, "Part two")


def test_second_decision_on_a_course_is_told_of_the_first(client, agency, held):
    first, second = make.post_staff(), make.post_staff()
    client.force_login(second)
    page = reverse("training:course_review", args=[held.course_id])
    seen = client.get(page).context["seen"]
    courses.review(by=first, course=held.course, decision="approved", today=TODAY)
    given = {"decision": "refused", "reason": "No synopsis", "seen": seen}
    answer = client.post(page, given)
    text = answer.content.decode()
    assert f"{first} has decided meanwhile: approved." in text
    assert "No synopsis" in text
    assert CourseReview.objects.get().decision == "approved"
    client.post(page, given | {"seen": answer.context["seen"]})
    assert [one.decision for one in CourseReview.objects.order_by("pk")] == ["approved", "refused"]
