"""The command line's part of every import: its options, its progress, its words at the end."""

import abc
import sys
from pathlib import Path

from django.core.management.base import CommandError
from tqdm import tqdm

from clee_portal import clock
from clee_portal.history.commands import NotedCommand
from clee_portal.templatetags.look import count_words
from training.imports import limits, reading, running
from training.imports.headers import IGNORE, parse_assignments
from training.imports.problems import Fate, Unreadable
from training.models import Agency

SHOWN = 20
LONG = 2_000  # rows from which on progress is shown


class ImportCommand(NotedCommand, abc.ABC):
    """Base of the three imports. Exit code 0: all rows went in; 1: some were refused; 2: the file could not be read."""

    carries_over = True

    def add_arguments(self, parser):
        """The options all imports share; each adds its own before these."""
        parser.add_argument("file", help="A CSV or XLSX file.")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=field",
            help=f"Which field a column holds (repeatable). COLUMN={IGNORE} leaves a column out.",
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="field=value", help="One value for all rows (repeatable)."
        )
        parser.add_argument(
            "--sheet", default="", help="Name or number of the sheet; the first visible one if not given."
        )
        parser.add_argument("--dry-run", action="store_true", help="Check everything, change nothing.")
        parser.add_argument("--errors", default="", metavar="OUT.csv", help="Where the refused rows go.")
        if self.carries_over:
            parser.add_argument(
                "--carried-over-from",
                default="",
                metavar="NAME",
                help="The older register this comes from: its facts count as known from their own day on.",
            )

    @abc.abstractmethod
    def importer(self, options: dict):
        """The import that the options ask for."""

    def handle(self, *args, **options):
        """Import the file and say what became of it."""
        try:
            report = self._run(options)
        except Unreadable as error:
            raise CommandError(f"{Path(options['file']).name}: {error}", returncode=2) from None
        self._tell(report, options["errors"])
        if refused := report.count(Fate.REFUSED):
            were = "was" if refused == 1 else "were"
            raise CommandError(f"{refused:,} of {count_words(report.read, 'row')} {were} refused.", returncode=1)

    def _run(self, options: dict) -> running.Report:
        importer = self.importer(options)
        mapping = parse_assignments(options["map"], "--map", importer.fields)
        settings = parse_assignments(options["set"], "--set", importer.fields)
        if options["errors"]:
            running.check_writable(options["errors"], options["file"])
        table = reading.open_path(options["file"], sheet=options["sheet"])
        if table.other_sheets:
            self.stdout.write(
                f"Reading sheet “{table.sheet}” (others, chosen by --sheet: {', '.join(table.other_sheets)})"
            )
        with _Progress(self.stderr) as progress:
            report = running.run(
                importer,
                table,
                today=clock.today(),
                mapping=mapping,
                settings=settings,
                dry_run=options["dry_run"],
                progress=progress,
            )
        if options["errors"]:
            running.write_errors(report, options["errors"])
        return report

    def _tell(self, report: running.Report, errors: str) -> None:
        columns, say = report.columns, self.stdout.write
        placed = [f"“{columns.names[at]}” is {name}" for name, at in sorted(columns.fields.items(), key=lambda i: i[1])]
        say(f"Column names in row {columns.header_row}: {', '.join(placed) or 'none used'}")
        if columns.unused:
            say(f"Columns not used: {', '.join(columns.unused)}")
        for line in report.advice:
            say(line)
        problems = report.problems
        for problem in problems[:SHOWN]:
            say(str(problem))
        if len(problems) > SHOWN:
            say(
                f"… and {len(problems) - SHOWN} more"
                + ("" if errors else " (--errors OUT.csv gives them all)")
                + ", in all:"
            )
            for wrong, times in report.reasons().most_common(SHOWN):
                say(f"  {count_words(times, 'time')}: {wrong}")
        self._list("skipped", report.skipped)
        self._list("note", report.notices)
        if errors:
            rows = count_words(report.count(Fate.REFUSED), "refused row is", "refused rows are")
            say(f"The {rows} in {Path(errors).name}.")
        for line in running.in_words(report):
            say(line)
        if report.dry_run:
            say("Dry run: nothing was changed.")

    def _list(self, what: str, entries: list[tuple[int, str]]) -> None:
        for number, text in entries[:SHOWN]:
            self.stdout.write(f"row {number}, {what}: {text}")
        if len(entries) > SHOWN:
            self.stdout.write(f"… and {len(entries) - SHOWN} more of these")


def agency_with_code(code: str) -> Agency | None:
    """The agency of --agency; none where it is not given. Raises `Unreadable`."""
    if not code:
        return None
    if found := Agency.objects.filter(code__iexact=code.strip()).first():
        return found
    raise Unreadable(f"--agency {code}: there is no agency with this code.")


class _Progress:
    """A bar where somebody looks on, else a line a chunk; nothing for short files."""

    def __init__(self, stderr):
        self._stderr = stderr
        self._bar = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self._bar is not None:
            self._bar.close()

    def __call__(self, done: int, total: int) -> None:
        if total < LONG:
            return
        if not sys.stderr.isatty():
            if total > limits.ROWS_A_CHUNK:
                self._stderr.write(f"{done} of {total} rows")
            return
        if self._bar is None:
            self._bar = tqdm(total=total, unit=" rows")
        self._bar.update(done - self._bar.n)
