"""Messages to many people: what is to go, what goes, what became of it. POST lets go, holds and stops; the Director
sees."""

from functools import cached_property

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView, TemplateView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.history import accesses
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from compliance import access, campaigns
from compliance.campaigns import Audience, Row
from compliance.forms.campaigns import DecideForm
from compliance.services import mailings
from notifications import campaigns as outbox_campaigns
from notifications.access import can_decide_campaigns
from notifications.models import Campaign, Message
from training.models import Membership
from training.views.listing import FileMixin

A_PAGE = 50
MOST_AGENCIES = 15
CHUNK = 1000
LEFT_OUT = "left-out"


class OfTheStateMixin(UserPassesTestMixin):
    """A page of the state's people; POST acts on it."""

    raise_exception = True

    def test_func(self) -> bool:
        """POST staff, the Director and designated agents."""
        return access.can_see_campaigns(self.request.user)


class CampaignListView(OfTheStateMixin, PagesMixin, ListView):
    """Every campaign: those held first, then what is to come, then the latest."""

    template_name = "compliance/campaign_list.html"
    paginate_by = 25

    def get_queryset(self):
        """In that order; `?kind=` limits it to one occasion."""
        rank = Case(When(state="held", then=Value(0)), When(state="planned", then=Value(1)), default=Value(2))
        found = Campaign.objects.filter(occasion__in=campaigns.KINDS).select_related("held_by", "released_by")
        if (kind := self.request.GET.get("kind", "")) in campaigns.KINDS:
            found = found.filter(occasion=kind)
        return found.annotate(rank=rank).order_by("rank", "-began_at", "key", "pk")

    def get_context_data(self, **kwargs):
        """Also how each is getting on."""
        context = super().get_context_data(**kwargs)
        page = list(context["page_obj"])
        progress = outbox_campaigns.progress_of([one.pk for one in page], clock.now())
        return context | {
            "rows": [shown(one, progress.get(one.pk)) for one in page],
            "held": Campaign.objects.filter(state="held", occasion__in=campaigns.KINDS).count(),
            "kinds": campaigns.KINDS.values(),
            "kind": self.request.GET.get("kind", ""),
        }


class CampaignListFileView(FileMixin, CampaignListView):
    """The same as CSV or XLSX."""

    header = ("Campaign", "Kind", "State", "Day", "Began", "Messages", "Sent", "Trouble")

    def file_name(self) -> str:
        """As of today."""
        return f"campaigns-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each campaign."""
        those = list(self.get_queryset())
        progress = outbox_campaigns.progress_of([one.pk for one in those], clock.now())
        rows = [shown(one, progress.get(one.pk)) for one in those]
        return [
            (
                row["title"], row["kind"].label, row["chip"][1], row["due_on"], row["campaign"].began_at,
                row["progress"].total, row["progress"].sent, row["progress"].trouble,
            )
            for row in rows
        ]  # fmt: skip


def shown(campaign: Campaign, progress=None) -> dict:
    """A campaign as pages show it: its title, its chip, its day."""
    kind = campaigns.kind_of(campaign)
    progress = progress or outbox_campaigns.Progress({}, 0, None, None)
    is_caught = outbox_campaigns.is_caught(campaign)
    was_begun = campaign.state == "held" and progress.done > 0
    if campaign.state == "held":
        chip = ("short", "Held by the safety catch", "pause-circle") if is_caught else ("held", "Held", "pause-circle")
        if was_begun and not is_caught:
            chip = ("held", "Stopped", "pause-circle")
    elif campaign.state == "planned":
        chip = ("info", "Planned", "calendar3")
    elif progress.left:
        chip = ("due", "Going", "send")
    else:
        chip = ("met", "Finished", "check-lg")
    return {
        "campaign": campaign,
        "kind": kind,
        "title": kind.title(campaign.key),
        "due_on": kind.due_on(campaign.key),
        "progress": progress,
        "chip": chip,
        "is_caught": is_caught,
        "is_stopped": was_begun,
        "goes": campaign.state == "going" and progress.left > 0,
        "is_finished": campaign.state == "going" and not progress.left,
    }


