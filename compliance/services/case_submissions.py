"""Cases are put before the Director, taken back, and looked at again where their facts changed. No license changes."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import access, case_facts, case_states
from compliance.case_changes import looked_at, why_not
from compliance.models import Candidacy, CaseSecondLook, CaseSubmission

# So many are put forward in one act; the rest of a longer list takes another.
MOST_AT_ONCE = 500


class Forwarded(NamedTuple):
    """What came of putting several cases forward: those that are before the Director now, and why others are not."""

    made: list[CaseSubmission]
    refused: list[tuple[Candidacy, str]]


@transaction.atomic
def put_forward(*, by: User, cases: Iterable[int], words: str = "", override_reason: str = "") -> Forwarded:
    """Put these cases before the Director, each with its facts as they are now. Those that cannot be are left out and
    named with the reason: notice not served, time to answer, a likely recording error that is not settled.

    With `override_reason` a likely error does not keep a case back; the reason is kept, and the Director reads it.
    Raises `Refused` without the right, or where nobody, or too many, were chosen.
    """
    if not access.can_prepare_cases(by):
        raise Refused("Only POST staff put cases before the Director.")
    pks = list(cases)
    if not pks:
        raise Refused("Nobody was chosen. Tick some of them.")
    if len(pks) > MOST_AT_ONCE:
        raise Refused(f"Put at most {MOST_AT_ONCE} cases forward at once. You chose {len(pks):,}.")
    list(Candidacy.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True, of=("self",)))
    now = clock.now()
    today = clock.day_of(now)
    found = case_states.of(pks, today)
    facts = case_facts.read(found, now)
    refused: list[tuple[Candidacy, str]] = []
    fit: list[Candidacy] = []
    for one in found:
        why = case_states.why_not_forward(one, today) or why_not(facts[one.pk], bool(override_reason.strip()))
        if why:
            refused.append((one, why))
        else:
            fit.append(one)
    with history.because("Put before the Director"):
        made = CaseSubmission.objects.bulk_create(
            [
                CaseSubmission(
                    candidacy=one,
                    words=words.strip(),
                    override_reason=override_reason.strip() if facts[one.pk]["likely_errors"] else "",
                    as_of=now,
                    facts=(text := case_facts.text(facts[one.pk])),
                    facts_sha256=case_facts.digest(text),
                    recorded_by=by,
                )
                for one in fit
            ]
        )
    return Forwarded(made, refused)


def lock(submission: CaseSubmission) -> CaseSubmission:
    """The submission, locked until the end of the transaction. Raises `Refused` where it is closed."""
    rows = CaseSubmission.objects.select_for_update(no_key=True, of=("self",))
    one = rows.select_related("candidacy__officer", "candidacy__period").get(pk=submission.pk)
    if one.closed_at:
        raise Refused(f"This case is closed meanwhile: {one.get_closed_because_display().lower()}.")
    return one


@transaction.atomic
def take_back(*, by: User, submission: CaseSubmission, reason: str) -> CaseSubmission:
    """POST takes a case back before it is decided. Raises `Refused` without a reason, or where it is closed."""
    if not access.can_prepare_cases(by):
        raise Refused("Only POST staff take cases back.")
    one = lock(submission)
    if not reason.strip():
        raise Refused("Say why the case is taken back.", field="reason")
    one.closed_at, one.closed_because = clock.now(), CaseSubmission.Closed.WITHDRAWN
    with history.because(reason.strip()[:500]):
        one.save(update_fields=["closed_at", "closed_because"])
    return one


@transaction.atomic
def look_again(*, by: User, submission: CaseSubmission, seen: str) -> CaseSecondLook:
    """POST or the Director has looked at what changed since the case was put forward; `seen` is the digest of the facts
    on the page. Raises `Refused` where they changed once more, or nothing did."""
    if not (access.can_prepare_cases(by) or access.can_decide_cases(by)):
        raise Refused("Only POST staff, the Director or a designated agent can look at it again.")
    one = lock(submission)
    now = clock.now()
    facts = case_facts.text(case_facts.read([one.candidacy], now)[one.candidacy_id])
    digest = case_facts.digest(facts)
    if digest != seen:
        raise Refused("The facts changed once more since you opened the page. Look at it again.")
    if digest == looked_at(one)[1]:
        raise Refused("Nothing has changed since it was last looked at.")
    with history.because("Looked at again"):
        return CaseSecondLook.objects.create(submission=one, as_of=now, facts=facts, facts_sha256=digest, looked_by=by)
