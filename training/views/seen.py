"""Pages whose form changes what stands: whoever saves later sees what stands beside what they typed, and goes on."""

from collections.abc import Mapping
from typing import Any

from django import forms

from clee_portal.history.seen import FIELD, ChangedMeanwhile, mark
from training.forms.seen import Row, put_what_stands, rows_of


class SeenMixin:
    """The mark of what the page shows (`clee_portal.history.seen`), in `templates/portal/_changed_meanwhile.html`."""

    meanwhile: list[Row] | tuple = ()
    stands_as = ""  # the mark of what stands, once it was found to be another than the page showed

    def stands(self) -> dict | None:
        """The facts the form changes, as the page shows them; None where it changes nothing that stands."""
        return None

    def called(self, user) -> str:
        """How somebody who changed it is named to the person: of the state’s people no name is told to others."""
        return "POST" if user.sees_the_state and not self.request.user.sees_the_state else str(user)

    @property
    def seen(self) -> str:
        """The mark of what the page showed, for the service."""
        return self.request.POST.get(FIELD, "")

    def seen_context(self, typed: Mapping[str, Any]) -> dict:
        """For the template. `typed`: what a session's end interrupted keeps the mark of its own page."""
        if (stands := self.stands()) is None:
            return {}
        shown = self.seen if self.request.method == "POST" else typed.get(FIELD) or mark(stands)
        return {"meanwhile": self.meanwhile, FIELD: self.stands_as or shown}

    def put_beside(
        self, refusal: ChangedMeanwhile, fields: Mapping[str, forms.BoundField], shown: Mapping[str, Any] | None = None
    ) -> None:
        """The page that follows has both. `fields`: fact -> its field; `shown`: how a field says what stands, where it
        is not the fact itself."""
        self.stands_as, self.meanwhile = refusal.seen, rows_of(refusal, fields, called=self.called)
        put_what_stands(refusal, fields, shown or {})
