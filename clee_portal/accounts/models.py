"""People who sign in, and the roles the state itself gives: POST staff, Director, the Director's agents."""

from functools import cached_property
from importlib import import_module

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from clee_portal import clock, compiled
from clee_portal.history import evidence


class UserManager(BaseUserManager):
    """Makes accounts; the address is the name one signs in with, compared without case."""

    def create_user(self, email: str, password: str | None = None, **more) -> "User":
        """An account that may sign in with `email`; without a password only through the state's sign-in."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get(self, *args, **wanted) -> "User":
        """As always; by its key, which every page asks for, without writing the statement again."""
        if args or wanted.keys() != {"pk"}:
            return super().get(*args, **wanted)
        found = _by_key().objects(user=self.model._meta.pk.get_prep_value(wanted["pk"]))
        if not found:
            raise self.model.DoesNotExist("There is no such account.")
        return found[0]

    def get_by_natural_key(self, username: str) -> "User":
        """The account of an address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. What they may see or do follows from memberships and state roles, never from this row."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=150, help_text="As it is shown to others, for example Dana Whitlock.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(models.functions.Lower("email"), name="user_email_unique_without_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def state_role_names(self) -> frozenset[str]:
        """The state roles held today, as values of `StateRole.Role`."""
        return frozenset(role for (role,) in _roles().rows(user=self.pk, day=clock.today()))

    @property
    def is_post_staff(self) -> bool:
        """Whether this person works for POST today."""
        return StateRole.Role.POST_STAFF in self.state_role_names

    @property
    def is_director(self) -> bool:
        """Whether this person is, today, the Director of Public Safety or a designated agent (RSMo 590.010)."""
        return bool({StateRole.Role.DIRECTOR, StateRole.Role.DIRECTOR_AGENT} & self.state_role_names)

    @property
    def reads_medical(self) -> bool:
        """Whether this person acts for the state and is named, today, to read medical documents (rulebook 8)."""
        return self.sees_the_state and StateRole.Role.MEDICAL_READER in self.state_role_names

    @property
    def is_the_director(self) -> bool:
        """Whether this person is the Director themself, today."""
        return StateRole.Role.DIRECTOR in self.state_role_names

    @property
    def sees_the_state(self) -> bool:
        """Whether every officer's record is open to this person: POST staff, the Director and designated agents."""
        return self.is_post_staff or self.is_director


@compiled.written(user=compiled.NUMBER)
def _by_key(user) -> models.QuerySet:
    return User.objects.filter(pk=user)


@compiled.written(user=compiled.NUMBER, day=compiled.FIRST_DAY)
def _roles(user, day) -> models.QuerySet:
    return StateRole.objects.filter(user=user).current(day).values_list("role")


class StateRoleQuerySet(models.QuerySet):
    """State roles."""

    def current(self, day) -> "StateRoleQuerySet":
        """Those in force on `day` (first and last day inclusive) and not revoked."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day, revoked_at=None)


@evidence()
class StateRole(models.Model):
    """A role the state gives a person, from a day to a day, both inclusive. Acting for the Director is always named."""

    class Role(models.TextChoices):
        """Who acts for the state."""

        POST_STAFF = "post_staff", _("POST staff")
        DIRECTOR = "director", _("Director of Public Safety")
        DIRECTOR_AGENT = "director_agent", _("Designated agent of the Director")
        MEDICAL_READER = "medical_reader", _("May read medical documents")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="state_roles")
    role = models.CharField(max_length=20, choices=Role)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Last day of the role; empty while it lasts.")
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="Ended at once, whatever the dates.")
    named_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The Director or agent who named them; empty where it was the command line.",
    )

    objects = StateRoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="state_role_ends_after_it_starts",
                violation_error_message="A role cannot end before it starts.",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ends_on=None, revoked_at=None),
                name="state_role_once",
                violation_error_message="This person holds the role already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Session(AbstractBaseSession):
    """A browser that is signed in, or that left something to be taken up again. What ends when: `accounts.sessions`."""

    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="sessions")

    @classmethod
    def get_session_store_class(cls):
        """What reads and writes these rows."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class Attempt(models.Model):
    """One failed try at a secret, kept for a day so that guessing is slow (`accounts.limits`).

    `key` is a digest: neither an address of a machine nor one of a person can be read from it.
    """

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="attempt_by_key_and_time")]

    def __str__(self) -> str:
        return f"{self.key[:8]} at {self.at}"


class FactorRecoveryQuerySet(models.QuerySet):
    """Recoveries of the second step at sign-in."""

    def unfinished(self, moment) -> "FactorRecoveryQuerySet":
        """Those that can still lead to something at `moment`: neither used, nor withdrawn, nor run out."""
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=moment)


