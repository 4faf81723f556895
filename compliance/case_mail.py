"""What is told about a case: that notice was served and can be answered, and what the Director decided.

The officer is told of everything but a case referred back to POST; the agencies of the officer that a notice was
served, that the license was made inactive and the officer may hold no commission, and when that is over. Of the reasons
an agency reads nothing. None of it can be switched off.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance import standings, stands
from compliance.models import Candidacy, CaseDecision, CaseNotice
from compliance.wording import full_date
from notifications.models import Message
from notifications.occasions import Occasion
from training import telling
from training.models import Commission, Membership

NOTICE, DECIDED = "case_notice", "case_decided"
Kind = CaseDecision.Kind
# Decisions after which an officer may hold a commission, or may no longer: the agencies are told of these.
OF_THE_LICENSE = (Kind.MAKE_INACTIVE, Kind.REINSTATE)
_OF_THE_COURSE = Q(occasion__in=["reminder", "candidate_listed", NOTICE, DECIDED]) | Q(occasion__startswith="relief_")


def concerns_the_license(decision: CaseDecision) -> bool:
    """Whether a decision changed what the officer may hold."""
    return decision.kind in OF_THE_LICENSE or bool(decision.reverses and decision.reverses.kind in OF_THE_LICENSE)


def readers(case: Candidacy, decision: CaseDecision | None, today) -> dict[int, str]:
    """User id -> address of everybody a message goes to: the officer's account, and the people of the agencies of the
    officer, today and on the day the license was made inactive."""
    found = {one.user: one.address for one in telling.accounts_of([case.officer_id], today).get(case.officer_id, ())}
    if decision and not concerns_the_license(decision):
        return found
    held = Commission.objects.in_force(today).filter(officer=case.officer_id)
    agencies = set(held.values_list("agency", flat=True))
    if decision:
        before = CaseDecision.objects.filter(candidacy=case, kind=Kind.MAKE_INACTIVE)
        for day in before.values_list("decided_on", flat=True):
            then = Commission.objects.in_force(day).filter(officer=case.officer_id)
            agencies |= set(then.values_list("agency", flat=True))
    for people in telling.people_of(agencies, today).values():
        found |= {one.user: one.address for one in people}
    return found


class _About(NamedTuple):
    case: Candidacy
    reader: User
    is_own: bool
    notice: CaseNotice | None = None
    decision: CaseDecision | None = None

    @property
    def whose(self) -> str:
        return "your license" if self.is_own else f"the license of {self.case.officer.full_name}"

    def does(self, you: str, other: str) -> str:
        """ "You may" or "Dana Whitlock may"."""
        return f"You {you}" if self.is_own else f"{self.case.officer.full_name} {other}"


def _read(key: str) -> tuple[int, int]:
    thing, user = map(int, key.split(":"))
    return thing, user


def _about(key: str, occasion: str) -> _About | None:
    """What a message is about; None where it is true no more, or not its reader's."""
    thing, user = _read(key)
    notice = decision = None
    if occasion == NOTICE:
        notice = CaseNotice.objects.live().filter(pk=thing).first()
    else:
        decision = CaseDecision.objects.filter(pk=thing, reversal=None).select_related("reverses").first()
    held = notice or decision
    if held is None:
        return None
    case = Candidacy.objects.select_related("officer", "period").get(pk=held.candidacy_id)
    reader = User.objects.filter(pk=user, is_active=True).first()
    if reader is None or user not in readers(case, decision, clock.today()):
        return None
    own = Membership.objects.current(clock.today()).filter(user=user, role="officer", officer=case.officer_id).exists()
    return _About(case, reader, own, notice, decision)


class Words(NamedTuple):
    """A message in words: the first line, sentences, what to do and where; what is missing, to the officer."""

    subject: str
    headline: str
    sentences: list[str]
    step: str
    path: str
    says_missing: bool = False


def _notice_words(about: _About) -> Words:
    year, notice = about.case.period.year, about.notice
    return Words(
        f"Notice of hours missing for {year}: answer by {full_date(notice.answer_by)}",
        f"Notice was served on {full_date(notice.served_on)}: hours of {year} are missing"
        f"{'' if about.is_own else f' for {about.case.officer.full_name}'}.",
        [
            f"{'You' if about.is_own else 'Your agency'} can answer until {full_date(notice.answer_by)}, in words and "
            "with documents. After that POST may put the case before the Director.",
            "Hours that are completed and credited before then still count. If a class is missing here, whoever held "
            "it can report it now.",
            "Only the Director, or a designated agent, can make a license inactive; it never happens by itself.",
        ],
        "Read the case and answer",
        reverse("compliance:case", args=[about.case.pk]),
        says_missing=True,
    )


def _standing_path(about: _About) -> str:
    path = reverse("compliance:officer_standing", args=[about.case.officer.license_number])
    return f"{path}?period={about.case.period.year}"


