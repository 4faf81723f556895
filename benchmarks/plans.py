"""How long the best classes among 2,000 take to find, for an officer and for an agency of 1,200, and what is proved.

    python3 benchmarks/plans.py
    python3 benchmarks/plans.py --later 60      so many seconds in the background at most, instead of the worker's 180
    python3 benchmarks/plans.py --agency        the agency alone
    python3 benchmarks/plans.py --calendar      and that agency without classes of its own

The solver alone, without database and page: 2,000 classes of 400 courses over seven weeks, all over the state, of which
some meet several times; officers who each lack something else (from everything to very little, by the nine requirements
of a period), four ways of weighing; an agency of 1,200 of whom some lack hours, with up to 24 seats left in each class,
as the worker does it: a first plan, then bettered until it is proved.
No servers are started.
"""

import argparse
import datetime as dt
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
CLASSES, COURSES, OFFICERS, DAYS = 2_000, 400, 50, 49
AGENCY, FIRST_SECONDS = 1_200, 3
REACH, REACH_OF_AGENCY = 1_000, 5_000  # ms
FIRST = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
# What a period asks: code, hours, area, topic, whether in person. Every class is of an approved provider.
ASKED = (
    ("total", 24, None, None, False),
    ("approved_provider", 8, None, None, False),
    ("legal", 2, "legal", None, False),
    ("technical", 2, "technical", None, False),
    ("interpersonal", 2, "interpersonal", None, False),
    ("firearms", 2, "skill", "firearms", True),
    ("racial_profiling", 1, None, "racial_profiling", False),
    ("implicit_bias", 1, None, "implicit_bias", False),
    ("de_escalation", 1, None, "de_escalation", False),
)
AREAS = ("legal", "technical", "interpersonal", "skill")
TOPICS = ("racial_profiling", "implicit_bias", "de_escalation")


def main(later: int, *, agency_alone: bool, calendar: bool) -> None:
    """Measure and print."""
    classes = make(Random("classes"))  # noqa: S311 - believable, not secret
    if not agency_alone:
        of_officers(classes)
    of_agencies(classes, later, hosts=True)
    if calendar:
        of_agencies(classes, later, hosts=False)


def of_officers(classes: list[tuple]) -> None:
    """The best set for one officer after the other."""
    from compliance.paths import Weights, find

    rng, every = Random("officers"), []  # noqa: S311 - as above
    print(f"An officer: the best set among {CLASSES:,} classes, {OFFICERS} officers for each way of weighing")
    for name, weights in {
        "few hours (usual)": Weights(),
        "near": Weights(hours=1, near=3, soon=0, fee=0),
        "soon": Weights(hours=1, near=0, soon=3, fee=0),
        "everything alike": Weights(1, 1, 1, 1),
    }.items():
        took, proved, sets = [], 0, 0
        for _ in range(OFFICERS):
            lacks, kept = lacks_of(rng)
            offered = [one_of(one, kept, rng) for one in classes]
            began = time.perf_counter()
            found = find(lacks, offered, weights, options=1, seconds=4)
            took.append(1000 * (time.perf_counter() - began))
            sets += len(found.paths)
            proved += sum(path.is_proved for path in found.paths)
        every += took
        print(f"  {name:18} {times(took)}; {proved} of {sets} proved to be the best", flush=True)
    print(f"  {'all of them':18} {times(every)} (reach: p95 under {REACH:,} ms)")


def times(took: list[float]) -> str:
    """Median, p95 and slowest of some times."""
    in_order = sorted(took)
    p95 = in_order[int(0.95 * len(in_order))]
    return f"median {statistics.median(took):5.0f} ms, p95 {p95:5.0f} ms, slowest {in_order[-1]:5.0f} ms"


def lacks_of(rng: Random):
    """What an officer lacks, and at which places of what is asked: from everything to very little."""
    from compliance.paths import Lack

    share = rng.choice((0, 0, 0.2, 0.5, 0.8, 0.95))
    lacks, kept = [], []
    for at, (code, most, *_) in enumerate(ASKED):
        missing = Decimal(most) - Decimal(int(most * 4 * min(1, share * rng.uniform(0.6, 1.4)))) / 4
        if missing > 0:
            lacks.append(Lack(code, missing))
            kept.append(at)
    return lacks, kept


def of_agencies(classes: list[tuple], later: int, *, hosts: bool) -> None:
    """The best plan for an agency of which few, some and many lack hours: the first, and when it is proved."""
    from compliance.agency_paths import find

    where = "with classes of its own" if hosts else "by the calendar alone"
    print(f"An agency of {AGENCY:,}, {where}: the first plan ({FIRST_SECONDS} s of search), and when it is proved")
    for share in (0.03, 0.15, 0.4):
        kinds, opened, cells = agency(classes, share)
        cells = cells if hosts else []
        began = time.perf_counter()
        best = find(kinds, opened, cells, seconds=FIRST_SECONDS)
        took = 1000 * (time.perf_counter() - began)
        lacking = sum(len(one.officers) for one in kinds)
        print(f"  {lacking:4} short {took:6.0f} ms: {told(best)} (reach: {REACH_OF_AGENCY:,} ms)", flush=True)
        if later and not best.is_proved:
            best = find(kinds, opened, cells, seconds=later, known=best)
        seconds = time.perf_counter() - began
        exact = f"exact after {seconds:.1f} s" if best.is_proved else f"not proved after {seconds:.0f} s"
        print(f"       {exact}: {told(best)}", flush=True)


