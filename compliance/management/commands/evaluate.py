"""`bin/manage evaluate`: standings of one officer, an agency or the state, as a table, CSV or JSON Lines."""

import argparse
import csv
import datetime as dt
import json

from django.core.management.base import BaseCommand, CommandError

from clee_portal import clock
from clee_portal.templatetags.look import count_words
from compliance import periods, standings, verdict, wording
from compliance.models import ReportingPeriod
from compliance.seed import FIRST_YEAR
from compliance.verdict import Finding, Standing
from training.escaping import escape
from training.models import Agency, Officer, TrainingRecord


def a_day(typed: str) -> dt.date:
    """The day of --as-of; raises `ArgumentTypeError` with what is wrong and how to write it."""
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{typed}” is not a day of the calendar. Write year, month and day like 2026-03-16."
        ) from None
    if day.year < FIRST_YEAR:
        raise argparse.ArgumentTypeError(f"The periods kept here begin with {FIRST_YEAR}. Give a day since then.")
    return day


class Command(BaseCommand):
    """Print who stands where, by the same definition the pages use."""

    help = "Standings of officers in a period: of one license, an agency or the whole state, today or as of any day."

    def add_arguments(self, parser):
        """The period and what narrows it."""
        parser.add_argument("--period", type=int, required=True, metavar="Y", help="reporting period, a calendar year")
        parser.add_argument("--as-of", type=a_day, metavar="DATE", help="a day such as 2026-03-16; default today")
        parser.add_argument("--agency", metavar="CODE", help="only officers commissioned there today")
        parser.add_argument("--license", metavar="NUMBER", help="only this officer")
        names = ", ".join(f"{one.value} ({one.label})" for one in Standing)
        parser.add_argument("--standing", choices=Standing.values, metavar="S", help=f"only this one: {names}")
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")

    def handle(self, *args, **options):
        """Evaluate and print."""
        day = options["as_of"] or clock.today()
        try:
            period = periods.by_year(options["period"])
        except ReportingPeriod.DoesNotExist:
            years = ReportingPeriod.objects.order_by("year").values_list("year", flat=True)
            kept = f"the first is {years.first()}, the last {years.last()}"
            raise CommandError(f"There is no reporting period {options['period']}: {kept}.") from None
        officers = Officer.objects.all()
        if options["agency"]:
            agency = Agency.objects.filter(code=options["agency"]).first()
            if agency is None:
                raise CommandError(f"No agency has the code “{options['agency']}”.")
            officers = officers.commissioned_at(agency, clock.today())
        if options["license"]:
            officers = officers.filter(license_number=options["license"])
            if not officers.exists():
                where = f" at {options['agency']}" if options["agency"] else ""
                raise CommandError(f"No officer{where} has the license number “{options['license']}”.")
        asked = standings.question(period, clock.end_of_day(day))
        whole_state = not options["agency"] and not options["license"]
        findings = standings.of_officers(asked, None if whole_state else officers)
        if options["standing"]:
            findings = {pk: finding for pk, finding in findings.items() if finding.standing == options["standing"]}
        rows = (
            (officer, findings[officer.pk])
            for officer in officers.order_by("search_name", "license_number").iterator(chunk_size=5_000)
            if officer.pk in findings
        )
        for line in self._warnings(asked):
            self.stderr.write(f"Warning: {line}")
        write = {"table": self._table, "csv": self._csv, "json": self._json}[options["format"]]
        write(rows, asked, findings)

    def _warnings(self, asked: standings.Question):
        """What makes these standings say less than they seem to; on stderr, so that a CSV stays a CSV."""
        year, today = asked.period.year, clock.today()
        day = wording.full_date(asked.day)
        if asked.day > today:
            yield f"{day} is still to come. This is how it would be if nothing were added until then."
        if asked.day < asked.period.starts_on:
            yield f"On {day} the {asked.period} has not begun."
        elif not TrainingRecord.objects.known(asked.as_of).filter(credited_year=year).exists():
            yield (
                f"No training of {year} was on record by {day}. Whoever seems short may have completed it: "
                "it was not kept here."
            )

    def _table(self, rows, asked: standings.Question, findings: dict[int, Finding]) -> None:
        self.stdout.write(f"{asked.period} as of {asked.day:%B} {asked.day.day}, {asked.day.year}")
        self.stdout.write(f"{'License':<12} {'Officer':<32} {'Standing':<18} {'Hours':>7}  Missing")
        for officer, finding in rows:
            missing = ", ".join(f"{hours.normalize():f} {code}" for code, hours in wording.owed(finding).items())
            standing = wording.standing_label(finding.standing).label
            self.stdout.write(
                f"{officer.license_number:<12} {officer.sorted_name[:32]:<32} {standing:<18} "
                f"{finding.hours[0].normalize():>7f}  {missing}"
            )
        tally = standings.counts(findings.values())
        self.stdout.write(
            f"{count_words(len(findings), 'officer')}: "
            + (", ".join(f"{wording.standing_label(one).label} ({n:,})" for one, n in tally.items()) or "none")
        )

    def _csv(self, rows, asked: standings.Question, findings) -> None:
        codes = [need.code for need in asked.asked]
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(
            ["license_number", "officer", "period", "as_of", "standing", "due_on"]
            + [f"earned_{code}" for code in codes]
            + [f"short_{code}" for code in codes]
        )
        for officer, finding in rows:
            owed = wording.owed(finding)
            writer.writerow(
                [escape(officer.license_number), escape(officer.sorted_name), asked.period.year, asked.day]
                + [finding.standing.value, finding.due_on or ""]
                + [f"{finding.earned[code].normalize():f}" for code in codes]
                + [f"{owed.get(code, verdict.ZERO).normalize():f}" for code in codes]
            )

    def _json(self, rows, asked: standings.Question, findings) -> None:
        for officer, finding in rows:
            self.stdout.write(
                json.dumps(
                    {
                        "license_number": officer.license_number,
                        "officer": officer.sorted_name,
                        "period": asked.period.year,
                        "as_of": asked.day.isoformat(),
                        "standing": finding.standing.value,
                        "due_on": finding.due_on.isoformat() if finding.due_on else None,
                        "earned": {code: f"{hours.normalize():f}" for code, hours in finding.earned.items()},
                        "short": {code: f"{hours.normalize():f}" for code, hours in wording.owed(finding).items()},
                    },
                    ensure_ascii=False,
                )
            )
