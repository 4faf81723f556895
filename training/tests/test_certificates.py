"""Certificates: given once for each person and class, kept through corrections, checked by anybody who has the code."""

import datetime as dt
import io

import pypdf
import pytest
from django.urls import reverse
from django.utils.html import escape

from clee_portal import clock
from clee_portal.accounts import limits
from clee_portal.refusal import Refused
from training.models import Certificate, Course, Officer, ProviderLicense, SourceKind, TrainingClass
from training.services import certificate_paper, certificates, classes, corrections
from training.services.certificates import State
from training.tests import factories as make
from training.views import certificates as views

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 5, 14)


@pytest.fixture
def agency():
    return make.agency(name="Alder Creek Police")


@pytest.fixture
def chief(agency):
    return make.ceo(agency, name="Chief Alma Reyes")


@pytest.fixture
def held(agency, chief):
    """An in-service class of two officers, with 2 hours of law and 1 of firearms."""
    one, two = make.officer(agency, name="Ona Abbott"), make.officer(agency, name="Theo Dwyer")
    return recorded(chief, agency, [one, two])


def recorded(by, agency, officers, **more) -> TrainingClass:
    given = {
        "course": make.course(agency, "Use of force"),
        "starts_on": DAY,
        "ends_on": DAY,
        "lines": make.lines(legal=2, skill__firearms=1),
        "attendances": [classes.Attendance(one) for one in officers],
        "submission_key": make.uuid.uuid4(),
        "today": DAY,
    }
    return classes.record(by=by, agency=agency, **given | more)[0]


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def check(client, code):
    return client.get(reverse("training:check_code", args=[code]))


def test_everybody_gets_one_and_nobody_a_second(chief, held):
    first = certificates.give(by=chief, training_class=held)
    assert [one.officer.last_name for one in first] == ["Abbott", "Dwyer"]
    assert certificates.give(by=chief, training_class=held) == first
    assert Certificate.objects.count() == 2


def test_officer_gets_the_own_one_alone(held):
    own = held.records.get(officer__last_name="Dwyer")
    account = make.officer_account(own.officer)
    (one,) = certificates.give(by=account, training_class=held)
    assert (one.officer, one.issued_record, one.issued_by) == (own.officer, own, account)


