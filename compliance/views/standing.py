"""The standing of one officer: one template and one text for the officer, the chief and POST."""

import abc
import datetime as dt
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.history import accesses
from compliance import access, answers, explanation, relief, selectors, wording
from compliance.models import Candidacy, RecordingGap, ReportingPeriod, Requirement
from compliance.verdict import Standing
from compliance.views.asking import asking
from training import licensing
from training.access import can_see_agency, can_see_invitations
from training.models import Delivery, Officer, SourceKind


class StandingView(abc.ABC, TemplateView):
    """Where one officer stands: the answer, its grounds requirement by requirement, the license, every period."""

    template_name = "compliance/standing.html"

    @abc.abstractmethod
    def officer(self) -> Officer:
        """The officer asked about, among those open to the person."""

    def get_context_data(self, **kwargs):
        """The standing on the day asked about, today unless another is given."""
        asked = self.asked
        officer = self.officer()
        events = licensing.events_of(officer, asked.as_of)
        license_state = licensing.state_on(events, asked.day)
        questions = selectors.questions(asked.as_of)
        if asked.year not in questions:
            raise Http404
        found = selectors.over_the_periods(officer, questions, asked.as_of, events)
        question, finding = found[asked.year]
        why = explanation.explain(question, officer, finding)
        own = access.own_licenses(self.request.user)
        is_own = officer in own
        if not is_own:
            accesses.saw(self.request, officer.license_number, f"Standing of {asked.year}")
        person = wording.Person("" if is_own else officer.full_name)

        def answer(standing):
            return answers.answer(
                answers.Case(
                    person,
                    standing.finding,
                    standing.question.requirements,
                    standing.question.facts,
                    asked.day,
                    license_state,
                    events,
                )
            )

        first = selectors.first_year(found, asked.day.year)
        history = [
            PeriodRow(year, standing, license_state, asked)
            for year, standing in sorted(found.items(), reverse=True)
            if first <= year <= asked.day.year or year == asked.year
        ]
        return super().get_context_data(
            **kwargs,
            officer=officer,
            is_own=is_own,
            sees_access=can_see_invitations(self.request.user),
            own_licenses=own if is_own and len(own) > 1 else [],
            open_agencies=[one["code"] for one in officer.places if can_see_agency(self.request.user, one["id"])],
            asked=asked,
            period=question.period,
            finding=finding,
            answer=answer(found[asked.year]),
            chip=wording.standing_chip(finding, license_state),
            license_chip=wording.license_beside(license_state, finding.standing),
            license_words=wording.license_words(license_state, asked.day),
            license_state=license_state,
            needs=[Need(one, finding) for one in why.requirements],
            met=why.met,
            shows_season=not asked.is_replay and question.period.starts_on <= asked.day <= question.period.show_by,
            history=history,
            plans=is_own and self.plans(finding, question.period.year),
            requests=self.requests(officer),
            agency_asked_on=self.agency_asked_on(officer, question.period) if is_own and finding.short else None,
            case=self.case(officer, question.period, finding),
            may_ask_relief=access.can_ask_for(self.request.user, officer, [one["id"] for one in officer.places]),
            other_answers=[
                {"year": row.year, "answer": answer(found[row.year]), "url": row.url}
                for row in history
                if row.is_owing and not row.is_shown and row.year < asked.day.year
            ],
        )

    def agency_asked_on(self, officer: Officer, period: ReportingPeriod) -> dt.date | None:
        """The day on which an agency was asked whether hours of the period are missing; None where none was."""
        asked = RecordingGap.objects.unresolved().filter(officer=officer, period=period, asked_at__isnull=False)
        first = asked.order_by("asked_at").values_list("asked_at", flat=True).first()
        return clock.day_of(first) if first else None

    def case(self, officer: Officer, period, finding):
        """The case of which notice was served, where one can be read and answered; on another day than today none."""
        if self.asked.is_replay or finding.standing not in (Standing.CANDIDATE, Standing.INACTIVE):
            return None
        theirs = Candidacy.objects.visible_to(self.request.user).filter(officer=officer, period=period)
        return theirs.filter(served_notices__isnull=False, served_notices__voided_at=None).first()

    def plans(self, finding, year: int) -> bool:
        """Whether the best classes for what is missing can be looked for: hours of this year are, today."""
        return not self.asked.is_replay and year == self.asked.day.year and bool(wording.owed(finding))

    def requests(self, officer: Officer) -> list:
        """The officer's requests for relief with their chips, the latest first; on another day than today none, since
        they are shown as they stand."""
        if self.asked.is_replay:
            return []
        known = relief.known(self.asked.as_of).filter(officer=officer).order_by("-requested_on", "-pk")
        return [(one, relief.chip(one)) for one in known]

    def get(self, request, *args, **kwargs):
        """The page; a day that cannot be shown says so."""
        self.asked = asking(request)
        return super().get(request, *args, **kwargs)


