"""What may be recording errors: POST's queue, and an agency's list to confirm in place."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import is_number, numbers
from compliance import access
from compliance.forms.recording_gaps import AnswerForm, GapActForm, GapFilterForm, SearchForm
from compliance.models import GapSearch, RecordingGap, ReportingPeriod
from compliance.recording_errors import mending
from compliance.services import recording_gaps
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin

A_PAGE = 50
A_PAGE_OF_ANSWERS = 20
How, Answer = RecordingGap.How, RecordingGap.Answer


class GapQueueView(UserPassesTestMixin, PagesMixin, ListView):
    """Everything found, the likeliest first; the address holds what it is limited to. POST puts it to agencies and
    settles it, singly and in bulk."""

    template_name = "compliance/gap_queue.html"
    paginate_by = A_PAGE
    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_gaps(self.request.user)

    def get_queryset(self):
        """Those asked for; what cannot be read in the form is said there and not asked for."""
        self.form = GapFilterForm(self.request.GET, label_suffix="")
        self.form.is_valid()
        given = self.form.cleaned_data
        found = _shown(RecordingGap.objects.visible_to(self.request.user), given.get("show", ""))
        if given.get("kind"):
            found = found.filter(kind=given["kind"])
        if given.get("year"):
            found = found.filter(period__year=given["year"])
        for word in given.get("officer", "").split():
            found = found.filter(Q(officer__search_name__icontains=word) | Q(officer__license_number__iexact=word))
        if agency := given.get("agency", ""):
            found = found.filter(Q(agency__name__icontains=agency) | Q(agency__code__iexact=agency))
        order = ("-resolved_at", "-pk") if given.get("show") == "settled" else ("-score", "officer__search_name", "pk")
        return found.order_by(*order)

    def paginate_queryset(self, queryset, page_size):
        """The page's rows with what their words name."""
        return super().paginate_queryset(queryset.with_sources(), page_size)

    def get_context_data(self, act_form=None, ticked=(), **kwargs):
        """The rows, how many are likely in all, when the record was searched last."""
        context = super().get_context_data(**kwargs)
        if act_form is None and (typed := interrupted.take(self.request)):
            act_form = GapActForm(initial=typed.dict())
            ticked = numbers(typed.getlist("gap"))
        given = {name: value for name, value in self.request.GET.items() if value and name in self.form.fields}
        searches = GapSearch.objects.select_related("period").order_by("-period__year", "-day")
        latest = list(searches.distinct("period__year"))
        return context | {
            "form": self.form,
            "act_form": act_form or GapActForm(),
            "ticked": set(ticked),
            "is_limited": bool(given),
            "is_settled": given.get("show") == "settled",
            "query": urlencode(given),
            "likely": RecordingGap.objects.unresolved().likely().count(),
            "latest": latest,
            "years": list(
                ReportingPeriod.objects.filter(starts_on__lte=clock.today()).values_list("year", flat=True)[:3]
            ),
            "may_work": access.can_work_gaps(self.request.user),
            "signed_in_as": interrupted.token(self.request.user),
        }

    def post(self, request, *args, **kwargs):
        """Do it with those ticked, or with everything the list shows."""
        if not access.can_work_gaps(request.user):
            raise PermissionDenied
        form = GapActForm(request.POST)
        ticked = numbers(request.POST.getlist("gap"))
        if form.is_valid():
            given = form.cleaned_data
            shown = self.get_queryset().unresolved()
            chosen = list((shown if given["everyone"] else shown.filter(pk__in=ticked)).values_list("pk", flat=True))
            try:
                if not chosen:
                    raise Refused("Nothing was chosen. Tick some of them, or everything shown.")
                messages.success(request, _act(request.user, chosen, given))
                return redirect(request.get_full_path())
            except Refused as refusal:
                form.add_error("words" if refusal.field == "words" else None, refusal.message)
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(act_form=form, ticked=ticked))


def _act(user, chosen: list[int], given: dict) -> str:
    if given["act"] == GapActForm.SEND:
        count = recording_gaps.send(by=user, gaps=chosen)
        return f"{count_words(count, 'question')} put to the agencies."
    count = recording_gaps.resolve(by=user, gaps=chosen, how=given["act"], reason=given["words"])
    return f"{count_words(count, 'finding')} settled: {How(given['act']).label.lower()}."


def _shown(found, show: str):
    if show == "settled":
        return found.exclude(resolved_at=None)
    found = found.unresolved()
    if show == "open":
        return found
    if show == "asked":
        return found.filter(asked_at__isnull=False, answer="")
    if show == "yes":
        return found.filter(answer=Answer.YES)
    if show == "unsent":
        return found.likely().filter(asked_at=None)
    return found.likely()


