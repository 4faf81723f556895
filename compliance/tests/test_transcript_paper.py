"""The paper of a transcript: PDF/UA-1 by its tags, whatever was typed into what it says."""

import io
import json
from collections import Counter

import pypdf
import pytest

from clee_portal import clock
from compliance import transcript_checks
from compliance.services import transcripts
from compliance.tests import people
from training.models import TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def dana(agency):
    """Last year's hours in two classes; this year one that counts and one counted once before."""
    year = clock.today().year
    one = make.officer(agency, name="Dana Whitlock", license_number="41877")
    people.complete(one, agency, year - 1)
    make.record(one, clock.today(), course=make.course(agency, "Night shooting"), skill__firearms=2, legal=1)
    twice = make.record(one, clock.today(), course=people.academy_course("Held twice"), technical=1)
    TrainingRecord.objects.filter(pk=twice.pk).update(not_counted="repeat")
    return one


def paper_of(officer, *years) -> pypdf.PdfReader:
    made = transcripts.issue(by=make.officer_account(officer), officer=officer, years=years)
    return pypdf.PdfReader(io.BytesIO(transcript_checks.read(made, "pdf")))


def elements(node) -> list[dict]:
    """The structure elements below a node of the tree, in their order."""
    node = node.get_object()
    if isinstance(node, list):
        return [found for one in node for found in elements(one)]
    if not (isinstance(node, dict) and "/S" in node):
        return []
    return [node, *(elements(node["/K"]) if "/K" in node else [])]


def below(node, kind: str) -> list[dict]:
    return [one for one in elements(node) if one["/S"] == kind]


def attribute(element, name: str):
    given = [one.get_object() for one in element["/A"]]
    return next((one[name] for one in given if name in one), None)


def test_paper_says_it_is_accessible_and_what_it_is(dana):
    paper = paper_of(dana, clock.today().year)
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en-US"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    said = paper.xmp_metadata
    assert b"<pdfuaid:part>1</pdfuaid:part>" in said.stream.get_data()
    assert said.dc_title == {"x-default": "CLEE transcript of Dana Whitlock, license 41877"}
    assert paper.metadata.title == "CLEE transcript of Dana Whitlock, license 41877"
    assert all(page["/Tabs"] == "/S" and "/StructParents" in page for page in paper.pages)


def test_every_piece_of_the_paper_has_its_tag(dana):
    year = clock.today().year
    tree = paper_of(dana, year, year - 1).trailer["/Root"]["/StructTreeRoot"]
    assert elements(tree["/K"])[0]["/S"] == "/Document"
    headings = [(one["/S"], one["/T"]) for one in elements(tree["/K"]) if one["/S"].startswith("/H")]
    assert [kind for kind, _ in headings] == ["/H1", "/H2", "/H3", "/H3", "/H2", "/H3"]
    assert [words for _, words in headings[2:4]] == ["Classes that counted", "Classes that did not count"]
    (picture,) = below(tree["/K"], "/Figure")
    assert picture["/Alt"].startswith("QR code of the page on which this transcript can be checked: http")
    tables = below(tree["/K"], "/Table")
    assert len(tables) == 5  # what was asked, and the classes; of this year also those that did not count
    for table in tables:
        assert [below(row, "/TH") for row in below(table, "/THead")]
        headers = {one["/ID"] for one in below(table, "/TH")}
        assert {attribute(one, "/Scope") for one in below(table, "/TH")} == {"/Column"}
        cells = below(table, "/TD")
        assert cells
        assert all(set(attribute(one, "/Headers")) <= headers and attribute(one, "/Headers") for one in cells)
        assert {len(below(row, "/TD")) for row in below(below(table, "/TBody")[0], "/TR")} == {len(headers)}


def test_tables_over_many_pages_stay_one_table_each(agency, dana):
    for number in range(45):
        make.record(dana, clock.today(), course=make.course(agency, f"One of many, {number}"), legal=1)
    paper = paper_of(dana, clock.today().year)
    assert len(paper.pages) > 1
    assert Counter(one["/S"] for one in elements(paper.trailer["/Root"]["/StructTreeRoot"]["/K"]))["/Table"] == 3
    assert all("Code" in page.extract_text() for page in paper.pages)  # each says of which transcript it is


def test_what_no_font_has_stands_in_the_data_and_is_seen_to_lack_on_the_paper(agency):
    odd = make.officer(agency, name="José 日本 Núñez")
    make.record(odd, clock.today(), course=make.course(agency, "De-escalation 👮\u200d \ud7ff §"), legal=1)
    made = transcripts.issue(by=make.officer_account(odd), officer=odd, years=[clock.today().year])
    paper = pypdf.PdfReader(io.BytesIO(transcript_checks.read(made, "pdf"))).pages[0].extract_text()
    assert "José �� Núñez" in paper
    assert "De-escalation � � §" in paper
    data = json.loads(transcript_checks.read(made, "data"))
    assert data["officer"]["name"] == "José 日本 Núñez"
    assert data["periods"][0]["classes"][0]["course"] == "De-escalation 👮\u200d \ud7ff §"
