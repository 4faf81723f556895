"""How long the best classes for an officer take to find among 2,000, with two other ways, and whether each is proved.

    python3 benchmarks/paths.py

The solver alone, without database and page: 2,000 classes of 400 courses over seven weeks, all over the state, of which
some meet several times, and 200 officers who each lack something else. No servers are started.
"""

import datetime as dt
import statistics
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
CLASSES, COURSES, OFFICERS, DAYS = 2_000, 400, 40, 49
REACH = 1_000  # ms
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


def main() -> None:
    """Measure and print."""
    from compliance.paths import Lack, Weights, find

    rng = Random("paths")  # noqa: S311 - believable, not secret
    classes = make(rng)
    for name, weights in {
        "few hours": Weights(),
        "near": Weights(hours=1, near=3, soon=0, fee=0),
        "soon": Weights(hours=1, near=0, soon=3, fee=0),
        "everything alike": Weights(1, 1, 1, 1),
    }.items():
        took, proved, sets = [], 0, 0
        for _ in range(OFFICERS):
            share = rng.choice((0, 0, 0.2, 0.5, 0.8, 0.95))
            lacks, kept = [], []
            for at, (code, most, *_) in enumerate(ASKED):
                missing = Decimal(most) - Decimal(int(most * 4 * min(1, share * rng.uniform(0.6, 1.4)))) / 4
                if missing > 0:
                    lacks.append(Lack(code, missing))
                    kept.append(at)
            offered = [one_of(one, kept, rng) for one in classes]
            began = time.perf_counter()
            found = find(lacks, offered, weights, seconds=4)
            took.append(1000 * (time.perf_counter() - began))
            sets += len(found.paths)
            proved += sum(path.is_proved for path in found.paths)
        took.sort()
        print(
            f"  {name:18} median {statistics.median(took):5.0f} ms, p95 {took[int(0.95 * OFFICERS)]:5.0f} ms, "
            f"slowest {took[-1]:5.0f} ms; {proved} of {sets} sets proved to be the best"
        )
    print(
        f"{CLASSES:,} classes, {OFFICERS} officers each; reach: p95 under {REACH:,} ms for the best set and two others"
    )


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
        sys.exit(subprocess.call([str(environment.PYTHON), __file__], cwd=ROOT))
    main()
