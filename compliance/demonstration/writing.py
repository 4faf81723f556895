"""Writes a planned state into an empty database."""

import csv
import hashlib
import io
import uuid
from collections.abc import Callable, Mapping
from random import Random

from django.db import connection

from clee_portal.accounts.models import User
from compliance.demonstration import calendar, copying, door
from compliance.demonstration.careers import FIRST_PERIOD, REGISTER
from compliance.demonstration.copying import NULL, array, copy, credit, line, reserve
from compliance.demonstration.state import State
from compliance.models import ReliefDecision, ReliefRequest, ReportingPeriod
from training.models import (
    Agency,
    Area,
    ClassLine,
    Commission,
    Course,
    CourseLine,
    CourseReview,
    CreditLine,
    ImportRow,
    LicenseClass,
    LicenseEvent,
    Officer,
    OfficerBirthDate,
    OfficerFormerName,
    Provider,
    ProviderLicense,
    Topic,
    TrainingClass,
    TrainingImport,
    TrainingRecord,
)

TABLES = (
    Agency, Provider, ProviderLicense, Course, CourseLine, CourseReview, TrainingClass, ClassLine, Officer,
    OfficerFormerName, OfficerBirthDate, LicenseEvent, Commission, TrainingRecord, CreditLine, ReliefRequest,
    ReliefDecision, *calendar.TABLES,
)  # fmt: skip
NOTHING_VOIDED = ("voided_at", "void_reason", "carried_over_from")
Say = Callable[[str, int], None]


