"""What officers thought of a class: said once, by whoever has credit, kept without their name."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clee_portal import clock
from clee_portal.history.models import Access
from clee_portal.refusal import Refused
from training.models import ClassEvaluation, Registration, ScheduledClass, TrainingRecord
from training.services import evaluations
from training.tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = clock.today()
ANSWERS = {"content": 5, "instruction": 4, "usefulness": 3}


@pytest.fixture
def seat():
    """An officer's seat in a class that ended ten days ago, confirmed, with credit."""
    provider = make.provider("Lakeland Academy")
    day = TODAY - dt.timedelta(10)
    begins_at = dt.datetime.combine(day, dt.time(8), clock.CHICAGO)
    held = make.scheduled_class(make.provider_course(provider, "Report writing"), begins_at)
    officer = make.officer(make.agency())
    record = make.record(officer, day, course=held.course)
    ScheduledClass.objects.filter(pk=held.pk).update(training_class=record.training_class)
    held.refresh_from_db()
    return make.registration(held, officer)


@pytest.fixture
def officer(seat):
    return make.officer_account(seat.officer)


def give(by, seat, **more):
    evaluations.give(by=by, registration=seat, today=TODAY, **{**ANSWERS, **more})


def address(seat) -> str:
    return reverse("training:class_evaluate", args=[seat.scheduled_class.reference])


def test_nothing_of_an_evaluation_says_who_gave_it(seat, officer):
    give(officer, seat, comment="  Too fast at the end ")
    (kept,) = ClassEvaluation.objects.all()
    assert (kept.content, kept.instruction, kept.usefulness, kept.comment) == (5, 4, 3, "Too fast at the end")
    columns = {field.name for field in ClassEvaluation._meta.concrete_fields}
    assert columns == {"scheduled_class", "key", "given_on", "content", "instruction", "usefulness", "comment"}
    # Not the day it was given, by which it could be laid beside the registration, but the class's own last day.
    assert kept.given_on == TODAY - dt.timedelta(10)
    assert isinstance(kept.key, uuid.UUID)
    seat.refresh_from_db()
    assert seat.evaluated_on == TODAY


def test_said_twice_is_refused_and_kept_once(seat, officer):
    give(officer, seat)
    with pytest.raises(Refused, match="You have evaluated this class"):
        give(officer, seat)
    assert ClassEvaluation.objects.count() == 1


def test_somebody_else_cannot_say_it_for_the_officer(seat):
    staff = make.provider_staff(seat.scheduled_class.provider)
    for by in (staff, make.post_staff(), make.officer_account(make.officer())):
        with pytest.raises(Refused, match="by the officer who was there"):
            give(by, seat)
    assert not ClassEvaluation.objects.exists()


def test_class_is_evaluated_once_it_is_confirmed(seat, officer):
    ScheduledClass.objects.update(training_class=None)
    seat.refresh_from_db()
    with pytest.raises(Refused, match="confirmed who completed it"):
        give(officer, Registration.objects.get())


@pytest.mark.parametrize("what", ["voided", "instructor"])
def test_whoever_has_no_credit_or_taught_it_is_not_asked(seat, officer, what):
    changed = {"role": "instructor"}
    if what == "voided":
        changed = {"voided_at": clock.now() + dt.timedelta(1), "void_reason": "Was not there"}
    TrainingRecord.objects.update(**changed)
    with pytest.raises(Refused, match="you have no credit of this one"):
        give(officer, seat)
    assert evaluations.waiting_for(Registration.objects.select_related("scheduled_class")) == []


def test_page_of_the_officer_leads_to_the_form_until_it_is_sent(client, seat, officer):
    client.force_login(officer)
    for page in (reverse("training:my_classes"), reverse("training:registration", args=[seat.code])):
        assert address(seat) in client.get(page).text
    assert client.get(address(seat)).status_code == 200
    answer = client.post(address(seat), {**ANSWERS, "comment": "Good"})
    assert answer["Location"] == reverse("training:my_classes")
    assert ClassEvaluation.objects.get().comment == "Good"
    for page in (reverse("training:my_classes"), reverse("training:registration", args=[seat.code])):
        assert address(seat) not in client.get(page).text
    again = client.post(address(seat), {**ANSWERS, "comment": "Better"}, follow=True)
    assert "You have evaluated this class." in again.text
    assert ClassEvaluation.objects.count() == 1
    assert not Access.objects.exclude(kind="signed_in").exists()


@pytest.mark.parametrize("given", [{}, {"content": "6"}, {"content": "five"}])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, seat, officer, given):
    client.force_login(officer)
    shown = client.post(address(seat), {"instruction": 4, "usefulness": 3, "comment": "Too fast", **given})
    assert "What was taught: Choose one of the five." in shown.text
    assert "Too fast" in shown.text
    assert 'name="instruction" value="4"' in shown.text
    assert not ClassEvaluation.objects.exists()


def test_for_everybody_else_the_form_does_not_exist(client, seat):
    agency = seat.officer.commissions.get().agency
    for user in (make.ceo(agency), make.provider_staff(seat.scheduled_class.provider), make.post_staff()):
        client.force_login(user)
        assert client.get(address(seat)).status_code == 404
    client.force_login(make.officer_account(make.officer()))
    assert client.get(address(seat)).status_code == 404
    assert client.get(reverse("training:class_evaluate", args=["S-999999"])).status_code == 404


def test_seat_that_was_given_back_has_nothing_to_evaluate(client, seat, officer):
    Registration.objects.update(state="cancelled", ended_at=clock.now())
    client.force_login(officer)
    assert client.get(address(seat)).status_code == 404
