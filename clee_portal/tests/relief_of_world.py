"""Requests for more time in the state of `world.py`, with their papers."""

import datetime as dt

from django.core.files.base import ContentFile

from compliance.models import ReliefDecision, ReliefDocument, ReliefQuestion, ReliefRequest, ReportingPeriod


def relief_of(
    officer, account, ceo, agency, word: str, day: dt.date
) -> tuple[list[ReliefRequest], list[ReliefDocument]]:
    """The officer's own request on medical leave, with a question that is open; and one of the agency that was granted.
    Each has a paper of whoever asked."""
    period = ReportingPeriod.objects.get(year=day.year)
    given = {"officer": officer, "period": period, "requested_on": day, "leave_from": day}
    own = ReliefRequest.objects.create(
        **given, kind="extension", reason="medical", words=f"Surgery at {word}", asked_by="officer",
        recorded_by=account, is_open=True,
    )  # fmt: skip
    ReliefQuestion.objects.create(request=own, words=f"Until when at {word}?", recorded_by=account)
    theirs = ReliefRequest.objects.create(
        **given, kind="waiver", reason="military", words=f"Called up by {agency}", asked_by="agency", agency=agency,
        recorded_by=ceo,
    )  # fmt: skip
    ReliefDecision.objects.create(
        request=theirs, decision="denied", decided_on=day, decided_by="POST", reason=f"No orders of {agency}"
    )
    papers = []
    for request, more in ((own, {"recorded_by": account}), (theirs, {"recorded_by": ceo, "agency": agency})):
        name = f"{word}.pdf" if request is own else f"{agency}.pdf"
        paper = ReliefDocument(
            request=request,
            name=name,
            type="application/pdf",
            size=9,
            sent_by=request.asked_by,
            sha256="0" * 64,
            **more,
        )
        paper.file.save("", ContentFile(b"%PDF-1.4\n%%EOF of " + name.encode()), save=False)
        paper.save()
        papers.append(paper)
    return [own, theirs], papers