class MyStandingView(StandingView):
    """The standing of the license the signed-in person's account is connected to."""

    def get(self, request, *args, **kwargs):
        """The page; an account without a license is told how to get it connected."""
        if not access.own_licenses(request.user):
            return render(request, "compliance/no_license.html")
        return super().get(request, *args, **kwargs)

    def officer(self) -> Officer:
        """One's own record; of several licenses the first, which leads to the others."""
        first = access.own_licenses(self.request.user)[0]
        return selectors.officers_with_places(self.asked.today).visible_to(self.request.user).get(pk=first.pk)


class OfficerStandingView(StandingView):
    """The standing of any officer open to the person."""

    def officer(self) -> Officer:
        """The officer of a license number; one not open to the person does not exist for them."""
        officers = selectors.officers_with_places(self.asked.today).visible_to(self.request.user)
        return get_object_or_404(officers, license_number=self.kwargs["license_number"])


class PeriodRow:
    """One period in the history."""

    def __init__(self, year, standing, license_state, asked):
        self.year = year
        self.finding = standing.finding
        self.is_shown = year == asked.year
        self.is_owing = standing.finding.standing in wording.OWING
        inside = license_state if standing.finding.situation.is_inactive else None
        self.chip = wording.standing_chip(standing.finding, inside)
        self.total = standing.finding.earned.get("total", sum(standing.finding.hours))
        self.missing = wording.missing_chips(standing.question.requirements, standing.finding, room=2)
        parts = {"period": year, "as_of": asked.day.isoformat()} if asked.is_replay else {"period": year}
        self.url = f"?{urlencode(parts)}"


class Line:
    """One class under a requirement: whether it counted, in words."""

    def __init__(self, entry):
        self.record, self.hours, self.reason, self.counts = entry.record, entry.hours, entry.reason, entry.counts
        course = entry.record.training_class.course
        self.course = course
        self.chip = wording.Chip("met", "Counted", "check-lg")
        if entry.reason_code:
            self.chip = wording.Chip(*wording.REASONS[entry.reason_code])
        if entry.reason_code == "credited_here":
            self.chip = self.chip._replace(label=f"Credited to {entry.record.credited_year}")
        self.is_makeup = entry.counts and entry.record.credited_year != entry.record.completed_on.year
        self.is_unreviewed = course.source_kind == SourceKind.IN_SERVICE and not course.known_reviews


class Need:
    """One requirement as a row: bar, done, missing, and its lines."""

    def __init__(self, explained, finding):
        self.requirement = explained.requirement
        self.hours = explained.hours
        self.chip = wording.requirement_chip(finding, explained.requirement.code)
        self.lines = [
            Line(entry)
            for entry in sorted(
                [*explained.counted, *explained.not_counted],
                key=lambda entry: (entry.record.completed_on, entry.record.pk),
                reverse=True,
            )
        ]
        self.counted, self.not_counted = len(explained.counted), len(explained.not_counted)
        self.hours_not_counted = explained.hours_not_counted
        self.finds = finds(explained.requirement) if explained.requirement.code in wording.owed(finding) else ""


def finds(requirement: Requirement) -> str:
    """The address of the training calendar that finds classes which give hours for a requirement; empty where no class
    of a provider does."""
    if requirement.source_kinds and SourceKind.APPROVED_PROVIDER not in requirement.source_kinds:
        return ""
    parts = {}
    if of := requirement.topic or requirement.area:
        parts["gives"] = of.code
    if requirement.in_person_only:
        parts["delivery"] = Delivery.CLASSROOM
    return f"{reverse('training:calendar')}{'?' if parts else ''}{urlencode(parts)}"
