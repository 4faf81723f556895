"""A small state in which everything could leak: two agencies, two providers, two of everything, each with its own word.

Whatever belongs to somebody carries a word that appears nowhere else (`WORDS`), so that one look at an answer tells
whose things it shows.
"""

import datetime as dt
import io
import re
import uuid
import zipfile
from dataclasses import dataclass

import pypdf
from django.urls import NoReverseMatch, reverse

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from notifications.models import Message, MessageText
from training.models import (
    Agency,
    Commission,
    CommissionQuestion,
    Course,
    ImportRow,
    Membership,
    Officer,
    OfficerBirthDate,
    OfficerFormerName,
    OfficerGroup,
    Provider,
    SourceKind,
    TrainingClass,
    TrainingImport,
)
from training.tests import factories

LONG_AGO = dt.date(2015, 3, 2)
BORN = dt.date(1971, 2, 3)

# Of an agency: its name, courses and places; one officer, a colleague, one who has left; its people; a home address.
WORDS = {
    "agency A": "alderbrook",
    "officer of A": "oakley",
    "colleague of A": "linden",
    "former officer of A": "fernald",
    "people of A": "maplewood",
    "home address of A": "mulberry",
    "agency B": "birchmere",
    "officer of B": "rowan",
    "colleague of B": "sycamore",
    "former officer of B": "hazelton",
    "people of B": "hawthorn",
    "home address of B": "juniper",
    "provider P": "pinnacle",
    "provider Q": "quarterdeck",
    "joint class": "togetherness",
    "people of the state": "statehouse",
    "birth date": r"1971-02-03|feb\w*\.? 3, 1971|0?2/0?3/(19)?71",
}
_TOKENS = re.compile(r'"X-CSRFToken": "[^"]*"|name="(csrfmiddlewaretoken|signed_in_as|submission_key)" value="[^"]*"')


@dataclass
class House:
    """An agency with its officers, two classes (one undone), a group, an import with a held row, and its people."""

    agency: Agency
    officer: Officer
    colleague: Officer
    former: Officer
    held: TrainingClass
    undone: TrainingClass
    group: OfficerGroup
    sent: TrainingImport
    row: ImportRow
    commission: Commission
    question: CommissionQuestion
    member: Membership
    ceo: User
    delegate: User
    officer_account: User


@dataclass
class School:
    """A provider with its staff, and a class of it."""

    provider: Provider
    staff: User
    held: TrainingClass


@dataclass
class World:
    """Everything, and everybody by what they are. `joint` is a class of agency A with an officer of B in it."""

    a: House
    b: House
    p: School
    q: School
    joint: TrainingClass
    joint_undone: TrainingClass
    people: dict[str, User | None]


def build() -> World:
    """Make the state."""
    day = clock.today() - dt.timedelta(days=2)
    a, b = _house("A", day), _house("B", day)
    joint = _held(factories.course(a.agency, "Togetherness drill"), day, a.ceo, [a.officer, a.colleague, b.officer])
    joint_undone = _held(factories.course(a.agency, "Togetherness, undone"), day, a.ceo, [a.colleague, b.officer])
    _undo(joint_undone, a.ceo, "Entered twice, on two days")
    p, q = _school("Pinnacle Academy", day, a.colleague), _school("Quarterdeck Institute", day, b.colleague)
    people = {
        "anonymous": None,
        "nobody": factories.user("nobody@else.example", "Nora Nobody"),
        "officer of A": a.officer_account,
        "CEO of A": a.ceo,
        "delegate of A": a.delegate,
        "officer of B": b.officer_account,
        "CEO of B": b.ceo,
        "delegate of B": b.delegate,
        "staff of P": p.staff,
        "staff of Q": q.staff,
        "POST staff": factories.post_staff("post@statehouse.example", "Petra Statehouse"),
        "Director": factories.director("director@statehouse.example", "Dirk Statehouse"),
        "agent of the Director": factories.user("agent@statehouse.example", "Agnes Statehouse"),
        **_former_people(a),
    }
    StateRole.objects.create(user=people["agent of the Director"], role="director_agent", starts_on=LONG_AGO)
    return World(a, b, p, q, joint, joint_undone, people)


