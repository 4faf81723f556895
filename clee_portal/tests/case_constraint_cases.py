"""What the database must refuse of cases and decisions; registered like those of constraint_cases.py."""

from clee_portal import clock
from clee_portal.tests.constraint_cases import DAY, LATER, insert, refused, void_cases
from compliance.models import (
    Candidacy,
    CaseAnswer,
    CaseAppeal,
    CaseDecision,
    CaseDocument,
    CaseNotice,
    CasePacket,
    CaseSubmission,
    NotPursued,
    ReportingPeriod,
    ResponsePeriod,
)
from training.tests import factories


def a_case() -> Candidacy:
    return insert(Candidacy, officer=factories.officer(), period=ReportingPeriod.objects.get(year=2023))


def a_notice(**more) -> CaseNotice:
    given = {"candidacy": more.pop("candidacy", None) or a_case(), "how": "mail", "served_on": DAY, "answer_by": LATER}
    return insert(CaseNotice, **given | more)


@refused("case_notice_certified_has_its_number")
def _():
    a_notice(how="certified")


@refused("case_notice_leaves_time_to_answer")
def _():
    a_notice(answer_by=DAY)


@refused("case_notice_once")
def _():
    a_notice(candidacy=a_notice().candidacy)


def an_answer(**more) -> CaseAnswer:
    return insert(CaseAnswer, **{"candidacy": a_case(), "given_by": "officer", "words": "I was there"} | more)


@refused("case_answer_says_something")
def _():
    an_answer(words="")


@refused("case_answer_names_its_agency")
def _():
    an_answer(given_by="agency")


@refused("case_answer_written_down_names_who")
def _():
    an_answer(given_by="post")


def a_document(**more) -> CaseDocument:
    given = {"name": "roster.pdf", "type": "application/pdf", "size": 9, "sha256": "0" * 64, "file": "ab/case"}
    return insert(CaseDocument, **{"answer": an_answer()} | given | more)


@refused("case_document_is_something")
def _():
    a_document(size=0)


@refused("case_document_file_once")
def _():
    for _ in range(2):
        a_document()


def not_pursued(**more) -> NotPursued:
    return insert(NotPursued, **{"candidacy": a_case(), "until": LATER, "reason": "Retired"} | more)


@refused("not_pursued_for_a_reason")
def _():
    not_pursued(reason="")


@refused("not_pursued_once")
def _():
    not_pursued(candidacy=not_pursued().candidacy)


@refused("response_period_is_fair")
def _():
    period = ReportingPeriod.objects.get(year=2023)
    insert(ResponsePeriod, period=period, days=6, changed_by=factories.user())


def a_submission(**more) -> CaseSubmission:
    given = {"candidacy": more.pop("candidacy", None) or a_case(), "as_of": clock.midday(DAY), "facts": "{}"}
    return insert(CaseSubmission, **given | {"facts_sha256": "0" * 64} | more)


@refused("case_submission_closed_for_a_reason")
def _():
    a_submission(closed_at=clock.midday(DAY))


@refused("case_submission_once")
def _():
    a_submission(candidacy=a_submission().candidacy)


def a_decision(**more) -> CaseDecision:
    by = more.pop("decided_by", None) or factories.director()
    submission = more.pop("submission", None) or a_submission()
    given = {
        "candidacy": submission.candidacy,
        "submission": submission,
        "kind": "make_inactive",
        "decided_by": by,
        "decided_as": "Dirk Stone, Director of Public Safety",
        "decided_on": DAY,
        "decided_at": clock.midday(DAY),
        "standing": "candidate",
        "requirement_set": submission.candidacy.period.requirement_sets.first(),
        "facts_sha256": "0" * 64,
    }
    return insert(CaseDecision, **given | more)


@refused("case_decision_by_the_director")
def _():
    a_decision(decided_by=factories.post_staff())


@refused("case_decision_by_another")
def _():
    by = factories.director()
    a_decision(submission=a_submission(recorded_by=by), decided_by=by)


@refused("case_decision_stays")
def _():
    CaseDecision.objects.filter(pk=a_decision().pk).update(reason="Another")


@refused("case_decision_left_active_until_a_day")
def _():
    a_decision(kind="leave_active", reason="On leave")


@refused("case_decision_says_why")
def _():
    a_decision(kind="refer_back")


@refused("case_decision_reverses_another")
def _():
    a_decision(reverses=a_decision())


@refused("case_decision_on_what_was_put_forward")
def _():
    CaseDecision.objects.bulk_create([_without_submission()])


def _without_submission() -> CaseDecision:
    made = a_decision()
    made.pk, made.submission = None, None
    return made


@refused("case_decision_event_fits")
def _():
    officer = factories.officer()
    event = factories.license_event(officer, "suspended", DAY)
    a_decision(kind="refer_back", reason="Once more", event=event)


def a_packet(**more) -> CasePacket:
    given = {"data": "ab/data", "pdf": "ab/pdf", "data_sha256": "0" * 64, "pdf_sha256": "1" * 64}
    return insert(CasePacket, **{"decision": a_decision()} | given | more)


@refused("case_packet_is_whole")
def _():
    a_packet(pdf_sha256="")


@refused("case_packet_data_once")
def _():
    for name in ("one", "two"):
        a_packet(pdf=f"ab/{name}")


@refused("case_packet_pdf_once")
def _():
    for name in ("one", "two"):
        a_packet(data=f"ab/{name}")


def an_appeal(**more) -> CaseAppeal:
    given = {"noted": "filed", "happened_on": DAY, "before": "Hearing Commission, 26-0123"}
    return insert(CaseAppeal, **{"decision": a_decision()} | given | more)


@refused("case_appeal_says_where")
def _():
    an_appeal(before="")


void_cases(CaseNotice, a_notice)
void_cases(CaseAnswer, an_answer)
void_cases(CaseDocument, a_document)
void_cases(NotPursued, not_pursued)
void_cases(CaseSubmission, a_submission)
void_cases(CaseAppeal, an_appeal)
