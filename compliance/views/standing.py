"""The standing of one officer: one template and one text for the officer, the chief and POST."""

import abc
import datetime as dt

from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.history import accesses
from compliance import access, answers, explanation, relief, selectors, versions, waiting_for, wording
from compliance.models import Candidacy, RecordingGap, ReportingPeriod
from compliance.verdict import Standing
from compliance.views.asking import asking
from compliance.views.standing_rows import PeriodRow, Requested, needs_of
from training import licensing
from training.access import can_see_agency, can_see_invitations
from training.models import Officer
from training.models.memberships import scope_of


class StandingView(abc.ABC, TemplateView):
    """Where one officer stands: the answer, its grounds requirement by requirement, the license, every period.

    What the page shows of the officer (`_standing.html`) is made only where it was not made before: it is kept under
    the version of the facts and the rules, the day, the language, and what its reader may open.
    """

    template_name = "compliance/standing.html"

    @abc.abstractmethod
    def found(self) -> Officer:
        """The officer asked about, among those open to the person."""

    def get_context_data(self, **kwargs):
        """What the page shows of the officer, and its title."""
        self.own = access.own_licenses(self.request.user)
        self.officer = self.found()
        self.is_own = self.officer in self.own
        self.versions = versions.of_officer(self.officer.pk)
        self.questions = selectors.kept_questions(self.versions.rules, self.asked.as_of)
        if self.asked.year not in self.questions:
            raise Http404
        if not self.is_own:
            accesses.saw(self.request, self.officer.license_number, f"Standing of {self.asked.year}")
        name = "" if self.is_own else self.officer.sorted_name
        return super().get_context_data(**kwargs, asked=self.asked, is_own=self.is_own, name=name, shown=self.shown())

    def shown(self) -> SafeString:
        """What the page shows of the officer, as it was kept or made now."""
        version = (self.versions.facts, self.versions.rules, self.asked, self.reader(), get_language())
        kept, key = caches["standings"], make_template_fragment_key("standing", version)
        if (html := kept.get(key)) is None:
            html = render_to_string("compliance/_standing.html", self.parts())
            kept.set(key, html, timeout=None)
        return html

    def reader(self) -> tuple:
        """What of a person decides what the page says and where it leads; the same for all who may do the same."""
        user, scope = self.request.user, scope_of(self.request.user)
        own = [one.license_number for one in self.own] if self.is_own else []
        return (
            self.is_own,
            own,
            user.is_post_staff,
            scope.sees_the_state,
            sorted(scope.agency_ids),
            sorted(scope.asking),
        )

    def parts(self) -> dict:
        """What it is made of."""
        asked = self.asked
        officer = self.officer
        selectors.give_places(officer, asked.today)
        events = licensing.events_of(officer, asked.as_of)
        license_state = licensing.state_on(events, asked.day)
        requests = list(self.requests_known(officer)) if self.versions.has_relief else []
        found = selectors.over_the_periods(officer, self.questions, asked.as_of, events, requests)
        question, finding = found[asked.year]
        why = explanation.explain(question, officer, finding)
        person = wording.Person("" if self.is_own else officer.full_name)

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
        is_own, user = self.is_own, self.request.user
        return {
            "asked": asked,
            "is_own": is_own,
            "user": user,
            "officer": officer,
            "sees_access": can_see_invitations(user),
            "own_licenses": self.own if is_own and len(self.own) > 1 else [],
            "open_agencies": [one["code"] for one in officer.places if can_see_agency(user, one["id"])],
            "period": question.period,
            "finding": finding,
            "answer": answer(found[asked.year]),
            "chip": wording.standing_chip(finding, license_state),
            "license_chip": wording.license_beside(license_state, finding.standing),
            "license_words": wording.license_words(license_state, asked.day),
            "license_state": license_state,
            "needs": needs_of(why, finding),
            "met": why.met,
            "shows_season": not asked.is_replay and question.period.starts_on <= asked.day <= question.period.show_by,
            "history": history,
            "plans": is_own and self.plans(finding, question.period.year),
            "requests": [] if asked.is_replay else [Requested(one) for one in requests],
            "waits": [] if asked.is_replay else waiting_for.of(officer, found, why, self.versions, person, asked.today),
            "has_seats": self.versions.has_seats and not asked.is_replay,
            "agency_asked_on": self.agency_asked_on(officer, question.period)
            if is_own and finding.short and self.versions.has_gaps
            else None,
            "case": self.case(officer, question.period, finding) if self.versions.has_cases else None,
            "may_ask_relief": access.can_ask_for(user, officer, [one["id"] for one in officer.places]),
            "other_answers": [
                {"year": row.year, "answer": answer(found[row.year]), "url": row.url}
                for row in history
                if row.is_owing and not row.is_shown and row.year < asked.day.year
            ],
        }

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

    def requests_known(self, officer: Officer):
        """The officer's requests for relief known on the day asked about, the latest first."""
        return relief.known(self.asked.as_of).filter(officer=officer).order_by("-requested_on", "-pk")

    def plans(self, finding, year: int) -> bool:
        """Whether the best classes for what is missing can be looked for: hours of this year are, today."""
        return not self.asked.is_replay and year == self.asked.day.year and bool(wording.owed(finding))

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

    def found(self) -> Officer:
        """One's own record; of several licenses the first, which leads to the others."""
        return self.own[0]


class OfficerStandingView(StandingView):
    """The standing of any officer open to the person."""

    def found(self) -> Officer:
        """The officer of a license number; one not open to the person does not exist for them."""
        officers = Officer.objects.visible_to(self.request.user)
        return get_object_or_404(officers, license_number=self.kwargs["license_number"])