def _house(of: str, day: dt.date) -> House:
    word = {key.removesuffix(f" {of}"): word.title() for key, word in WORDS.items() if key.endswith(f" {of}")}
    name = word["agency"]
    agency = factories.agency(name.lower(), f"{name} Police", email=f"desk@{name.lower()}.example")

    def officer(what, **more):
        family = word[what]
        return factories.officer(agency, name=f"Ona {family}", license_number=f"{family.upper()}-1", **more)

    one = officer("officer of", email=f"{word['home address of']}@mail.example".lower())
    Officer.objects.filter(pk=one.pk).update(postal_address=f"1 {word['home address of']} Street")
    OfficerFormerName.objects.create(officer=one, first_name="Ona", last_name=word["home address of"])
    OfficerBirthDate.objects.create(officer=one, born_on=BORN)
    colleague = officer("colleague of")
    former = officer("former officer of", until=day - dt.timedelta(days=30))
    chief = word["people of"]
    ceo = factories.ceo(agency, f"ceo@{chief}.example".lower(), f"Chief {chief}")
    delegate = factories.delegate(agency, f"delegate@{chief}.example".lower(), f"Deputy {chief}")
    account = factories.officer_account(one, f"ona@{word['officer of']}.example".lower())
    held = _held(factories.course(agency, f"{name} lecture"), day, ceo, [one, colleague])
    undone = _held(factories.course(agency, f"{name} mistake"), day, ceo, [one])
    _undo(undone, ceo, f"Entered twice at {name}")
    group = OfficerGroup.objects.create(agency=agency, name=f"{name} night shift")
    group.officers.set([one, colleague])
    sent = TrainingImport.objects.create(
        agency=agency,
        name=f"{name} roster.csv",
        state="done",
        content=b"Name,Hours",
        sha256=name[0] * 64,
        header_row=1,
        columns=["Name", "Hours"],
        fields=["name", "hours"],
        uploaded_by=ceo,
    )
    row = ImportRow.objects.create(
        training_import=sent,
        number=2,
        cells=[f"Somebody of {name}", "2"],
        fate="held",
        column="Name",
        wrong=f"No officer of {agency} is called so.",
        fix="Give the license number.",
    )
    _message("agency_digest", f"{agency.pk}:2026-1:{ceo.pk}", ceo, f"{name}: 1 of 2 officers short")
    _message("reminder", f"2026:1:{one.pk}", account, f"{one.full_name}, 22 hours are missing")
    commission = one.commissions.get()
    question = CommissionQuestion.objects.create(
        commission=commission, asked_by_agency=factories.agency(name="Police of a third town")
    )
    member = delegate.memberships.get()
    return House(
        agency, one, colleague, former, held, undone, group, sent, row, commission, question, member,
        ceo, delegate, account,
    )  # fmt: skip


def _held(course: Course, day: dt.date, by: User, officers: list[Officer]) -> TrainingClass:
    held = TrainingClass.objects.create(
        course=course,
        starts_on=day,
        ends_on=day,
        place=f"Hall of {course.source_name}",
        reported_by_agency=course.agency,
        recorded_by=by,
        submission_key=uuid.uuid4(),
    )
    held.lines.create(area=factories.area("legal"), hours=2)
    for officer in officers:
        factories.record(officer, day, course=course, held=held)
    return held


def _message(occasion: str, key: str, user: User, subject: str) -> None:
    message = Message.objects.create(
        occasion=occasion, key=key, user=user, address=user.email, priority=2, state="sent", next_try_at=None
    )
    MessageText.objects.create(message=message, subject=subject, body=f"{subject}. Sent to {user.email}.")


def _undo(held: TrainingClass, by: User, reason: str) -> None:
    void = {"voided_at": clock.now() + dt.timedelta(seconds=5), "voided_by": by, "void_reason": reason}
    held.records.update(**void)
    TrainingClass.objects.filter(pk=held.pk).update(**void)


