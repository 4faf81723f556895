"""Who is connected to what: officers to their record, agency and provider people to their body."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clee_portal import clock, compiled
from clee_portal.history import evidence


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person's memberships and state roles of today open to them. Empty for anyone unknown."""

    sees_the_state: bool = False
    officer_ids: frozenset[int] = frozenset()
    agency_ids: frozenset[int] = frozenset()
    provider_ids: frozenset[int] = frozenset()
    # Of the agencies, those where the person may do one kind of work; seeing needs none of them.
    entering: frozenset[int] = frozenset()
    correcting: frozenset[int] = frozenset()
    keeping: frozenset[int] = frozenset()
    asking: frozenset[int] = frozenset()

    def reads(self, *, officer: int, agency: int | None) -> bool:
        """Whether what concerns an officer (an id), and was put to an agency or to none, is open to the person."""
        return self.sees_the_state or officer in self.officer_ids or agency in self.agency_ids


NOTHING = Scope()


def scope_of(user) -> Scope:
    """The scope of `user` today, read once for each user object (so once a request). Fails closed."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return NOTHING
    if (scope := getattr(user, "_training_scope", None)) is None:
        memberships = memberships_of(user)
        scope = Scope(
            sees_the_state=user.sees_the_state,
            officer_ids=frozenset(m.officer_id for m in memberships if m.officer_id),
            agency_ids=frozenset(m.agency_id for m in memberships if m.agency_id),
            provider_ids=frozenset(m.provider_id for m in memberships if m.provider_id),
            entering=frozenset(m.agency_id for m in memberships if m.agency_id and m.may_enter_classes),
            correcting=frozenset(m.agency_id for m in memberships if m.agency_id and m.may_correct),
            keeping=frozenset(m.agency_id for m in memberships if m.agency_id and m.may_keep_roster),
            asking=frozenset(m.agency_id for m in memberships if m.agency_id and m.may_ask_relief),
        )
        user._training_scope = scope
    return scope


def memberships_of(user) -> list["Membership"]:
    """Today's memberships of `user` with their officer, agency or provider, read once for each user object."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    if (memberships := getattr(user, "_training_memberships", None)) is None:
        memberships = [_with_bodies(row) for row in _of_user().rows(user=user.pk, today=clock.today())]
        user._training_memberships = memberships
    return memberships


_BODIES = ("officer", "agency", "provider")


@compiled.written(user=compiled.NUMBER, today=compiled.FIRST_DAY)
def _of_user(user, today) -> models.QuerySet:
    """The memberships of one user, for every page: each with its officer, agency and provider."""
    of_user = Membership.objects.filter(user=user).current(today).order_by("role", "pk")
    columns = [f"{path}{name}" for _, path, names in _columns() for name in names]
    return of_user.values_list(*columns)


@lru_cache(maxsize=1)
def _columns() -> list[tuple[type[models.Model], str, list[str]]]:
    bodies = [(Membership._meta.get_field(name).related_model, f"{name}__") for name in _BODIES]
    return [
        (model, path, [field.attname for field in model._meta.concrete_fields])
        for model, path in [(Membership, ""), *bodies]
    ]


def _with_bodies(row: tuple) -> "Membership":
    values = iter(row)
    membership, *bodies = (compiled.made(model, names, [next(values) for _ in names]) for model, _, names in _columns())
    for name, body in zip(_BODIES, bodies, strict=True):
        setattr(membership, name, body)
    return membership


class MembershipQuerySet(models.QuerySet):
    """Memberships."""

    def current(self, day) -> "MembershipQuerySet":
        """Those in force on `day` (first and last day inclusive) and not revoked."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day, revoked_at=None)


def only(field: str, roles: list[str]) -> Q:
    """A tie of one of `roles` names its `field` (officer, agency, provider) and none of the others."""
    others = {"officer", "agency", "provider"} - {field}
    return Q(role__in=roles, **{f"{field}__isnull": False}, **{f"{other}__isnull": True for other in sorted(others)})


class Rights(models.Model):
    """What of an agency's work a delegate may do, and whether one of a provider's staff names the others.

    A CEO may do all of it. A delegate without any of the four sees the agency's pages and changes nothing.
    """

    may_enter_classes = models.BooleanField("enter classes and send files", default=True, db_default=True)
    may_correct = models.BooleanField("correct and undo classes", default=True, db_default=True)
    may_keep_roster = models.BooleanField("keep the roster", default=True, db_default=True)
    may_ask_relief = models.BooleanField("ask for extensions", default=True, db_default=True)
    is_head = models.BooleanField(
        default=False, db_default=False, help_text="Of a provider's staff: names the others, and confirms them."
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(role="delegate")
                | Q(may_enter_classes=True, may_correct=True, may_keep_roster=True, may_ask_relief=True),
                name="%(class)s_rights_of_delegates",
                violation_error_message="Only what a delegate may do can be limited.",
            ),
            models.CheckConstraint(
                condition=Q(is_head=False) | Q(role="provider_staff"),
                name="%(class)s_head_of_provider",
                violation_error_message="Only one of a provider’s staff can be its head.",
            ),
        ]

    @property
    def rights(self) -> dict[str, bool]:
        """Each kind of work, and whether it may be done."""
        return {name: getattr(self, name) for name in RIGHTS}

    @property
    def rights_in_words(self) -> str:
        """What may be done, as a list in words."""
        held = [self._meta.get_field(name).verbose_name for name in RIGHTS if getattr(self, name)]
        if len(held) == len(RIGHTS):
            return "everything but naming people"
        return ", ".join(held) or "see only"


RIGHTS = ("may_enter_classes", "may_correct", "may_keep_roster", "may_ask_relief")


@evidence()
class Membership(Rights):
    """A dated tie of a person who signs in to a license, an agency or a provider. One person may hold several."""

    class Role(models.TextChoices):
        """What the tie lets a person do."""

        OFFICER = "officer", "Officer"
        AGENCY_CEO = "agency_ceo", "Agency CEO"
        DELEGATE = "delegate", "Delegate of the agency CEO"
        PROVIDER_STAFF = "provider_staff", "Provider staff"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    officer = models.ForeignKey(
        "training.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    provider = models.ForeignKey(
        "training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Last day; empty while it lasts.")
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="Revoked at once, whatever the dates.")
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who named them: the agency CEO for a delegate, the CEO before or POST for a CEO.",
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            *Rights.Meta.constraints,
            models.CheckConstraint(
                condition=only("officer", ["officer"])
                | only("agency", ["agency_ceo", "delegate"])
                | only("provider", ["provider_staff"]),
                name="membership_role_fits_its_object",
                violation_error_message="An officer belongs to a license, a CEO or delegate to an agency, "
                "staff to a provider.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_it_starts",
                violation_error_message="A membership cannot end before it starts.",
            ),
            models.UniqueConstraint(
                fields=["officer"],
                condition=Q(role="officer", revoked_at=None, ends_on=None),
                name="membership_one_account_per_license",
                violation_error_message="This license is already connected to an account.",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "agency"],
                condition=Q(revoked_at=None, ends_on=None, agency__isnull=False),
                name="membership_once_per_agency",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "provider"],
                condition=Q(revoked_at=None, ends_on=None, provider__isnull=False),
                name="membership_once_per_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.agency or self.provider or self.officer}"