def _decision_words(about: _About) -> Words:
    decision, year = about.decision, about.case.period.year
    kind = decision.reverses.kind if decision.kind == Kind.REVERSE else decision.kind
    on, by = full_date(decision.decided_on), decision.decided_as
    why = [f"The reason: {decision.reason}"] if decision.reason and about.is_own else []
    by_whom = f"{by} decided this on {on}. The number of the decision is {decision.reference}."
    may = f"{about.does('may', 'may')} hold a commission again, from today on."
    may_not = f"{about.does('may', 'may')} not hold a commission while it is inactive (11 CSR 75-15.080)."
    to_agency = (
        "The portal ends no commission. If this commission ends, tell POST within 30 days (RSMo 590.070): enter its "
        "last day on your roster."
    )
    if decision.kind == Kind.REVERSE and kind == Kind.MAKE_INACTIVE:
        head, said = f"The decision to make {about.whose} inactive was reversed.", [by_whom, *why, may]
        subject = f"License active again: decision for {year} reversed"
    elif decision.kind == Kind.REVERSE and kind == Kind.REINSTATE:
        head = f"The reinstatement of {about.whose} was reversed: it is inactive again for {year}."
        subject, said = f"License inactive again for {year}", [by_whom, *why, may_not]
        said += [] if about.is_own else [to_agency]
    elif decision.kind == Kind.REVERSE:
        head, said = f"A decision about {about.whose} was reversed.", [by_whom, *why]
        subject = f"Decision for {year} reversed"
    elif kind == Kind.MAKE_INACTIVE:
        head = f"{about.whose[:1].upper()}{about.whose[1:]} was made inactive: hours of {year} are missing."
        subject, said = f"License made inactive for {year}", [by_whom, *why, may_not]
        said.append(
            f"Once the missing hours are completed and credited to {year}, the Director can reinstate the license."
            if about.is_own
            else to_agency
        )
    elif kind == Kind.REINSTATE:
        head = f"{about.whose[:1].upper()}{about.whose[1:]} is reinstated: the hours of {year} are shown."
        subject, said = f"License reinstated for {year}", [by_whom, *why, may]
    else:
        head = f"Your license stays active. The hours of {year} are still owed."
        subject = f"License left active until {full_date(decision.until)}"
        said = [
            by_whom,
            f"The case is not put before the Director again before {full_date(decision.until)} is over.",
            *why,
        ]
    return Words(subject, head, said, "See the standing", _standing_path(about))


def _context(occasion: str, words):
    def context(key: str) -> dict:
        about = _about(key, occasion)
        said, case = words(about), about.case
        missing = []
        if said.says_missing:
            asked = standings.question(case.period, clock.now())
            missing = stands.missing(asked, standings.of_officer(asked, case.officer))
        return {
            "name": about.reader.name,
            "subject": said.subject,
            "headline": said.headline,
            "sentences": said.sentences,
            "missing": missing,
            "says_contacts": False,
            "year": case.period.year,
            "step": said.step,
            "url": f"{settings.PORTAL_URL}{said.path}",
            "is_own": about.is_own,
        }

    return context


def _is_due(occasion: str):
    return lambda key: _about(key, occasion) is not None


def _sample(occasion: str, things):
    """What finds the key of the latest such mail about an officer, as it would still be sent."""

    def sample(officer: int) -> str | None:
        for thing in things.filter(candidacy__officer=officer).order_by("-pk").values_list("pk", flat=True):
            keys = [f"{thing}:{user}" for user in _everybody(occasion, thing)]
            if key := next((one for one in keys if _about(one, occasion)), None):
                return key
        return None

    return sample


def _everybody(occasion: str, thing: int) -> list[int]:
    """Whom a thing is told to, the officer first."""
    kind = CaseNotice if occasion == NOTICE else CaseDecision
    held = kind.objects.select_related("candidacy").get(pk=thing)
    return list(readers(held.candidacy, held if kind is CaseDecision else None, clock.today()))


OCCASIONS = (
    Occasion(
        code=NOTICE,
        title="Notice served: hours missing",
        context=_context(NOTICE, _notice_words),
        still_due=_is_due(NOTICE),
        purpose="Notice of a case was served: what is missing, and until when officer and agency may answer.",
        audience="The officer, and the CEO and delegates of each agency of the officer, if connected.",
        about="officer",
        sample=_sample(NOTICE, CaseNotice.objects.live()),
    ),
    Occasion(
        code=DECIDED,
        title="The Director has decided",
        context=_context(DECIDED, _decision_words),
        still_due=_is_due(DECIDED),
        purpose="A license was made inactive, left active or reinstated, or a decision was reversed.",
        audience="The officer; of what an officer may hold also the CEO and delegates of the agencies, if connected.",
        about="officer",
        sample=_sample(DECIDED, CaseDecision.objects.exclude(kind=Kind.REFER_BACK)),
    ),
)


def messages_of(cases: Collection[Candidacy]) -> dict[int, list[Message]]:
    """Case id -> every message about its course, to the officer and about the officer to agencies, the oldest first."""
    officers = {one.officer_id: one for one in cases}
    ties = Membership.objects.filter(role=Membership.Role.OFFICER, officer__in=officers)
    accounts: dict[int, set[int]] = {}
    for officer, user in ties.values_list("officer", "user"):
        accounts.setdefault(user, set()).add(officer)
    things: dict[str, Candidacy] = {}
    by_pk = {one.pk: one for one in cases}
    for occasion, model in ((NOTICE, CaseNotice), (DECIDED, CaseDecision)):
        for pk, case in model.objects.filter(candidacy__in=by_pk).values_list("pk", "candidacy"):
            things[f"{occasion}:{pk}"] = by_pk[case]
    about = Q(pk=None)
    for thing in things:
        occasion, _, pk = thing.partition(":")
        about |= Q(occasion=occasion, key__startswith=f"{pk}:")
    sent = Message.objects.filter(_OF_THE_COURSE & Q(user__in=accounts) | about).select_related("text", "user")
    found: dict[int, list[Message]] = {one.pk: [] for one in cases}
    for message in sent.order_by("put_at", "pk"):
        case = things.get(f"{message.occasion}:{message.key.partition(':')[0]}")
        if case is not None:
            found[case.pk].append(message)
            continue
        for one in cases:
            starts = one.period.starts_on
            if one.officer_id in accounts.get(message.user_id, ()) and clock.day_of(message.put_at) >= starts:
                found[one.pk].append(message)
    return found
