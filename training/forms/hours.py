"""Hours by area with topics inside them, as a form: for a class, and for one person's part of it."""

from collections.abc import Mapping
from decimal import Decimal

from django import forms

from clee_portal.refusal import Refused
from training import hours
from training.hours import Line
from training.selectors import Curriculum


class Anchor(forms.TextInput):
    """A field that is not shown itself: errors of a whole group lead to the element with this id."""

    def __init__(self, target: str):
        self.target = target
        super().__init__()

    def id_for_label(self, id_, index=None) -> str:
        """The element the error summary leads to."""
        return self.target


class HoursForm(forms.Form):
    """Fields `area-<code>`, `topic-<code>` and, where a topic may lie in any area, `in-<code>`."""

    row_name = "Hours"

    def __init__(self, data=None, *, curriculum: Curriculum, prefix: str, anchor: str, least: Mapping | None = None):
        super().__init__(data, prefix=prefix, label_suffix="")
        self.curriculum = curriculum
        self.lines: tuple[Line, ...] = ()
        self.fallback: tuple[Line, ...] = ()  # what holds where no hours are typed at all
        self.known: tuple[tuple[Line, ...], ...] = ()  # what is meant where exactly the hours shown for it are sent
        self.fields["hours"] = forms.CharField(required=False, label="in all", widget=Anchor(anchor))
        for area in curriculum.areas:
            self.fields[f"area-{area.code}"] = self._hours_field(area.name)
        for topic in curriculum.topics:
            self.fields[f"topic-{topic.code}"] = self._hours_field(topic.name)
            if topic.only_area_id is None:
                self.fields[f"in-{topic.code}"] = forms.ChoiceField(
                    required=False,
                    label=f"{topic.name} lies in",
                    choices=[(area.code, area.name) for area in curriculum.areas],
                    initial=topic.usual_area.code,
                    widget=forms.Select(attrs={"class": "form-select form-select-sm", "data-within": topic.code}),
                )
        if least:
            self.initial = dict(least)

    @staticmethod
    def _hours_field(label: str) -> forms.CharField:
        attributes = {"class": "form-control", "inputmode": "decimal", "autocomplete": "off"}
        return forms.CharField(required=False, label=label, max_length=12, widget=forms.TextInput(attrs=attributes))

    @property
    def area_rows(self) -> list:
        """Bound fields of the areas, with the area."""
        return [(area, self[f"area-{area.code}"]) for area in self.curriculum.areas]

    @property
    def topic_rows(self) -> list:
        """Bound fields of the topics, with the topic and the bound choice of its area (None where it has only one)."""
        return [
            (topic, self[f"topic-{topic.code}"], None if topic.only_area_id else self[f"in-{topic.code}"])
            for topic in self.curriculum.topics
        ]

    @property
    def is_blank(self) -> bool:
        """Whether no hours were typed at all."""
        names = [name for name in self.fields if name.startswith(("area-", "topic-"))]
        return not any((self.data.get(self.add_prefix(name)) or "").strip() for name in names)

    def clean(self) -> dict:
        """Turns the hours into credit lines (`self.lines`); every number that cannot be read is named at its field."""
        by_area = {area: self._number(f"area-{area.code}") for area in self.curriculum.areas}
        areas = {area.code: area for area in self.curriculum.areas}
        placed = {}
        for topic in self.curriculum.topics:
            stated = self.cleaned_data.get(f"in-{topic.code}") or topic.usual_area.code
            area = topic.only_area if topic.only_area_id else areas[stated]
            placed[area, topic] = self._number(f"topic-{topic.code}")
        if self.is_blank and self.fallback:
            self.lines = self.fallback
        elif not self.errors and (known := self._known(by_area, placed)):
            self.lines = known
        elif not self.errors:
            try:
                self.lines = hours.lines_with_topics_placed(by_area, placed)
            except Refused as refusal:
                self.add_error((refusal.field or "hours").replace(":", "-"), refusal.message)
        return self.cleaned_data

    def _known(self, by_area, placed) -> tuple[Line, ...]:
        """The known lines that are shown like this. A topic may lie in two areas, which cannot be typed."""
        typed = {key: hours for key, hours in [*by_area.items(), *placed.items()] if hours}
        return next((lines for lines in self.known if lines and _shown(lines) == typed), ())

    def _number(self, name: str) -> Decimal:
        try:
            return hours.parse_hours(self.cleaned_data.get(name) or "")
        except Refused as refusal:
            self.add_error(name, refusal.message)
            return Decimal(0)


def _shown(lines: tuple[Line, ...]) -> dict:
    """Area, or area and topic -> hours, as `initial_of` shows these lines."""
    shown: dict = {}
    first: dict = {}
    for line in lines:
        shown[line.area] = shown.get(line.area, Decimal(0)) + line.hours
        if line.topic:
            key = first.setdefault(line.topic, line.area), line.topic
            shown[key] = shown.get(key, Decimal(0)) + line.hours
    return shown


def initial_of(lines: tuple[Line, ...]) -> dict[str, str]:
    """What an `HoursForm` shows for these lines. A topic that lies in two areas is shown in the first, with its sum."""
    by_area: dict[str, Decimal] = {}
    by_topic: dict[str, Decimal] = {}
    shown: dict[str, str] = {}
    for line in lines:
        key = f"area-{line.area.code}"
        by_area[key] = by_area.get(key, Decimal(0)) + line.hours
        if line.topic:
            topic = f"topic-{line.topic.code}"
            by_topic[topic] = by_topic.get(topic, Decimal(0)) + line.hours
            shown.setdefault(f"in-{line.topic.code}", line.area.code)
    return shown | {name: f"{value.normalize():f}" for name, value in (by_area | by_topic).items()}
