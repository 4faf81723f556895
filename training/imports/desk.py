"""Training as an agency sends it in at its desk: in-service of its own, told of in words for a page."""

from clee_portal.accounts.models import User
from training import access
from training.imports.classes import Classes
from training.matching import People
from training.models import Agency

# A file of an agency says nothing about these: POST's registers do.
_NOT_AT_THE_DESK = ("recorded_on",)
# What may be given once for every row of a file.
FOR_ALL_ROWS = ("title", "completed_on", "hours", "area", "delivery")


class Desk(Classes):
    """Training of an agency's officers. POST staff may also credit what others gave."""

    is_desk = True

    def __init__(self, agency: Agency, by: User | None = None):
        super().__init__(agency=agency, by=by)
        self.only_own = not access.can_record_for_others(by)
        self.writes_only_of = agency.pk if self.only_own else None
        self.fields = {name: one for name, one in self.fields.items() if name not in _NOT_AT_THE_DESK}

    @property
    def people(self) -> People:
        """The officers of the agency, and those of others once they are asked for by license number."""
        return self._memory.matcher()
