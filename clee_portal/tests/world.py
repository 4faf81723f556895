"""A small state in which everything could leak: two agencies, two providers, two of everything, each with its own word.

Whatever belongs to somebody carries a word that appears nowhere else (`WORDS`), so that one look at an answer tells
whose things it shows.
"""

import datetime as dt
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from django.apps import apps
from django.db import connection

from clee_portal import clock
from clee_portal.accounts.models import FactorRecovery, StateRole, User
from clee_portal.tests.answers import LETTERS, address, body  # noqa: F401  (whoever has the world looks at its answers)
from clee_portal.tests.calendar_of_world import certified, in_the_calendar, pages_about
from clee_portal.tests.cases_of_world import course_of, may_be_missing, past_the_last_day
from clee_portal.tests.classes_of_world import held_class, message_sent, undo_class
from clee_portal.tests.people_of_world import LONG_AGO, former_people, invited, onboarding
from clee_portal.tests.plans_of_world import plans_of
from clee_portal.tests.provider_desk_of_world import PAGES_OF_A_PROVIDER, sent_by
from clee_portal.tests.relief_of_world import relief_of
from clee_portal.tests.reports_of_world import reported_by
from clee_portal.tests.rules_of_world import draft_of_the_state
from clee_portal.tests.transcripts_of_world import issued
from compliance.models import Candidacy, MakeUpDecision, RecordingGap, ReliefDocument, ReliefRequest
from notifications.models import Campaign as Mailing
from training.models import (
    Agency,
    AttendanceMark,
    Certificate,
    Commission,
    CommissionQuestion,
    Course,
    CourseReview,
    HeldClass,
    ImportRow,
    Invitation,
    Membership,
    Officer,
    OfficerBirthDate,
    OfficerFormerName,
    OfficerGroup,
    Provider,
    Registration,
    ScheduledClass,
    SourceKind,
    TrainingClass,
    TrainingImport,
    TrainingRecord,
)
from training.tests import factories

BORN = dt.date(1971, 2, 3)
# The number in the database of one thing of each kind of agency B, and of nothing else; and one that nothing has.
NUMBER_OF_B = 7_000_001
NUMBER_OF_NOTHING = 7_900_009

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
    "leave of A": "elderberry",
    "leave of B": "dogwood",
    "joint class": "togetherness",
    "people of the state": "statehouse",
    "birth date": r"1971-02-03|feb\w*\.? 3, 1971|0?2/0?3/(19)?71",
}


@dataclass
class House:
    """An agency with its officers, three classes (one undone, one of an officer who has left since), a group, an import
    with a held row, a question about a commission, and its people, one of whom was revoked."""

    agency: Agency
    officer: Officer
    colleague: Officer
    former: Officer
    held: TrainingClass
    undone: TrainingClass
    earlier: TrainingClass
    group: OfficerGroup
    sent: TrainingImport
    row: ImportRow
    commission: Commission
    question: CommissionQuestion
    member: Membership
    ceo: User
    delegate: User
    officer_account: User
    requests: list[ReliefRequest]
    papers: list[ReliefDocument]
    invitation: Invitation
    certificate: Certificate
    recovery: FactorRecovery | None = None
    school: "School | None" = None
    of_state: dict[str, list] | None = None
    rules: dict[str, list] | None = None
    mailing: Mailing | None = None
    candidacy: Candidacy | None = None
    gap: RecordingGap | None = None
    case: dict[str, list] | None = None

    @cached_property
    def by_word(self) -> dict[str, list]:
        """What a page is about, by a word in its name; what its plain address is about comes first."""
        ours = TrainingRecord.objects.filter(training_class__in=[self.held, self.undone, self.earlier])
        people = Membership.objects.filter(agency=self.agency).exclude(pk=self.member.pk).order_by("pk")
        return {
            **(self.case or {}),
            **(self.rules or {}),
            "relief_document": self.papers,
            "relief": self.requests,
            **(self.of_state or {}),
            "mailing": [self.mailing],
            **{word: [self.candidacy] for word in ("compliance:candidate", "compliance:case")},
            **{word: [self.school.provider] for word in ("provider_people", *PAGES_OF_A_PROVIDER)},
            "provider_member": [self.school.member],
            "provider_invitation": [self.school.invitation],
            **pages_about(self.school),
            "class_certificates": [self.held],
            "certificate": [self.certificate],
            "invitation": [self.invitation],
            "import": [self.sent],
            "duplicate": sorted(ours, key=lambda record: (record.officer_id != self.officer.pk, record.pk)),
            "held": [self.row],
            "group": [self.group],
            "course": [self.held.course, self.undone.course, self.earlier.course],
            "commission": [self.commission, self.colleague.commissions.get(), self.former.commissions.get()],
            "question": [self.question],
            "member": [self.member, *people],
            "recovery": [self.recovery],
        }


