"""What is told about a case: that notice was served and can be answered, to officer and agencies; and what there is to
tell of decisions, for `decision_mail`. None of it can be switched off.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance import standings, stands
from compliance.decision_words import Decided, What
from compliance.models import Candidacy, CaseDecision, CaseNotice
from compliance.wording import full_date
from notifications.models import Message
from notifications.occasions import Occasion
from training import telling
from training.models import Commission, Membership

NOTICE = "case_notice"
Kind = CaseDecision.Kind
_OF_THE_COURSE = Q(occasion__in=["reminder", "candidate_listed"]) | Q(occasion__startswith="relief_")
_WHAT = {
    Kind.MAKE_INACTIVE: What.MADE_INACTIVE,
    Kind.LEAVE_ACTIVE: What.LEFT_ACTIVE,
    Kind.REFER_BACK: What.REFERRED_BACK,
    Kind.REINSTATE: What.REINSTATED,
}


# Decisions -----------------------------------------------------------------------------------------------------------


def decided(things: Collection[str]) -> dict[str, Decided]:
    """Number of a decision -> what is told of it, of those that still stand: reversed ones are left out, and those
    after which something else was decided in the case."""
    pks = [int(one[2:]) for one in things if one.startswith("D-") and one[2:].isdecimal()]
    later = CaseDecision.objects.filter(candidacy=OuterRef("candidacy"), pk__gt=OuterRef("pk"))
    rows = CaseDecision.objects.filter(~Exists(later), pk__in=pks)
    rows = rows.select_related("candidacy__period", "reverses")
    return {one.reference: as_told(one) for one in rows}


def as_told(one: CaseDecision) -> Decided:
    """A decision as mail tells it. A reinstatement that is reversed makes the license inactive again, and says so."""
    what = _WHAT.get(one.kind, What.REVERSED)
    if one.kind == Kind.REVERSE and one.reverses.kind == Kind.REINSTATE:
        what = What.MADE_INACTIVE
    return Decided(
        one.reference,
        what,
        one.candidacy.officer_id,
        one.candidacy.period.year,
        one.decided_on,
        one.decided_as,
        one.reference,
        one.reason,
        one.until,
        tuple(sorted(_told_before(one))),
    )


def _told_before(one: CaseDecision) -> set[int]:
    """The agencies of the officer on the days the license was made inactive: told then, they are told what came of it,
    although the commission may have ended since."""
    days = CaseDecision.objects.filter(candidacy=one.candidacy_id, kind=Kind.MAKE_INACTIVE, pk__lt=one.pk)
    found: set[int] = set()
    for day in days.values_list("decided_on", flat=True):
        held = Commission.objects.in_force(day).filter(officer=one.candidacy.officer_id)
        found |= set(held.values_list("agency", flat=True))
    return found


# Notices -------------------------------------------------------------------------------------------------------------


def readers(notice: CaseNotice, today) -> dict[int, str]:
    """User id -> address of everybody told of a notice: the officer, and the people of the agencies of today."""
    officer = notice.candidacy.officer_id
    found = {one.user: one.address for one in telling.accounts_of([officer], today).get(officer, ())}
    held = Commission.objects.in_force(today).filter(officer=officer)
    for people in telling.people_of(set(held.values_list("agency", flat=True)), today).values():
        found |= {one.user: one.address for one in people}
    return found


class _About(NamedTuple):
    notice: CaseNotice
    reader: User
    is_own: bool


def _about(key: str) -> _About | None:
    """What a message is about; None where it is true no more, or not its reader's."""
    thing, user = map(int, key.split(":"))
    live = CaseNotice.objects.live().select_related("candidacy__officer", "candidacy__period")
    notice = live.filter(pk=thing).first()
    reader = User.objects.filter(pk=user, is_active=True).first()
    today = clock.today()
    if notice is None or reader is None or user not in readers(notice, today):
        return None
    ties = Membership.objects.current(today).filter(user=user, role=Membership.Role.OFFICER)
    return _About(notice, reader, ties.filter(officer=notice.candidacy.officer_id).exists())