def told(best) -> str:
    """What a plan comes to."""
    gap = best.class_hours - best.least_hours
    proof = (
        "proved to be the best" if best.is_proved else f"at least {best.least_hours} needed, so at most {gap} too many"
    )
    return f"{best.class_hours} class-hours, {best.hours_left} hours left missing, {proof}"


def agency(classes: list[tuple], share: float):
    """Kinds of officers of an agency, classes with seats left, and what it may host."""
    from compliance.agency_question import Cell, Kind, Open
    from compliance.paths import Offered

    rng = Random(f"agency {share}")  # noqa: S311 - as above
    kinds: dict[tuple, list[int]] = defaultdict(list)
    for officer in range(AGENCY):
        if rng.random() > share:
            continue
        done = rng.choice((0, 0.2, 0.5, 0.8, 0.95))
        missing = tuple(
            max(Decimal(0), Decimal(most) - Decimal(int(most * 2 * min(1, done * rng.uniform(0.6, 1.4)))) / 2)
            for _, most, *_ in ASKED
        )
        had = rng.randrange(COURSES) if rng.random() < 0.3 else None
        kinds[missing, frozenset(one[0] for one in classes if one[1] == had)].append(officer)
    opened = [
        Open(Offered(key, course, gives, whole, 0, meetings, 0, fee), rng.randrange(25))
        for key, course, gives, whole, meetings, _, fee in classes
    ]
    cells = [
        Cell(
            (area, topic),
            tuple(
                code != "approved_provider" and of_area in (None, area) and on in (None, topic)
                for code, _, of_area, on, _ in ASKED
            ),
        )
        for area in AREAS
        for topic in (None, *TOPICS, *(("firearms",) if area == "skill" else ()))
    ]
    return [Kind(tuple(who), *kind) for kind, who in kinds.items()], opened, cells


def make(rng: Random) -> list[tuple]:
    """The classes: what each gives to every requirement, and the rest of it."""
    courses = []
    for _ in range(COURSES):
        lines = []
        for area in rng.sample(AREAS, 2):
            topic = rng.choice(TOPICS) if rng.random() < 0.4 else None
            if area == "skill" and rng.random() < 0.5:
                topic = "firearms"
            lines.append((area, topic, rng.choice((1, 2, 4))))
        courses.append((lines, rng.choice((0, 0, 25, 60, 120))))
    classes = []
    first = FIRST
    for key in range(CLASSES):
        course = rng.randrange(COURSES)
        lines, fee = courses[course]
        is_online = rng.random() < 0.2
        begins = first + dt.timedelta(days=rng.randrange(DAYS), hours=rng.choice((8, 9, 13, 18)))
        several = 1 + (rng.random() < 0.1) * 3
        meetings = tuple(
            (begins + dt.timedelta(weeks=week), begins + dt.timedelta(weeks=week, hours=4)) for week in range(several)
        )
        gives = tuple(
            Decimal(
                sum(
                    hours
                    for in_area, on_topic, hours in lines
                    if area in (None, in_area) and topic in (None, on_topic) and not (in_person and is_online)
                )
            )
            for _, _, area, topic, in_person in ASKED
        )
        whole = Decimal(sum(hours for *_, hours in lines))
        classes.append((key, course, gives, whole, meetings, 0 if is_online else rng.uniform(1, 250), Decimal(fee)))
    return classes


def one_of(one: tuple, kept: list[int], rng: Random):
    """A class as one officer looks at it: what they lack, and how far away it is."""
    from compliance.paths import Offered

    key, course, gives, whole, meetings, miles, fee = one
    days = (meetings[-1][1] - FIRST).days
    away = miles * rng.uniform(0.5, 1.5)
    return Offered(key, course, tuple(gives[at] for at in kept), whole, days, meetings, away, fee)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "bin")]
    from bootstrap import environment  # the bootstrap's folder is on the path only now
    from bootstrap.messages import Progress

    if Path(sys.prefix) != environment.VENV:
        environment.ensure(Progress())
        sys.exit(subprocess.call([str(environment.PYTHON), __file__, *sys.argv[1:]], cwd=ROOT))
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--later", type=int, default=180, help="seconds in the background at most")
    asked.add_argument("--agency", action="store_true", help="without the officers")
    asked.add_argument("--calendar", action="store_true", help="the agency also without classes of its own")
    given = asked.parse_args()
    main(given.later, agency_alone=given.agency, calendar=given.calendar)