@dataclass
class School:
    """A provider with its staff, a class of it, and one to come in its calendar."""

    provider: Provider
    staff: User
    head: User
    held: TrainingClass
    member: Membership
    invitation: Invitation
    scheduled: ScheduledClass
    seat: Registration
    certificate: Certificate
    mark: AttendanceMark
    kept: HeldClass
    sent: TrainingImport
    row: ImportRow


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
    a = _house("A", day)
    with numbers_from(NUMBER_OF_B):
        b = _house("B", day)
    joint = held_class(
        factories.course(a.agency, "Togetherness drill"), day, a.ceo, [a.officer, a.colleague, b.officer]
    )
    joint_undone = held_class(factories.course(a.agency, "Togetherness, undone"), day, a.ceo, [a.colleague, b.officer])
    undo_class(joint_undone, a.ceo, "Entered twice, on two days")
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
        "head of P": p.head,
        "staff of Q": q.staff,
        "POST staff": factories.post_staff("post@statehouse.example", "Petra Statehouse"),
        "Director": factories.director("director@statehouse.example", "Dirk Statehouse"),
        "agent of the Director": factories.user("agent@statehouse.example", "Agnes Statehouse"),
        **former_people(a, p),
    }
    for house in (a, b):
        house.recovery = FactorRecovery.objects.create(
            user=house.officer_account,
            opened_by=people["POST staff"],
            identified_by=f"Called back at {house.agency.name}",
            needs_approval=False,
            expires_at=clock.now(),
        )
    StateRole.objects.create(user=people["agent of the Director"], role="director_agent", starts_on=LONG_AGO)
    onboarding(a, b, p, q, people)
    a.rules = b.rules = draft_of_the_state(people["POST staff"])
    for house in (a, b):
        assert house.by_word  # read once, before the state is copied for each test
    return World(a, b, p, q, joint, joint_undone, people)


@contextmanager
def numbers_from(first: int):
    """Whatever is made inside is numbered from `first` on, in every table alike, and what comes after goes on as
    before: so one number names one thing of each kind of agency B, and nothing of anybody else."""
    sequences = [
        f"{model._meta.db_table}_id_seq"
        for model in apps.get_models()
        if model._meta.app_label in ("accounts", "training", "compliance")
        and model._meta.pk.get_internal_type() == "BigAutoField"
        if model._meta.pk.column == "id"
    ]
    with _as_owner() as cursor:
        before = {}
        for sequence in sequences:
            cursor.execute(f'SELECT last_value + is_called::int FROM "{sequence}"')  # noqa: S608 - a table's own name
            before[sequence] = cursor.fetchone()[0]
        _number(cursor, dict.fromkeys(sequences, first))
    yield
    with _as_owner() as cursor:
        _number(cursor, before)


