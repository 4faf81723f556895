"""What waits for the people of an agency: a fragment for the overview and the home page."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from clee_portal import clock
from clee_portal.templatetags.look import count_words
from compliance import case_states, make_up_cases, relief
from compliance.models import PlanRequest, RecordingGap, RecordReport
from compliance.views.make_up import open_to
from training import access, waiting
from training.models import Agency
from training.waiting import Waiting


class WaitingView(View):
    """Each thing that waits in a sentence, with the page on which it is done."""

    def get(self, request, code: str):
        """The fragment; empty where nothing waits."""
        agency = get_object_or_404(Agency.objects.visible_to(request.user), code=code)
        if not access.can_see_classes(request.user, agency):
            raise PermissionDenied
        today = clock.today()
        found = waiting.of(agency, today)
        if many := len(open_to(request.user, make_up_cases.waiting_of_agency(agency, today))):
            words = "entry may be make-up credit" if many == 1 else "entries may be make-up credit"
            found.insert(0, Waiting(many, f"{many:,} {words} for an earlier year: decide", "compliance:make_up"))
        if asked := RecordingGap.objects.to_answer(agency).count():
            words = count_words(asked, "class may be missing in a record", "classes may be missing in records")
            found.insert(0, Waiting(asked, f"{words}: say what is right", "compliance:gaps_of_agency"))
        if asked := RecordReport.objects.with_the_body().filter(agency=agency, answer="").count():
            words = count_words(asked, "report of a missing or wrong class", "reports of missing or wrong classes")
            found.insert(0, Waiting(asked, f"{words}: answer", "compliance:agency_reports"))
        if asked := case_states.to_answer(agency, today):
            words = count_words(asked, "notice of missing hours", "notices of missing hours")
            found.insert(0, Waiting(asked, f"{words}: read and answer", "compliance:cases_of_agency"))
        if asked := relief.asked_of(agency):
            words = count_words(asked, "request for more time needs an answer", "requests for more time need an answer")
            found.insert(0, Waiting(asked, f"{words}: POST asked for more", "compliance:relief_of_agency"))
        if asked := PlanRequest.objects.waiting().filter(agency=agency).count():
            words = count_words(asked, "officer asks you to approve classes", "officers ask you to approve classes")
            found.append(Waiting(asked, words, "compliance:plan_requests"))
        if access.can_confirm_people(request.user, agency) and (asked := waiting.quarter(agency, today)):
            found.append(asked)
        return render(request, "compliance/_waiting.html", {"agency": agency, "waiting": found})
