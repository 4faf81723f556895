"""name_state_role: the Director, and the first who name others for the state, named by whoever runs the portal."""

from django.core.management.base import CommandError

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.history.commands import NotedCommand
from clee_portal.refusal import Refused
from training.services import state_people


class Command(NotedCommand):
    """Gives a person a role of the state. Of the Director it ends the one before."""

    help = (
        "Name the Director, a designated agent or POST staff by e-mail address. Somebody without an account is invited "
        "(not the Director, who has to sign in once before). Naming a Director ends the role of the one before."
    )

    def add_arguments(self, parser):
        """Which role, who."""
        parser.add_argument("role", choices=StateRole.Role.values)
        parser.add_argument("email", help="the address they sign in with")
        parser.add_argument("--name", default="", help="needed where there is no account yet")

    def handle(self, *args, **options):
        """Names them."""
        role, email, today = options["role"], options["email"], clock.today()
        try:
            named = state_people.name(by=None, role=role, email=email, name=options["name"], today=today)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        if named.invitation:
            self.stdout.write(f"{email} is invited; the role begins when the link in the mail is followed.")
            return
        label = named.role.get_role_display()
        self.stdout.write(f"{named.role.user} is {label}{'' if named.is_new else ' already'}.")
        for one in named.ended:
            self.stdout.write(f"{one.user} is no longer {label}; open sessions were ended.")