@contextmanager
def _as_owner():
    """The application's role may only take the next number, and is not told the last one of every table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        current, owner = cursor.fetchone()
        cursor.execute(f'SET ROLE "{owner}"')
        yield cursor
        cursor.execute(f'SET ROLE "{current}"')


def _number(cursor, sequences: dict[str, int]) -> None:
    for sequence, value in sequences.items():
        cursor.execute("SELECT setval(%s, %s, false)", [sequence, value])


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
    held = held_class(factories.course(agency, f"{name} lecture"), day, ceo, [one, colleague])
    undone = held_class(factories.course(agency, f"{name} mistake"), day, ceo, [one])
    undo_class(undone, ceo, f"Entered twice at {name}")
    earlier = held_class(factories.course(agency, f"{name} of old"), day - dt.timedelta(days=60), ceo, [former])
    decided = held.records.get(officer=colleague)
    MakeUpDecision.objects.create(record=decided, year=decided.credited_year, decided_by=ceo)
    CourseReview.objects.create(course=held.course, decision="approved", decided_on=day, conditions=f"As {name} said")
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
    message_sent("agency_digest", f"{agency.pk}:2026-1:{ceo.pk}", ceo, f"{name}: 1 of 2 officers short")
    message_sent("reminder", f"2026:1:{one.pk}", account, f"{one.full_name}, 22 hours are missing")
    commission = one.commissions.get()
    question = CommissionQuestion.objects.create(
        commission=commission, asked_by_agency=factories.agency(name="Police of a third town")
    )
    member = delegate.memberships.get()
    once = factories.user(f"was@{chief}.example".lower(), f"Once {chief}")
    gone = {"starts_on": LONG_AGO, "revoked_at": clock.now()}
    Membership.objects.create(user=once, role="delegate", agency=agency, **gone)
    invitation = invited(ceo, role="delegate", agency=agency, email=f"next@{chief}.example".lower(), name=f"N. {chief}")
    mailing, candidacy = past_the_last_day(of, one, account)
    gap = may_be_missing(one, agency, earlier)
    return House(
        agency, one, colleague, former, held, undone, earlier, group, sent, row, commission, question, member,
        ceo, delegate, account, *relief_of(one, account, ceo, agency, word["leave of"], day), invitation,
        certified(held, one), mailing=mailing, candidacy=candidacy, gap=gap,
        case=course_of(word, candidacy, account, ceo, agency) | plans_of(agency, one, account, ceo)
        | issued(one, account, ceo) | reported_by(one, account, agency, day),
    )  # fmt: skip


def _school(name: str, day: dt.date, officer: Officer) -> School:
    provider = Provider.objects.create(name=name, email=f"office@{name.split()[0].lower()}.example")
    staff = factories.provider_staff(provider, f"staff@{name.split()[0].lower()}.example", f"Staff of {name}")
    course = Course.objects.create(title=f"{name} seminar", source_kind=SourceKind.APPROVED_PROVIDER, provider=provider)
    word = name.split()[0]
    head = factories.provider_staff(provider, f"head@{word.lower()}.example", f"Head of {word}")
    Membership.objects.filter(user=head).update(is_head=True)
    invitation = invited(
        head, role="provider_staff", provider=provider, email=f"next@{word.lower()}.example", name=f"Next of {word}"
    )
    held = held_class(course, day, staff, [officer])
    calendar, sent = in_the_calendar(course, officer, held), sent_by(provider, staff)
    return School(provider, staff, head, held, staff.memberships.get(), invitation, *calendar, *sent)


def of_house(name: str, house: House) -> str:
    """The address of a page about the things of an agency."""
    thing = next((things[0] for word, things in house.by_word.items() if word in name), None)
    return address(
        name,
        code=house.agency.code,
        reference=getattr(thing, "reference", house.held.reference),
        license_number=(house.colleague if "letter" in name else house.officer).license_number,
        pk=thing.pk if thing else 0,
    )


def everything_of(name: str, house: House) -> list[str]:
    """Every address of a page about any single thing of an agency: what is undone, ended or revoked too."""
    things = next((things for word, things in house.by_word.items() if word in name), [])
    found = {of_house(name, house)}
    for thing in things:
        found.add(address(name, reference=getattr(thing, "reference", ""), pk=thing.pk, **_named(house)))
    if not things:
        for held in (house.held, house.undone, house.earlier):
            found.add(address(name, reference=held.reference, pk=0, **_named(house)))
        for officer in (house.officer, house.colleague, house.former):
            named = _named(house) | {"license_number": officer.license_number}
            found.add(address(name, reference=house.held.reference, pk=0, **named))
    return sorted(found)


def _named(house: House) -> dict[str, str]:
    return {"code": house.agency.code, "license_number": house.officer.license_number}


def of_nothing(name: str) -> str:
    """The address of the same page about what does not exist."""
    return address(
        name,
        code="nowhere",
        reference=next((f"{letter}-999999" for word, letter in LETTERS.items() if word in name), "C-999999"),
        license_number="99999",
        pk=0,
    )


def traces(text: str) -> set[str]:
    """Whose words a text shows."""
    text = text.lower()
    return {owner for owner, word in WORDS.items() if re.search(word, text)}