class GapFileView(FileMixin, GapQueueView):
    """The queue as a file, as it is limited."""

    header = (
        "License", "Officer", "Year", "Kind", "Score", "Why", "Hours", "Closes the gap", "Found on", "Agency",
        "Asked on", "Answer", "Answered on", "In words", "How it was settled", "Reason", "Settled on",
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"recording-errors-{clock.today():%Y-%m-%d}"

    def file_rows(self):
        """A row for each."""
        for one in self.get_queryset().with_sources().iterator(chunk_size=1000):
            yield (
                one.officer.license_number, one.officer.sorted_name, one.period.year, one.get_kind_display(), one.score,
                one.words, one.hours, one.closes, one.found_on, one.agency.name if one.agency else None, one.asked_at,
                one.get_answer_display(), one.answered_at, one.answer_words, one.get_how_display(), one.reason,
                one.resolved_at,
            )  # fmt: skip


class GapSearchView(UserPassesTestMixin, View):
    """POST has the record of a period searched at once."""

    raise_exception = True

    def test_func(self) -> bool:
        """POST staff."""
        return access.can_work_gaps(self.request.user)

    def get(self, request):
        """There is nothing to see: on to the queue."""
        return redirect("compliance:gap_queue")

    def post(self, request):
        """Search, and say what came of it."""
        form = SearchForm(request.POST)
        period = ReportingPeriod.objects.filter(year=form.cleaned_data["year"]).first() if form.is_valid() else None
        if period is None:
            messages.error(request, "Choose the year whose record is to be searched.")
            return redirect("compliance:gap_queue")
        try:
            made = recording_gaps.find_now(by=request.user, period=period, now=clock.now())
        except Refused as refusal:
            messages.error(request, refusal.message)
            return redirect("compliance:gap_queue")
        messages.success(
            request,
            f"{period.year}: the record of {count_words(made.officers, 'officer')} who are short was searched; "
            f"{count_words(made.likely, 'likely error')} not settled.",
        )
        return redirect(f"{reverse('compliance:gap_queue')}?{urlencode({'year': period.year})}")


class AgencyGapsView(AgencyMixin, StepUpMixin, PagesMixin, ListView):
    """What the agency was asked: it says yes and enters it, or no and why."""

    template_name = "compliance/gaps_of_agency.html"
    paginate_by = A_PAGE_OF_ANSWERS

    def of_agency(self):
        """Those put to this agency, of officers commissioned there today."""
        return RecordingGap.objects.visible_to(self.request.user).filter(agency=self.agency, asked_at__isnull=False)

    def get_queryset(self):
        """Those not settled, unanswered first, one officer's together."""
        found = self.of_agency().unresolved()
        return found.with_sources().order_by(
            "answer", "-period__year", "officer__search_name", "officer", "-score", "pk"
        )

    def get_context_data(self, form=None, at=None, **kwargs):
        """Each with where it is mended; lately settled ones below."""
        context = super().get_context_data(**kwargs)
        if form is None and (typed := interrupted.initial(self.request)):
            form, at = AnswerForm(initial=typed), typed.get("gap")
        settled = self.of_agency().exclude(resolved_at=None).with_sources().order_by("-resolved_at", "-pk")[:10]
        rows = [
            {
                "one": gap,
                "yes": mending.yes_label(gap),
                "place": mending.place(gap),
                "form": form if str(gap.pk) == str(at) else None,
            }
            for gap in context["object_list"]
        ]
        return context | {
            "rows": rows,
            "form": form,
            "settled": settled,
            "waiting": self.of_agency().unresolved().filter(answer="").count(),
            "may_answer": access.can_answer_gap(self.request.user, self.agency),
            "signed_in_as": interrupted.token(self.request.user),
        }

    def post(self, request, *args, **kwargs):
        """Keep the answer; a "yes" that is not done at once leads to where it is done."""
        if not access.can_answer_gap(request.user, self.agency):
            raise PermissionDenied
        given = request.POST.get("gap", "")
        if not given:
            messages.error(request, "Choose the question you answer.")
            self.object_list = self.get_queryset()
            return self.render_to_response(self.get_context_data())
        found = self.of_agency().filter(pk=given if is_number(given) else 0)
        gap = get_object_or_404(found.with_sources())
        form = AnswerForm(request.POST, auto_id=f"%s-{gap.pk}")  # each question of the page has its own
        if form.is_valid():
            try:
                kept = recording_gaps.answer(by=request.user, gap=gap, **form.cleaned_data)
            except Refused as refusal:
                form.add_error("words" if refusal.field == "words" else None, refusal.message)
            else:
                return self.answered(kept)
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(form=form, at=gap.pk))

    def answered(self, gap: RecordingGap):
        """Say what became of it, and go on to where it is mended."""
        name = gap.officer.full_name
        if gap.how == How.MENDED:
            messages.success(self.request, f"{name}: {gap.reason}")
        elif gap.answer == Answer.NO:
            messages.success(self.request, f"Kept: the record of {name} is right. {gap.reason}")
        elif where := mending.place(gap):
            messages.info(
                self.request, f"Kept: hours of {name} are missing. Enter them here; then the question is closed."
            )
            return redirect(where.url)
        else:
            messages.success(self.request, f"Kept: hours of {name} are missing. POST is told, and sees to it.")
        return redirect("compliance:gaps_of_agency", self.agency.code)
