"""Entries that look like one training: those of one body, the whole state's for POST, and settling one pair."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.history import accesses
from clee_portal.paging import OnwardMixin, QueueMixin
from training import access, names_shown, pairs
from training.forms.duplicates import KEEP, ONCE, SettleForm
from training.models import Officer, TrainingRecord
from training.models.memberships import scope_of
from training.pairs import Pair
from training.services import duplicates
from training.views.bodies import BodyMixin, Desk
from training.views.one_form import OneFormView

A_PAGE = 20
OPEN, SETTLED, KEPT = "open", "once", "kept"
SHOWN = ((OPEN, "Both count"), (SETTLED, "Counted once"), (KEPT, "Kept, with a reason"))


class PairsMixin(QueueMixin):
    """Pairs of entries, those that count twice first; `?show=` the settled ones, `?q=` those of some officers."""

    template_name = "training/duplicate_list.html"
    body = None

    def get_context_data(self, **kwargs):
        """One page of pairs, each told as far as it is open to the person. A constant number of statements."""
        page = Paginator(self.items(), A_PAGE).get_page(self.request.GET.get("page"))
        page.object_list = items = list(page.object_list)
        ways = {
            self.item_key(one): self.address_of(one, place)
            for place, one in enumerate(items, max(page.start_index() - 1, 0))
        }
        shown = [
            one | {"address": ways.get(str(one["second"].pk)) if one["second"] else ""} for one in self._told(page)
        ]
        seen = {"page_obj": page, "pairs": shown, "show": self._show(), "shown": SHOWN, "q": self._words()}
        return super().get_context_data(since=self._since(), **seen, **kwargs)

    def item_key(self, item) -> str:
        """The entry that is settled."""
        return str(item.second.pk if isinstance(item, Pair) else item.pk)

    def item_url(self, item) -> str:
        """Both entries, side by side."""
        return reverse("training:duplicate_settle", args=[self.item_key(item)])

    def items(self):
        """The pairs asked for, of the officers asked for."""
        found, words = self._asked(), self._words()
        if not words:
            return found
        if self._show() != OPEN:
            return found.filter(
                Q(officer__search_name__icontains=words) | Q(officer__license_number__istartswith=words)
            )
        alike = Officer.objects.filter(Q(search_name__icontains=words) | Q(license_number__istartswith=words))
        officers = set(alike.values_list("pk", flat=True))
        if self.body is None:
            return found.of(officers)
        return [one for one in found if one.second.officer_id in officers]

    def _words(self) -> str:
        return self.request.GET.get("q", "").replace("\0", "").replace(",", "").strip()[:100]

    def every(self) -> list[dict]:
        """All pairs that are asked for, as the page tells them."""
        return self._told(self.items())

    def _show(self) -> str:
        show = self.request.GET.get("show", OPEN)
        return show if show in dict(SHOWN) else OPEN

    def _since(self) -> dt.date:
        return clock.today().replace(year=clock.today().year - 1, month=1, day=1)

    def _asked(self):
        """Pairs that both count; or the entries that were settled, whose other is still to be found."""
        show, today, since = self._show(), clock.today(), self._since()
        if show == OPEN and self.body is None:
            return pairs.of_state(since)
        if show == OPEN:
            return pairs.both_counted(body=self.body, day=today, since=since)
        settled = Q(kept_because="") & ~Q(not_counted="") if show == SETTLED else ~Q(kept_because="")
        concerned = pairs.concerning(self.body, today) if self.body else Q()
        rows = pairs.entries().live().filter(settled, concerned, completed_on__gte=since)
        return rows.order_by("-completed_on", "-pk")

    def _told(self, rows) -> list[dict]:
        return told(self.request, list(rows) if self._show() == OPEN else pairs.with_the_other(rows))


def told(request: HttpRequest, found: list[Pair]) -> list[dict]:
    """Pairs as a page shows them: what of each is open to the person, and whether they may settle it."""
    pks = {one.pk for pair in found for one in pair if one}
    visible = set(TrainingRecord.objects.visible_to(request.user).filter(pk__in=pks).values_list("pk", flat=True))
    closed = names_shown.closed_to(request.user, [pair.second.officer for pair in found])
    return [
        {
            "first": pair.first if pair.first and pair.first.pk in visible else None,
            "is_hidden": bool(pair.first) and pair.first.pk not in visible,
            "second": pair.second if pair.second.pk in visible else None,
            "officer": pair.second.officer,
            "name": names_shown.CLOSED if pair.second.officer_id in closed else pair.second.officer.sorted_name,
            "number": "" if pair.second.officer_id in closed else pair.second.officer.license_number,
            "may_settle": pair.second.pk in visible and access.can_settle(request.user, pair.second),
        }
        for pair in found
        if {pair.second.pk, pair.first.pk if pair.first else 0} & visible
    ]


class DuplicateListView(PairsMixin, BodyMixin, TemplateView):
    """What concerns an agency (its officers, and classes it reported), or a provider (its classes)."""


class DuplicatesOfStateView(UserPassesTestMixin, PairsMixin, TemplateView):
    """All of the state's, for POST."""

    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_course_queue(self.request.user)


