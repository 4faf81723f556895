"""How well the gap-finder finds the planted recording errors of a whole state, and how long it takes.

    python3 benchmarks/recording_gaps.py            18,000 officers, about 500,000 credit lines
    python3 benchmarks/recording_gaps.py --scores   how the scores lie, right and wrong, kind by kind

The state is planned again from its seed and day: that plan knows who was trained for their hours, whatever the record
shows. An officer who is short in the database and was trained is a recording error; the finder sees the database only.
Precision: of the officers with a likely gap, how many were trained. Recall: of the trained, how many have one.
"""

import argparse
import statistics
import time
from collections import Counter, defaultdict

import stage


def planned(seed: int):
    """The plan of the state that is loaded: it was made on the day its officers were written."""
    from django.apps import apps  # Django is set up only now

    from clee_portal import clock
    from compliance.demonstration.agencies import FULL
    from compliance.demonstration.state import build, years_of
    from compliance.management.commands.seed_demo import minimums

    first = apps.get_model("training", "OfficerEvent").objects.order_by("pgh_id").first()
    day = clock.day_of(first.pgh_created_at)
    asked = minimums(years_of(day), day)
    return build(seed, day, FULL, asked), asked


def percent(part: int, whole: int) -> str:
    """A share in percent; a dash where there is nothing."""
    return f"{100 * part / whole:5.0f} %" if whole else "      –"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="timed searches (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="another state (default 1; the weights were set on 1)")
    parser.add_argument("--scores", action="store_true", help="print how the scores lie")
    options = parser.parse_args()
    stage.enter(__file__, seed=options.seed)
    from clee_portal import clock  # Django is set up only now
    from compliance import periods, standings
    from compliance.models import RecordingGap
    from compliance.models.recording_gaps import LIKELY
    from compliance.recording_errors.finding import search
    from training.models import Officer

    state, minimums = planned(options.seed)
    year = state.planted[0].year
    asked = standings.question(periods.by_year(year), clock.now())
    seconds = []
    for _ in range(options.runs):
        started = time.perf_counter()
        short, found = search(asked)
        seconds.append(time.perf_counter() - started)
    print(f"{Officer.objects.count():,} officers; {len(short):,} short for {year}; {len(found):,} gaps found")
    print(f"search of the whole state: {statistics.median(seconds):.2f} s (median of {len(seconds)})")

    ids = dict(Officer.objects.values_list("license_number", "pk"))
    pk_of = {officer.number: ids[officer.license] for officer in state.officers}
    trained = {
        pk_of[number]
        for number, season in state.seasons[year].items()
        if pk_of[number] in short and not any(season.missing(minimums[year]))
    }
    planted: dict[str, set[int]] = defaultdict(set)
    for one in state.planted:
        if pk_of[one.officer.number] in short:
            planted[one.kind].add(pk_of[one.officer.number])
    likely = [one for one in found if one.score >= LIKELY]
    of_kind: dict[str, set[int]] = defaultdict(set)
    for one in likely:
        of_kind[one.kind].add(one.officer)
    everybody = {one.officer for one in likely}
    print(f"{len(trained):,} of them were trained for their hours: {sum(map(len, planted.values())):,} planted, "
          "the others left off a roster or in a refused course by the course of the season\n")  # fmt: skip
    print(
        f"{'kind':46}{'likely':>8}{'right':>8}{'precision':>11}{'planted':>9}{'by kind':>9}{'by any':>8}{'recall':>9}"
    )
    for kind in RecordingGap.Kind:
        there, meant = of_kind[kind], planted[kind]
        print(
            f"{kind.label:46}{len(there):>8}{len(there & trained):>8}{percent(len(there & trained), len(there)):>11}"
            f"{len(meant):>9}{len(meant & there):>9}{len(meant & everybody):>8}"
            f"{percent(len(meant & everybody), len(meant)):>9}"
        )
    right = everybody & trained
    every = set().union(*planted.values())
    met = every & everybody
    print(f"{'in all, by officers':46}{len(everybody):>8}{len(right):>8}{percent(len(right), len(everybody)):>11}"
          f"{len(every):>9}{'':>9}{len(met):>8}{percent(len(met), len(every)):>9}")  # fmt: skip
    print(f"of all {len(trained):,} trained, found: {len(right):,} ({percent(len(right), len(trained)).strip()})")
    if options.scores:
        tally: dict[str, Counter] = defaultdict(Counter)
        for one in found:
            tally[one.kind][one.score, one.officer in trained] += 1
        for kind, rows in sorted(tally.items()):
            print(kind, {score: (rows[score, True], rows[score, False]) for score in sorted({s for s, _ in rows})})


if __name__ == "__main__":
    main()