def _school(name: str, day: dt.date, officer: Officer) -> School:
    provider = Provider.objects.create(name=name, email=f"office@{name.split()[0].lower()}.example")
    staff = factories.provider_staff(provider, f"staff@{name.split()[0].lower()}.example", f"Staff of {name}")
    course = Course.objects.create(title=f"{name} seminar", source_kind=SourceKind.APPROVED_PROVIDER, provider=provider)
    return School(provider, staff, _held(course, day, staff, [officer]))


def _former_people(a: House) -> dict[str, User]:
    """People who once had, will have, or had taken from them, what others have today."""
    today = clock.today()
    yesterday, tomorrow = today - dt.timedelta(days=1), today + dt.timedelta(days=1)
    spans = {
        "CEO of A until yesterday": {"starts_on": LONG_AGO, "ends_on": yesterday},
        "CEO of A from tomorrow": {"starts_on": tomorrow},
        "CEO of A, revoked": {"starts_on": LONG_AGO, "revoked_at": clock.now()},
    }
    people = {name: factories.user(f"once{number}@else.example") for number, name in enumerate(spans)}
    for name, span in spans.items():
        Membership.objects.create(user=people[name], role="agency_ceo", agency=a.agency, **span)
    people["former officer of A"] = factories.officer_account(a.former, "ona@else.example")
    people["POST staff until yesterday"] = factories.user("was@else.example")
    StateRole.objects.create(
        user=people["POST staff until yesterday"], role="post_staff", starts_on=LONG_AGO, ends_on=yesterday
    )
    return people


# What every name in `World.people` is; the parametrised tests need it before there is a database.
PEOPLE = (
    "anonymous",
    "nobody",
    "officer of A",
    "CEO of A",
    "delegate of A",
    "officer of B",
    "CEO of B",
    "delegate of B",
    "staff of P",
    "staff of Q",
    "POST staff",
    "Director",
    "agent of the Director",
    "CEO of A until yesterday",
    "CEO of A from tomorrow",
    "CEO of A, revoked",
    "former officer of A",
    "POST staff until yesterday",
)


def address(name: str, **values) -> str:
    """The address of a page, given more than it may need."""
    for parameter, value in values.items():
        try:
            return reverse(name, kwargs={parameter: value})
        except NoReverseMatch:
            continue
    return reverse(name)


def of_house(name: str, house: House) -> str:
    """The address of a page about the things of an agency."""
    things = {
        "import": house.sent,
        "duplicate": house.held.records.get(officer=house.officer),
        "held": house.row,
        "group": house.group,
        "course": house.held.course,
        "commission": house.commission,
        "question": house.question,
        "member": house.member,
    }
    thing = next((one for word, one in things.items() if word in name), None)
    return address(
        name,
        code=house.agency.code,
        reference=getattr(thing, "reference", house.held.reference),
        license_number=(house.colleague if "letter" in name else house.officer).license_number,
        token="nothing",
        pk=thing.pk if thing else 0,
    )


def of_nothing(name: str) -> str:
    """The address of the same page about what does not exist."""
    return address(
        name,
        code="nowhere",
        reference="I-999999" if "import" in name else "C-999999",
        license_number="99999",
        pk=0,
        token="nobodys",
    )


def body(response) -> str:
    """What an answer shows, without the tokens that differ every time."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):  # a workbook: the words in it
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b" ".join(book.read(name) for name in sorted(book.namelist()))
    if content.startswith(b"%PDF-"):  # the words on its pages and in its properties
        paper = pypdf.PdfReader(io.BytesIO(content))
        content = " ".join([*(page.extract_text() for page in paper.pages), str(paper.metadata)]).encode()
    return _TOKENS.sub("", content.decode())


def traces(text: str) -> set[str]:
    """Whose words a text shows."""
    text = text.lower()
    return {owner for owner, word in WORDS.items() if re.search(word, text)}
