"""POST's workbench: what waits, counted; and working through a queue, item by item, with its filters in the address."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from compliance import queues
from compliance.queues import Waits
from compliance.services import relief_decisions
from compliance.tests.relief_people import ask
from training.models import CourseReview, ImportRow, TrainingImport
from training.services import courses
from training.tests import factories as make

pytestmark = pytest.mark.django_db

COURSES, EXTENSIONS = "/courses/to-review/", "/extensions/"


@pytest.fixture
def post(client):
    account = make.post_staff()
    client.force_login(account)
    return account


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


def asked(post, officer):
    """A request that came by telephone."""
    first = clock.today() - dt.timedelta(days=3)
    return ask(post, officer, year=clock.today().year, leave_from=first, caller="The officer")


def waits(code: str) -> Waits:
    return queues.by_code(code).waits(clock.today())


def way_on(response) -> str:
    """The address that opens the next item, from the page of one."""
    return parse_qs(urlsplit(response.url).query)["next"][0]


def test_every_queue_is_counted_and_says_who_waits_longest(client, post, agency):
    one, other = make.officer(agency, name="Ada Fenwick"), make.officer(agency, name="Bo Garland")
    first = asked(post, one)
    first.requested_on -= dt.timedelta(days=20)
    first.save()
    asked(post, other)
    make.course(agency, "Night driving")
    page = client.get("/workbench/")
    by_code = {row.queue.code: row for row in page.context["rows"]}
    assert set(by_code) == {one.code for one in queues.QUEUES}
    extensions = by_code["extensions"]
    assert extensions.waits == Waits(2, clock.today() - dt.timedelta(days=20), "Ada Fenwick")
    assert (extensions.days, extensions.is_long, extensions.next_url) == (20, True, "/extensions/?open=1")
    assert by_code["courses"].waits == Waits(1, clock.today(), "Harlan County Sheriff")
    assert by_code["duplicates"].waits is None
    text = " ".join(page.content.decode().split())
    assert "3 things wait for POST in 2 queues" in text
    assert "Longest: Ada Fenwick, 20 days, in Extensions and waivers." in text


def test_slow_queue_is_counted_afterwards(client, post, agency):
    assert b'hx-get="/workbench/duplicates/count/"' in client.get("/workbench/").content
    assert b"none" in client.get("/workbench/duplicates/count/").content
    assert client.get("/workbench/nothing/count/").status_code == 404


def test_workbench_takes_one_statement_for_each_queue(client, post, agency):
    counts = []
    for number in range(3):
        asked(post, make.officer(agency))
        make.course(agency, f"Course {number}")
        client.get("/workbench/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/workbench/")
        counts.append(len(captured))
    assert len(set(counts)) == 1
    for queue in queues.QUEUES:
        if not queue.is_slow:
            with CaptureQueriesContext(connection) as captured:
                queue.waits(clock.today())
            assert (queue.code, len(captured)) == (queue.code, 1)


def test_every_queue_leads_to_a_page_and_those_that_open_lead_on(client, post):
    for row in client.get("/workbench/").context["rows"]:
        assert (row.queue.code, client.get(row.url).status_code) == (row.queue.code, 200)
        if row.next_url:
            response = client.get(row.next_url)
            assert (row.queue.code, response.status_code) == (row.queue.code, 302)
            assert urlsplit(response.url).path == urlsplit(row.url).path


def test_courses_open_one_after_the_other_within_the_filter(client, post, agency):
    elsewhere = make.course(make.agency(name="Quinn Police"), "Another agency’s")
    one, two, three = (make.course(agency, f"Course {number}") for number in range(3))
    opened = client.get(f"{COURSES}?agency=harlan&open=1")
    assert urlsplit(opened.url).path == f"/courses/{one.pk}/review/"
    skipped = client.get(way_on(opened))
    assert urlsplit(skipped.url).path == f"/courses/{two.pk}/review/"
    done = client.post(skipped.url, {"decision": "approved"})
    assert done.url == way_on(skipped)
    third = client.get(done.url)
    assert urlsplit(third.url).path == f"/courses/{three.pk}/review/"
    last = client.get(client.post(third.url, {"decision": "approved"}).url, follow=True)
    assert last.redirect_chain == [(f"{COURSES}?agency=harlan", 302)]
    assert "That was the last one here." in last.content.decode()
    assert [course.pk for course in last.context["object_list"]] == [one.pk]
    assert not elsewhere.reviews.exists()


def test_next_one_opens_though_others_settled_what_stood_before(client, post, agency):
    made = [make.course(agency, f"Course {number}") for number in range(4)]
    opened = client.get(way_on(client.get(way_on(client.get(f"{COURSES}?open=1")))))
    assert urlsplit(opened.url).path == f"/courses/{made[2].pk}/review/"
    courses.review(by=post, course=made[0], decision="approved", today=clock.today())
    assert urlsplit(client.get(way_on(opened)).url).path == f"/courses/{made[3].pk}/review/"


@pytest.mark.parametrize(
    "next_one", ["https://elsewhere.example/", "//elsewhere.example/?open=1", "javascript:alert(1)"]
)
def test_way_on_never_leads_out_of_the_portal(client, post, agency, next_one):
    course = make.course(agency)
    page = client.get(f"/courses/{course.pk}/review/", {"next": next_one})
    assert b"elsewhere" not in page.content.replace(b"next=", b"") or page.context["onward"] == ""
    done = client.post(f"/courses/{course.pk}/review/?next={next_one}", {"decision": "approved"})
    assert done.url == f"/courses/{course.pk}/"


def test_page_of_an_item_opened_by_itself_has_no_way_on(client, post, agency):
    course = make.course(agency)
    assert b"data-queue-key" not in client.get(f"/courses/{course.pk}/review/").content
    opened = client.get(client.get(f"{COURSES}?open=1").url).content.decode()
    assert f'href="{COURSES}" data-queue-key="u"' in opened
    assert 'data-queue-key="n"' in opened


def test_requests_carry_the_way_on_through_the_decision(client, post, agency):
    first, second = asked(post, make.officer(agency)), asked(post, make.officer(agency))
    opened = client.get(f"{EXTENSIONS}?kind=extension&open=1")
    assert urlsplit(opened.url).path == f"/extensions/{first.reference}/"
    page = client.get(opened.url)
    assert f'href="/extensions/{first.reference}/deny/{page.context["onward_query"]}"'.replace("&", "&amp;") in (
        page.content.decode()
    )
    deny = f"/extensions/{first.reference}/deny/{page.context['onward_query']}"
    done = client.post(deny, {"reason": "No orders were shown.", "seen": "0"})
    assert urlsplit(client.get(done.url).url).path == f"/extensions/{second.reference}/"
    relief_decisions.deny(by=post, request=second, reason="Neither.", seen=0, today=clock.today())
    assert client.get(done.url).url == f"{EXTENSIONS}?kind=extension"


def held_row(agency, number: int, cells=("Nobody Known", "4")) -> ImportRow:
    sent, _ = TrainingImport.objects.get_or_create(
        agency=agency, name="a.csv", state="done", content=b"Name,Hours", sha256="a" * 64, header_row=1,
        columns=["Name", "Hours"], fields=["name", "hours"],
    )  # fmt: skip
    return ImportRow.objects.create(
        training_import=sent, number=number, cells=list(cells), fate="held", column="Name", wrong="Nobody is so named",
        fix="Give the number.", is_for_post=True,
    )  # fmt: skip


def test_held_rows_open_by_themselves_and_lead_on(client, post, agency):
    first, second = held_row(agency, 2), held_row(agency, 3, ("Elle Placeholder", "8"))
    held_row(make.agency(name="Quinn Police"), 2)
    opened = client.get("/held/?agency=harlan&open=1")
    page = client.get(opened.url)
    assert [one.row for one in page.context["basket"].rows] == [first]
    done = client.post(opened.url, {"row": [first.pk], f"drop-{first.pk}": "on", f"why-{first.pk}": "Not a class"})
    assert client.get(client.get(done.url).url).context["basket"].rows[0].row == second
    assert [row.pk for row in client.get("/held/?q=placeholder").context["object_list"]] == [second.pk]
    assert len(client.get(f"/held/?q={second.training_import.reference}").context["object_list"]) == 1


def test_several_courses_are_approved_at_once(client, post, agency):
    one, two, refused = (make.course(agency, title) for title in ("One", "Two", "Three"))
    courses.review(by=post, course=refused, decision="refused", reason="Too thin", today=clock.today())
    sent = {"course": [one.pk, two.pk, refused.pk], f"seen-{one.pk}": "", f"seen-{two.pk}": ""}
    page = client.post(COURSES, sent, follow=True)
    assert "2 courses approved." in page.content.decode()
    assert set(CourseReview.objects.filter(decision="approved").values_list("course", flat=True)) == {one.pk, two.pk}


def test_course_decided_meanwhile_is_not_approved_over_it(client, post, agency):
    course = make.course(agency)
    courses.review(by=post, course=course, decision="refused", reason="No synopsis", today=clock.today())
    courses.add_to_submission(by=None, course=course, synopsis="More of it.", instructors="")
    page = client.post(COURSES, {"course": [course.pk], f"seen-{course.pk}": ""}, follow=True)
    assert "has decided meanwhile" in page.content.decode()
    assert course.reviews.get().decision == "refused"
    assert "No course was chosen" in client.post(COURSES, {}, follow=True).content.decode()


def test_director_reads_the_queues_and_approves_nothing(client, agency):
    course = make.course(agency)
    client.force_login(make.director())
    assert client.get("/workbench/").status_code == 200
    assert urlsplit(client.get(f"{COURSES}?open=1").url).path == f"/courses/{course.pk}/"
    assert client.post(COURSES, {"course": [course.pk]}).status_code == 403
    assert not course.reviews.exists()


def test_address_of_a_queue_may_say_anything(client, post, agency):
    make.course(agency)
    for odd in ("-1", "abc", "9" * 30, "²"):
        assert client.get(COURSES, {"open": "1", "place": odd, "after": odd}).status_code == 302
    assert reverse("training:course_queue") == COURSES
