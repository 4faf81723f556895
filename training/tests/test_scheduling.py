"""Classes in the calendar: planned, published, moved, called off."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from clee_portal import clock
from clee_portal.history import events_of
from clee_portal.history.seen import ChangedMeanwhile, mark
from clee_portal.refusal import Refused
from notifications.models import Message
from training.class_plan import Meeting, Site, Terms, meetings_of
from training.models import CourseReview, ProviderLicense, Registration, ScheduledClass
from training.services import scheduling
from training.tests import factories

pytestmark = pytest.mark.django_db
HALL = Site(20, "Main hall", "1 College Way", "", "65201")
TERMS = Terms(administrator="Dana Whitlock")


def at(days: int, hour: int = 8, hours: float = 4) -> Meeting:
    day = clock.today() + dt.timedelta(days=days)
    begins = dt.datetime.combine(day, dt.time(hour), clock.CHICAGO)
    return Meeting(begins, begins + dt.timedelta(hours=hours))


@pytest.fixture
def school():
    return factories.provider("Academy")


@pytest.fixture
def staff(school):
    return factories.provider_staff(school)


@pytest.fixture
def course(school):
    return factories.provider_course(school, "Traffic stops", legal=2, skill__firearms=2)


def planned(by, course, *meetings, sites=(HALL,), terms=TERMS, **more) -> list[ScheduledClass]:
    key = more.pop("key", None) or uuid.uuid4()
    return scheduling.plan(
        by=by, course=course, meetings=meetings or [at(30)], sites=sites, terms=terms, key=key, **more
    )


def seated(held: ScheduledClass):
    officer = factories.officer(factories.agency())
    factories.officer_account(officer)
    return factories.registration(held, officer)


def test_a_class_is_planned_with_the_hours_of_its_course(staff, course):
    [made] = planned(staff, course, at(37, 18, 3), at(30, 18, 3))
    assert (made.state, made.capacity, made.city, made.latitude) == ("draft", 20, "Columbia", 38.9382)
    assert meetings_of(made) == [at(30, 18, 3), at(37, 18, 3)]
    assert (made.begins_at, made.ends_at) == (at(30, 18).begins_at, at(37, 18, 3).ends_at)
    lines = sorted((one.area.code, one.topic and one.topic.code, one.hours) for one in made.lines.all())
    assert lines == [("legal", None, Decimal(2)), ("skill", "firearms", Decimal(2))]
    events = events_of(ScheduledClass).objects.filter(pgh_obj=made, pgh_label="insert")
    assert [one.pgh_context["reason"] for one in events] == ["Planned"]


def test_several_places_and_days_are_a_series_and_the_same_form_twice_is_one(staff, course):
    key = uuid.uuid4()
    sites = (HALL, Site(12, "Annex", "", "", "63101"))
    made = planned(staff, course, at(30), at(37), sites=sites, key=key, each=True)
    assert [(one.city, one.begins_at) for one in made] == [
        ("Columbia", at(30).begins_at),
        ("Columbia", at(37).begins_at),
        ("Saint Louis", at(30).begins_at),
        ("Saint Louis", at(37).begins_at),
    ]
    assert {one.series for one in made} == {key}
    assert planned(staff, course, at(30), at(37), sites=sites, key=key, each=True) == made
    assert ScheduledClass.objects.count() == 4


@pytest.mark.parametrize(
    ("meetings", "words"),
    [
        ([], None),
        ([at(30), at(30, 10)], "overlap"),
        ([at(30, 8, 17)], "longer than 16 hours"),
        ([at(3 * 366 + 2)], "Check the year"),
        ([Meeting(at(30).ends_at, at(30).begins_at)], "ends before it begins"),
    ],
)
def test_meetings_that_cannot_be_are_refused(staff, course, meetings, words):
    with pytest.raises(Refused, match=words or "at least one day") as refusal:
        scheduling.plan(by=staff, course=course, meetings=meetings, sites=[HALL], terms=TERMS, key=uuid.uuid4())
    assert refusal.value.field == "meetings"
    assert not ScheduledClass.objects.exists()


def test_a_zip_code_that_is_none_is_refused(staff, course):
    with pytest.raises(Refused, match="65999") as refusal:
        planned(staff, course, sites=[Site(20, "Hall", "", "", "65999")])
    assert refusal.value.field == "zip_code"


def test_only_staff_of_the_provider_and_post_keep_its_calendar(course, staff):
    other = factories.provider_staff(factories.provider())
    for by in (other, factories.director(), factories.ceo(factories.agency())):
        with pytest.raises(Refused, match="You cannot plan"):
            planned(by, course)
    [made] = planned(factories.post_staff(), course)
    for act in (
        lambda: scheduling.publish(by=other, held=made),
        lambda: scheduling.move(by=other, held=made, meetings=[at(40)]),
        lambda: scheduling.edit(by=other, held=made, terms=TERMS, capacity=30),
        lambda: scheduling.change_capacity(by=other, held=made, capacity=30),
        lambda: scheduling.call_off(by=other, held=made, reason="Snow"),
        lambda: scheduling.discard(by=other, held=made),
    ):
        with pytest.raises(Refused, match="You cannot change classes"):
            act()


def test_a_class_is_published_once(staff, course):
    [made] = planned(staff, course)
    published = scheduling.publish(by=staff, held=made)
    assert (published.state, published.sequence) == ("published", 0)
    assert scheduling.publish(by=staff, held=made).published_at == published.published_at


def test_a_class_is_not_published_where_the_license_is_not_valid_on_its_last_day(school, staff, course):
    [made] = planned(staff, course, at(30), at(60))
    license = school.licenses.get()
    license.valid_until = at(59).begins_at.date()
    license.save()
    with pytest.raises(Refused, match="before the class does on"):
        scheduling.publish(by=staff, held=made)
    license.valid_until = at(60).begins_at.date()
    license.save()
    assert scheduling.publish(by=staff, held=made).state == "published"


def test_a_class_in_days_of_a_suspension_is_not_published_nor_moved_there(school, staff, course):
    [made] = planned(staff, course)
    scheduling.publish(by=staff, held=made)
    license = school.licenses.get()
    license.valid_until = at(39).begins_at.date()
    license.save()
    ProviderLicense.objects.create(
        provider=school, number="P-9", standing="suspended", valid_from=at(40).begins_at.date()
    )
    with pytest.raises(Refused, match="License P-9 is suspended from"):
        scheduling.move(by=staff, held=made, meetings=[at(40)])
    [other] = planned(staff, course, at(40))
    with pytest.raises(Refused, match="License P-9 is suspended from"):
        scheduling.publish(by=staff, held=other)


def test_an_underwritten_course_is_approved_before_a_class_of_it_is_published(school, staff):
    agency = factories.agency()
    course = factories.provider_course(school, more={"underwrites": agency})
    [made] = planned(staff, course)
    with pytest.raises(Refused, match="approve an underwritten course 30 days ahead"):
        scheduling.publish(by=staff, held=made)
    CourseReview.objects.create(course=course, decision="approved", decided_on=clock.today())
    assert scheduling.publish(by=staff, held=made).state == "published"


def test_a_class_of_a_refused_course_is_neither_planned_nor_published(staff, course):
    [made] = planned(staff, course)
    CourseReview.objects.create(course=course, decision="refused", decided_on=clock.today(), reason="Too thin")
    with pytest.raises(Refused, match="Too thin"):
        scheduling.publish(by=staff, held=made)
    with pytest.raises(Refused, match="Too thin"):
        planned(staff, course)


def test_what_a_class_lacks_is_said_all_at_once(staff, course):
    [made] = planned(staff, course, at(-2), sites=[Site(20)], terms=Terms())
    with pytest.raises(Refused) as refusal:
        scheduling.publish(by=staff, held=made)
    for words in ("first meeting is over", "city and the ZIP code", "course administrator"):
        assert words in refusal.value.message


def test_of_several_those_that_can_be_are_published(staff, course):
    made = planned(staff, course, at(30), at(31), each=True)
    [lacking] = planned(staff, course, terms=Terms())
    outcome = scheduling.publish_many(by=staff, classes=[*made, lacking])
    assert outcome.done == made
    assert [(one, why[:15]) for one, why in outcome.refused] == [(lacking, "Name the course")]


def test_a_class_moved_tells_everybody_registered_and_raises_its_sequence(staff, course):
    [made] = planned(staff, course, at(30), at(37))
    scheduling.publish(by=staff, held=made)
    seated(made)
    kept = made.meetings.first().pk
    before = mark(scheduling.where_it_stands(made))
    moved = scheduling.move(by=staff, held=made, meetings=[at(30), at(44)], site=Site(99, "Annex", "", "", "63101"))
    assert (moved.sequence, moved.city, moved.capacity, moved.ends_at) == (1, "Saint Louis", 20, at(44).ends_at)
    assert made.meetings.first().pk == kept
    assert Message.objects.filter(occasion="class_moved").count() == 1
    again = scheduling.move(by=staff, held=made, meetings=[at(30), at(44)], site=Site(20, "Annex", "", "", "63101"))
    assert again.sequence == 1
    with pytest.raises(ChangedMeanwhile) as refusal:
        scheduling.move(by=staff, held=made, meetings=[at(50)], seen=before)
    assert [(one.name, one.by, one.is_touched) for one in refusal.value.differences] == [("meetings", None, True)]


def test_a_meeting_that_has_begun_stays(staff, course):
    held = factories.scheduled_class(course, at(-7).begins_at, meetings=3, administrator="Dana")
    assert meetings_of(held) == [at(-7), at(0), at(7)] or clock.now() < at(0).begins_at
    with pytest.raises(Refused, match="has begun stays"):
        scheduling.move(by=staff, held=held, meetings=[at(-8), at(0), at(7)])
    assert scheduling.move(by=staff, held=held, meetings=[at(-7), at(0), at(9)]).sequence == 1


def test_capacity_goes_not_below_the_seats_that_are_taken(staff, course):
    [made] = planned(staff, course, sites=[Site(3, "Hall", "", "", "65201")])
    scheduling.publish(by=staff, held=made)
    seated(made), seated(made)
    with pytest.raises(Refused, match="2 seats are taken") as refusal:
        scheduling.change_capacity(by=staff, held=made, capacity=1)
    assert refusal.value.field == "capacity"
    assert scheduling.change_capacity(by=staff, held=made, capacity=2).seats_left == 0
    with pytest.raises(Refused, match="1 to 5,000"):
        scheduling.change_capacity(by=staff, held=made, capacity=0)


def test_more_seats_are_offered_to_who_waits(staff, course):
    [made] = planned(staff, course, sites=[Site(1, "Hall", "", "", "65201")])
    scheduling.publish(by=staff, held=made)
    seated(made)
    waits = factories.registration(made, factories.officer(factories.agency()), state=Registration.State.WAITING)
    scheduling.change_capacity(by=staff, held=made, capacity=2)
    waits.refresh_from_db()
    assert waits.state == "offered"


def test_a_class_called_off_frees_and_tells_everybody(staff, course):
    [made] = planned(staff, course)
    with pytest.raises(Refused, match="throw it away"):
        scheduling.call_off(by=staff, held=made, reason="Snow")
    scheduling.publish(by=staff, held=made)
    seat = seated(made)
    with pytest.raises(Refused, match="Say why"):
        scheduling.call_off(by=staff, held=made, reason=" ")
    off = scheduling.call_off(by=staff, held=made, reason="Too  few people")
    seat.refresh_from_db()
    made.refresh_from_db()
    assert (off.state, off.called_off_because, off.sequence) == ("called_off", "Too few people", 1)
    assert (seat.state, seat.end_reason, made.seats_taken) == ("called_off", "Too few people", 0)
    assert Message.objects.filter(occasion="class_called_off").count() == 1
    assert scheduling.call_off(by=staff, held=made, reason="Again").called_off_because == "Too few people"
    with pytest.raises(Refused, match="was called off"):
        scheduling.move(by=staff, held=made, meetings=[at(40)])


def test_a_draft_is_thrown_away_and_what_was_published_is_not(staff, course):
    draft, published = planned(staff, course, at(30), at(31), each=True)
    scheduling.publish(by=staff, held=published)
    outcome = scheduling.discard_many(by=staff, classes=[draft, published])
    assert [why for _, why in outcome.refused] == [
        f"{published.reference} was published, so it stays. Call it off instead."
    ]
    assert list(ScheduledClass.objects.all()) == [published]


def test_only_changes_that_a_calendar_shows_raise_the_sequence(staff, course):
    [made] = planned(staff, course)
    scheduling.publish(by=staff, held=made)
    held = scheduling.edit(by=staff, held=made, terms=Terms(administrator="Ada Long"), capacity=25)
    assert (held.sequence, held.administrator, held.capacity) == (0, "Ada Long", 25)
    held = scheduling.edit(by=staff, held=made, terms=Terms(administrator="Ada Long", fee=Decimal(50)), capacity=25)
    assert (held.sequence, held.fee) == (1, Decimal(50))
    with pytest.raises(Refused, match="course administrator"):
        scheduling.edit(by=staff, held=made, terms=Terms(), capacity=25)
