"""Those still short after the last day: the list, marking records as looked at, laying notices ready, and one case."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import numbers
from compliance import (
    access,
    campaigns,
    case_page,
    case_states,
    gaps,
    reminders,
    selectors,
    standings,
    stands,
    wording,
)
from compliance.answers import Case, answer
from compliance.forms.campaigns import CandidatesForm, LookForm
from compliance.models import Candidacy, CandidacyCheck, Listing, RecordingGap, ReportingPeriod
from compliance.services import candidacies, candidate_notices
from compliance.views.campaigns import OfTheStateMixin
from training import licensing
from training.models import Officer
from training.views.listing import FileMixin

A_PAGE = 50
CHUNK = 1000
Found = CandidacyCheck.Found
SHOWN = (
    ("", "On the list"),
    ("unseen", "Not looked at yet"),
    ("no_error", "No recording error found, no notice yet"),
    ("error", "Likely a recording error"),
    ("noticed", "Notice laid ready or sent"),
    ("left", "Left the list"),
)


class CandidatesMixin(OfTheStateMixin):
    """Listings of one period, as asked for."""

    @cached_property
    def years(self) -> list[int]:
        """The years of which a list was made, the latest first."""
        made = ReportingPeriod.objects.filter(lists_made__isnull=False).distinct()
        return list(made.order_by("-year").values_list("year", flat=True))

    @cached_property
    def period(self) -> ReportingPeriod | None:
        """The period asked for; the latest with a list where none is."""
        given = self.request.GET.get("year", "")
        year = next((one for one in self.years if str(one) == given), next(iter(self.years), None))
        return ReportingPeriod.objects.get(year=year) if year else None

    @cached_property
    def asked(self) -> dict:
        """What the list is limited to."""
        given = self.request.GET
        show = given.get("show", "")
        return {
            "q": given.get("q", "").strip()[:100],
            "agency": given.get("agency", "").strip()[:100],
            "show": show if show in dict(SHOWN) else "",
        }

    def listings(self) -> QuerySet[Listing]:
        """The listings asked for, by name."""
        found = Listing.objects.filter(candidacy__period=self.period).with_check()
        show = self.asked["show"]
        found = found.exclude(left_on=None) if show == "left" else found.open()
        if show == "unseen":
            found = found.filter(check_found=None)
        elif show == "no_error":
            found = found.filter(check_found=Found.NO_ERROR, notices=None)
        elif show == "error":
            found = found.filter(check_found=Found.LIKELY_ERROR)
        elif show == "noticed":
            found = found.filter(notices__isnull=False)
        if self.asked["q"] or self.asked["agency"]:
            officers = campaigns.officers_like(self.asked["q"], self.asked["agency"], clock.today())
            found = found.filter(candidacy__officer__in=officers.values("pk"))
        return found.order_by("candidacy__officer__search_name", "candidacy__officer", "number")

    def rows(self, listings) -> list[dict]:
        """Listings as the page shows them, with where each officer stands now. A constant number of statements."""
        listings = list(listings)
        if not listings:
            return []
        ids = {one.candidacy.officer_id for one in listings}
        today = clock.today()
        asked = standings.question(self.period, clock.now())
        findings = standings.of_officers(asked, Officer.objects.filter(pk__in=ids))
        officers = selectors.officers_with_places(today).in_bulk(ids)
        connected = reminders.connected_officers_of(ids, today)
        return [
            {
                "listing": one,
                "officer": officers[one.candidacy.officer_id],
                "chip": wording.standing_chip(findings[one.candidacy.officer_id]),
                "needed": gaps.fewest_hours(asked.requirements, findings[one.candidacy.officer_id].short),
                "check": check_chip(one),
                "is_connected": one.candidacy.officer_id in connected,
            }
            for one in listings
        ]


def check_chip(listing: Listing) -> tuple[str, str, str]:
    """What the latest look found, as a chip: tone, words, icon."""
    return {
        Found.NO_ERROR: ("met", "No error found", "check-lg"),
        Found.LIKELY_ERROR: ("short", "Likely an error", "exclamation-circle"),
        None: ("due", "Not looked at", "eye"),
    }[listing.check_found]


class CandidateListView(CandidatesMixin, TemplateView):
    """Everyone on the list of a period; POST marks what it looked at, singly and in bulk, and lays notices ready."""

    template_name = "compliance/candidate_list.html"

    def get_context_data(self, form=None, ticked=(), **kwargs):
        """One page of it, and how many of each there are."""
        found = self.listings().select_related("candidacy", "notices") if self.period else Listing.objects.none()
        page = Paginator(found, A_PAGE).get_page(self.request.GET.get("page"))
        if form is None and (typed := interrupted.take(self.request)):
            form, ticked = CandidatesForm(initial=typed.dict()), numbers(typed.getlist("listing"))
        return super().get_context_data(
            **self.asked,
            form=form or CandidatesForm(),
            ticked=set(ticked),
            years=self.years,
            period=self.period,
            shown=SHOWN,
            page_obj=page,
            rows=self.rows(page.object_list) if self.period else [],
            counts=self._counts() if self.period else {},
            last_list=self.period.lists_made.first() if self.period else None,
            may_look=access.can_look_at_candidates(self.request.user),
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )

    def _counts(self) -> dict[str, int]:
        """How many are on the list: not looked at, without and with a likely error."""
        rows = Listing.objects.open().filter(candidacy__period=self.period).with_check()
        found = dict(rows.order_by().values("check_found").annotate(n=Count("pk")).values_list("check_found", "n"))
        return {
            "all": sum(found.values()),
            "unseen": found.get(None, 0),
            "no_error": found.get(Found.NO_ERROR.value, 0),
            "error": found.get(Found.LIKELY_ERROR.value, 0),
        }

    def post(self, request, *args, **kwargs):
        """Do it with those ticked, or with everyone the list shows."""
        if not access.can_look_at_candidates(request.user):
            raise PermissionDenied
        form = CandidatesForm(request.POST)
        ticked = numbers(request.POST.getlist("listing"))
        if form.is_valid():
            given = form.cleaned_data
            chosen = self._chosen(ticked, everyone=given["everyone"])
            try:
                if not chosen:
                    raise Refused("Nobody was chosen. Tick some of them, or everyone shown.")
                if given["act"] == form.NOTICES:
                    made = candidate_notices.prepare(by=request.user, period=self.period, listings=chosen)
                    return redirect("compliance:mailing", pk=made.pk)
                count = candidacies.look(by=request.user, listings=chosen, found=given["act"], words=given["words"])
                what = Found(given["act"]).label.lower()
                messages.success(request, f"{count_words(count, 'record')} marked: {what}.")
                return redirect(request.get_full_path())
            except Refused as refusal:
                form.add_error(refusal.field, refusal.message)
        return self.render_to_response(self.get_context_data(form=form, ticked=ticked))

    def _chosen(self, ticked: list[int], *, everyone: bool) -> list[int]:
        if not self.period:
            return []
        shown = self.listings()
        if not everyone:
            shown = shown.filter(pk__in=ticked)
        return list(shown.values_list("pk", flat=True))


class CandidateFileView(FileMixin, CandidatesMixin, TemplateView):
    """The list as asked for, as a file."""

    header = (
        "License", "Officer", "Agency", "Year", "Last day", "Listed on", "Time on the list", "Looked at", "Words",
        "Hours missing now", "Standing now", "Connected", "Left on", "Why", "Notices",
    )  # fmt: skip

    def file_name(self) -> str:
        """By the year and the day."""
        return f"past-the-last-day-{self.period.year if self.period else 'none'}-{clock.today():%Y-%m-%d}"

    def file_rows(self):
        """A row for each listing."""
        if not self.period:
            return
        some: list[Listing] = []
        for one in self.listings().select_related("candidacy", "notices").iterator(chunk_size=CHUNK):
            some.append(one)
            if len(some) == CHUNK:
                yield from map(self._told, self.rows(some))
                some = []
        yield from map(self._told, self.rows(some))

    def _told(self, row: dict) -> tuple:
        one, officer = row["listing"], row["officer"]
        return (
            officer.license_number,
            officer.sorted_name,
            "; ".join(place["name"] for place in officer.places),
            self.period.year,
            one.last_day,
            one.listed_on,
            one.number,
            row["check"][1],
            one.check_words or "",
            row["needed"],
            row["chip"].label,
            row["is_connected"],
            one.left_on,
            one.get_left_because_display(),
            campaigns.NOTICES.title(one.notices.key) if one.notices else "",
        )


class CandidateView(OfTheStateMixin, TemplateView):
    """One case: what is missing, what may be an error, every time on the list, every look, the notice."""

    template_name = "compliance/candidate.html"

    @cached_property
    def candidacy(self) -> Candidacy:
        """The case of the address."""
        return get_object_or_404(Candidacy.objects.select_related("officer", "period"), pk=self.kwargs["pk"])

    def get_context_data(self, form=None, **kwargs):
        """The case."""
        one, today, now = self.candidacy, clock.today(), clock.now()
        officer = selectors.officers_with_places(today).get(pk=one.officer_id)
        accesses.saw(self.request, officer.license_number, f"Case of {one.period.year}")
        asked = standings.question(one.period, now)
        finding = standings.of_officer(asked, officer)
        events = licensing.events_of(officer, now)
        state = licensing.state_on(events, today)
        person = wording.Person(officer.full_name)
        rows = one.listings.with_check().select_related("left_record__training_class__course", "notices")
        listings = list(rows.order_by("-number").prefetch_related("checks__checked_by"))
        course = case_states.with_course(Candidacy.objects.filter(pk=one.pk), today).get()
        found = list(RecordingGap.objects.of(officer, one.period))
        return super().get_context_data(
            clocks=case_page.clocks(one, today),
            state=case_states.state_of(course, today),
            has_notice=course.answer_by is not None,
            before=one.submissions.live().filter(closed_at=None).first(),
            **case_page.course(one),
            candidacy=one,
            officer=officer,
            period=one.period,
            answer=answer(Case(person, finding, asked.requirements, asked.facts, today, state, events)),
            chip=wording.standing_chip(finding, state),
            license_chip=wording.license_beside(state, finding.standing),
            missing=stands.missing(asked, finding),
            gaps=found,
            likely=sum(1 for gap in found if gap.is_open and gap.is_likely),
            listings=listings,
            current=next((one for one in listings if one.left_on is None), None),
            is_connected=officer.pk in reminders.connected_officers_of([officer.pk], today),
            form=form or LookForm(initial=interrupted.initial(self.request)),
            may_look=access.can_look_at_candidates(self.request.user),
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Mark what the look found."""
        if not access.can_look_at_candidates(request.user):
            raise PermissionDenied
        form = LookForm(request.POST)
        if form.is_valid():
            current = self.candidacy.listings.open().values_list("pk", flat=True)
            try:
                candidacies.look(by=request.user, listings=current, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(refusal.field, refusal.message)
            else:
                messages.success(request, f"Kept: {Found(form.cleaned_data['found']).label.lower()}.")
                return redirect("compliance:candidate", pk=self.candidacy.pk)
        return self.render_to_response(self.get_context_data(form=form))
