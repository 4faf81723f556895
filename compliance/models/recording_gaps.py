"""What may be an error in the record of an officer who is short of hours: found by the portal, settled by people.

Georgia named 121 officers over missing training, and at least 40 of those were clerical errors: so what looks like one
is looked at before anyone is put before the Director. A gap never changes hours or a standing by itself.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from clee_portal import clock
from clee_portal.history import evidence
from compliance.models.recording_gap_words import words_of
from training.models.commissions import Commission
from training.models.memberships import scope_of

# From this score on a gap is "probably a recording error": it blocks a finding of "no error" and goes to the agency.
LIKELY = 50
SOURCES = ("training_class", "import_row", "record", "source_agency", "provider", "registration")


class RecordingGapQuerySet(models.QuerySet):
    """What may be recording errors."""

    def visible_to(self, user) -> "RecordingGapQuerySet":
        """The state's people see all; agency people what their agency was asked of officers commissioned there today.

        An officer sees none of them: the standing page says in careful words that the agency was asked.
        """
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        held = Commission.objects.in_force(clock.today()).filter(
            officer=models.OuterRef("officer"), agency=models.OuterRef("agency")
        )
        return self.filter(models.Exists(held), agency__in=scope.agency_ids, asked_at__isnull=False)

    def unresolved(self) -> "RecordingGapQuerySet":
        """Those nobody has settled and that still hold."""
        return self.filter(resolved_at=None)

    def likely(self) -> "RecordingGapQuerySet":
        """Those that are probably a recording error."""
        return self.filter(score__gte=LIKELY)

    def unresolved_likely(self, period) -> "RecordingGapQuerySet":
        """Those of a period that stand in the way: probably an error, and nobody has settled them."""
        return self.unresolved().likely().filter(period=period)

    def to_answer(self, agency) -> "RecordingGapQuerySet":
        """Those an agency was asked about officers commissioned there today, and has not answered."""
        held = Commission.objects.in_force(clock.today()).filter(officer=models.OuterRef("officer"), agency=agency)
        return self.unresolved().filter(models.Exists(held), agency=agency, asked_at__isnull=False, answer="")

    def of(self, officer, period) -> "RecordingGapQuerySet":
        """Those of one officer and period, the likeliest first, the open before the settled; with what they name."""
        return self.filter(officer=officer, period=period).with_sources().order_by("resolved_at", "-score", "pk")

    def with_sources(self) -> "RecordingGapQuerySet":
        """Each with what its words name, in the same statement."""
        return self.select_related(
            "officer",
            "period",
            "agency",
            "training_class__course",
            "training_class__reported_by_agency",
            "import_row__training_import__agency",
            "record__training_class__course__provider",
            "record__training_class__reported_by_agency",
            "source_agency",
            "provider",
            "registration__scheduled_class__course__provider",
        ).defer("import_row__training_import__content")


@evidence()
class RecordingGap(models.Model):
    """One thing that may be a recording error, in the record of one officer who is short of hours in one period.

    Found by the nightly run, scored, put to the agency, settled by somebody with a reason; or it settled itself, since
    the hours came or what it rested on is no longer so.
    """

    class Kind(models.TextChoices):
        """What was noticed."""

        LEFT_OFF = "left_off", "Classmates credited, this person not"
        NUMBER_SLIP = "number_slip", "Held row, license number almost this one"
        HELD_ROW = "held_row", "Held row that names this person"
        NAMESAKE = "namesake", "Credit under a license of the same name"
        TRANSFER = "transfer", "Changed agencies, the months before are empty"
        SILENT_AGENCY = "silent_agency", "Agency silent or late"
        SILENT_PROVIDER = "silent_provider", "Provider silent or late"
        CHECKED_IN = "checked_in", "Registered and checked in, not credited"
        REFUSED = "refused", "Course refused"
        MAKE_UP = "make_up", "Make-up hours not assigned"
        COUNTED_ONCE = "counted_once", "Counted once, perhaps two classes"
        TAKEN_BACK = "taken_back", "Taken back, not entered again"
        LITTLE = "little", "Very little missing"
        NOTHING = "nothing", "Nothing on record"

    class Answer(models.TextChoices):
        """What the agency answered."""

        YES = "yes", "Yes, to be entered"
        NO = "no", "No, the record is right"

    class How(models.TextChoices):
        """How it was settled. The first two are the portal's own: what settled itself may be found again."""

        CAME = "came", "The hours came"
        GONE = "gone", "No longer so"
        MENDED = "mended", "Confirmed and mended"
        NOT_THERE = "not_there", "The agency says the record is right"
        NOT_ERROR = "not_error", "Not an error"
        OVERRIDDEN = "overridden", "Set aside by POST"

    BY_ITSELF = (How.CAME, How.GONE)
    SOURCE = {
        "training_class": (Kind.LEFT_OFF,),
        "import_row": (Kind.NUMBER_SLIP, Kind.HELD_ROW),
        "record": (Kind.NAMESAKE, Kind.REFUSED, Kind.MAKE_UP, Kind.COUNTED_ONCE, Kind.TAKEN_BACK),
        "source_agency": (Kind.TRANSFER, Kind.SILENT_AGENCY),
        "provider": (Kind.SILENT_PROVIDER,),
        "registration": (Kind.CHECKED_IN,),
        "": (Kind.LITTLE, Kind.NOTHING),
    }

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="recording_gaps")
    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="recording_gaps")
    kind = models.CharField(max_length=20, choices=Kind)
    score = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(100)], help_text="How probably it is a recording error, 0 to 100."
    )

    training_class = models.ForeignKey(
        "training.TrainingClass", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    import_row = models.ForeignKey(
        "training.ImportRow", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    record = models.ForeignKey(
        "training.TrainingRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source_agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    provider = models.ForeignKey("training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    registration = models.ForeignKey(
        "training.Registration", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    part = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How many of `whole`: of the person's colleagues, of the months."
    )
    whole = models.PositiveIntegerField(default=0, db_default=0)
    hours = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="Hours it would give; empty if not known."
    )
    closes = models.BooleanField(
        default=False, db_default=False, help_text="Whether with these hours nothing would be missing."
    )
    day = models.DateField(
        null=True, blank=True, help_text="The day it is about: of the class, the move, the last word."
    )

    found_on = models.DateField(default=clock.today)
    agency = models.ForeignKey(
        "training.Agency",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="recording_gaps",
        help_text="Who can say: the agency that is asked; empty where only POST can.",
    )
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When it was put to the agency.")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who of POST sent it; empty where the nightly run did.",
    )
    answer = models.CharField(max_length=10, choices=Answer, blank=True, default="", db_default="")
    answer_words = models.CharField(max_length=500, blank=True, default="", db_default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    how = models.CharField(max_length=10, choices=How, blank=True, default="", db_default="")
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty where it settled itself.",
    )

    objects = RecordingGapQuerySet.as_manager()

    class Meta:
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "period", "kind", *SOURCES],
                condition=~Q(how__in=["came", "gone"]),
                nulls_distinct=False,
                name="recording_gap_once",
                violation_error_message="This was found already.",
            ),
            models.CheckConstraint(
                condition=Q(score__lte=100),
                name="recording_gap_score_up_to_100",
                violation_error_message="A score lies between 0 and 100.",
            ),
            models.CheckConstraint(
                condition=Q(part__lte=models.F("whole")),
                name="recording_gap_part_of_whole",
                violation_error_message="A part is no more than the whole.",
            ),
            models.CheckConstraint(
                condition=Q(asked_at=None, asked_by=None) | Q(asked_at__isnull=False, agency__isnull=False),
                name="recording_gap_asked_of_an_agency",
                violation_error_message="Only an agency can be asked.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None, answer_words="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="recording_gap_answer_whole",
                violation_error_message="An answer says what, when and who.",
            ),
            models.CheckConstraint(
                condition=~Q(answer="no") | ~Q(answer_words=""),
                name="recording_gap_no_has_words",
                violation_error_message="Say in a word why the record is right.",
            ),
            models.CheckConstraint(
                condition=Q(how="", resolved_at=None, resolved_by=None, reason="")
                | (Q(resolved_at__isnull=False) & ~Q(how="") & ~Q(reason="")),
                name="recording_gap_settled_with_reason",
                violation_error_message="What is settled says how, when and why.",
            ),
            models.CheckConstraint(
                condition=Q(how__in=["", "came", "gone"], resolved_by=None)
                | (~Q(how__in=["", "came", "gone"]) & Q(resolved_by__isnull=False)),
                name="recording_gap_settled_by_somebody",
                violation_error_message="What did not settle itself was settled by somebody.",
            ),
        ]
        indexes = [
            models.Index(fields=["period", "officer"], name="recording_gap_by_officer"),
            models.Index(
                fields=["period", "-score", "id"], condition=Q(resolved_at=None), name="recording_gap_open_by_score"
            ),
            models.Index(
                fields=["agency", "period"], condition=Q(resolved_at=None), name="recording_gap_open_by_agency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer}, {self.period.year}: {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has settled it and it still holds."""
        return self.resolved_at is None

    @property
    def is_likely(self) -> bool:
        """Whether it is probably a recording error."""
        return self.score >= LIKELY

    @property
    def words(self) -> str:
        """The reason in words, made of its columns; names what it rests on. For POST and the agency that is asked."""
        return words_of(self)


@evidence()
class GapSearch(models.Model):
    """The record of everybody short in one period was searched for recording errors; the last time that day."""

    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="gap_searches")
    day = models.DateField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who of POST asked for it; empty for the nightly one.",
    )
    officers = models.PositiveIntegerField(help_text="How many were short.")
    found = models.PositiveIntegerField(help_text="How many gaps are open after it.")
    likely = models.PositiveIntegerField(help_text="How many of these are probably a recording error.")

    class Meta:
        verbose_name_plural = "gap searches"
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["period", "day"], name="gap_search_once_a_day"),
            models.CheckConstraint(condition=Q(likely__lte=models.F("found")), name="gap_search_likely_among_found"),
        ]

    def __str__(self) -> str:
        return f"{self.period.year}, {self.day}"
