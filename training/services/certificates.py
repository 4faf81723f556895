"""Certificates of completion: given for a class, and what they are worth today. Source: 11 CSR 75-15.020(4)."""

import datetime as dt
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db import models, transaction
from django.utils.translation import gettext, gettext_noop

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training.models import Certificate, CreditLine, Officer, SourceKind, TrainingClass, TrainingRecord
from training.services import classes

# Whoever else gives a course gives its certificate too; the portal would only repeat it.
GIVEN_HERE = (SourceKind.APPROVED_PROVIDER, SourceKind.IN_SERVICE)


class Figures(NamedTuple):
    """What a certificate says of the training: `lines` are (area, topic or "", hours), in the order of the areas."""

    course: str
    control_number: str
    source: str
    starts_on: dt.date
    ends_on: dt.date
    delivery: str
    role: str
    lines: tuple[tuple[str, str, Decimal], ...]

    @property
    def total(self) -> Decimal:
        """All hours."""
        return sum((line[2] for line in self.lines), Decimal(0))

    @property
    def by_area(self) -> list[tuple[str, Decimal]]:
        """(area, hours), a topic's hours with those of its area."""
        found: dict[str, Decimal] = {}
        for area, _, given in self.lines:
            found[area] = found.get(area, Decimal(0)) + given
        return list(found.items())

    @property
    def by_topic(self) -> list[tuple[str, Decimal]]:
        """(topic, hours); they lie within the hours of the areas."""
        found: dict[str, Decimal] = {}
        for _, topic, given in self.lines:
            if topic:
                found[topic] = found.get(topic, Decimal(0)) + given
        return list(found.items())


class State(models.TextChoices):
    """What a certificate is worth."""

    VALID = "valid", gettext_noop("Valid")
    CORRECTED = "corrected", gettext_noop("Corrected")
    VOIDED = "voided", gettext_noop("Voided")


class Standing(NamedTuple):
    """A certificate with the figures it was given for, those that stand today (None once voided), and since when."""

    certificate: Certificate
    state: State
    issued: Figures
    now: Figures | None
    since: dt.datetime | None

    @property
    def shown(self) -> Figures:
        """The figures a new print shows."""
        return self.now or self.issued


def open_to(user: User, training_class: TrainingClass) -> models.QuerySet:
    """The live records of a class of which `user` may have certificates printed: those open to the person."""
    return TrainingRecord.objects.visible_to(user).live().filter(training_class=training_class)


@transaction.atomic
def give(
    *, by: User, training_class: TrainingClass, records: Collection[TrainingRecord] | None = None
) -> list[Certificate]:
    """The certificates of a class, of everybody open to `by` or of `records` among them; made where there was none.

    Asked twice, or by two at once, nobody gets a second one. A certificate of a class that was corrected since is the
    same certificate. Raises `Refused`.
    """
    if training_class.voided_at:
        raise Refused(gettext("This class was undone: there is nothing to certify."))
    if training_class.course.source_kind not in GIVEN_HERE:
        raise Refused(
            gettext("%(source_name)s gives the certificates of this course, not the portal.")
            % {"source_name": training_class.course.source_name}
        )
    wanted = open_to(by, training_class).select_related("officer")
    if records is not None:
        wanted = wanted.filter(pk__in=[one.pk for one in records])
    wanted = list(wanted.order_by("officer__search_name", "officer__license_number"))
    first = first_of(training_class)
    approved = is_approved(training_class)
    with history.because(f"Certificates of {training_class.reference}"):
        Certificate.objects.bulk_create(
            [
                Certificate(
                    officer_id=one.officer_id,
                    first_class=first,
                    issued_record=one,
                    issued_by=by,
                    administrator=administrator_of(training_class),
                    is_approved_provider=approved,
                )
                for one in wanted
            ],
            ignore_conflicts=True,
        )
    held = Certificate.objects.filter(first_class=first, officer__in=[one.officer_id for one in wanted])
    return list(held.select_related("officer").order_by("officer__search_name", "officer__license_number"))