class Writer:
    """Copies a state table by table; ids are the first of each reserved range plus the number of the thing."""

    def __init__(self, state: State, say: Say, recorded_by: Mapping[int, User]):
        self.state, self.say = state, say
        self.recorded_by = {agency: user.pk for agency, user in recorded_by.items()}
        self.days = copying.Days()
        self.today = state.today.toordinal()
        self.first = {
            model: reserve(model, count)
            for model, count in (
                (Agency, len(state.agencies)),
                (Provider, len(state.providers)),
                (Course, len(state.courses)),
                (TrainingClass, len(state.sessions)),
                (Officer, len(state.officers)),
                (TrainingRecord, len(state.records)),
                (ReliefRequest, len(state.requests)),
            )
        }
        self.areas = {area.code: str(area.pk) for area in Area.objects.all()}
        self.topics = {topic.code: str(topic.pk) for topic in Topic.objects.all()} | {None: NULL}

    def write(self) -> None:
        """Everything."""
        self.agencies()
        self.providers()
        self.courses()
        self.classes()
        self.officers()
        self.licenses()
        self.records()
        # Foreign keys are checked now and not at the end: the more checks wait, the longer every statement of a trigger
        # takes that follows.
        connection.check_constraints()
        self.held_rows()
        door.write(self)
        self.relief()

    def moment(self, day: int | None, salt: int = 0) -> str:
        """A moment of a working day in Missouri, never later than yesterday."""
        if day is None:
            return NULL
        return f"{self.days.text(min(day, self.today - 1))} {8 + salt % 9:02d}:{salt * 7 % 60:02d}"

    def put(self, model, columns: str, rows: list[str], what: str = "") -> None:
        """Copy rows into a table, and say how many."""
        copy(model, columns.split(), rows)
        if what:
            self.say(what, len(rows))

    def agencies(self) -> None:
        """Agencies."""
        first = self.first[Agency]
        rows = [
            line(first + a.number, a.code, a.name, a.kind, a.county, a.city, a.address, a.phone, f"training@{a.domain}")
            for a in self.state.agencies
        ]
        self.put(Agency, "id code name kind county city address phone email", rows, "agencies")

    def providers(self) -> None:
        """Providers and their dated licenses; one was on probation for a time."""
        first, rows, licenses = self.first[Provider], [], []
        for number, provider in enumerate(self.state.providers):
            pk, code = first + number, f"CLEE-{41 + number * 3:03d}"
            rows.append(line(pk, provider["name"], provider["kind"], f"office{number}@training.example.org", "", ""))
            spans = [("valid", self.today - 4_000, None)]
            if number == 7:
                since, until = self.today - 520, self.today - 340
                spans = [
                    ("valid", self.today - 4_000, since - 1),
                    ("probation", since, until),
                    ("valid", until + 1, None),
                ]
            for standing, since, until in spans:
                dates = self.days.text(since), self.days.text(until)
                licenses.append("\t".join((str(pk), code, standing, *dates, self.moment(since), NULL, "", "")))
        self.put(Provider, "id name kind email phone address", rows, "providers")
        columns = "provider_id number standing valid_from valid_until recorded_at " + " ".join(NOTHING_VOIDED)
        self.put(ProviderLicense, columns, licenses)

    def courses(self) -> None:
        """Courses, the hours they give, and POST's reviews."""
        first, rows, lines = self.first[Course], [], []
        for course in self.state.courses:
            pk, what = first + course.number, course.template
            agency = None if course.agency is None else self.first[Agency] + course.agency.number
            provider = None if agency or course.provider is None else self.first[Provider] + course.provider
            is_listed = course.kind in ("approved_provider", "individual_course")
            control = f"{(self.days.text(course.submitted)[2:4])}-{pk:06d}" if is_listed else None
            sponsor = what.sponsor if agency is None else ""
            submitted = self.moment(course.submitted, course.number)
            told = calendar.about(what.title) if provider else {}
            rows.append(
                line(
                    pk, what.title, control, course.kind, provider, agency, sponsor, what.delivery,
                    told.get("about", ""), told.get("can", ""), told.get("before", ""), told.get("who", ""),
                    told.get("fee", 0),
                )
                + "\t"
                + submitted
            )  # fmt: skip
            lines += [f"{pk}{tail}" for tail in credit(what.lines, self.areas, self.topics)]
        columns = (
            "id title control_number source_kind provider_id agency_id sponsor delivery synopsis objectives "
            "prerequisites audience fee submitted_at"
        )
        self.put(Course, columns, rows, "courses")
        self.put(CourseLine, "course_id area_id topic_id hours", lines)
        reviews = [
            line(first + r.course.number, r.decision, self.days.text(r.day), r.reason, "")
            + f"\t{self.moment(r.day)}\t{NULL}\t\t"
            for r in self.state.reviews
        ]
        columns = "course_id decision decided_on reason conditions recorded_at " + " ".join(NOTHING_VOIDED)
        self.put(CourseReview, columns, reviews, "reviews of courses")

    def classes(self) -> None:
        """Classes and the hours they give."""
        first, rows, lines = self.first[TrainingClass], [], []
        keys = Random(f"{self.today} classes")  # noqa: S311 - only to be unique
        providers, agencies = self.state.providers, self.state.agencies
        for session in self.state.sessions:
            course, pk = session.course, first + session.number
            what, agency = course.template, course.agency
            place = session.place
            if not place and what.delivery == "classroom" and course.provider is not None:
                town = agencies[session.number % len(agencies)].city
                place = f"{providers[course.provider]['name']}, {town}"
            reporter = None if agency is None else self.first[Agency] + agency.number
            by = None if agency is None else self.recorded_by.get(agency.number)
            dates = f"{self.days.text(session.start)}\t{self.days.text(session.end)}"
            values = line(
                pk,
                self.first[Course] + course.number,
                what.delivery,
                place,
                reporter,
                by,
                uuid.UUID(int=keys.getrandbits(128), version=4),
            )
            rows.append(f"{values}\t{dates}\t{self.moment(session.recorded, session.number)}\t{NULL}\t\t")
            lines += [f"{pk}{tail}" for tail in credit(what.lines, self.areas, self.topics)]
        columns = (
            "id course_id delivery place reported_by_agency_id recorded_by_id submission_key "
            "starts_on ends_on recorded_at " + " ".join(NOTHING_VOIDED)
        )
        self.put(TrainingClass, columns, rows, "classes")
        self.put(ClassLine, "training_class_id area_id topic_id hours", lines)

    def officers(self) -> None:
        """Officers, their former names and birth dates, and their commissions."""
        first, agency_first = self.first[Officer], self.first[Agency]
        classes = {row.code: row.pk for row in LicenseClass.objects.all()}
        rows, former, born, posts = [], [], [], []
        for officer in self.state.officers:
            pk, name = first + officer.number, officer.name
            rows.append(
                line(
                    pk, officer.license, name.first, name.middle, name.last, name.suffix, classes[officer.klass],
                    officer.email, officer.address,
                )
            )  # fmt: skip
            born.append(f"{pk}\t{self.days.text(officer.born)}")
            if old := officer.former:
                used_until = self.days.text(officer.licensed + 900 if officer.licensed + 900 < self.today else None)
                former.append(f"{line(pk, old.first, old.middle, old.last, old.suffix)}\t{used_until}")
            for post in officer.posts:
                dates = f"{self.days.text(post.start)}\t{self.days.text(post.end)}"
                posts.append(
                    f"{pk}\t{agency_first + post.agency.number}\t{dates}\t{post.rank}\t{'ft'[post.is_reserve]}"
                )
        columns = "id license_number first_name middle_name last_name suffix license_class_id email postal_address"
        self.put(Officer, columns, rows, "officers")
        self.put(OfficerFormerName, "officer_id first_name middle_name last_name suffix used_until", former)
        self.put(OfficerBirthDate, "officer_id born_on", born)
        self.put(Commission, "officer_id agency_id started_on ended_on rank is_reserve", posts, "commissions")

    def licenses(self) -> None:
        """License events."""
        first, rows = self.first[Officer], []
        register_ends = f"{FIRST_PERIOD}-01-01"
        for officer in self.state.officers:
            for event in officer.events:
                day = self.days.text(event.day)
                # What the Director decided before the portal was there is carried over too, with who decided.
                is_decided = event.kind in ("made_inactive", "reinstated")
                carried = REGISTER if day < register_ends or is_decided else ""
                values = line(first + officer.number, event.kind, event.year, event.decided_by, event.reference)
                rows.append(f"{values}\t{day}\t{self.moment(event.recorded, officer.number)}\t{NULL}\t\t{carried}")
        columns = "officer_id kind period_year decided_by reference occurred_on recorded_at " + " ".join(NOTHING_VOIDED)
        self.put(LicenseEvent, columns, rows, "license events")

    def records(self) -> None:
        """Training records and their credit lines."""
        first, class_first, officer_first = (self.first[m] for m in (TrainingRecord, TrainingClass, Officer))
        text, moment = self.days.text, self.moment
        rows, lines, known = [], [], {}
        for record in self.state.records:
            pk, session = first + record.number, record.session
            course, salt = session.course, session.number
            what = course.template
            by = NULL if course.agency is None else self.recorded_by.get(course.agency.number, NULL)
            replaces = NULL if record.replaces is None else first + record.replaces.number
            rows.append(
                f"{pk}\t{officer_first + record.officer.number}\t{class_first + salt}\t{text(session.end)}\t"
                f"{record.year}\t{record.role}\t{course.kind}\t{what.delivery}\t{record.not_counted}\t{record.note}\t{replaces}\t{by}\t"
                f"{moment(record.recorded, salt)}\t{moment(record.voided, salt)}\t{record.void_reason}\t"
            )
            given = record.lines or what.lines
            tails = known.get(given)
            if tails is None:
                tails = known[given] = credit(given, self.areas, self.topics)
            lines += [f"{pk}{tail}" for tail in tails]
        columns = (
            "id officer_id training_class_id completed_on credited_year role source_kind delivery not_counted "
            "not_counted_note replaces_id recorded_by_id recorded_at " + " ".join(NOTHING_VOIDED)
        )
        self.put(TrainingRecord, columns, rows, "training records")
        self.put(CreditLine, "record_id area_id topic_id hours", lines, "credit lines")

    def held_rows(self) -> None:
        """A file of one row for each row that is held."""
        columns = ("POST license", "Name", "Title", "Date", "Hours")
        fields = ("license_number", "name", "title", "completed_on", "hours")
        first, imports, rows = reserve(TrainingImport, len(self.state.held)), [], []
        for number, held in enumerate(self.state.held):
            what, who = held.session.course.template, held.officer.name
            cells = (held.number, f"{who.last}, {who.first}", what.title, held.day, f"{what.hours / 100:g}")
            written = io.StringIO()
            csv.writer(written).writerows((columns, cells))
            content = written.getvalue().encode()
            agency, by = self.first[Agency] + held.agency.number, self.recorded_by.get(held.agency.number)
            at = self.moment(held.session.recorded)
            values = line(
                first + number, agency, "file", "done", f"class-{number + 1}.csv", f"\\x{content.hex()}",
                hashlib.sha256(content).hexdigest(), "", 1, array(columns), array(fields), "{}", "{}", 1, by, "",
            )  # fmt: skip
            imports.append(f"{values}\t{at}\t{at}\t{at}")
            column = columns[fields.index(held.column)]
            rows.append(line(first + number, 2, array(cells), "held", column, held.wrong, held.fix, "", "f"))
        columns = (
            "id agency_id kind state name content sha256 sheet header_row columns fields set_names set_values total "
        )
        self.put(TrainingImport, columns + "uploaded_by_id undo_reason uploaded_at sent_at finished_at", imports)
        columns = "training_import_id number cells fate column wrong fix notice is_for_post settled_why"
        rows = [f"{row}\t" for row in rows]
        self.put(ImportRow, columns, rows, "held rows")

    def relief(self) -> None:
        """Requests for relief and what was decided."""
        first, officer_first = self.first[ReliefRequest], self.first[Officer]
        periods = dict(ReportingPeriod.objects.values_list("year", "pk"))
        requests, decisions = [], []
        for number, request in enumerate(self.state.requests):
            values = line(
                first + number,
                officer_first + request.officer.number,
                periods[request.year],
                request.kind,
                request.reason,
            )
            requests.append(f"{values}\t{self.days.text(request.day)}\t{self.moment(request.day, number)}\t{NULL}\t\t")
            for place, decision in enumerate(request.decisions):
                by = "Grace Lindqvist, POST Program"
                values = line(first + number, decision.decision, by, decision.reason)
                dates = f"{self.days.text(decision.day)}\t{self.days.text(decision.due)}"
                decisions.append(f"{values}\t{dates}\t{self.moment(decision.day, number + place)}\t{NULL}\t\t")
        voided = " ".join(NOTHING_VOIDED)
        columns = f"id officer_id period_id kind reason requested_on recorded_at {voided}"
        self.put(ReliefRequest, columns, requests, "requests for relief")
        columns = f"request_id decision decided_by reason decided_on due_on recorded_at {voided}"
        self.put(ReliefDecision, columns, decisions)


def write(state: State, say: Say, recorded_by: Mapping[int, User]) -> Writer:
    """Write a state; `recorded_by` names who entered the classes of some agencies. Runs inside a transaction."""
    writer = Writer(state, say, recorded_by)
    writer.write()
    return writer