class DuplicateSettleView(OnwardMixin, StepUpMixin, OneFormView):
    """Two entries side by side: counted once, or kept as other training, with whose standing it changes."""

    template_name = "training/duplicate_settle.html"
    form_class = SettleForm

    def setup(self, request, *args, **kwargs):
        """The entry, among those open to the person."""
        super().setup(request, *args, **kwargs)
        self.record = get_object_or_404(
            TrainingRecord.objects.visible_to(request.user).select_related("training_class__course", "officer"),
            pk=kwargs["pk"],
        )
        if self.record.officer_id not in scope_of(request.user).officer_ids:
            accesses.saw(request, self.record.officer.license_number, "Two records of the same training")

    def dispatch(self, request, *args, **kwargs):
        """Only whoever may settle it."""
        if not access.can_settle(request.user, self.record):
            raise PermissionDenied
        if self.record.voided_at:
            return self.came_late()
        return super().dispatch(request, *args, **kwargs)

    def came_late(self):
        """The entry was changed since the page was made: how it stands now, or the list where it is gone."""
        messages.warning(
            self.request, "These entries were changed meanwhile. This is how they stand; nothing of yours was kept."
        )
        anew = duplicates.standing_for(self.record)
        if anew is None:
            return redirect(self.back())
        way_back = self.request.GET.urlencode()
        where = reverse("training:duplicate_settle", args=[anew.pk])
        return redirect(f"{where}?{way_back}" if way_back else where)

    def get_initial(self) -> dict:
        """As it stands."""
        kept = {"reason": self.record.kept_because, "decision": KEEP if self.record.kept_because else None}
        return kept | super().get_initial()

    def get_context_data(self, **kwargs):
        """Both entries."""
        one = pairs.entries().get(pk=self.record.pk)
        pair = told(self.request, [pair_of(one)])[0]
        return super().get_context_data(record=one, pair=pair, back=self.back(), **kwargs)

    def back(self) -> str:
        """The list the person came from."""
        given = self.request.GET.get("next", "")
        if url_has_allowed_host_and_scheme(given, {self.request.get_host()}, self.request.is_secure()):
            return given
        body = self.record.training_class.body
        if body and access.may_see_body(self.request.user, body):
            return Desk(body).urls["duplicate_list"]
        return reverse("training:duplicates_of_state")

    def act(self, form):
        """Settle it."""
        settle(self.request.user, self.record, form.cleaned_data)
        done = "Counted once." if form.cleaned_data["decision"] == ONCE else "Both count, with your reason."
        messages.success(self.request, done)
        return redirect(self.back())


def pair_of(record: TrainingRecord) -> Pair:
    """An entry (of `pairs.entries`) beside the one it is like, as it is settled or would be."""
    if record.not_counted or record.kept_because:
        return pairs.with_the_other([record])[0]
    twin = duplicates.twin_of(record)
    return Pair(pairs.entries().get(pk=twin.pk) if twin else None, record)


def settle(user, record: TrainingRecord, given: dict) -> TrainingRecord:
    """Do what the form says."""
    if given["decision"] == KEEP:
        return duplicates.keep(by=user, record=record, reason=given["reason"])
    return duplicates.count_once(by=user, record=record)