def _context(key: str) -> dict:
    about = _about(key)
    notice, case = about.notice, about.notice.candidacy
    year, until = case.period.year, full_date(notice.answer_by)
    asked = standings.question(case.period, clock.now())
    whose = "" if about.is_own else f" for {case.officer.full_name}"
    return {
        "name": about.reader.name,
        "subject": f"Hours of {year} are missing{whose}: answer by {until}",
        "headline": f"Hours of {year} are missing{whose}. {'You' if about.is_own else 'Your agency'} can answer until "
        f"{until}.",
        "sentences": [
            f"Notice was served on {full_date(notice.served_on)}. The answer is given on the page of the case, in "
            "words and with documents. After the last day POST may put the case before the Director.",
            "Hours that are completed and credited meanwhile still count. If a class is missing, whoever held it can "
            "report it now.",
            "Only the Director, or a designated agent, can make a license inactive; it never happens by itself.",
        ],
        "missing": stands.missing(asked, standings.of_officer(asked, case.officer)),
        "says_contacts": False,
        "year": year,
        "step": "Read the case and answer",
        "url": f"{settings.PORTAL_URL}{reverse('compliance:case', args=[case.pk])}",
        "is_own": about.is_own,
    }


def _sample(officer: int) -> str | None:
    """The key of the latest such mail about an officer, as it would still be sent."""
    notice = CaseNotice.objects.live().filter(candidacy__officer=officer).select_related("candidacy").last()
    keys = [f"{notice.pk}:{user}" for user in readers(notice, clock.today())] if notice else []
    return next((one for one in keys if _about(one)), None)


OCCASION = Occasion(
    code=NOTICE,
    title=_("Notice served: hours missing"),
    context=_context,
    still_due=lambda key: _about(key) is not None,
    purpose=_("Notice of a case was served: what is missing, and until when officer and agency may answer."),
    audience=_("The officer, and the CEO and delegates of each agency of the officer, if connected."),
    about="officer",
    sample=_sample,
)


# What was written -----------------------------------------------------------------------------------------------------


def messages_of(cases: Collection[Candidacy]) -> dict[int, list[Message]]:
    """Case id -> every message about its course, to the officer and about the officer to agencies, the oldest first."""
    ties = Membership.objects.filter(role=Membership.Role.OFFICER, officer__in=[one.officer_id for one in cases])
    accounts: dict[int, set[int]] = {}
    for officer, user in ties.values_list("officer", "user"):
        accounts.setdefault(user, set()).add(officer)
    pks = [one.pk for one in cases]
    things = {
        **{str(pk): case for pk, case in CaseNotice.objects.filter(candidacy__in=pks).values_list("pk", "candidacy")},
        **{
            one.reference: one.candidacy_id
            for one in CaseDecision.objects.filter(candidacy__in=pks).only("pk", "candidacy")
        },
    }
    about = Q(occasion=NOTICE) & _any(f"{pk}:" for pk in things if not pk.startswith("D-"))
    about |= Q(occasion__startswith="decision_") & _any(f"{one.officer_id}:" for one in cases)
    sent = Message.objects.filter(_OF_THE_COURSE & Q(user__in=accounts) | about).select_related("text", "user")
    found: dict[int, list[Message]] = {one.pk: [] for one in cases}
    for message in sent.order_by("put_at", "pk"):
        parts = message.key.split(":")
        if message.occasion == NOTICE or message.occasion.startswith("decision_"):
            case = things.get(parts[0] if message.occasion == NOTICE else parts[1])
            if case in found:
                found[case].append(message)
            continue
        for one in cases:
            is_theirs = one.officer_id in accounts.get(message.user_id, ())
            if is_theirs and clock.day_of(message.put_at) >= one.period.starts_on:
                found[one.pk].append(message)
    return found


def _any(beginnings) -> Q:
    found = Q(pk=None)
    for one in beginnings:
        found |= Q(key__startswith=one)
    return found
