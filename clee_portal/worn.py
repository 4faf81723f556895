"""Which hat is on: what the open page is about, so that a person with several roles sees in which of them they are.

The address says it where it names an agency; a class, a file, a course, a commission, a person or a license number is
asked for its agency, in one statement, and only for people with more than one hat.
"""

import re
from collections.abc import Collection

from clee_portal import clock, rooms
from compliance.models import AgencyPlan, Candidacy, RecordReport, ReliefRequest, Transcript
from training.models import (
    AttendanceMark,
    CalendarImport,
    Commission,
    CommissionQuestion,
    Course,
    HeldClass,
    Invitation,
    Membership,
    Registration,
    ScheduledClass,
    TrainingClass,
    TrainingImport,
    TrainingRecord,
)
from training.models.memberships import memberships_of

STANDING, STATE = "standing", "state"
# Pages of an officer about themself; the first of them lie under "My record".
OF_THE_RECORD = (
    "compliance:my_record",
    "compliance:who_looked",
    "compliance:my_data",
    "compliance:report_record",
    "compliance:outside_training",
    "compliance:my_contact",
    "compliance:my_contact_address",
    "compliance:my_contact_confirm",
)
OF_THE_OFFICER = (
    *OF_THE_RECORD,
    "compliance:my_standing",
    "compliance:my_plan",
    "training:my_classes",
    "training:register",
)
# Pages that only the state's people have, whatever agency or officer they are about.
_OF_THE_STATE = re.compile(
    r"recovery_(list|open|detail)|training:(officer_(access|register|edit|number|license|merge)|merge_undo"
    r"|license_event_void|commission_transfer|agency_(register|edit)|provider_(register|edit|license)\w*)"
)
# By a word in the name of a page that takes a number: the model, and the way to the code of the agency it is about.
_BY_NUMBER = (
    ("duplicate", TrainingRecord, "training_class__reported_by_agency__code"),
    ("course", Course, "agency__code"),
    ("commission", Commission, "agency__code"),
    ("question", CommissionQuestion, "commission__agency__code"),
    ("agency_plan", AgencyPlan, "agency__code"),
    ("invitation_again", Invitation, "agency__code"),
    ("member", Membership, "agency__code"),
)


def subject(request) -> str:
    """What the open page is about: an agency's code, "provider 7", "standing" or "state"; empty if it is nobody's."""
    match = getattr(request, "resolver_match", None)
    if _is_the_persons_own(match):
        return ""
    name, kwargs = match.view_name, match.kwargs
    if _OF_THE_STATE.fullmatch(name):
        return STATE
    if "code" in kwargs:
        return kwargs["code"]
    if name in OF_THE_OFFICER:
        return STANDING
    if name.startswith(("training:provider_", "compliance:provider_")) and "pk" in kwargs:
        return f"provider {kwargs['pk']}"
    if any(room.holds(name) for room in rooms.STATE):
        return STATE
    return ""


def on(request, hats: Collection[str]) -> str:
    """Which of several hats (what each works on) the open page is seen with; empty where it says nothing."""
    about = subject(request)
    if about in hats or len(hats) < 2 or about == STANDING:
        return about
    match = getattr(request, "resolver_match", None)
    if _is_the_persons_own(match):
        return ""
    codes = _codes(rooms.user_of(request), match)
    if found := [code for code in codes if code in hats]:
        return found[0]
    # Of nobody's agency: whoever sees it sees it for the state, else as the officer they are.
    return next((one for one in (STATE, STANDING) if one in hats), about)


def _is_the_persons_own(match) -> bool:
    """Whether a page is the same in every role: home, help, the own sign-in and messages."""
    if match is None or match.namespaces == ["notifications"]:
        return True
    return not match.namespaces and not _OF_THE_STATE.fullmatch(match.view_name)


def _codes(user, match) -> list[str]:
    name, kwargs = match.view_name, match.kwargs
    if number := kwargs.get("license_number"):
        return _of_officer(user, number)
    if name == "compliance:case":
        case = Candidacy.objects.filter(pk=kwargs["pk"]).values_list("officer__license_number", flat=True)
        return _of_officer(user, case.first() or "")
    if reference := kwargs.get("reference"):
        if name.startswith("training:registration_") or name == "training:registration":
            held = Registration.objects.with_reference(reference).values_list("officer__license_number", flat=True)
            return _of_officer(user, held.first() or "")
        if name.startswith("compliance:record_report"):
            return _of_report(user, reference)
        if name.startswith("compliance:relief_"):
            asked = ReliefRequest.objects.with_reference(reference).values_list("officer__license_number", flat=True)
            return _of_officer(user, asked.first() or "")
        if name.startswith("compliance:issued_transcript"):
            paper = Transcript.objects.filter(code=reference).values_list("officer__license_number", flat=True)
            return _of_officer(user, paper.first() or "")
        if name.startswith("training:held_class"):
            kept = HeldClass.objects.with_reference(reference).values_list("provider", flat=True)
            return [f"provider {provider}" for provider in kept]
        if reference.upper().startswith("S-") and not name.startswith("training:calendar"):
            planned = ScheduledClass.objects.with_reference(reference).values_list("provider", flat=True)
            return [f"provider {provider}" for provider in planned]
        if name == "training:brought_calendar":
            brought = CalendarImport.objects.with_reference(reference).values_list("provider", flat=True)
            return [f"provider {provider}" for provider in brought]
        if "import" in name:
            found = TrainingImport.objects.with_reference(reference).values_list("agency__code", "provider")
        else:
            held = TrainingClass.objects.with_reference(reference)
            found = held.values_list("reported_by_agency__code", "course__provider")
        return [code or f"provider {provider}" for code, provider in found]
    if name == "training:door_mark":
        mark = AttendanceMark.objects.filter(pk=kwargs["pk"])
        return [f"provider {one}" for one in mark.values_list("registration__scheduled_class__provider", flat=True)]
    if name.startswith("training:catalogue_"):
        courses = Course.objects.filter(pk=kwargs["pk"]).values_list("provider", flat=True)
        return [f"provider {provider}" for provider in courses]
    if name == "training:brought_event":
        events = CalendarImport.objects.filter(rows=kwargs["pk"]).values_list("provider", flat=True)
        return [f"provider {provider}" for provider in events]
    if name.startswith("training:provider_") and "member" not in name and "invitation" not in name:
        return []  # the number is the provider's, which `subject` has said already
    for word, model, code in _BY_NUMBER:
        if word in name and "pk" in kwargs:
            return list(model.objects.filter(pk=kwargs["pk"]).values_list(code, flat=True))
    return []


def _of_officer(user, number: str) -> list[str]:
    """What a page about the officer with this license number is for: the own standing, or where they serve."""
    if any(m.officer and m.officer.license_number == number for m in memberships_of(user)):
        return [STANDING]
    here = Commission.objects.in_force(clock.today()).filter(officer__license_number=number)
    return list(here.order_by("agency__name").values_list("agency__code", flat=True))


def _of_report(user, reference: str) -> list[str]:
    """What a report of an officer is looked at for: the own record, or the agency or provider that was asked."""
    found = RecordReport.objects.with_reference(reference)
    one = found.values_list("officer__license_number", "agency__code", "provider").first()
    if one is None:
        return []
    number, code, provider = one
    if any(m.officer and m.officer.license_number == number for m in memberships_of(user)):
        return [STANDING]
    return [code or f"provider {provider}"] if code or provider else []
