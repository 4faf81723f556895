"""`bin/manage check_cases PATH…`: golden cases against the judgement."""

from django.core.management.base import BaseCommand, CommandError

from compliance.cases import checking, reading


class Command(BaseCommand):
    """Check golden cases (YAML files, or folders of them); exits 0 only when all agree."""

    help = "Check golden compliance cases: prints each case that disagrees, and `N passed, M failed` last."

    def add_arguments(self, parser):
        """PATH…: files or folders."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a YAML file of cases, or a folder of them")

    def handle(self, *args, paths, **options):
        """Check every case."""
        passed = failed = 0
        try:
            for outcome in checking.check(list(reading.read(paths))):
                if outcome.differences:
                    failed += 1
                    self.stdout.write(f"{outcome.case.name}: {'; '.join(outcome.differences)}")
                else:
                    passed += 1
        except reading.CaseError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            raise SystemExit(1)