class CampaignMixin(OfTheStateMixin):
    """One campaign."""

    @cached_property
    def campaign(self) -> Campaign:
        """The campaign of the address."""
        found = Campaign.objects.filter(occasion__in=campaigns.KINDS).select_related("held_by", "released_by")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    @cached_property
    def progress(self):
        """How it is getting on."""
        return outbox_campaigns.progress(self.campaign, clock.now())

    @cached_property
    def audience(self) -> Audience | None:
        """Whom it is for, while it has not gone."""
        return campaigns.kind_of(self.campaign).audience(self.campaign, clock.now()) if self.is_before else None

    @property
    def is_before(self) -> bool:
        """Whether it has not gone, and may be looked at beforehand."""
        return campaigns.is_before(self.campaign)

    # The list, as asked for -------------------------------------------------------------------------------------------

    def asked(self) -> dict:
        """What the list is limited to: words of a name, a number or an address; an agency; a state."""
        given = self.request.GET
        return {
            "q": given.get("q", "").strip()[:100],
            "agency": given.get("agency", "").strip()[:100],
            "show": given.get("show", ""),
        }

    def recipients(self):
        """Messages (once it has begun) or officer ids (before, and of those left out), as asked for."""
        asked = self.asked()
        if self.is_before and (asked["show"] == LEFT_OUT or not self.campaign.began_at):
            ids = self.audience.left_out if asked["show"] == LEFT_OUT else self.audience.written
            officers = campaigns.officers_like(asked["q"], asked["agency"], clock.today()).filter(pk__in=list(ids))
            return officers.order_by("search_name", "pk").values_list("pk", flat=True)
        found = self.campaign.messages.order_by("address", "pk")
        if asked["show"] in Message.State.values:
            found = found.filter(state=asked["show"])
        elif not asked["show"]:
            found = found.exclude(state=Message.State.SUPERSEDED)
        if asked["q"] or asked["agency"]:
            officers = campaigns.officers_like(asked["q"], asked["agency"], clock.today())
            ties = Membership.objects.filter(role=Membership.Role.OFFICER, officer__in=officers.values("pk"))
            theirs = Q(user__in=ties.values("user"))
            if asked["q"] and not asked["agency"]:
                theirs |= Q(address__icontains=asked["q"])
            found = found.filter(theirs)
        return found

    def rows(self, some) -> list[Row]:
        """Some of `recipients` as rows."""
        some, today = list(some), clock.today()
        if some and isinstance(some[0], Message):
            return campaigns.rows_of(self.campaign, some, today)
        return campaigns.planned_rows(some, self.audience, today) if some else []


