"""People who sign in, and the roles the state itself gives: POST staff, Director, the Director's agents."""

from functools import cached_property

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from clee_portal import clock
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
        return frozenset(self.state_roles.current(clock.today()).values_list("role", flat=True))

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
    def sees_the_state(self) -> bool:
        """Whether every officer's record is open to this person: POST staff, the Director and designated agents."""
        return self.is_post_staff or self.is_director


class StateRoleQuerySet(models.QuerySet):
    """State roles."""

    def current(self, day) -> "StateRoleQuerySet":
        """Those in force on `day`, first and last day inclusive."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


@evidence()
class StateRole(models.Model):
    """A role the state gives a person, from a day to a day, both inclusive. Acting for the Director is always named."""

    class Role(models.TextChoices):
        """Who acts for the state."""

        POST_STAFF = "post_staff", "POST staff"
        DIRECTOR = "director", "Director of Public Safety"
        DIRECTOR_AGENT = "director_agent", "Designated agent of the Director"
        MEDICAL_READER = "medical_reader", "May read medical documents"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="state_roles")
    role = models.CharField(max_length=20, choices=Role)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Last day of the role; empty while it lasts.")

    objects = StateRoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="state_role_ends_after_it_starts",
                violation_error_message="A role cannot end before it starts.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
