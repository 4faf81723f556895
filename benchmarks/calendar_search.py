"""How long a search of the statewide calendar takes with 5,000 classes to come, and a feed of 2,000.

    python3 benchmarks/calendar_search.py

Each as the whole answer of the portal to somebody who is not signed in (middleware, filters, statements, template), for
several searches; the feed as a calendar program is given it. The median of the runs is told, the fastest, the slowest,
and the time the program itself computed, which other work on the machine changes less. The classes are made inside a
transaction that is taken back.
"""

import datetime as dt
import statistics
import sys
import time
from random import Random

import stage

CLASSES, FEED = 5_000, 2_000
COURSES, PROVIDERS = 400, 60
RUNS = 25
SEARCHES = {
    "everything": "",
    "words": "words=search+warrant",
    "words with an accent, in no title": "words=zébra",
    "one hour of racial profiling": "gives=racial_profiling&least=1",
    "within 50 miles, nearest first": "zip=65101&miles=50&sort=nearest",
    "topic, distance, free, seats left": "gives=racial_profiling&least=1&zip=65101&miles=100&fee=free&seats=on",
    "days, 4 to 8 hours, longest first": "since={soon}&until={later}&hours_from=4&hours_to=8&sort=longest",
    "words, provider, by title": "words=law&provider={provider}&sort=title",
    "a month": "view=month",
    "a month of one topic within 100 miles": "view=month&gives=de_escalation&zip=63103&miles=100",
}


def main() -> None:
    """Measure and print."""
    from django.conf import settings
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from clee_portal import clock
    from training.models import ScheduledClass

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    with transaction.atomic():
        ScheduledClass.objects.published().filter(training_class=None).update(
            state="draft", published_at=None, called_off_at=None, called_off_because=""
        )
        provider = make()
        days = {
            "soon": clock.today() + dt.timedelta(days=20),
            "later": clock.today() + dt.timedelta(days=80),
            "provider": provider,
        }
        client = Client()
        print(f"{CLASSES:,} classes to come; {RUNS} runs each")
        slowest = 0.0
        for name, query in SEARCHES.items():
            path = f"/calendar/?{query.format(**days)}"
            with CaptureQueriesContext(connection) as statements:
                client.get(path)
            slowest = max(slowest, measure(client, name, path, f"{len(statements)} statements"))
        print(f"a search at most {slowest:.0f} ms (reach: under 100)")
        coming = ScheduledClass.objects.filter(state="published", begins_at__gt=clock.now()).order_by("pk")
        ScheduledClass.objects.filter(pk__in=list(coming.values_list("pk", flat=True)[FEED:])).update(
            begins_at=clock.now() - dt.timedelta(days=300), ends_at=clock.now() - dt.timedelta(days=299)
        )
        first = client.get("/calendar.ics")
        count = first.content.count(b"BEGIN:VEVENT")
        said = f"{count:,} events, {len(first.content) / 1e6:.1f} MB"
        took = measure(client, f"feed of {FEED:,} classes", "/calendar.ics", said)
        print(f"the feed {took:.0f} ms (reach: under 300)")
        transaction.set_rollback(True)


def measure(client, name: str, path: str, said: str) -> float:
    """The median of the runs in milliseconds, printed with what else is to be said."""
    took, computed = [], []
    for _ in range(RUNS):
        began, busy = time.perf_counter(), time.process_time()
        answer = client.get(path)
        took.append(1000 * (time.perf_counter() - began))
        computed.append(1000 * (time.process_time() - busy))
        if answer.status_code != 200:
            sys.exit(f"The portal answered {answer.status_code} to {path}.")
    median = statistics.median(took)
    spread = f"fastest {min(took):.0f}, slowest {max(took):.0f}, computed {statistics.median(computed):.0f}"
    print(f"  {name:38} {median:6.0f} ms ({spread}; {said})")
    return median


def make() -> int:
    """The classes, all over the state; the number of one of their providers."""
    import zipcodes
    from django.db import connection

    from clee_portal import clock
    from training.models import (
        Area,
        Course,
        Provider,
        ProviderLicense,
        ScheduledClass,
        ScheduledLine,
        ScheduledMeeting,
        Topic,
    )

    rng = Random("calendar")  # noqa: S311 - believable, not secret
    now, long_ago = clock.now(), clock.today() - dt.timedelta(days=900)
    places = [one for one in zipcodes.filter_by_state("MO") if one["zip_code_type"] == "STANDARD"]
    areas, topics = list(Area.objects.all()), list(Topic.objects.all())
    providers = Provider.objects.bulk_create(
        Provider(name=f"Training center {n} of {rng.choice(places)['city']}") for n in range(PROVIDERS)
    )
    ProviderLicense.objects.bulk_create(
        ProviderLicense(provider=one, number=f"B-{one.pk}", valid_from=long_ago, recorded_at=clock.midday(long_ago))
        for one in providers
    )
    words = ["search", "warrant", "law", "traffic", "stop", "crash", "report", "patrol", "firearms", "evidence", "bias"]
    courses = Course.objects.bulk_create(
        Course(
            title=" ".join(rng.sample(words, 3)).capitalize(),
            synopsis=" ".join(rng.choices(words, k=70)),
            source_kind="approved_provider",
            provider=rng.choice(providers),
        )
        for _ in range(COURSES)
    )
    classes, meetings, lines = [], [], []
    for _ in range(CLASSES):
        course, place = rng.choice(courses), rng.choice(places)
        is_online = rng.random() < 0.2
        begins = dt.datetime.combine(
            clock.today() + dt.timedelta(days=rng.randint(1, 180)), dt.time(rng.choice((8, 9, 13, 18))), clock.CHICAGO
        )
        several = 1 + (rng.random() < 0.1) * 3
        starts = [begins + dt.timedelta(weeks=week) for week in range(several)]
        capacity = rng.randint(8, 40)
        held = ScheduledClass(
            provider_id=course.provider_id,
            course=course,
            state="published",
            published_at=now,
            begins_at=starts[0],
            ends_at=starts[-1] + dt.timedelta(hours=4),
            capacity=capacity,
            seats_taken=rng.choice((0, 3, capacity)),
            fee=rng.choice((0, 0, 25, 60, 120)),
            delivery="online" if is_online else "classroom",
            **{} if is_online else {
                "place": "Public safety building",
                "address": "100 Main Street",
                "city": place["city"],
                "zip_code": place["zip_code"],
                "latitude": float(place["lat"]),
                "longitude": float(place["long"]),
            },
        )  # fmt: skip
        classes.append(held)
        meetings += [
            ScheduledMeeting(scheduled_class=held, begins_at=at, ends_at=at + dt.timedelta(hours=4)) for at in starts
        ]
        for area in rng.sample(areas, 2):
            fitting = [one for one in topics if one.only_area_id in (None, area.pk)]
            topic = rng.choice(fitting) if rng.random() < 0.4 else None
            lines.append(ScheduledLine(scheduled_class=held, area=area, topic=topic, hours=rng.choice((1, 2, 4))))
    ScheduledClass.objects.bulk_create(classes)
    ScheduledMeeting.objects.bulk_create(meetings)
    ScheduledLine.objects.bulk_create(lines)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM training_scheduledclass WHERE state = 'published' AND begins_at > now()")
        if (found := cursor.fetchone()[0]) != CLASSES:
            sys.exit(f"There are {found:,} classes to come instead of {CLASSES:,}.")
    return providers[0].pk


if __name__ == "__main__":
    stage.enter(__file__)
    main()