class CampaignView(CampaignMixin, TemplateView):
    """One campaign: whom it is for, before; how it is getting on; what became of each message."""

    template_name = "compliance/campaign.html"

    def get_context_data(self, form=None, **kwargs):
        """Before it goes also the agencies, who is left out, and sample letters."""
        page = Paginator(self.recipients(), A_PAGE).get_page(self.request.GET.get("page"))
        context = shown(self.campaign, self.progress) | {
            **self.asked(),
            "form": form or DecideForm(initial=interrupted.initial(self.request)),
            "may_decide": can_decide_campaigns(self.request.user),
            "signed_in_as": interrupted.token(self.request.user),
            "is_before": self.is_before,
            "page_obj": page,
            "rows": self.rows(page.object_list),
            "failures": outbox_campaigns.failures(self.campaign),
            "shows": self._shows(),
            "has_digests": self.campaign.occasion == campaigns.REMINDERS.occasion,
            "digests": self._digests(),
        }
        if self.audience is not None:
            written = list(self.audience.written)
            places = campaigns.by_agency(written, clock.today())
            context |= {
                "size": len(written),
                "left_out": len(self.audience.left_out),
                "agencies": places[:MOST_AGENCIES],
                "more_agencies": places[MOST_AGENCIES:],
                "samples": campaigns.samples(self.campaign, self.audience),
            }
            for one in context["samples"]:
                accesses.saw(self.request, one.officer.license_number, "Sample letter of a campaign")
        return super().get_context_data(**context, **kwargs)

    def _digests(self) -> list[tuple[str, int]]:
        """Of the digests that go with a wave, the words of each state and how many; those superseded left out."""
        counted = mailings.with_it(self.campaign).exclude(state=Message.State.SUPERSEDED).order_by("state")
        rows = counted.values_list("state").annotate(n=Count("pk"))
        return [(Message.State(state).label.lower(), n) for state, n in rows]

    def _shows(self) -> list[tuple[str, str]]:
        shows = [("", "Would be written to" if self.is_before and not self.campaign.began_at else "All messages")]
        if self.campaign.began_at:
            shows += [(state, f"{label} ({count:,})") for state, label, count in self.progress.rows()]
        if self.audience is not None:
            shows.append((LEFT_OUT, f"Left out: not connected ({len(self.audience.left_out):,})"))
        return shows

    def post(self, request, *args, **kwargs):
        """Hold it or let it go."""
        if not can_decide_campaigns(request.user):
            raise PermissionDenied
        form = DecideForm(request.POST)
        if form.is_valid():
            act = form.cleaned_data["act"]
            do = mailings.hold if act == form.HOLD else mailings.release
            try:
                done = do(by=request.user, campaign=self.campaign, reason=form.cleaned_data["reason"])
            except Refused as refusal:
                form.add_error(refusal.field, refusal.message)
            else:
                messages.success(request, said(campaigns.kind_of(done).title(done.key), done))
                return redirect("compliance:mailing", pk=done.pk)
        return self.render_to_response(self.get_context_data(form=form))


def said(title: str, campaign: Campaign) -> str:
    """What was done, in a sentence."""
    return {
        "held": f"{title} is held. Nothing more goes until POST releases it.",
        "planned": f"{title} goes on its day again.",
        "going": f"{title} is released. The messages go now.",
    }[campaign.state]


class CampaignProgressView(CampaignMixin, TemplateView):
    """A fragment: how the campaign is getting on."""

    def get(self, request, *args, **kwargs):
        """It asks again by itself while messages are on their way."""
        context = shown(self.campaign, self.progress) | {"failures": outbox_campaigns.failures(self.campaign)}
        return render(request, "compliance/_campaign_progress.html", context)


class CampaignFileView(FileMixin, CampaignMixin, TemplateView):
    """Every message of a campaign with its ending and its times; before it goes, whom it is for. As asked for."""

    header = (
        "License", "Officer", "Agency", "Address", "State", "Put on", "First tried", "Ended", "Tries",
        "May have arrived twice", "Answer or reason",
    )  # fmt: skip

    def file_name(self) -> str:
        """By its title and the day."""
        title = campaigns.kind_of(self.campaign).title(self.campaign.key)
        return f"{title.lower().replace(' ', '-')}-{clock.today():%Y-%m-%d}"

    def file_rows(self):
        """A row for each, made as the file is read."""
        found = self.recipients()
        some: list = []
        for one in found.iterator(chunk_size=CHUNK):
            some.append(one)
            if len(some) == CHUNK:
                yield from map(self._told, self.rows(some))
                some = []
        yield from map(self._told, self.rows(some))

    def _told(self, row: Row) -> tuple:
        officer, message = row.officer, row.message
        places = "; ".join(place["name"] for place in officer.places)
        head = (officer.license_number, officer.sorted_name, places, row.address)
        if message is None:
            state = "Would be written to" if row.address else "Left out: not connected"
            return (*head, state, None, None, None, None, None, "")
        return (
            *head,
            message.get_state_display(),
            message.put_at,
            message.first_tried_at,
            message.settled_at,
            message.attempts,
            message.may_be_a_second_copy,
            message.note,
        )
