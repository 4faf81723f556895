"""What the database must refuse of requests for more time; registered like those of constraint_cases.py."""

from clee_portal.tests.constraint_cases import DAY, EARLIER, a_request, insert, refused, void_cases
from compliance.models import ReliefDecision, ReliefDocument, ReliefGround, ReliefQuestion, ReliefRequest
from training.tests import factories


@refused("relief_leave_ends_after_it_begins")
def _():
    ReliefRequest.objects.filter(pk=a_request().pk).update(leave_from=DAY, leave_to=EARLIER)


@refused("relief_names_the_agency_that_asked")
def _():
    ReliefRequest.objects.filter(pk=a_request().pk).update(asked_by="agency")


@refused("relief_caller_of_what_post_took")
def _():
    ReliefRequest.objects.filter(pk=a_request().pk).update(asked_by="officer", caller="The chief, by phone")


@refused("relief_one_open_of_a_kind")
def _():
    one = a_request()
    for _ in range(2):
        insert(ReliefRequest, officer=one.officer, period=one.period, kind="extension", reason="military",
               requested_on=DAY, is_open=True)  # fmt: skip


def a_question(**more):
    return insert(ReliefQuestion, **{"request": a_request(), "words": "Send the orders"} | more)


@refused("relief_question_asks")
def _():
    a_question(words="")


@refused("relief_answer_has_its_moment")
def _():
    a_question(answered_by=factories.user())


@refused("relief_one_question_at_a_time")
def _():
    a_question(request=a_question().request)


def a_document(**more):
    given = {"request": a_request(), "name": "orders.pdf", "type": "application/pdf", "size": 9, "sha256": "0" * 64,
             "file": "ab/abcdef", "sent_by": "officer"}  # fmt: skip
    return insert(ReliefDocument, **given | more)


@refused("relief_document_names_its_agency")
def _():
    a_document(sent_by="agency")


@refused("relief_document_is_something")
def _():
    a_document(size=0)


@refused("relief_document_file_once")
def _():
    a_document()
    a_document()


@refused("relief_ground_once")
def _():
    decision = ReliefDecision.objects.create(request=a_request(), decision="denied", decided_on=DAY)
    document = a_document()
    for _ in range(2):
        insert(ReliefGround, decision=decision, document=document)


void_cases(ReliefQuestion, a_question)
void_cases(ReliefDocument, a_document)
