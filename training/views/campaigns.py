"""Campaigns: a list read and shown before anything is sent, then how far they have come, as a chart and a table."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import ListView, TemplateView, View

from clee_portal import clock
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from training import access, campaign_plot, invitation_lists
from training.forms.invitations import CampaignForm
from training.imports import invitation_list
from training.imports.problems import Unreadable
from training.models import Campaign
from training.services import campaigns
from training.views.invitations import A_PAGE, InvitesMixin, SeesInvitationsMixin
from training.views.listing import FileMixin
from training.views.one_form import OneFormView

SHOWN = 200  # rows of a list that the page shows; the others are counted


class CampaignListView(SeesInvitationsMixin, PagesMixin, ListView):
    """Every campaign, the newest first."""

    template_name = "training/campaign_list.html"
    paginate_by = A_PAGE
    queryset = Campaign.objects.select_related("created_by")

    def get_context_data(self, **kwargs):
        """Each with how many were invited and are connected."""
        context = super().get_context_data(**kwargs)
        shown = list(context["object_list"])
        told = invitation_lists.totals(shown)
        return context | {
            "rows": [(one, *told.get(one.pk, (0, 0))) for one in shown],
            "may_invite": access.can_invite(self.request.user),
        }


class CampaignNewView(InvitesMixin, OneFormView):
    """A list becomes a campaign: read, checked, shown, and only then sent."""

    template_name = "training/campaign_new.html"
    form_class = CampaignForm

    def act(self, form):
        """Show what would be sent, or send it."""
        given = form.cleaned_data
        if self.request.POST.get("step") == "send":
            rows = invitation_list.of_lines(given["text"])
            made = campaigns.send(by=self.request.user, name=given["name"], given=rows, today=self.today)
            count = made.invitations.count()
            who = "1 officer" if count == 1 else f"{count:,} officers"
            messages.success(
                self.request, f"{who} invited. The mail goes out from now on; this page says how far it is."
            )
            return redirect("training:campaign_detail", pk=made.pk)
        return self.preview(form)

    def preview(self, form):
        """The list, checked. Nothing is stored."""
        file = form.cleaned_data["file"]
        data = file.read() if file else form.cleaned_data["text"].encode()
        try:
            rows = invitation_list.read(data, file.name if file else "pasted")
        except Unreadable as error:
            raise Refused(str(error), field="file" if file else "text") from None
        checked = invitation_list.check(rows, self.today, clock.now())
        return self.render_to_response(
            self.get_context_data(
                form=form,
                checked=checked,
                problems=checked.problems[:SHOWN],
                invitees=checked.invitees[:SHOWN],
                lines=invitation_list.as_lines(rows),
                shown=SHOWN,
            )
        )


class _CampaignMixin(SeesInvitationsMixin):
    """One campaign."""

    def setup(self, request, *args, **kwargs):
        """With its days."""
        super().setup(request, *args, **kwargs)
        self.today, self.now = clock.today(), clock.now()

    def days(self) -> list[invitation_lists.Day]:
        """How far it had come, day by day."""
        self.campaign = get_object_or_404(Campaign.objects.select_related("created_by"), pk=self.kwargs["pk"])
        return invitation_lists.days(self.campaign, self.now, self.today)


class CampaignDetailView(_CampaignMixin, TemplateView):
    """How far a campaign has come."""

    template_name = "training/campaign_detail.html"

    def get_context_data(self, **kwargs):
        """The chart, and the table behind it."""
        days = self.days()
        return super().get_context_data(
            campaign=self.campaign,
            days=days,
            last=days[-1] if days else None,
            plot=campaign_plot.plot(days),
            counts=invitation_lists.counts(self.campaign, self.now),
            may_invite=access.can_invite(self.request.user),
            **kwargs,
        )


class CampaignFileView(_CampaignMixin, FileMixin, View):
    """The days of a campaign as CSV or XLSX."""

    header = ("Day", "Invited", "Sent", "Opened", "Connected", "Failed, locked or expired")

    def get(self, request, *args, **kwargs):
        """The file."""
        self.rows = self.days()
        return super().get(request, *args, **kwargs)

    def file_name(self) -> str:
        """Of the campaign, as of today."""
        return f"campaign-{self.campaign.pk}-{self.today:%Y-%m-%d}"

    def file_rows(self):
        """A row a day."""
        return self.rows
