"""How long the live match of pasted lines takes, with 18,000 officers in the state.

    python3 benchmarks/matching.py

For the largest agency: one pasted line, as it is asked about while somebody types, and thirty at once, with the course
and the hours typed; each as the whole answer of the portal (view, form, statements, template) to a signed-in chief. The
median of the runs is told, and the time the program itself computed, which other work on the machine changes less.
"""

import statistics
import sys
import time

import stage

RUNS = 25


def main() -> None:
    """Measure and print."""
    from django.db.models import Count, Q
    from django.test import Client

    from clee_portal.accounts.models import User
    from training.models import Agency, Course, Membership, Officer

    now = Count("commissions", filter=Q(commissions__ended_on=None))
    agency, other = Agency.objects.annotate(n=now).order_by("-n")[:2]
    here = list(Officer.objects.filter(commissions__agency=agency, commissions__ended_on=None).order_by("pk")[:40])
    there = Officer.objects.filter(commissions__agency=other, commissions__ended_on=None).order_by("pk").first()
    one = here[7]
    slip = one.last_name[:-1] + ("a" if one.last_name[-1] != "a" else "e")
    kinds = {
        "a license number": one.license_number,
        "a whole name": f"{one.last_name}, {one.first_name}",
        "a name with a slip": f"{one.first_name} {slip}",
        "a name nobody has": "Zebulon Quackenbush",
        "another agency's number": there.license_number,
        "thirty lines": "\n".join(f"{who.first_name} {who.last_name}" for who in here[:30]),
    }
    chief, _ = User.objects.get_or_create(email="benchmark@example.org")
    if not chief.memberships.filter(agency=agency).exists():
        Membership.objects.create(user=chief, agency=agency, role=Membership.Role.AGENCY_CEO, starts_on="2020-01-01")
    course = Course.objects.filter(agency=agency, source_kind="in_service").order_by("pk").first()
    page = {"step": "match", "ends_on": "2026-06-01", "course": course.title, "hours-area-legal": "4"}
    client = Client()
    client.force_login(chief)
    print(f"{Officer.objects.count():,} officers in the state, {agency.n:,} at the agency; {RUNS} runs each")
    slowest = 0.0
    for name, text in kinds.items():
        took, computed = [], []
        for _ in range(RUNS):
            began, busy = time.perf_counter(), time.process_time()
            answer = client.post(
                f"/agencies/{agency.code}/classes/enter/",
                page | {"pasted": text},
                headers={"HX-Request": "true"},
            )
            took.append(1000 * (time.perf_counter() - began))
            computed.append(1000 * (time.process_time() - busy))
            if answer.status_code != 200:
                sys.exit(f"The portal answered {answer.status_code}.")
        median = statistics.median(took)
        if name != "thirty lines":
            slowest = max(slowest, median)
        spread = f"fastest {min(took):.0f}, slowest {max(took):.0f}, computed {statistics.median(computed):.0f}"
        print(f"  {name:24} {median:6.0f} ms ({spread})")
    print(f"one line at most {slowest:.0f} ms (reach: under 100)")


if __name__ == "__main__":
    stage.enter(__file__)
    main()
