"""Who may open which page of the judgement. Which rows one sees is `visible_to` on every QuerySet."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance.models import Candidacy, RecordReport, ReliefDocument, ReliefRequest
from training.access import can_enter_class, can_register_officers, can_void_class, may_report_class
from training.models import Agency, Commission, Membership, Officer, TrainingRecord
from training.models.memberships import memberships_of, scope_of


def own_licenses(user: User) -> list[Officer]:
    """The officers this account is connected to today, by license number; usually one, none for most of an agency."""
    own = {m.officer for m in memberships_of(user) if m.role == Membership.Role.OFFICER and m.officer_id}
    return sorted(own, key=lambda officer: (len(officer.license_number), officer.license_number))


def can_see_campaigns(user: User) -> bool:
    """Whether `user` may see the messages to many people, and the list of those short after the last day: the state's
    people. What an agency or officer may know of it stands on the standing page."""
    return scope_of(user).sees_the_state


def can_look_at_candidates(user: User) -> bool:
    """Whether `user` may mark records as looked at and lay notices ready: POST staff. The Director may see."""
    return _is_post_staff(user)


def can_see_workbench(user: User) -> bool:
    """Whether `user` may open the state’s work queues on one page, and the dashboard: POST staff, the Director,
    agents."""
    return scope_of(user).sees_the_state


def can_see_rules(user: User) -> bool:
    """Whether `user` may read drafts of what a period asks, with dry runs and golden cases: the state’s people."""
    return scope_of(user).sees_the_state


def can_write_rules(user: User) -> bool:
    """Whether `user` may draft what a period asks, and approve a draft somebody else worked on: POST staff."""
    return scope_of(user).sees_the_state and user.is_post_staff


class Asker(NamedTuple):
    """As whom a person asks for relief for an officer; `agency` where it is one that asks."""

    asked_by: str
    agency: Agency | None = None


def asker(user: User, officer: Officer, today: dt.date) -> Asker | None:
    """As whom `user` may ask for relief for `officer`: the officer, the agency of a commission today, POST staff who
    wrote it down; None where they may not (rulebook 5 and 7)."""
    if officer in own_licenses(user):
        return Asker(ReliefRequest.AskedBy.OFFICER)
    held = Commission.objects.in_force(today).filter(officer=officer).select_related("agency").order_by("pk")
    for commission in held:
        if asks_for(user, commission.agency):
            return Asker(ReliefRequest.AskedBy.AGENCY, commission.agency)
    return Asker(ReliefRequest.AskedBy.POST) if _is_post_staff(user) else None


def can_ask_for(user: User, officer: Officer, agencies: Iterable[int] | None = None) -> bool:
    """Whether `user` may ask for an extension or waiver for `officer`: the officer, an agency of a commission, POST.

    As `asker` says; `agencies` are those of the officer's commissions today, by their ids, where they are known.
    """
    if agencies is None:
        return asker(user, officer, clock.today()) is not None
    if officer in own_licenses(user) or _is_post_staff(user):
        return True
    return bool(scope_of(user).asking & set(agencies))


def asks_for(user: User, agency: Agency) -> bool:
    """Whether `user` asks for more time for the officers of `agency` on its behalf: its CEO, a delegate who may."""
    return agency.pk in scope_of(user).asking


def can_ask_relief(user: User, agency: Agency) -> bool:
    """Whether `user` may ask for extensions and waivers for the officers of `agency`: CEO, a delegate who may, POST."""
    return asks_for(user, agency) or _is_post_staff(user)


def can_see_relief_queue(user: User) -> bool:
    """Whether `user` may open the state’s queue of requests for more time: POST staff, the Director, agents."""
    return scope_of(user).sees_the_state


def can_decide_relief(user: User | None) -> bool:
    """Whether `user` may decide requests for more time: POST staff, the Director, agents (rulebook 5, 7)."""
    return user is None or bool(user.is_authenticated and user.is_active and user.sees_the_state)


def is_requester(user: User, request: ReliefRequest) -> bool:
    """Whether `user` is of the side that asked: the officer, the agency, POST for what it wrote down."""
    if request.asked_by == ReliefRequest.AskedBy.OFFICER:
        return request.officer in own_licenses(user)
    if request.asked_by == ReliefRequest.AskedBy.AGENCY:
        return asks_for(user, request.agency)
    return _is_post_staff(user)


def can_answer_question(user: User, request: ReliefRequest) -> bool:
    """Whether `user` may answer what POST asked about `request`: whoever asked for it, or POST for them."""
    return is_requester(user, request) or can_decide_relief(user)


def can_withdraw_request(user: User, request: ReliefRequest) -> bool:
    """Whether `user` may take back `request`: whoever asked for it."""
    return is_requester(user, request)


def can_add_documents(user: User, request: ReliefRequest) -> bool:
    """Whether `user` may send documents for `request`: whoever asked, the officer, POST staff."""
    return is_requester(user, request) or _is_post_staff(user) or request.officer in own_licenses(user)


def can_see_leave(user: User, request: ReliefRequest) -> bool:
    """Whether `user` may read the leave and the reasons of `request`: the officer, whoever asked, the state’s people.

    An agency of the officer that did not ask learns that there is a request, and what became of it; nothing else.
    """
    return scope_of(user).sees_the_state or is_requester(user, request) or request.officer in own_licenses(user)


def can_read_words(user: User, request: ReliefRequest) -> bool:
    """Whether `user` may read what was said for `request`: of medical leave the state’s people and whoever asked.

    Of other leave the officer too (rulebook 8).
    """
    if scope_of(user).sees_the_state or is_requester(user, request):
        return True
    return not request.is_medical and request.officer in own_licenses(user)


def can_name_medical_readers(user: User) -> bool:
    """Whether `user` may say who of the state’s people reads medical documents: the Director, an agent (rulebook 8)."""
    return bool(user.is_authenticated and user.is_active and user.is_director)


def can_decide_make_up(user: User | None, record: TrainingRecord) -> bool:
    """Whether `user` may say for which year `record` counts: who may undo its class, while that is open to them."""
    return can_void_class(user, record.training_class)


def can_decide_make_up_late(user: User | None) -> bool:
    """Whether `user` may say for which year hours count when the agency’s time for it is over: POST staff."""
    return user is None or _is_post_staff(user)


def documents_open_to(user: User, request: ReliefRequest) -> QuerySet[ReliefDocument]:
    """The documents of `request` that `user` may read."""
    return request.documents.live().visible_to(user)


def can_see_gaps(user: User) -> bool:
    """Whether `user` may open the state’s queue of what may be recording errors: the state’s people."""
    return scope_of(user).sees_the_state


def can_work_gaps(user: User) -> bool:
    """Whether `user` may search for recording errors, put them to agencies and settle them: POST staff."""
    return scope_of(user).sees_the_state and user.is_post_staff


def can_answer_gap(user: User, agency: Agency) -> bool:
    """Whether `user` may say for `agency` whether something is a recording error: its CEO, a delegate who may enter
    classes, POST staff who was told by phone."""
    return can_enter_class(user, agency)


def can_plan(user: User, agency: Agency) -> bool:
    """Whether `user` may have the best classes for `agency` found, and approve what its officers want to take: who may
    register its officers."""
    return can_register_officers(user, agency)


def _is_post_staff(user: User) -> bool:
    return bool(user.is_authenticated and user.is_active and user.is_post_staff)


def can_prepare_cases(user: User) -> bool:
    """Whether `user` may serve notice, put cases before the Director, leave them and note appeals: POST staff."""
    return can_look_at_candidates(user)


def can_decide_cases(user: User) -> bool:
    """Whether `user` may make licenses inactive, leave them active and reinstate them: the Director, designated agents.

    On a day of the role, and nobody else: being of POST staff is not enough (11 CSR 75-15.080, RSMo 590.010).
    """
    return bool(user.is_authenticated and user.is_active and user.is_director)


def answers_as(user: User, case: Candidacy, today: dt.date) -> Asker | None:
    """As whom `user` may answer the notice of `case`: the officer, an agency of a commission today, POST staff who
    write down what came by letter or phone; None where they may not."""
    return asker(user, case.officer, today)


def can_issue_transcript(user: User, officer: Officer) -> bool:
    """Whether `user` may have a transcript of `officer` made: the officer, the agency of a commission, the state’s
    people."""
    return Officer.objects.visible_to(user).filter(pk=officer.pk).exists()


def issues_for(user: User, officer: Officer) -> Agency | None:
    """The agency for which `user` has a transcript of `officer` made; None for the officer, and for the state."""
    scope = scope_of(user)
    if officer.pk in scope.officer_ids or scope.sees_the_state:
        return None
    held = Commission.objects.in_force(clock.today()).filter(officer=officer, agency__in=scope.agency_ids)
    first = held.select_related("agency").order_by("pk").first()
    return first.agency if first else None


def can_report_record(user: User, officer: Officer) -> bool:
    """Whether `user` may report what is missing or wrong in the record of `officer`, submit training of another state
    or agency, and take such a report back: the officer."""
    return officer in own_licenses(user)


def can_answer_report(user: User, report: RecordReport) -> bool:
    """Whether `user` may answer `report` for whoever it was put to: who may enter classes there, POST staff."""
    return report.body is not None and may_report_class(user, report.body)


def can_decide_reports(user: User) -> bool:
    """Whether `user` may settle what officers reported, and record training elsewhere: POST staff."""
    return _is_post_staff(user)


def can_see_reports(user: User) -> bool:
    """Whether `user` may open the state’s queue of what officers reported: the state’s people."""
    return scope_of(user).sees_the_state