def test_in_service_carries_no_phrase_and_names_who_reported_it(chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    assert (one.is_approved_provider, one.administrator) == (False, "Chief Alma Reyes")
    (paper, _) = pages(
        certificate_paper.as_pdf(certificates.standings(certificates.give(by=chief, training_class=held)))
    )
    assert "Approved Provider" not in paper
    for said in (
        "Alder Creek Police", "In-service training", "Ona Abbott", one.officer.license_number, "Use of force",
        "May 14, 2026", "education: 3 hours", "Legal Studies", "2 hours", "Skill Development", "Firearms, 1 hour",
        "Chief Alma Reyes", one.code_in_groups,
    ):  # fmt: skip
        assert said in paper


@pytest.mark.parametrize("standing", ["valid", "probation", "suspended", "revoked"])
def test_phrase_stands_only_where_the_license_was_valid_on_the_day(standing):
    provider = make.provider("Lakeside Academy", valid_from=None)
    ProviderLicense.objects.create(
        provider=provider,
        number="P-9",
        standing=standing,
        valid_from=DAY,
        valid_until=DAY,
        recorded_at=clock.midday(DAY),
    )
    course = make.provider_course(provider, more={"administrator": "Dr. Hale"})
    record = make.record(make.officer(), DAY, course=course)
    one = certificates.give(by=make.provider_staff(provider), training_class=record.training_class)[0]
    assert one.is_approved_provider is (standing in ("valid", "probation"))
    (paper,) = pages(certificate_paper.as_pdf(certificates.standings([one])))
    assert ("Approved Provider" in paper) is one.is_approved_provider
    assert "Dr. Hale" in paper


def test_paper_is_tagged_and_its_picture_has_words(chief, held):
    pdf = certificate_paper.as_pdf(certificates.standings(certificates.give(by=chief, training_class=held)))
    paper = pypdf.PdfReader(io.BytesIO(pdf))
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    assert paper.trailer["/Root"]["/Lang"] == "en-US"
    assert b"pdfuaid:part>1<" in paper.xmp_metadata.stream.get_data()


def test_other_sources_give_their_own(chief, agency):
    course = Course.objects.create(title="Abroad", source_kind=SourceKind.OUT_OF_STATE, sponsor="Kansas academy")
    record = make.record(make.officer(agency), DAY, course=course)
    with pytest.raises(Refused, match="Kansas academy gives the certificates"):
        certificates.give(by=chief, training_class=record.training_class)


def test_correction_keeps_the_certificate_and_shows_the_new_figures(client, chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    anew = corrected(chief, held, lines=make.lines(legal=1))
    assert certificates.give(by=chief, training_class=anew)[0] == one
    (told,) = certificates.standings([one])
    assert (told.state, told.issued.total, told.now.total) == (State.CORRECTED, 3, 1)
    page = check(client, one.code).content.decode()
    assert "its figures were corrected" in page
    assert "As first given: 3 hours" in page
    (paper,) = pages(certificate_paper.as_pdf([told]))
    assert "education: 1 hour" in paper
    assert one.code_in_groups in paper


def corrected(by, held, **changes):
    entries = [classes.Attendance(one.officer) for one in held.records.order_by("pk")]
    given = {
        "course": held.course,
        "starts_on": held.starts_on,
        "ends_on": held.ends_on,
        "lines": make.lines(legal=2, skill__firearms=1),
        "attendances": entries,
        "submission_key": make.uuid.uuid4(),
    }
    return corrections.correct(
        by=by, agency=held.reported_by_agency, training_class=held, reason="Counted wrong", today=DAY, **given | changes
    )[0]


def test_taken_out_is_voided_and_put_back_is_valid_again(chief, held):
    abbott, dwyer = certificates.give(by=chief, training_class=held)
    both = [classes.Attendance(one.officer) for one in (abbott, dwyer)]
    without = corrected(chief, held, attendances=both[:1])
    assert [one.state for one in certificates.standings([abbott, dwyer])] == [State.VALID, State.VOIDED]
    again = corrected(chief, without, attendances=both)
    assert [one.state for one in certificates.standings([abbott, dwyer])] == [State.VALID, State.VALID]
    assert certificates.give(by=chief, training_class=again) == [abbott, dwyer]


def test_undone_class_is_voided_for_everybody(client, chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    classes.void(by=chief, training_class=held, reason="Never held")
    page = check(client, one.code)
    assert page.status_code == 200
    assert "This certificate was voided" in page.content.decode()
    assert "Never held" not in page.content.decode()
    held.refresh_from_db()
    with pytest.raises(Refused, match="undone"):
        certificates.give(by=chief, training_class=held)
    (paper,) = pages(certificate_paper.as_pdf(certificates.standings([one])))
    assert "VOIDED" in paper


def test_check_shows_no_more_than_the_paper(client, chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    Officer.objects.filter(pk=one.officer_id).update(email="home@mail.example", postal_address="1 Home Street")
    page = check(client, one.code).content.decode()
    assert "This certificate is valid" in page
    for said in ("Ona Abbott", one.officer.license_number, "Alder Creek Police", "3 hours", "May 14, 2026"):
        assert said in page
    for kept in ("home@mail.example", "Home Street", "Dwyer", held.reference):
        assert kept not in page


def test_closed_name_stays_closed(client, chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    Officer.objects.filter(pk=one.officer_id).update(is_name_closed=True)
    page = check(client, one.code).content.decode()
    assert "Name not shown" in page
    assert "Abbott" not in page
    assert one.officer.license_number not in page


@pytest.mark.parametrize(
    "typed", ["{}", " {} ", "abcd", "{0}-{0}", "<script>", "'; drop table", "ÄÖÜ", "A" * 300, "..", "\u202e{}"]
)
def test_code_is_read_however_it_is_typed(client, chief, held, typed):
    one = certificates.give(by=chief, training_class=held)[0]
    page = client.get(reverse("training:check"), {"code": typed.format(one.code_in_groups.lower())}, follow=True)
    is_right = typed.replace("\u202e", "").strip() == "{}"
    assert page.status_code == (200 if is_right or not certificates.plain(typed) else 404)
    assert ("This certificate is valid" in page.content.decode()) is is_right
    assert "<script>drop" not in page.content.decode()


def test_guessing_ends(client, chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    for number in range(limits.CERTIFICATE.per_address[0].most):
        assert check(client, f"{number:012}").status_code == 404
    refused = check(client, one.code)
    assert refused.status_code == 429
    assert escape("codes that do not exist") in refused.content.decode()
    assert "Abbott" not in refused.content.decode()


def test_valid_checks_are_never_counted(client, chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    for _ in range(limits.CERTIFICATE.per_address[0].most + 5):
        assert check(client, one.code).status_code == 200


def test_provider_and_agencies_see_theirs_alone(client, chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    pdf = reverse("training:certificate_pdf", args=[one.code])
    for user, status in (
        (chief, 200),
        (make.officer_account(one.officer), 200),
        (make.ceo(make.agency()), 404),
        (make.provider_staff(make.provider()), 404),
    ):
        client.force_login(user)
        assert client.get(pdf).status_code == status


def test_page_gives_them_by_one_click_and_counts_the_statements(client, chief, agency, django_assert_max_num_queries):
    held = recorded(chief, agency, make.roster(agency, 40))
    client.force_login(chief)
    address = reverse("training:class_certificates", args=[held.reference])
    assert "40 of 40 have no certificate yet" in client.get(address).content.decode()
    with django_assert_max_num_queries(20):
        client.post(address, {"step": "give"})
    with django_assert_max_num_queries(25):
        page = client.get(address).content.decode()
    assert "All 40 certificates are ready" in page
    with django_assert_max_num_queries(20):
        pdf = client.get(reverse("training:class_certificates_pdf", args=[held.reference]))
    assert len(pages(pdf.content)) == 40


def test_two_records_of_a_person_joined_and_joined_again_keep_it_valid(chief, held):
    one = certificates.give(by=chief, training_class=held)[0]
    second, third = make.officer(), make.officer()
    Officer.objects.filter(pk=second.pk).update(merged_into=third)
    Officer.objects.filter(pk=one.officer_id).update(merged_into=second)
    held.records.filter(officer=one.officer_id).update(officer=third)
    assert certificates.standings([one])[0].state == State.VALID


def test_a_class_too_large_for_one_file_has_parts(client, chief, agency, monkeypatch):
    monkeypatch.setattr(views, "A_FILE", 2)
    held = recorded(chief, agency, make.roster(agency, 3))
    certificates.give(by=chief, training_class=held)
    client.force_login(chief)
    address = reverse("training:class_certificates_pdf", args=[held.reference])
    page = client.get(reverse("training:class_certificates", args=[held.reference])).content.decode()
    assert f"{address}?part=2" in page
    assert f"{address}?part=3" not in page
    assert [len(pages(client.get(address, {"part": part}).content)) for part in ("1", "2", "x")] == [2, 1, 2]
