"""How long a dry run of a requirement set over the whole state takes, against the standings of one list.

    python3 benchmarks/dry_run.py            18,000 officers, about 500,000 credit lines

Prints, in one run: (ours) the dry run of a draft that raises a minimum, asks for other sources and adds a new topic,
with its counts by standing, requirement and agency and its list in order; (a) every standing of the state by the list
that is published. Runs alternate, and the median of the ratios of neighbouring runs is the result. Nothing is kept.
"""

import argparse
import statistics
import sys
import time
from decimal import Decimal

import stage


def draft_of(period, now):
    """A draft of the period: a minimum raised, sources narrowed, a new topic asked for. Taken back at the end."""
    from compliance import rules  # Django is set up only now
    from compliance.models import ProposedTopic, Requirement, RequirementSet
    from training.models import Area

    base = rules.latest(period)
    draft = RequirementSet.objects.create(period=period, drafted_at=now, base=base)
    copies = rules.rows_of(base)
    for one in copies:
        one.pk, one.requirement_set = None, draft
        one._state.adding = True
        if one.code == "technical":
            one.minimum = Decimal(4)
        if one.code == "approved_provider":
            one.source_kinds = ["approved_provider"]
    Requirement.objects.bulk_create(copies)
    topic = ProposedTopic.objects.create(
        requirement_set=draft, code="benchmark", name="Benchmark", usual_area=Area.objects.first()
    )
    Requirement.objects.create(
        requirement_set=draft,
        code="benchmark",
        name="Benchmark",
        short_name="benchmark",
        order=99,
        minimum=1,
        proposed_topic=topic,
        wording="1 hour",
        citation="none",
    )
    return draft


def whole(draft, period, as_of):
    """Everything the page shows."""
    from compliance import dry_run  # as above

    found = dry_run.run(draft, period, as_of)
    shown = (found.counts, found.between, found.by_requirement, found.by_agency)
    return found, shown, found.in_order(found.chosen("all"))


def timed(function, *arguments) -> tuple[float, object]:
    """Seconds, and what came out."""
    started = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - started, result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="alternating runs")
    parser.add_argument("--period", type=int, help="reporting period (default this year)")
    options = parser.parse_args()
    stage.enter(__file__)
    from django.db import transaction  # Django is set up only now

    from clee_portal import clock
    from compliance import periods, standings
    from training.models import CreditLine, Officer

    period = periods.by_year(options.period or clock.today().year)
    as_of = clock.end_of_day(clock.today())
    print(f"{Officer.objects.count():,} officers, {CreditLine.objects.count():,} credit lines; period {period.year}")
    ours, plain = [], []
    with transaction.atomic():
        draft = draft_of(period, clock.now())
        for _ in range(options.runs):
            seconds, (found, shown, listed) = timed(whole, draft, period, as_of)
            ours.append(seconds)
            seconds, findings = timed(standings.of_officers, standings.question(period, as_of))
            plain.append(seconds)
        transaction.set_rollback(True)
    if any(findings[pk] != move.before for pk, move in found.moves.items()):
        sys.exit("The dry run and the standings disagree about the list that is published.")
    counts = shown[0]
    print(
        f"whose standing changes {counts['standing']:,}; anything changes {len(listed):,}; agencies {len(shown[3]):,}"
    )
    print(f"ours: dry run with its counts and list   {statistics.median(ours) * 1000:10,.0f} ms")
    print(f"(a)  every standing by one list          {statistics.median(plain) * 1000:10,.0f} ms")
    ratio = statistics.median(mine / one for mine, one in zip(ours, plain, strict=True))
    print(f"ours / (a) = {ratio:.2f}    slowest of {len(ours)} runs {max(ours):.2f} s    target under 2 s")


if __name__ == "__main__":
    main()
