"""count_season: the counts behind the season's chart, brought up to date or made anew."""

from clee_portal import clock
from clee_portal.history.commands import NotedCommand
from compliance.models import ReportingPeriod
from compliance.services import seasons


class Command(NotedCommand):
    """Counts the weeks of this year's period and the last one that were not counted yet."""

    help = (
        "Count the standings of each week of this year's period and the last one, where that was not done yet. The "
        "worker does so by itself; --anew counts again what was counted, after an old register was loaded."
    )

    def add_arguments(self, parser):
        """Whether to begin again."""
        parser.add_argument("--anew", action="store_true", help="forget what was counted of both periods first")

    def handle(self, *args, **options):
        """Say how many days were counted."""
        today = clock.today()
        if options["anew"]:
            for period in ReportingPeriod.objects.filter(year__in=(today.year - 1, today.year)):
                seasons.forget(period=period)
        self.stdout.write(f"{seasons.catch_up(today=today)} days counted.")