@evidence()
class FactorRecovery(models.Model):
    """POST lets a person who lost the second step of their sign-in set it up anew.

    One member of POST staff opens it after the person has called. For whoever acts for the state another member of POST
    staff approves it. The person confirms by a link that goes to their own mail, and nobody else ever sees a secret:
    only the digest of the link's token is kept.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_recoveries")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    identified_by = models.TextField(help_text="How it was made sure that the caller is the person.")
    needs_approval = models.BooleanField(help_text="Whether a second member of POST staff has to approve it.")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    token_digest = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(help_text="Until when it can be approved, and then the link be used.")
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = FactorRecoveryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-opened_at"], name="factor_recovery_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(opened_by=F("user")),
                name="factor_recovery_never_for_oneself",
                violation_error_message="Nobody opens a recovery for themself.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | (~Q(approved_by=F("user")) & ~Q(approved_by=F("opened_by"))),
                name="factor_recovery_approved_by_another",
                violation_error_message="It is approved by somebody else than who opened it, and not by the person.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="factor_recovery_approved_at_a_moment",
                violation_error_message="An approval has a moment and a name.",
            ),
            models.CheckConstraint(
                condition=Q(token_digest="") | Q(needs_approval=False) | Q(approved_by__isnull=False),
                name="factor_recovery_no_link_before_approval",
                violation_error_message="There is no link before it is approved.",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | ~Q(token_digest=""),
                name="factor_recovery_used_by_its_link",
                violation_error_message="It is used by its link.",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(withdrawn_at=None),
                name="factor_recovery_used_or_withdrawn",
                violation_error_message="What was used is not withdrawn.",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at=None, withdrawn_at=None),
                name="factor_recovery_one_at_a_time",
                violation_error_message="There is an open recovery for this person.",
            ),
            models.UniqueConstraint(
                fields=["token_digest"],
                condition=~Q(token_digest=""),
                name="factor_recovery_token_unique",
                violation_error_message="A link belongs to one recovery.",
            ),
        ]

    def __str__(self) -> str:
        return f"Recovery of the second step of {self.user}"


@evidence(exclude=("asked_digest",))
class ContactDetails(models.Model):
    """How a person is reached beside the address they sign in with. They belong to the person, whoever employs them.

    An own e-mail address counts once its owner confirmed it by the code in a mail that went there; until then it is
    `asked_email`. Only the digest of the code is kept. Where the address of record is kept: `Officer.postal_address`.
    """

    class MailTo(models.TextChoices):
        """Where mail about the person themself goes."""

        SIGN_IN = "sign_in", "The address I sign in with"
        OWN = "own", "My own address"

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="contact")
    email = models.EmailField("own e-mail", blank=True, default="", db_default="", help_text="Confirmed by its owner.")
    email_confirmed_at = models.DateTimeField("confirmed", null=True, blank=True)
    asked_email = models.EmailField("e-mail to be confirmed", blank=True, default="", db_default="")
    asked_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    asked_until = models.DateTimeField("until", null=True, blank=True, help_text="How long the code can be used.")
    mail_to = models.CharField(
        "where mail goes", max_length=10, choices=MailTo, default=MailTo.SIGN_IN, db_default=MailTo.SIGN_IN
    )
    phone = models.CharField("telephone", max_length=30, blank=True, default="", db_default="")
    is_open_to_agency = models.BooleanField(
        "the agency may see it", default=False, db_default=False, help_text="Own e-mail and telephone; never more."
    )
    step = models.PositiveIntegerField(default=0, db_default=0, help_text="How often something of it was changed.")

    class Meta:
        verbose_name = "contact details"
        constraints = [
            models.CheckConstraint(
                condition=Q(email="", email_confirmed_at=None) | (~Q(email="") & Q(email_confirmed_at__isnull=False)),
                name="contact_email_is_confirmed",
                violation_error_message="An own e-mail address is confirmed by its owner.",
            ),
            models.CheckConstraint(
                condition=Q(asked_email="", asked_digest="", asked_until=None)
                | (~Q(asked_email="") & ~Q(asked_digest="") & Q(asked_until__isnull=False)),
                name="contact_asked_whole",
                violation_error_message="An address to be confirmed has a code and an end.",
            ),
            models.CheckConstraint(
                condition=Q(mail_to="sign_in") | ~Q(email=""),
                name="contact_mail_goes_somewhere",
                violation_error_message="Mail goes to the own address once it is confirmed.",
            ),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^[0-9+(][-0-9+(). x]{6,29}$"),
                name="contact_phone_shape",
                violation_error_message="A telephone number has at least seven digits, such as (573) 555-0107.",
            ),
        ]

    def __str__(self) -> str:
        return f"Contact details of {self.user}"
