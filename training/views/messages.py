"""What the portal wrote to an officer, as POST sees it, and to an agency's people about the agency."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.views.generic import ListView

from clee_portal import clock
from clee_portal.history import accesses
from clee_portal.paging import PagesMixin
from notifications import messages_said
from notifications.messages_said import RowsMixin
from training import access, agency_occasions, messages_to
from training.models import Officer
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin


class OfficerMessagesView(RowsMixin, PagesMixin, ListView):
    """Every message to the accounts that are or were connected to a license, in the time they were. For the state."""

    template_name = "training/officer_messages.html"

    def setup(self, request, *args, **kwargs):
        """The officer; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        number = kwargs["license_number"]
        self.officer = get_object_or_404(Officer.objects.visible_to(request.user), license_number=number)

    def dispatch(self, request, *args, **kwargs):
        """The officer has a page of their own, and an agency does not read its officers' mail. That somebody of the
        state did goes into the record of access."""
        if not access.can_read_messages(request.user, self.officer):
            raise PermissionDenied
        accesses.saw(request, self.officer.license_number, "Messages to the officer")
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        """Newest first."""
        return messages_to.officer(self.officer).select_related("text", "user")

    def get_context_data(self, **kwargs) -> dict:
        """Also whose they are."""
        return super().get_context_data(officer=self.officer, **kwargs)


class OfficerMessagesFileView(FileMixin, OfficerMessagesView):
    """Every message to an officer and what became of it, as CSV or XLSX."""

    header = (
        "Put on", "Kind", "Subject", "Address", "State", "First tried", "Ended", "Tries", "May have arrived twice",
        "Answer or reason",
    )  # fmt: skip

    def file_name(self) -> str:
        """By the license and the day."""
        return f"messages-{self.officer.license_number}-{clock.today():%Y-%m-%d}"

    def file_rows(self):
        """A row for each message."""
        for one in self.get_queryset().iterator(chunk_size=2000):
            told = messages_said.row(one)
            yield (
                one.put_at, told.kind, told.subject, one.address, one.get_state_display(), one.first_tried_at,
                one.settled_at, one.attempts, one.may_be_a_second_copy, one.note,
            )  # fmt: skip


class AgencyMessagesView(AgencyMixin, RowsMixin, PagesMixin, ListView):
    """What was written to the agency's people about the agency: digests, courses decided, rows settled, questions."""

    template_name = "training/agency_messages.html"

    def get_queryset(self):
        """Newest first."""
        return agency_occasions.sent_about(self.agency.pk)
