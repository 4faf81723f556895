"""seed_demo: a believable state from a seed, for the demonstration and for benchmarks."""

import datetime as dt
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clee_portal import clock
from clee_portal.history import because
from compliance.demonstration import accounts, calendar, copying, desk, messages, nation, onboarding, relief, writing
from compliance.demonstration.agencies import FULL, LARGEST, SHERIFF, SMALL
from compliance.demonstration.outcomes import minimums_of
from compliance.demonstration.state import State, build, years_of
from compliance.models import ReportingPeriod
from compliance.recording_errors.seasons import periods_due
from compliance.services import recording_gaps, seasons
from training.models import Agency, Officer, Provider

REASON = "Demonstration state"


class Command(BaseCommand):
    """Fills an empty database with invented agencies, officers and training."""

    help = (
        "Fill an empty database with a demonstration state: about 40 agencies and 1,500 officers, or with --full 650 "
        "agencies and 18,000 officers. Every name is invented. The same seed and day give the same state."
    )

    def add_arguments(self, parser):
        """Which seed, which day, how much."""
        parser.add_argument("--seed", type=int, default=1, help="another number makes another state (default 1)")
        size = parser.add_mutually_exclusive_group()
        size.add_argument(
            "--full", action="store_true", help="a whole state: 650 agencies, 18,000 officers, three years"
        )
        size.add_argument(
            "--nation",
            action="store_true",
            help="for benchmarks: 800,000 officers, 8 million credit lines of last year's period; takes minutes",
        )
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are agencies already")
        parser.add_argument(
            "--today", type=dt.date.fromisoformat, metavar="DATE", help="the day the state is made for (default today)"
        )
        parser.add_argument(
            "--yes",
            action="store_true",
            help="needed where DATABASE_URL names the database: no accounts are made there",
        )

    def handle(self, *args, **options):
        """Checks that the database may be filled, and fills it."""
        is_empty = not (Agency.objects.exists() or Officer.objects.exists())
        if options["if_empty"] and not is_empty:
            self.stdout.write("There are agencies or officers already: nothing was changed.")
            return
        if not settings.CLEE_EMBEDDED and not options["yes"]:
            raise CommandError(
                "This is not the embedded database. Add --yes to fill it with invented agencies, officers and training "
                "which can never be deleted again; no demonstration accounts are made."
            )
        if not is_empty:
            raise CommandError(
                "There are agencies or officers in this database already. The demonstration state goes into an empty "
                "database only; bin/run --reset starts over."
            )
        self.began = time.monotonic()
        today = options["today"] or clock.today()
        with because(REASON, seed=options["seed"]):
            if options["nation"]:
                nation.write(options["seed"], today, self.say)
            else:
                self.state(options["seed"], today, FULL if options["full"] else SMALL)
        if copying.analyze(writing.TABLES):
            self.say("tables analyzed", len(writing.TABLES))
        self.stdout.write(f"Done in {time.monotonic() - self.began:.1f} s.")

    def say(self, what: str, count: int) -> None:
        """One line of progress."""
        self.stdout.write(f"{count:>11,}  {what:<24}{time.monotonic() - self.began:6.1f} s")
        self.stdout.flush()

    def state(self, seed: int, today: dt.date, scale) -> None:
        """Plan a state and write it in one transaction, with the accounts where they may exist."""
        planned = build(seed, today, scale, minimums(years_of(today), today))
        self.say("training records planned", len(planned.records))
        with copying.in_missouri_time():
            users = accounts.make() if settings.CLEE_EMBEDDED else {}
            by = {number: users[key] for number, key in accounts.ENTERED_BY.items()} if users else {}
            writer = writing.write(planned, self.say, by)
            calendar.lay_out(planned, writer, seed)
            copying.analyze(writing.TABLES)  # what follows asks the whole state
            if users:
                accounts.connect(users, today, plots(planned, writer), writer.first[Agency], writer.first[Provider])
                self.say("accounts", len(users))
                sheriff, largest = (Agency.objects.get(pk=writer.first[Agency] + at) for at in (SHERIFF, LARGEST))
                desk.lay_out(users, sheriff, largest, today, seed)
                onboarding.lay_out(users, sheriff, largest, today, seed)
                messages.lay_out(users, largest, today)
                self.say("officers' accounts", messages.CONNECTED)
                self.say("requests for more time", relief.lay_out(users, sheriff, today))
        if scale is SMALL:  # of a whole state the worker does both, and counts the other weeks
            now = min(clock.now(), clock.end_of_day(today))
            searches = [recording_gaps.find(period=one, now=now, by=None) for one in periods_due(today)[-1:]]
            self.say("likely recording errors", sum(one.likely for one in searches))
            self.say("weeks of the season", seasons.catch_up(today=today, each=4))


def plots(planned: State, writer: writing.Writer) -> dict[str, int]:
    """The ids of the officers behind accounts, by key."""
    return {o.plot: writer.first[Officer] + o.number for o in planned.officers if o.plot}


def minimums(years, today: dt.date) -> dict[int, tuple[int, ...]]:
    """Year -> the hundredths its published requirements ask."""
    periods = {period.year: period for period in ReportingPeriod.objects.filter(year__in=years)}
    if lacking := [str(year) for year in years if year not in periods]:
        raise CommandError(f"There is no reporting period for {', '.join(lacking)}: choose another --today.")
    moment = clock.end_of_day(today)
    return {
        year: minimums_of([(r.code, int(r.minimum * 100)) for r in periods[year].set_as_of(moment).requirements.all()])
        for year in years
    }
