"""Cases of the demonstration: some with notice served and answered, some before the Director.

By the services, as people do it: nothing is written here that the portal would not take.
"""

import datetime as dt

from django.db.models import Q

from clee_portal.accounts.models import User
from compliance.models import Candidacy, CandidacyCheck, CaseSubmission, Listing, ReportingPeriod
from compliance.services import case_submissions, cases
from compliance.services.candidacies import look

# So many have notice served, the longest on the list first; most of them are put before the Director.
SERVED, FORWARD = 9, 6
WORDS = "Notice was served and the time to answer is over. The record was looked over; no class is missing."


def make(*, by: User, period: ReportingPeriod, today: dt.date) -> list[CaseSubmission]:
    """Serve notice in some cases of `period`, and put those forward whose time to answer is over."""
    if (today - period.show_by).days < 45:
        return []
    on_it = Listing.objects.open().filter(candidacy__period=period).with_check().order_by("listed_on", "pk")
    on_it = on_it.filter(Q(check_found=None) | Q(check_found=CandidacyCheck.Found.NO_ERROR))
    chosen = list(on_it.values_list("candidacy", flat=True)[:SERVED])
    for number, case in enumerate(Candidacy.objects.filter(pk__in=chosen).order_by("pk")):
        since = case.listings.order_by("number").last().listed_on
        cases.serve_notice(
            by=by,
            case=case,
            how="certified",
            served_on=max(since, today - dt.timedelta(days=40 if number < FORWARD else 6)),
            certified_number=f"9414 7266 9904 2000 {number:04d} 11",
            today=today,
        )
    listings = list(on_it.filter(candidacy__in=chosen[:FORWARD]).values_list("pk", flat=True))
    look(by=by, listings=listings, found="no_error")
    return case_submissions.put_forward(by=by, cases=chosen[:FORWARD], words=WORDS).made
