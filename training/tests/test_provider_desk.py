"""A provider's training desk: classes entered in four ways, files, held rows, duplicates, as an agency's."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from training.imports import working
from training.models import Course, HeldClass, ImportRow, ProviderLicense, TrainingClass, TrainingImport, TrainingRecord
from training.services import held_rows, import_undo, imports
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 2, 10)
HEADER = "License number,Name,Title,Completed on,Hours,Area"


@pytest.fixture
def academy():
    return make.provider("Lakeland Academy")


@pytest.fixture
def staff(academy):
    return make.provider_staff(academy, "roster@lakeland.example", "Rosa Ter")


@pytest.fixture
def course(academy):
    return make.provider_course(academy, "Report writing")


@pytest.fixture
def earlier(course, three):
    """A class of the course with the first two of `three`."""
    first = make.record(three[0], dt.date(2025, 3, 4), course=course, legal=4)
    make.record(three[1], dt.date(2025, 3, 4), course=course, held=first.training_class, legal=4)
    for line in make.lines(legal=4):
        first.training_class.lines.create(area=line.area, hours=line.hours)
    return first.training_class


@pytest.fixture
def signed_in(client, staff):
    client.force_login(staff)
    return client


def page(name: str, provider) -> str:
    return reverse(f"training:provider_{name}", args=[provider.pk])


def typed(step: str, **more) -> dict:
    given = {"step": step, "course": "Report writing", "ends_on": DAY.isoformat(), "delivery": "classroom"}
    return given | {"submission_key": str(uuid.uuid4())} | more


def credited() -> set[tuple]:
    return {
        (one.officer.license_number, one.source_kind, sum(line.hours for line in one.lines.all()))
        for one in TrainingRecord.objects.live().filter(completed_on=DAY)
    }


def test_people_of_earlier_classes_are_ticked_and_strangers_pasted(signed_in, academy, earlier, three):
    where = page("class_enter", academy)
    shown = signed_in.get(where).content.decode()
    assert "Abbott, Renee" in shown
    assert "Calloway, Marcus" in shown
    assert "Dwyer" not in shown
    given = {"officers": [str(three[0].pk)], "pasted": "Patrick Dwyer 29944"}
    check = signed_in.post(where, typed("check", **given))
    assert "4 hours for 2 officers: is this right?" in check.content.decode()
    assert "hx-post" not in check.content.decode()
    answer = signed_in.post(where, typed("record", **given))
    made = TrainingClass.objects.get(ends_on=DAY)
    assert answer.url == f"/classes/{made.reference}/?recorded=1"
    assert credited() == {(number, "approved_provider", Decimal(4)) for number in ("38120", "29944")}
    confirmation = signed_in.get(answer.url).content.decode()
    assert "Recorded: 4 hours for 2 officers" in confirmation
    assert page("class_list", academy) in confirmation
    assert made.reference in signed_in.get(page("class_list", academy)).content.decode()


def test_a_number_alone_of_a_stranger_is_held_and_placed_with_the_name(signed_in, academy, staff, earlier, three):
    where = page("class_enter", academy)
    given = {"officers": [str(three[0].pk)], "pasted": "29944"}
    signed_in.post(where, typed("record", **given))
    row = ImportRow.objects.get()
    assert row.wrong == "The license number 29944 is of nobody in your earlier classes."
    basket = signed_in.get(page("held_rows", academy)).content.decode()
    assert row.wrong in basket
    assert "Dwyer" not in basket
    answer = signed_in.post(page("held_rows", academy), {"row": row.pk, f"number-{row.pk}": "29944"})
    assert "Dwyer" not in answer.content.decode()
    assert ImportRow.objects.get().fate == "held"
    given = {"row": row.pk, f"number-{row.pk}": "29944 Patrick Dwyer"}
    assert "Dwyer, Patrick (29944)" in signed_in.post(page("held_rows", academy), given).content.decode()
    given |= {f"person-{row.pk}": three[2].pk, f"person-{row.pk}-how": ""}
    assert signed_in.post(page("held_rows", academy), given).status_code == 302
    assert ("29944", "approved_provider", Decimal(4)) in credited()


def test_a_title_that_is_new_goes_into_the_catalogue(signed_in, academy, earlier, three):
    given = {"course": "Night driving", "officers": [str(three[0].pk)], "hours-area-skill": "2"}
    answer = signed_in.post(page("class_enter", academy), typed("record", **given))
    assert answer.status_code == 302
    made = Course.objects.get(title="Night driving")
    assert (made.provider, made.agency, made.source_kind) == (academy, None, "approved_provider")


def test_a_class_is_copied_with_everybody_in_it(signed_in, academy, earlier, three):
    where = page("class_enter", academy)
    shown = signed_in.get(f"{where}?copy={earlier.reference}")
    assert shown.context["form"].ticked == {three[0].pk, three[1].pk}
    again = signed_in.post(where, typed("copy", source=f"class-{earlier.pk}"))
    assert again.context["copied"].taken == 2


def test_registrations_are_taken_over(signed_in, academy, course, three):
    ended = clock.now() - dt.timedelta(days=3)
    held = make.scheduled_class(course, ended)
    make.registration(held, three[2])
    make.registration(held, three[1], state="waiting")
    where = page("class_enter", academy)
    asked = typed("copy", source=f"scheduled-{held.pk}", with_course="on")
    answer = signed_in.post(where, asked)
    form = answer.context["form"]
    assert form.ticked == {three[2].pk}
    assert form.data["course"] == "Report writing"
    assert form.data["place"] == "Main hall"
    assert reverse("training:class_confirm", args=[held.reference]) in answer.content.decode()


def test_a_copy_of_somebody_elses_class_is_nothing(signed_in, academy, three):
    elsewhere = make.record(three[0], DAY, course=make.provider_course(make.provider())).training_class
    assert signed_in.get(f"{page('class_enter', academy)}?copy={elsewhere.reference}").status_code == 404
    answer = signed_in.post(page("class_enter", academy), typed("copy", source=f"class-{elsewhere.pk}"))
    assert answer.context["form"].ticked == set()
    answer = signed_in.post(page("class_enter", academy), typed("check", officers=[str(three[0].pk)]))
    assert "Somebody ticked is not of this provider" in answer.content.decode()


def test_a_provider_keeps_no_groups(signed_in, academy):
    assert signed_in.post(page("class_enter", academy), typed("save_group", group_name="X")).status_code == 404


def test_an_exception_opens_for_its_own_people_alone(signed_in, academy, earlier, three):
    where = page("class_enter", academy)
    assert signed_in.get(where, {"exception": three[0].pk}).status_code == 200
    for number in ("", three[2].license_number):
        assert signed_in.get(where, {"exception": three[2].pk, "number": number}).status_code == 404


def test_a_class_of_a_provider_is_corrected_as_it_was_entered(signed_in, academy, earlier, three):
    where = reverse("training:class_correct", args=[earlier.reference])
    shown = signed_in.get(where).context["form"]
    assert shown.ticked == {three[0].pk, three[1].pk}
    data = dict(shown.data.lists()) | {"step": "record", "reason": "Not there", "officers": [str(three[0].pk)]}
    answer = signed_in.post(where, data | {"submission_key": str(uuid.uuid4())})
    assert answer.status_code == 302
    stands = TrainingClass.objects.get(replaces=earlier)
    assert [one.officer for one in stands.records.live()] == [three[0]]


def test_a_class_of_a_day_without_a_license_is_not_recorded_and_nothing_is_lost(signed_in, academy, earlier, three):
    ProviderLicense.objects.update(standing="suspended")
    answer = signed_in.post(page("class_enter", academy), typed("record", officers=[str(three[0].pk)]))
    assert "was suspended" in answer.content.decode()
    assert answer.context["form"].ticked == {three[0].pk}
    assert 'value="hold"' in answer.content.decode()
    assert credited() == set()


def test_a_class_of_a_day_without_a_license_is_kept_whole(signed_in, academy, earlier, three):
    ProviderLicense.objects.update(standing="suspended")
    given = typed("hold", officers=[str(three[0].pk), str(three[1].pk)], course="Night driving") | {
        "hours-area-skill": "2"
    }
    undecided = signed_in.post(page("class_enter", academy), given | {"pasted": "29944"})
    assert "Decide these lines or take them out" in undecided.content.decode()
    answer = signed_in.post(page("class_enter", academy), given)
    held = HeldClass.objects.get()
    assert answer.url == reverse("training:held_class", args=[held.reference])
    assert (held.course.title, held.course.provider, held.people.count()) == ("Night driving", academy, 2)
    assert signed_in.post(page("class_enter", academy), given).url == answer.url
    assert credited() == set()


def test_a_class_that_can_be_recorded_is_not_kept(signed_in, academy, earlier, three):
    answer = signed_in.post(page("class_enter", academy), typed("hold", officers=[str(three[0].pk)]))
    assert answer.status_code == 200
    assert not HeldClass.objects.exists()


def a_file(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def sent(staff, academy, *rows: str) -> TrainingImport:
    made, _ = imports.upload(by=staff, body=academy, name="roster.csv", data=a_file(*rows))
    imports.send(by=staff, training_import=made)
    assert working.work(made.pk)
    return TrainingImport.objects.get(pk=made.pk)


def fates(made) -> list[tuple]:
    return list(made.rows.order_by("number").values_list("fate", "wrong"))


GOOD = "38120,Renee Abbott,Report writing,2026-02-10,4,Legal Studies"


def test_a_file_credits_approved_hours_of_its_own_course(academy, staff, course, three):
    made = sent(staff, academy, GOOD, "29944,,Report writing,2026-02-10,4,Legal Studies")
    assert fates(made) == [
        ("credited", ""), ("held", "The license number 29944 is of nobody in your earlier classes.")
    ]  # fmt: skip
    assert credited() == {("38120", "approved_provider", Decimal(4))}
    held = TrainingClass.objects.get(ends_on=DAY)
    assert (held.course, held.reported_by_agency) == (course, None)
    row = made.rows.get(fate="held")
    mended = [*row.cells]
    mended[1] = "Patrick Dwyer"
    assert held_rows.send_again(by=staff, cells={row.pk: mended}) == {"credited": 1}


def test_a_file_sent_twice_is_one(academy, staff, course, three):
    made = sent(staff, academy, GOOD)
    again, is_new = imports.upload(by=staff, body=academy, name="again.csv", data=a_file(GOOD))
    assert (again, is_new) == (made, False)
    elsewhere = make.provider()
    theirs, is_new = imports.upload(
        by=make.provider_staff(elsewhere), body=elsewhere, name="again.csv", data=a_file(GOOD)
    )
    assert is_new
    assert theirs != made


def test_rows_of_a_suspended_provider_are_held_until_its_license_is_set_right(academy, staff, course, three):
    ProviderLicense.objects.update(standing="suspended")
    made = sent(staff, academy, GOOD)
    [(fate, wrong)] = fates(made)
    assert (fate, wrong) == ("held", "The license of Lakeland Academy was suspended on 2026-02-10.")
    ProviderLicense.objects.update(standing="valid")
    row = made.rows.get()
    assert held_rows.send_again(by=staff, cells={row.pk: row.cells}) == {"credited": 1}


def test_what_others_gave_is_not_the_providers_to_report(academy, staff, course, agency, three):
    make.provider("Other Academy")
    header = f"{HEADER},Provider Name"
    data = "\n".join([header, f"{GOOD},Other Academy", f"{GOOD},No such school"]).encode()
    made, _ = imports.upload(by=staff, body=academy, name="roster.csv", data=data)
    imports.send(by=staff, training_import=made)
    working.work(made.pk)
    assert [(fate, "whoever gives a class reports it" in wrong) for fate, wrong in fates(made)] == [
        ("held", True), ("held", True)
    ]  # fmt: skip


def test_a_file_is_undone(academy, staff, course, three):
    made = sent(staff, academy, GOOD)
    import_undo.undo(by=staff, training_import=made, reason="Wrong day")
    assert credited() == set()


def test_the_pages_of_a_file(signed_in, academy, staff, course, three):
    answer = signed_in.post(
        page("import_list", academy), {"file": SimpleUploadedFile("roster.csv", a_file(GOOD)), "sheet": ""}
    )
    made = TrainingImport.objects.get()
    detail = reverse("training:import_detail", args=[made.reference])
    assert answer.url == detail
    preview = signed_in.get(reverse("training:import_preview", args=[made.reference])).content.decode()
    assert "1 row would be credited" in preview
    shown = signed_in.get(detail).content.decode()
    assert page("import_list", academy) in shown
    signed_in.post(detail, _columns(shown) | {"send": "1"})
    assert working.work(made.pk)
    assert "1 row credited" in signed_in.get(detail).content.decode()
    assert "roster.csv" in signed_in.get(page("import_list", academy)).content.decode()


def _columns(html: str) -> dict:
    import re  # the fields of the form as the page shows them

    chosen = dict(re.findall(r'name="(column-\d+)".*?<option value="([^"]*)" selected', html, re.S))
    return chosen | {"header_row": "1"}


def test_another_provider_and_an_agency_see_nothing(client, academy, staff, course, agency, three):
    made = sent(staff, academy, GOOD, "29944,,Report writing,2026-02-10,4,Legal Studies")
    for other in (make.provider_staff(make.provider()), make.ceo(agency)):
        client.force_login(other)
        for name in ("class_enter", "class_list", "import_list", "held_rows", "duplicate_list", "late_list"):
            assert client.get(page(name, academy)).status_code == 404
        for name in ("import_detail", "import_undo", "import_preview", "import_csv"):
            assert client.get(reverse(f"training:{name}", args=[made.reference])).status_code == 404
        assert not TrainingImport.objects.visible_to(other).exists()
        assert not ImportRow.objects.visible_to(other).exists()


@pytest.mark.parametrize("name", ["class_enter", "class_list", "import_list", "held_rows", "duplicate_list"])
def test_a_page_takes_as_many_statements_for_one_row_as_for_many(client, academy, staff, course, agency, name):
    client.force_login(staff)

    def statements(number: int) -> int:
        for _ in range(number):
            who = make.officer(agency)
            record = make.record(who, DAY, course=course)
            make.record(who, DAY, course=make.provider_course(academy, course.title))
            record.training_class.lines.create(area=make.area("legal"), hours=2)
            key = uuid.uuid4().hex
            made, _ = imports.upload(
                by=staff, body=academy, name=f"{key}.csv", data=a_file(f"{key[:6]},,A,2026-01-01,1,Legal")
            )
            imports.send(by=staff, training_import=made)
            working.work(made.pk)
        client.get(page(name, academy))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page(name, academy)).status_code == 200
        return len(asked)

    assert statements(2) == statements(12)
