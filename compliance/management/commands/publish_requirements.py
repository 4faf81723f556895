"""`bin/manage publish_requirements FILE`: next year's list, or a correction; `--show Y` prints one to start from."""

from pathlib import Path

import yaml
from django.core.management.base import CommandError
from django.db import transaction

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.history.commands import NotedCommand
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from compliance import periods, standings
from compliance.models import ReportingPeriod
from compliance.services import requirement_sets


class Command(NotedCommand):
    """Publish what a period asks, and say whose standing it changes."""

    help = "Publish a period's requirements from YAML, with the officers whose standing changes; --dry-run only tells."

    def add_arguments(self, parser):
        """The file, or the year to print."""
        parser.add_argument("file", nargs="?", type=Path, help="YAML with period, note, requirements and new topics")
        parser.add_argument("--show", type=int, metavar="Y", help="print the list in force for a year, to edit")
        people = parser.add_argument_group("who publishes", "two people of POST’s staff, as on the page *Rules*")
        people.add_argument("--proposed-by", metavar="EMAIL", help="who wrote the file")
        people.add_argument("--approved-by", metavar="EMAIL", help="who has looked at it, and approves it")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args, file, show, dry_run, proposed_by, approved_by, **options):
        """Show, try or publish."""
        try:
            if show:
                return self._show(periods.by_year(show))
            if not file:
                raise CommandError("Name a file, or --show a year to start from.")
            if dry_run:
                return self._publish(_read(file))
            if not (proposed_by and approved_by):
                raise CommandError(
                    "It takes two people of POST’s staff to publish: name them with --proposed-by and --approved-by, "
                    "each by the email address they sign in with. --dry-run takes nobody."
                )
            self._publish(_read(file), _person(proposed_by), _person(approved_by))
        except ReportingPeriod.DoesNotExist:
            raise CommandError(f"There is no reporting period {show}.") from None
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def _show(self, period: ReportingPeriod) -> None:
        asked = standings.question(period, clock.now())
        rows = []
        for one in asked.requirements:
            row = {"code": one.code, "name": one.name, "short_name": one.short_name}
            row["minimum"] = int(one.minimum) if one.minimum == int(one.minimum) else float(one.minimum)
            row |= {"area": one.area.code} if one.area else {}
            row |= {"topic": one.topic.code} if one.topic else {}
            row |= {"source_kinds": list(one.source_kinds)} if one.source_kinds else {}
            row |= {"in_person_only": True} if one.in_person_only else {}
            rows.append(row | {"wording": one.wording, "citation": one.citation})
        whole = {"period": period.year, "note": "", "requirements": rows}
        self.stdout.write(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=110), ending="")

    def _publish(self, wanted: dict, *people: User) -> None:
        """Publish in the names of who proposed and who approves it; without names only look what would come of it."""
        rows = {
            "year": wanted["period"],
            "requirements": wanted["requirements"],
            "note": wanted["note"],
            "topics": wanted.get("topics", []),
            "at": clock.now(),
        }
        period = ReportingPeriod.objects.filter(year=wanted["period"]).first()
        as_of = clock.end_of_day(clock.today())
        before = standings.of_officers(standings.question(period, as_of)) if period else {}

        def tell(published: requirement_sets.Published) -> None:
            self._tell(before, standings.of_officers(standings.question(period, as_of)))
            names = ", ".join(str(one) for one in published.sets)
            self.stdout.write(f"{'Published' if people else 'Would be published'}: {names}.")

        if not people:
            return requirement_sets.rehearse(**rows, look=tell)
        with transaction.atomic():
            proposed_by, approved_by = people
            tell(requirement_sets.publish(by=approved_by, proposed_by=proposed_by, **rows))

    def _tell(self, before: dict, after: dict) -> None:
        moves: dict[tuple, int] = {}
        for pk, finding in after.items():
            if before[pk].standing != finding.standing:
                move = (before[pk].standing.value, finding.standing.value)
                moves[move] = moves.get(move, 0) + 1
        short = sum(1 for pk, finding in after.items() if finding.short.keys() - before[pk].short.keys())
        changed = count_words(sum(moves.values()), "changes standing", "change standing")
        lacking = count_words(short, "lacks something new", "lack something new")
        self.stdout.write(f"{count_words(len(after), 'officer')}: {changed}, {lacking}.")
        for (old, new), count in sorted(moves.items()):
            self.stdout.write(f"  {old} -> {new}: {count}")


def _person(email: str) -> User:
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise CommandError(f"Nobody signs in with the address {email}.")
    return found


def _read(file: Path) -> dict:
    try:
        wanted = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("period"), int):
        raise CommandError(f"{file}: a mapping with period, note and requirements is expected; --show prints one.")
    if unknown := sorted(wanted.keys() - {"period", "note", "requirements", "topics"}):
        raise CommandError(f"{file}: unknown key “{unknown[0]}”.")
    return {"requirements": [], **wanted, "note": str(wanted.get("note") or "")}
