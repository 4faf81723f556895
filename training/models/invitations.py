"""Invitations: the mail by which a person is connected to a license, an agency, a provider, or a role of the state."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from clee_portal.accounts.models import StateRole
from clee_portal.history import evidence
from training.models.memberships import Membership, Rights, only


@evidence()
class Campaign(models.Model):
    """Many invitations sent at once, from a list of license numbers and e-mail addresses."""

    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rows_left_out = models.PositiveIntegerField(default=0, help_text="Rows of the list that could not be invited.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="campaign_named_once",
                violation_error_message="There is a campaign of this name already. Choose another.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class InvitationQuerySet(models.QuerySet):
    """Invitations."""

    def standing(self) -> "InvitationQuerySet":
        """Those neither used nor withdrawn: what the link is worth may still have expired or been locked."""
        return self.filter(used_at=None, withdrawn_at=None)

    def usable(self, now) -> "InvitationQuerySet":
        """Those whose link connects somebody at the moment `now`."""
        return self.standing().filter(locked_at=None, expires_at__gt=now)


@evidence()
class Invitation(Rights):
    """A link sent by mail that connects whoever signs in by it, once, after they confirmed a fact POST holds.

    The link's token is kept nowhere: it is made anew from `nonce` and the portal's secret when the mail is written, and
    compared by its SHA-256 (training/invitation_tokens.py). An invitation sent again is a new one; the old one ends.
    """

    class Role(models.TextChoices):
        """What the person is invited to be."""

        OFFICER = Membership.Role.OFFICER.value, "Officer"
        AGENCY_CEO = Membership.Role.AGENCY_CEO.value, "Agency CEO"
        DELEGATE = Membership.Role.DELEGATE.value, "Delegate of the agency CEO"
        PROVIDER_STAFF = Membership.Role.PROVIDER_STAFF.value, "Provider staff"
        POST_STAFF = StateRole.Role.POST_STAFF.value, "POST staff"
        DIRECTOR_AGENT = StateRole.Role.DIRECTOR_AGENT.value, "Designated agent of the Director"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role)
    officer = models.ForeignKey(
        "training.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    provider = models.ForeignKey(
        "training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    email = models.EmailField(max_length=254, help_text="Where it was sent.")
    name = models.CharField(max_length=150, blank=True, help_text="Of a person named by others; officers have theirs.")
    starts_on = models.DateField(null=True, blank=True, help_text="First day of the role, where that is still ahead.")

    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_at = models.DateTimeField(db_default=Now())
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When somebody first went on from the link.")
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    used_email = models.EmailField(
        max_length=254, blank=True, help_text="With which address they signed in, where it is another one."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_superseded = models.BooleanField(default=False, help_text="Ended because a newer one was sent.")
    wrong_facts = models.PositiveSmallIntegerField(default=0, help_text="How often the fact was answered wrongly.")
    locked_at = models.DateTimeField(null=True, blank=True, help_text="When it was answered wrongly too often.")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            *Rights.Meta.constraints,
            models.CheckConstraint(
                condition=only("officer", ["officer"])
                | only("agency", ["agency_ceo", "delegate"])
                | only("provider", ["provider_staff"])
                | Q(role__in=["post_staff", "director_agent"], officer=None, agency=None, provider=None),
                name="invitation_role_fits_its_object",
                violation_error_message="An officer is invited to a license, a CEO or delegate to an agency, "
                "staff to a provider.",
            ),
            models.UniqueConstraint(
                fields=["officer"],
                condition=Q(role="officer", used_at=None, withdrawn_at=None),
                name="invitation_once_per_license",
                violation_error_message="This license has an invitation already.",
            ),
            models.UniqueConstraint(
                "agency",
                "role",
                Lower("email"),
                condition=Q(agency__isnull=False, used_at=None, withdrawn_at=None),
                name="invitation_once_per_agency",
                violation_error_message="This address has an invitation of the agency already.",
            ),
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(role="agency_ceo", used_at=None, withdrawn_at=None),
                name="invitation_one_ceo_to_come",
                violation_error_message="A CEO of this agency is invited already.",
            ),
            models.UniqueConstraint(
                "provider",
                Lower("email"),
                condition=Q(provider__isnull=False, used_at=None, withdrawn_at=None),
                name="invitation_once_per_provider",
                violation_error_message="This address has an invitation of the provider already.",
            ),
            models.UniqueConstraint(
                "role",
                Lower("email"),
                condition=Q(role__in=["post_staff", "director_agent"], used_at=None, withdrawn_at=None),
                name="invitation_once_per_state_role",
                violation_error_message="This address has an invitation to the role already.",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, used_by=None) | Q(used_at__isnull=False, used_by__isnull=False),
                name="invitation_used_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(withdrawn_at=None),
                name="invitation_ends_once",
                violation_error_message="An invitation that was used cannot be withdrawn.",
            ),
            models.CheckConstraint(
                condition=Q(is_superseded=False) | Q(withdrawn_at__isnull=False),
                name="invitation_superseded_is_over",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")),
                name="invitation_expires_after_it_is_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["invited_at", "id"], name="invitation_by_time"),
            models.Index(fields=["campaign", "id"], name="invitation_by_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.object or 'the state'}"

    @property
    def object(self):
        """What the person is to be connected to; None for a role of the state."""
        return self.officer or self.agency or self.provider

    @property
    def key(self) -> str:
        """What the outbox calls its mail."""
        return f"invitation:{self.pk}"


@evidence()
class InvitationRequest(models.Model):
    """Somebody asks POST to send an invitation (again): an agency for an officer, or whoever holds a dead link.

    One question stays one row however often it is asked, until POST has answered it.
    """

    class Reason(models.TextChoices):
        """Why it is asked."""

        AGENCY = "agency", "Asked by the agency"
        EXPIRED = "expired", "The link had expired"
        LOCKED = "locked", "Locked: the fact was answered wrongly too often"

    officer = models.ForeignKey(
        "training.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="invitation_requests"
    )
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, null=True, blank=True, related_name="requests",
        help_text="The one that expired or was locked.",
    )  # fmt: skip
    agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Which agency asked.",
    )  # fmt: skip
    reason = models.CharField(max_length=10, choices=Reason)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(db_default=Now())
    last_asked_at = models.DateTimeField(db_default=Now())
    times = models.PositiveIntegerField(default=1)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(max_length=200, blank=True, help_text="What POST did, in words the asker may read.")

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(officer__isnull=False) | Q(invitation__isnull=False),
                name="invitation_request_is_about_something",
            ),
            models.UniqueConstraint(
                fields=["officer"],
                condition=Q(answered_at=None, officer__isnull=False),
                name="invitation_request_once_per_officer",
            ),
            models.UniqueConstraint(
                fields=["invitation"],
                condition=Q(answered_at=None, officer=None),
                name="invitation_request_once_per_invitation",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="invitation_request_answer_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.officer or self.invitation}"


@evidence()
class PeopleConfirmation(models.Model):
    """The quarterly word of a CEO, a provider's head or the Director that those who act are still the right ones."""

    agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="people_confirmations"
    )
    provider = models.ForeignKey(
        "training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="people_confirmations"
    )
    quarter_on = models.DateField(help_text="First day of the quarter it is given for.")
    people = models.PositiveIntegerField(help_text="How many acted then.")
    confirmed_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-quarter_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agency=None) | Q(provider=None),
                name="people_confirmation_of_one_body",
            ),
            models.CheckConstraint(
                condition=Q(quarter_on__day=1, quarter_on__month__in=[1, 4, 7, 10]),
                name="people_confirmation_of_a_quarter",
                violation_error_message="A quarter begins on the first of January, April, July or October.",
            ),
            models.UniqueConstraint(
                fields=["agency", "provider", "quarter_on"],
                name="people_confirmed_once_a_quarter",
                nulls_distinct=False,
                violation_error_message="The people of this quarter are confirmed already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency or self.provider or 'The state'}: people right for the quarter of {self.quarter_on}"
