"""What the pages of the training desk list, as files: each takes the rows and the rights of its page."""

from django.utils.text import slugify
from django.views.generic import View

from clee_portal import clock
from training import names_shown
from training.bodies import is_provider
from training.models import CourseReview, Officer, OfficerGroup, TrainingImport, TrainingRecord
from training.views.class_pages import ClassListView, OneClassMixin
from training.views.courses import CourseListView, CourseQueueView
from training.views.duplicates import DuplicateListView, DuplicatesOfStateView
from training.views.groups import GroupListView
from training.views.held_rows import HeldForPostView, HeldRowsView
from training.views.imports import ImportListView
from training.views.listing import FileMixin
from training.views.people import PeopleView, is_current

STATES = {"": "Not yet reviewed", **dict(CourseReview.Decision.choices)}


class _OfAgencyMixin(FileMixin):
    """The file of a list of an agency is called by what it lists, the agency and the day."""

    what = ""

    def file_name(self) -> str:
        """Of which agency, as of today."""
        return f"{self.what}-{self.agency.code}-{clock.today():%Y-%m-%d}"


class _OfBodyMixin(FileMixin):
    """The file of a list of an agency or a provider is called by what it lists, the body and the day."""

    what = ""

    def file_name(self) -> str:
        """Of which body, as of today: an agency's code, a provider's name."""
        name = slugify(self.body.name) if is_provider(self.body) else self.body.code
        return f"{self.what}-{name}-{clock.today():%Y-%m-%d}"


class _OfStateMixin(FileMixin):
    """The file of a list of the state is called by what it lists and the day."""

    what = ""

    def file_name(self) -> str:
        """As of today."""
        return f"{self.what}-{clock.today():%Y-%m-%d}"


class ClassListFileView(_OfBodyMixin, ClassListView):
    """The classes an agency or a provider reported."""

    what = "classes"
    header = (
        "Reference", "Course", "Control number", "First day", "Completed on", "Delivery", "Place", "Officers", "Hours",
        "Reported", "Undone", "Why it was undone",
    )  # fmt: skip

    def file_rows(self) -> list[tuple]:
        """A row for each class."""
        return [
            (
                one.reference, one.course.title, one.course.control_number, one.starts_on, one.ends_on,
                one.get_delivery_display(), one.place, one.people, one.credit, one.recorded_at, one.voided_at,
                one.void_reason,
            )
            for one in self.get_queryset()
        ]  # fmt: skip


