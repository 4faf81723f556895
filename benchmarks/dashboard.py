"""How long the state at a glance takes: counted from the facts, and from what is kept.

    python3 benchmarks/dashboard.py            18,000 officers, about 500,000 credit lines

Asks for the page as POST staff through the whole portal (session, roles, middleware, template), with the cache emptied
before each request, and with it; then once more for the page of work queues. Medians, fastest and slowest.
"""

import argparse
import statistics
import sys
import time

import stage


def timed(ask) -> float:
    """Seconds of one request, which has to be answered."""
    started = time.perf_counter()
    answer = ask()
    if answer.status_code != 200:
        sys.exit(f"Answered {answer.status_code} {answer.headers.get('Location', '')}")
    return time.perf_counter() - started


def told(what: str, seconds: list[float]) -> None:
    """One line: the median, the fastest and the slowest, in ms."""
    middle, low, high = (1000 * one for one in (statistics.median(seconds), min(seconds), max(seconds)))
    print(f"{what:<44}{middle:8,.0f} ms   ({low:,.0f} to {high:,.0f})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    stage.enter(__file__)
    from django.core.cache import cache  # Django is set up only now
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    import clee_portal.wsgi  # noqa: F401 - what the web server does when it has loaded the portal
    from clee_portal import clock
    from clee_portal.accounts.models import StateRole, User
    from clee_portal.history import versions
    from compliance import glance, queues
    from compliance.models import SeasonCount
    from compliance.services import seasons
    from training.models import CreditLine, Officer

    call_command("collectstatic", interactive=False, verbosity=0)  # pages name these files
    user, _ = User.objects.get_or_create(email="dashboard@benchmark.example")
    StateRole.objects.get_or_create(user=user, role="post_staff", defaults={"starts_on": clock.today()})
    counted = seasons.catch_up(today=clock.today())
    print(
        f"{Officer.objects.count():,} officers, {CreditLine.objects.count():,} credit lines; {counted} days of a season"
        f" counted just now, {SeasonCount.objects.count():,} counts"
    )
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    prove(client, user)
    address = reverse("compliance:glance")

    def fresh():
        cache.clear()
        return client.get(address)

    told("page, counted from the facts", [timed(fresh) for _ in range(options.runs)])
    told("page, from what is kept", [timed(lambda: client.get(address)) for _ in range(options.runs)])
    told("the count alone", [clocked(lambda: glance.count(clock.today())) for _ in range(options.runs)])
    told(
        "asking for the version of the facts",
        [clocked(lambda: versions.last_change(glance.watched())) for _ in range(options.runs)],
    )
    told(
        "page of work queues", [timed(lambda: client.get(reverse("compliance:workbench"))) for _ in range(options.runs)]
    )
    for queue in queues.QUEUES:
        told(f"  {queue.name}", [clocked(lambda one=queue: one.waits(clock.today())) for _ in range(3)])
        page = f"{reverse(queue.page)}?{queue.query}"
        told("    its list", [timed(lambda one=page: client.get(one)) for _ in range(3)])


def clocked(work) -> float:
    """Seconds of anything."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def prove(client, user) -> None:
    """A whole sign-in: the session counts its time, and the second step was given, as POST staff have to."""
    from clee_portal.accounts import second_factor, sessions  # Django is set up only now

    session = client.session
    sessions.begin(session, user)
    second_factor.confirm(session, user)
    session.save()


if __name__ == "__main__":
    main()