def is_approved(training_class: TrainingClass) -> bool:
    """Whether the phrase “Approved Provider” is true: a provider's class, ended while its license was valid, as known
    when the class was recorded."""
    course = training_class.course
    if course.source_kind != SourceKind.APPROVED_PROVIDER:
        return False
    return course.provider.is_licensed_on(training_class.ends_on, training_class.recorded_at)


def administrator_of(training_class: TrainingClass) -> str:
    """The course administrator a certificate names: as planned, as the course says, else whoever reported the class."""
    planned = training_class.scheduled.administrator if hasattr(training_class, "scheduled") else ""
    reporter = training_class.recorded_by.name if training_class.recorded_by else ""
    return planned or training_class.course.administrator or reporter


def first_of(training_class: TrainingClass) -> TrainingClass:
    """The class as it was first recorded, before every correction. A statement for each correction."""
    while training_class.replaces_id:
        training_class = training_class.replaces
    return training_class


def found(code: str) -> Standing | None:
    """What a certificate of this code is worth; None where there is none."""
    one = Certificate.objects.filter(code=plain(code)).select_related("officer").first()
    return standings([one])[0] if one else None


def plain(code: str) -> str:
    """A code as it is kept, from one that was typed: without blanks and dashes, in capitals."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def standings(certificates: Iterable[Certificate]) -> list[Standing]:
    """What each is worth, in the order given. The number of statements depends on corrections only."""
    certificates = list(certificates)
    first = TrainingClass.objects.filter(pk__in={one.first_class_id for one in certificates})
    now = classes.standing_for_each(list(first))
    stands = {pk: held.pk for pk, held in now.items() if held}
    live = TrainingRecord.objects.live().filter(training_class__in=set(stands.values()))
    people = _people_of(certificates)
    live = {
        (officer, held): pk
        for officer, held, pk in live.filter(officer__in=set(people.values())).values_list(
            "officer", "training_class", "pk"
        )
    }
    current = {one.pk: live.get((people[one.pk], stands.get(one.first_class_id))) for one in certificates}
    issued = {one.pk: one.issued_record_id for one in certificates}
    figures, ended = _figures({*issued.values(), *filter(None, current.values())})
    told = []
    for one in certificates:
        given, stands_now = figures[issued[one.pk]], figures.get(current[one.pk])
        if stands_now is None:
            told.append(Standing(one, State.VOIDED, given, None, ended[issued[one.pk]]))
        elif stands_now == given:
            told.append(Standing(one, State.VALID, given, stands_now, None))
        else:
            told.append(Standing(one, State.CORRECTED, given, stands_now, ended[issued[one.pk]]))
    return told


def _people_of(certificates: list[Certificate]) -> dict[int, int]:
    """Certificate id -> the officer whose record stands for its officer's now: records joined since, however often. A
    statement for each time."""
    person = {one.pk: one.officer_id for one in certificates}
    while joined := dict(
        Officer.objects.filter(pk__in=set(person.values()), merged_into__isnull=False).values_list("pk", "merged_into")
    ):
        person = {pk: joined.get(officer, officer) for pk, officer in person.items()}
    return person


def _figures(records: set[int]) -> tuple[dict[int, Figures], dict[int, dt.datetime | None]]:
    """Record id -> what its certificate says; and when it was voided. Two statements."""
    lines: dict[int, list] = {}
    rows = CreditLine.objects.filter(record__in=records).order_by("area__order", "topic__order", "pk")
    for record, area, topic, given in rows.values_list("record", "area__name", "topic__name", "hours"):
        lines.setdefault(record, []).append((area, topic or "", given))
    held = TrainingRecord.objects.filter(pk__in=records).select_related(
        "training_class__course__provider", "training_class__course__agency"
    )
    figures, ended = {}, {}
    for one in held:
        course = one.training_class.course
        figures[one.pk] = Figures(
            course.title,
            course.control_number or "",
            course.source_name,
            one.training_class.starts_on,
            one.training_class.ends_on,
            one.get_delivery_display(),
            one.get_role_display(),
            tuple(lines.get(one.pk, ())),
        )
        ended[one.pk] = one.voided_at
    return figures, ended