class ClassPeopleFileView(FileMixin, OneClassMixin, View):
    """Everyone in a class, and who did not complete it."""

    header = (
        "Reference", "Course", "Completed on", "License number", "Name", "Took part", "Hours", "Credited to", "Counts",
        "Why",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which class."""
        return f"{self.object.reference}-officers"

    def file_rows(self) -> list[tuple]:
        """A row for each officer."""
        held = self.object
        of = (held.reference, held.course.title, held.ends_on)
        people, left_out = list(self.people()), self.left_out()
        closed = names_shown.closed_to(self.request.user, [*(one.officer for one in people), *left_out])

        def named(officer: Officer) -> tuple[str, str]:
            return ("", names_shown.CLOSED) if officer.pk in closed else (officer.license_number, officer.sorted_name)

        rows = [
            (
                *of, *named(one.officer), one.get_role_display(), one.credit,
                one.credited_year, not one.not_counted and held.voided_at is None,
                one.not_counted_note or one.kept_because or held.void_reason,
            )
            for one in people
        ]  # fmt: skip
        left = [(*of, *named(one), "Did not complete it", None, None, False, "") for one in left_out]
        return rows + left


class CourseListFileView(_OfAgencyMixin, CourseListView):
    """The in-service courses of an agency."""

    what = "courses"
    header = (
        "Course", "Control number", "State", "Decided on", "Submitted", "Hours", "Classes", "Last held",
        "Officers with credit",
    )  # fmt: skip

    def file_rows(self) -> list[tuple]:
        """A row for each course."""
        return [
            (
                one.title, one.control_number, STATES[one.decision], one.decided_on, one.submitted_at, one.credit,
                one.classes_held, one.last_held, one.people,
            )
            for one in self.get_queryset()
        ]  # fmt: skip


class CourseQueueFileView(_OfStateMixin, CourseQueueView):
    """The courses POST reviews that are in the state that is asked for."""

    what = "courses"
    header = ("Course", "From", "State", "Decided on", "Submitted", "Hours", "Officers with credit", "Synopsis")

    def file_rows(self) -> list[tuple]:
        """A row for each course."""
        return [
            (
                one.title, one.source_name, STATES[one.decision], one.decided_on, one.submitted_at, one.credit,
                one.people, one.synopsis,
            )
            for one in self.get_queryset()
        ]  # fmt: skip


class ImportListFileView(_OfBodyMixin, ImportListView):
    """The files an agency or a provider sent."""

    what = "files"
    header = ("Reference", "File", "When", "By", "Credited", "Credited before", "Held", "State")

    def file_rows(self) -> list[tuple]:
        """A row for each file."""
        states = dict(TrainingImport.State.choices)
        return [
            (
                one.reference, one.name, one.uploaded_at, str(one.uploaded_by or ""), one.how_many_credited,
                one.how_many_known, one.how_many_held, states[one.state],
            )
            for one in self.get_queryset()
        ]  # fmt: skip


HELD = ("File", "Name of the file", "Row", "As it came", "Column", "What is wrong", "What to do", "Waits for POST")


def _held(row) -> tuple:
    sent = row.training_import
    todo = "POST places it; nothing to do." if row.is_for_post else row.fix
    return (
        sent.reference, sent.name, row.number, " | ".join(row.cells), row.column, row.wrong, todo, row.is_for_post,
    )  # fmt: skip


class HeldRowsFileView(_OfBodyMixin, HeldRowsView):
    """The basket of an agency or a provider, as it is filtered."""

    what = "held-rows"
    header = HELD

    def file_rows(self) -> list[tuple]:
        """A row for each held row."""
        return [_held(row) for row in self.get_queryset()]


class HeldForPostFileView(_OfStateMixin, HeldForPostView):
    """The rows that wait for POST."""

    what = "held-rows-for-post"
    header = ("Agency or provider", "Sent", *HELD)

    def file_rows(self) -> list[tuple]:
        """A row for each held row."""
        return [
            (row.training_import.body.name, row.training_import.uploaded_at, *_held(row)) for row in self.get_queryset()
        ]


PAIR = ("License number", "Name")
ENTRY = ("reference", "course", "source", "completed on", "hours", "counts", "why")


def _entry(record: TrainingRecord | None) -> tuple:
    if record is None:
        return (None,) * len(ENTRY)
    held = record.training_class
    counts = not record.not_counted and record.voided_at is None
    why = record.not_counted_note or record.kept_because
    return held.reference, held.course.title, held.course.source_name, record.completed_on, record.credit, counts, why


class _PairsFileMixin:
    """Pairs of entries side by side: of an entry that is not open to the person nothing but that it is there."""

    what = "duplicates"
    header = (*PAIR, *(f"First entry: {one}" for one in ENTRY), *(f"Second entry: {one}" for one in ENTRY))

    def file_rows(self) -> list[tuple]:
        """A row for each pair."""
        return [
            (pair["number"], pair["name"], *_entry(pair["first"]), *_entry(pair["second"]))
            for pair in self.every()
        ]  # fmt: skip


class DuplicateListFileView(_PairsFileMixin, _OfBodyMixin, DuplicateListView):
    """The duplicates that concern an agency or a provider, as they are filtered."""


class DuplicatesOfStateFileView(_PairsFileMixin, _OfStateMixin, DuplicatesOfStateView):
    """The state's, as they are filtered."""


class GroupListFileView(_OfAgencyMixin, GroupListView):
    """Who is in which group of an agency."""

    what = "groups"
    header = ("Group", "License number", "Name")

    def file_rows(self) -> list[tuple]:
        """A row for each officer of each group."""
        held = OfficerGroup.objects.visible_to(self.request.user).filter(agency=self.agency)
        return [
            (group.name, who.license_number, who.sorted_name)
            for group in held.order_by("name", "pk").prefetch_related("officers")
            for who in sorted(group.officers.all(), key=lambda one: (one.search_name, one.license_number))
        ]


class PeopleFileView(_OfAgencyMixin, PeopleView):
    """Who acts for an agency, will, and did."""

    what = "people"
    http_method_names = ("get", "head", "options")
    header = ("Name", "E-mail", "As", "From", "Until", "Revoked", "Acts today", "Named by")

    def file_rows(self) -> list[tuple]:
        """A row for each person and role."""
        today = clock.today()
        return [
            (
                one.user.name, one.user.email, one.get_role_display(), one.starts_on, one.ends_on, one.revoked_at,
                is_current(one, today), str(one.named_by or "POST"),
            )
            for one in self.members()
        ]  # fmt: skip
