"""How one officer's attendance differs from everybody's in a class, as a form."""

from collections.abc import Iterable
from decimal import Decimal

from django import forms

from training.forms.hours import HoursForm, initial_of
from training.hours import Line

COMPLETED, PART, LEFT, TAUGHT, TAUGHT_OWN = "", "part", "left", "taught", "taught-part"
HOW = [
    (COMPLETED, "Completed all of it"),
    (PART, "Completed part of the hours"),
    (LEFT, "Did not complete: no credit"),
    (TAUGHT, "Taught it: instructor credit, hour for hour"),
    (TAUGHT_OWN, "Taught it with own hours: instructor credit for those"),
]
WITH_OWN_HOURS = (PART, TAUGHT_OWN)
TEACHING = (TAUGHT, TAUGHT_OWN)


class ExceptionForm(forms.Form):
    """How one officer's attendance differs from everybody's; own hours where these are not all of the class.

    `had` are the hours the officer has in the class that is corrected: they may be kept where the class gives fewer.
    """

    how = forms.ChoiceField(
        choices=HOW,
        required=False,
        label="how",
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )

    def __init__(
        self, data=None, *, pk: int, name: str, curriculum, whole: tuple[Line, ...] = (), had: tuple[Line, ...] = ()
    ):
        super().__init__(data, prefix=f"person-{pk}", label_suffix="")
        self.pk = pk
        self.name = self.row_name = name
        self.had = had
        self.part = HoursForm(
            data, curriculum=curriculum, prefix=f"part-{pk}", anchor=f"exception-{pk}", least=initial_of(whole)
        )
        self.part.known = (had,)
        self.part.row_name = name

    @property
    def chosen(self) -> str:
        """What was chosen, as it was sent."""
        return (self.data.get(self.add_prefix("how")) or "") if self.is_bound else ""

    def own_hours(self, whole: Iterable[Line]) -> tuple[Line, ...] | None:
        """The officer's own hours in a class that gives `whole`; None where they are those of the class.

        More than the class gives is an error at its field, unless the officer has as many in it already.
        """
        if self.chosen not in WITH_OWN_HOURS or not self.part.is_valid():
            return None
        of_areas = (lambda line: (line.area, None)), "area"
        of_topics = (lambda line: (line.area, line.topic) if line.topic else None), "topic"
        for key_of, kind in (of_areas, of_topics) if whole else ():
            gives, had = _summed(whole, key_of), _summed(self.had, key_of)
            for key, hours in _summed(self.part.lines, key_of).items():
                most = gives.get(key, Decimal(0))
                if hours > max(most, had.get(key, Decimal(0))):
                    area, topic = key
                    what = f"{topic} in {area}" if topic else str(area)
                    self.part.add_error(
                        f"{kind}-{(topic or area).code}",
                        f"{hours.normalize():f} is more than the class gives of {what}, {most.normalize():f}.",
                    )
        return self.part.lines


def _summed(lines: Iterable[Line], key) -> dict:
    sums: dict = {}
    for line in lines:
        if (at := key(line)) is not None:
            sums[at] = sums.get(at, Decimal(0)) + line.hours
    return sums
