"""Recording errors that are likely and not settled: while there is one, a case goes before the Director only with the
reason why all the same (Georgia, `docs/march-15.md`)."""

from collections.abc import Collection

from compliance.models import CandidacyCheck, Listing, RecordingGap, ReportingPeriod


def unsettled(period: ReportingPeriod, officers: Collection[int]) -> dict[int, list[str]]:
    """Officer id -> what seems to be wrong in the record, in words; only those of whom something is.

    It is what the gap-finder holds likely and nobody settled, and what POST itself found at its latest look.
    """
    found: dict[int, list[str]] = {}
    gaps = RecordingGap.objects.unresolved_likely(period).filter(officer__in=officers)
    for one in gaps.with_sources().order_by("officer", "-score", "pk"):
        found.setdefault(one.officer_id, []).append(one.words)
    looked = Listing.objects.open().filter(candidacy__period=period, candidacy__officer__in=officers).with_check()
    rows = looked.filter(check_found=CandidacyCheck.Found.LIKELY_ERROR)
    for officer, words in rows.values_list("candidacy__officer", "check_words"):
        found.setdefault(officer, []).append(words)
    return found
