"""What the pages of onboarding and of who acts list, as files: each takes the rows and the rights of its page."""

from clee_portal import clock
from training import invitation_lists
from training.services import invitation_requests
from training.views.campaigns import CampaignListView
from training.views.invitations import RequestListView
from training.views.listing import FileMixin
from training.views.state_people import BodyListView


class _OfTodayMixin(FileMixin):
    """The file is called by what it lists and the day."""

    what = ""

    def file_name(self) -> str:
        """As of today."""
        return f"{self.what}-{clock.today():%Y-%m-%d}"


class CampaignListFileView(_OfTodayMixin, CampaignListView):
    """Every campaign, with how far it is."""

    what = "campaigns"
    header = ("Campaign", "Sent", "Sent by", "Invited", "Connected")

    def file_rows(self) -> list[tuple]:
        """A row for each campaign."""
        found = list(self.get_queryset())
        told = invitation_lists.totals(found)
        return [
            (one.name, one.created_at, str(one.created_by or "the command line"), *told.get(one.pk, (0, 0)))
            for one in found
        ]


class RequestListFileView(_OfTodayMixin, RequestListView):
    """Everybody who waits for an invitation."""

    what = "invitations-asked-for"
    http_method_names = ("get", "head", "options")
    header = (
        "License number", "Name", "Role", "For", "Why", "Agency that asked", "Asked by", "Asked", "Times",
        "Asked last", "E-mail",
    )  # fmt: skip

    def file_rows(self) -> list[tuple]:
        """A row for each request, the oldest first."""
        return [self.row(one) for one in self.get_queryset()]

    @staticmethod
    def row(one) -> tuple:
        """An officer is named by the license; everybody else by the invitation that was theirs."""
        of, known = one.invitation, one.officer
        return (
            known.license_number if known else "", known.sorted_name if known else of.name,
            "" if known else of.get_role_display(), "" if known else str(of.agency or of.provider or ""),
            one.get_reason_display(), str(one.agency or ""), str(one.asked_by or ""), one.asked_at, one.times,
            one.last_asked_at, invitation_requests.address_used(one),
        )  # fmt: skip


class BodyListFileView(_OfTodayMixin, BodyListView):
    """Agencies or providers as they are narrowed: who acts for each, and where nobody names people."""

    what = "who-acts"
    header = ("Kind", "Name", "People", "Has somebody who names people", "Confirmed last for the quarter of", "Phone",
              "E-mail")  # fmt: skip

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [
            (self.kind, one.name, one.acting, one.has_confirmer, one.last_on, one.phone, one.email)
            for one in self.get_queryset()
        ]
