"""Lost second steps as a file. The list is of the accounts, which know nothing of files."""

from clee_portal import clock
from clee_portal.accounts.views.recoveries import RecoveryListView
from training.views.listing import FileMixin


class RecoveryListFileView(FileMixin, RecoveryListView):
    """Every recovery: for whom, who let them, what became of it. No secret is in it."""

    header = (
        "Name", "E-mail", "Opened", "Opened by", "Known by", "Needs a second member", "Approved", "Approved by", "Used",
        "Withdrawn",
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"lost-second-steps-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [
            (
                one.user.name, one.user.email, one.opened_at, str(one.opened_by), one.identified_by, one.needs_approval,
                one.approved_at, str(one.approved_by or ""), one.used_at, one.withdrawn_at,
            )
            for one in self.get_queryset()
        ]  # fmt: skip
