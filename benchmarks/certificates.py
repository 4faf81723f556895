"""How long certificates take: one, and a class of 200 as one file, as the portal answers them.

    python3 benchmarks/certificates.py

The whole answer (view, statements, PDF/UA-1) to the chief of a large agency, the state's 18,000 officers in the
database. The median of the runs is told, and the time the program itself computed, which other work on the machine
changes less.
"""

import datetime as dt
import statistics
import sys
import time
import uuid

import stage

RUNS = 9
PEOPLE = 200


def main() -> None:
    """Measure and print."""
    from django.db import transaction
    from django.db.models import Count, Q
    from django.test import Client

    from clee_portal.accounts.models import User
    from training.models import Agency, Course, CreditLine, Membership, Officer, TrainingClass, TrainingRecord
    from training.services import certificates

    now = Count("commissions", filter=Q(commissions__ended_on=None))
    agency = Agency.objects.annotate(n=now).order_by("-n").first()
    here = list(Officer.objects.filter(commissions__agency=agency, commissions__ended_on=None).order_by("pk")[:PEOPLE])
    chief, _ = User.objects.get_or_create(email="benchmark@example.org")
    if not chief.memberships.filter(agency=agency).exists():
        Membership.objects.create(user=chief, agency=agency, role=Membership.Role.AGENCY_CEO, starts_on="2020-01-01")
    course = Course.objects.filter(agency=agency, source_kind="in_service").order_by("pk").first()
    day, area = dt.date(2026, 1, 8), course.lines.select_related("area").first().area
    with transaction.atomic():
        held = TrainingClass.objects.create(
            course=course, starts_on=day, ends_on=day, reported_by_agency=agency, submission_key=uuid.uuid4()
        )
        held.lines.create(area=area, hours=4)
        records = TrainingRecord.objects.bulk_create(
            TrainingRecord(
                officer=one,
                training_class=held,
                completed_on=day,
                credited_year=day.year,
                source_kind=course.source_kind,
                kept_because="benchmark",
            )
            for one in here
        )
        CreditLine.objects.bulk_create(CreditLine(record=one, area=area, hours=4) for one in records)
    given = certificates.give(by=chief, training_class=held)
    client = Client()
    client.force_login(chief)
    print(
        f"{Officer.objects.count():,} officers in the state, {len(given)} certificates of one class; {RUNS} runs each"
    )
    for name, address in (
        ("one certificate", f"/certificates/{given[0].code}.pdf"),
        (f"{len(given)} in one file", f"/classes/{held.reference}/certificates.pdf"),
        ("the public check", f"/check/{given[0].code}/"),
    ):
        took, computed = [], []
        for _ in range(RUNS + 1):
            began, busy = time.perf_counter(), time.process_time()
            answer = client.get(address)
            took.append(1000 * (time.perf_counter() - began))
            computed.append(1000 * (time.process_time() - busy))
            if answer.status_code != 200:
                sys.exit(f"The portal answered {answer.status_code}.")
        print(
            f"  {name:24} {statistics.median(took[1:]):8.1f} ms   computed {statistics.median(computed[1:]):8.1f} ms   "
            f"{len(answer.content) / 1024:,.0f} kB"
        )


if __name__ == "__main__":
    stage.enter(__file__)
    main()
