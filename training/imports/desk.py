"""Training as an agency or a provider sends it in at its desk: what it gave itself, told of in words for a page."""

from clee_portal.accounts.models import User
from training import access
from training.bodies import Body
from training.imports.classes import Classes
from training.matching import People

# A file of the desk says nothing about these: POST's registers do.
_NOT_AT_THE_DESK = ("recorded_on",)
# What may be given once for every row of a file.
FOR_ALL_ROWS = ("title", "completed_on", "hours", "area", "delivery")


class Desk(Classes):
    """Training of an agency's officers, or of a provider's classes. POST staff may also credit what others gave."""

    is_desk = True

    def __init__(self, body: Body, by: User | None = None):
        super().__init__(body=body, by=by)
        self.only_own = not access.can_record_for_others(by)
        self.writes_only_of = body if self.only_own else None
        self.fields = {name: one for name, one in self.fields.items() if name not in _NOT_AT_THE_DESK}

    @property
    def people(self) -> People:
        """The people of the body, and others once they are asked for by license number."""
        return self._memory.matcher()
