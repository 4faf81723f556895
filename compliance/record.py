"""An officer's whole record, as the officer reads it: every entry of every period, what it counts and why not."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext

from clee_portal import clock, compiled
from clee_portal.templatetags.look import hours as hours_number
from compliance.wording import Chip, full_date
from training.models import Certificate, Course, CreditLine, Officer, TrainingClass, TrainingRecord
from training.services.certificates import GIVEN_HERE


class Row:
    """An entry of the record: its credit, who reported it, and whether it counts, in words."""

    def __init__(self, one: TrainingRecord, certificate: str):
        self.one, self.certificate = one, certificate
        self.held = one.training_class
        self.course = self.held.course
        self.lines = list(one.lines.all())
        self.hours = sum((line.hours for line in self.lines), Decimal(0))
        self.is_live = one.voided_at is None
        self.anew = next((later for later in one.replaced_by.all() if later.voided_at is None), None)
        self.changes = _changes(one.replaces, one) if one.replaces else []
        self.is_make_up = one.credited_year != one.completed_on.year
        self.can_be_certified = self.is_live and not certificate and self.course.source_kind in GIVEN_HERE

    @property
    def source(self) -> str:
        """Who gave it, where that is not who entered it."""
        given = self.course.source_name
        return given if given != self.reporter else ""

    @property
    def now_stands(self) -> str:
        """What stands for an entry that was corrected: "4 hours, May 3, 2026"."""
        if self.anew is None:
            return ""
        return gettext("%(hours)s h, completed on %(day)s") % {
            "hours": _hours_of(self.anew),
            "day": full_date(self.anew.completed_on),
        }

    @property
    def was(self) -> str:
        """What a correction changed: "Corrected on May 4, 2026: hours 2, now 4. The sheet says four"."""
        if not self.changes:
            return ""
        changed = "; ".join(
            gettext("%(name)s %(before)s, now %(after)s") % {"name": name, "before": before, "after": after}
            for name, before, after in self.changes
        )
        old = self.one.replaces
        day = full_date(clock.day_of(old.voided_at or self.one.recorded_at))
        said = gettext("Corrected on %(day)s: %(changed)s.") % {"day": day, "changed": changed}
        return f"{said} {old.void_reason}"

    @property
    def reporter(self) -> str:
        """Who entered it: the agency, the provider, or POST."""
        body = self.held.body
        if body is not None:
            return str(body)
        if self.one.carried_over_from:
            return gettext("POST, from %(where)s") % {"where": self.one.carried_over_from}
        return "POST"

    @property
    def chip(self) -> Chip:
        """Whether it counts, in a word or two."""
        if not self.is_live:
            return Chip("quiet", gettext("Corrected") if self.anew else gettext("Taken back"), "arrow-counterclockwise")
        if self.one.not_counted:
            return Chip("quiet", gettext("Counted once"), "files")
        if self.one.is_refused:
            return Chip("short", gettext("Course refused"), "x-circle")
        if self.is_make_up:
            return Chip("held", gettext("Counts for %(year)s") % {"year": self.one.credited_year}, "arrow-left")
        return Chip("met", gettext("Counts"), "check-lg")

    @property
    def why(self) -> str:
        """Why it does not count, or what became of it; empty where it simply counts."""
        if not self.is_live:
            return f"{full_date(clock.day_of(self.one.voided_at))}: {self.one.void_reason}"
        if self.one.not_counted:
            note = f" {self.one.not_counted_note}" if self.one.not_counted_note else ""
            return f"{gettext(self.one.get_not_counted_display())}.{note}"
        if self.one.is_refused:
            return gettext("POST refused the course; its hours do not count.")
        if self.is_make_up:
            return gettext("Completed in %(year)s, credited to %(credited_year)s.") % {
                "year": self.one.completed_on.year,
                "credited_year": self.one.credited_year,
            }
        return self.one.kept_because

    @property
    def credit(self) -> str:
        """Hours by area, a topic named where there is one: "Skill 4, of these Firearms 2"."""
        return _credit(self.one)


def _credit(one: TrainingRecord) -> str:
    areas: dict[str, Decimal] = {}
    topics: dict[str, Decimal] = {}
    for line in one.lines.all():
        areas[line.area.name] = areas.get(line.area.name, Decimal(0)) + line.hours
        if line.topic:
            topics[line.topic.name] = topics.get(line.topic.name, Decimal(0)) + line.hours
    said = ", ".join(f"{gettext(name)} {hours_number(value)}" for name, value in areas.items())
    inside = ", ".join(f"{gettext(name)} {hours_number(value)}" for name, value in topics.items())
    return gettext("%(areas)s; of these %(topics)s") % {"areas": said, "topics": inside} if inside else said


def _changes(before: TrainingRecord, after: TrainingRecord) -> list[tuple[str, str, str]]:
    """What a correction changed of an entry, as (name, before, after)."""
    facts = [
        (gettext("class"), before.training_class.course.title, after.training_class.course.title),
        (gettext("completed"), full_date(before.completed_on), full_date(after.completed_on)),
        (gettext("hours"), _hours_of(before), _hours_of(after)),
        # Of more or fewer hours the entry itself says where they lie.
        (
            gettext("credit"),
            _credit(before),
            _credit(after) if _hours_of(before) == _hours_of(after) else _credit(before),
        ),
        (gettext("part"), gettext(before.get_role_display()), gettext(after.get_role_display())),
        (gettext("held"), gettext(before.get_delivery_display()), gettext(after.get_delivery_display())),
        (gettext("year"), str(before.credited_year), str(after.credited_year)),
        (gettext("counted"), _counted(before), _counted(after)),
    ]
    return [fact for fact in facts if fact[1] != fact[2]]


def _counted(one: TrainingRecord) -> str:
    return gettext(one.get_not_counted_display()).lower() if one.not_counted else gettext("yes")


def _hours_of(one: TrainingRecord) -> str:
    return hours_number(sum((line.hours for line in one.lines.all()), Decimal(0)))


class Year(NamedTuple):
    """What counts in a period, over the whole record."""

    hours: Decimal
    entries: int


def keys(officer: Officer) -> list[int]:
    """The ids of every entry of the record, those taken back too, the latest period first. One statement."""
    return [pk for (pk,) in _keys().rows(officer=officer.pk)]


def entries(pks: Sequence[int]) -> list[TrainingRecord]:
    """These entries in this order, with everything their rows say, with what they replace and what replaces them; as
    many statements for one as for all."""
    if not pks:
        return []
    found = {one.pk: one for one in _entries().objects(records=pks)}
    return [found[pk] for pk in pks if pk in found]


@compiled.written(officer=compiled.NUMBER)
def _keys(officer) -> QuerySet:
    found = TrainingRecord.objects.filter(officer=officer)
    return found.order_by("-credited_year", "-completed_on", "-pk").values_list("pk")


@compiled.written(records=compiled.SOME)
def _entries(records) -> QuerySet:
    refused = Course.objects.refused_as_of(clock.END_OF_TIME).filter(pk=OuterRef("training_class__course"))
    found = TrainingRecord.objects.filter(pk__in=records).annotate(is_refused=Exists(refused))
    return found.select_related(
        "training_class__course__provider",
        "training_class__course__agency",
        "training_class__reported_by_agency",
        "replaces__training_class__course",
    ).prefetch_related(
        "lines__area",
        "lines__topic",
        "replaced_by__lines",
        "replaced_by__training_class",
        "replaces__lines__area",
        "replaces__lines__topic",
    )


def rows(officer: Officer, found) -> list[Row]:
    """The rows of these entries, each with its certificate. Two statements, however many."""
    codes = dict(_certificates().rows(officer=officer.pk))
    before = dict(_classes().rows(officer=officer.pk))

    def first(pk: int) -> int:
        while before.get(pk):
            pk = before[pk]
        return pk

    return [Row(one, codes.get(first(one.training_class_id), "")) for one in found]


def years(officer: Officer) -> dict[int, Year]:
    """Year -> the hours that count in it, and how many entries there are. Two statements."""
    hours, told = dict(_hours_counted().rows(officer=officer.pk)), dict(_entries_told().rows(officer=officer.pk))
    return {year: Year(hours.get(year, Decimal(0)), told[year]) for year in sorted(told, reverse=True)}


@compiled.written(officer=compiled.NUMBER)
def _hours_counted(officer) -> QuerySet:
    records = TrainingRecord.objects.live().filter(officer=officer, not_counted="").of_no_refused_course()
    lines = CreditLine.objects.filter(record__in=records.values("pk")).order_by().values("record__credited_year")
    return lines.annotate(counts=Sum("hours")).values_list("record__credited_year", "counts")


@compiled.written(officer=compiled.NUMBER)
def _entries_told(officer) -> QuerySet:
    years = TrainingRecord.objects.filter(officer=officer).order_by().values("credited_year")
    return years.annotate(many=Count("pk")).values_list("credited_year", "many")


@compiled.written(officer=compiled.NUMBER)
def _certificates(officer) -> QuerySet:
    return Certificate.objects.filter(officer=officer).values_list("first_class", "code")


@compiled.written(officer=compiled.NUMBER)
def _classes(officer) -> QuerySet:
    return TrainingClass.objects.filter(records__officer=officer).values_list("pk", "replaces")
