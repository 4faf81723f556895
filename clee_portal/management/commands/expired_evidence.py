"""`bin/manage expired_evidence`: what is past six years, and its removal by two people (docs/operations.md)."""

from getpass import getpass

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from clee_portal import clock
from clee_portal.accounts import totp
from clee_portal.accounts.models import User
from clee_portal.operation import expired
from clee_portal.refusal import Refused
from training.models import TrainingClass

MOST_AT_ONCE = 500


class Command(BaseCommand):
    """Lists classes past their time; removes those that two people name, and proves that both are there."""

    help = (
        "List classes past their time (EVIDENCE_DAYS) and what keeps each, and how many rows of other evidence nobody"
        " has written since; those stay. With --remove, as the owner, remove some classes:"
        " POST staff asks, the Director or a designated agent approves, and each gives a code of the own authenticator."
    )

    def add_arguments(self, parser):
        """What, and who."""
        parser.add_argument(
            "--remove", nargs="+", metavar="C-000123", help="reference numbers of the classes to remove"
        )
        parser.add_argument("--asked-by", help="the address POST staff signs in with")
        parser.add_argument("--approved-by", help="the address the Director or a designated agent signs in with")
        parser.add_argument("--reason", default="", help="for the tombstone")
        parser.add_argument(
            "--codes", nargs=2, metavar="CODE", help="of both authenticators; asked for where not given"
        )

    def handle(self, *args, remove, asked_by, approved_by, reason, codes, **options):
        """List, or remove."""
        try:
            if remove:
                self.remove(remove, asked_by, approved_by, reason, codes)
            else:
                self.list()
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def list(self) -> None:
        """Every class past its time, some hundred at a time asked what keeps them; then the other kinds."""
        past = list(expired.classes(clock.today()))
        for start in range(0, len(past), MOST_AT_ONCE):
            few = past[start : start + MOST_AT_ONCE]
            kept = expired.what_keeps(few)
            for one in few:
                why = f"kept: {', '.join(kept[one.pk])}" if one.pk in kept else "may be removed"
                self.stdout.write(f"{one.reference}  {one.ends_on}  {why}")
        day = expired.last_day_of_the_past(clock.today())
        self.stdout.write(f"{len(past):,} classes ended before {day}.")
        for kind, count in expired.others(clock.today()):
            self.stdout.write(f"{count:,} {kind}: last written before {day}, kept for good")

    def remove(self, references, asked_by, approved_by, reason, codes) -> None:
        """By two people who are both there."""
        people = [self.person(email) for email in (asked_by, approved_by)]
        if people[0] == people[1]:
            raise CommandError("Whoever asks for a removal may not approve it.")
        for person, code in zip(people, codes or (None, None), strict=True):
            self.must_be_here(person, code)
        chosen = [self.named(reference) for reference in references]
        stone = expired.remove(by=people[0], approved_by=people[1], reason=reason, chosen=chosen, today=clock.today())
        self.stdout.write(f"Removed {len(chosen)} classes: {stone.rows} versions, tombstone {stone.pk}.")

    @staticmethod
    def person(email: str | None) -> User:
        """An account."""
        found = User.objects.filter(email__iexact=email or "", is_active=True).first()
        if found is None:
            raise CommandError("Name both people: --asked-by and --approved-by, as they sign in.")
        return found

    @staticmethod
    def must_be_here(person: User, code: str | None) -> None:
        """The person gives a code of the own authenticator app, which is used up."""
        app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
        if app is None:
            raise CommandError(f"{person} has no authenticator app, by which it could be known who is here.")
        if not totp.use(app, code or getpass(f"Code of the authenticator of {person}: ")):
            raise CommandError(f"That is no code of the authenticator of {person}, or it was used before.")

    @staticmethod
    def named(reference: str) -> TrainingClass:
        """A class by its reference number."""
        found = TrainingClass.objects.with_reference(reference).first()
        if found is None:
            raise CommandError(f"There is no class {reference}.")
        return found
