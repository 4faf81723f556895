"""Taking over the officers of an earlier class, of registrations or of a saved group on the entry page, and saving a
group there.
"""

from typing import NamedTuple

from django import forms
from django.db.models import Count, Q
from django.http import QueryDict

from clee_portal import clock
from training import late_rosters, names_shown
from training.bodies import Body, is_provider
from training.forms.class_data import data_of, data_of_scheduled, own_on_its_day, pasted_line
from training.forms.exceptions import TAUGHT
from training.models import Agency, Commission, Officer, OfficerGroup, ScheduledClass, TrainingClass, TrainingRecord

MOST_CLASSES = 40


class CopyForm(forms.Form):
    """Whose officers are taken over, and the name of a group to be saved."""

    source = forms.CharField(label="Take the officers of", required=False)
    with_course = forms.BooleanField(label="Also the course and hours of the class", required=False)
    group_name = forms.CharField(label="Name of the group", required=False, max_length=60)

    def __init__(self, data=None, *, body: Body, group_name: str = ""):
        super().__init__(data, label_suffix="", initial={"group_name": group_name})
        self.groups = (
            []
            if is_provider(body)
            else list(OfficerGroup.objects.filter(agency=body).annotate(size=Count("officers")).order_by("name", "pk"))
        )
        self.scheduled = list(late_rosters.to_confirm(body, clock.today())[:MOST_CLASSES]) if is_provider(body) else []
        live = Count("records", filter=Q(records__voided_at=None))
        self.classes = list(
            TrainingClass.objects.live()
            .reported_by(body)
            .select_related("course")
            .annotate(size=live)
            .order_by("-ends_on", "-pk")[:MOST_CLASSES]
        )

    @property
    def has_sources(self) -> bool:
        """Whether there is anything to take over."""
        return bool(self.groups or self.classes or self.scheduled)

    def chosen(self) -> "Source | None":
        """What was chosen, if it is the body's."""
        kind, _, pk = (self.data.get("source") or "").partition("-")
        among = {"group": self.groups, "class": self.classes, "scheduled": self.scheduled}.get(kind, ())
        return next((one for one in among if str(one.pk) == pk), None)


class Copied(NamedTuple):
    """The data of the entry form with the officers taken over, how many came, and who could not be ticked.

    `taught` are those who taught the class they were taken from, and are left to be ticked by hand.
    """

    data: QueryDict
    taken: int
    gone: list[str]
    taught: list[str]


Source = OfficerGroup | TrainingClass | ScheduledClass


def taken_over(data: QueryDict, source: Source, *, body: Body, day, with_course: bool = False) -> Copied:
    """`data` with the officers of `source` ticked beside those that are, and outsiders among the pasted lines.

    Who is not commissioned at the agency on `day` is not ticked (a provider has no roster: everybody is), nor who did
    not complete the class. Of a class in the calendar those with a seat come. Whoever taught it
    comes as instructor with its course; of another course nobody is said to have taught it. Own hours are those of the
    day: they stay behind.
    """
    data = data.copy()
    teachers: dict[int, Officer] = {}
    if isinstance(source, OfficerGroup):
        ids, outsiders = list(source.officers.values_list("pk", flat=True)), {}
    elif isinstance(source, ScheduledClass):
        ids, outsiders = list(source.registrations.seated().values_list("officer", flat=True)), {}
        if with_course:
            _take_course(data, data_of_scheduled(source))
    else:
        own, credited = own_on_its_day(source), _credited(source)
        teachers = credited[TrainingRecord.Role.INSTRUCTOR]
        came = credited[TrainingRecord.Role.STUDENT] | (teachers if with_course else {})
        ids = [pk for pk in came if pk in own]
        outsiders = {pk: pasted_line(one) for pk, one in came.items() if pk not in own}
        if with_course:
            _take_course(data, data_of(source, dates=False, people=False))
    here = set(ids) if is_provider(body) else _commissioned(body, day, ids)
    gone = [one.sorted_name for one in Officer.objects.filter(pk__in=set(ids) - here)] if set(ids) - here else []
    ticked, pasted = data.getlist("officers"), data.get("pasted", "").rstrip()
    new = {pk: line for pk, line in outsiders.items() if line not in pasted.splitlines()}
    for pk in teachers.keys() & (here | new.keys()) if with_course else ():
        if str(pk) not in ticked:
            data.setdefault(f"person-{pk}-how", TAUGHT)
    data.setlist("officers", list(dict.fromkeys([*ticked, *(str(pk) for pk in ids if pk in here)])))
    data["pasted"] = "\n".join([*([pasted] if pasted else []), *new.values()])
    # A provider is not told a name that is closed; of an agency's class they are its own, or were given by number.
    taught = [] if with_course else [_shown(one, body) for one in teachers.values()]
    return Copied(data, len(here) + len(outsiders), gone, taught)


def _shown(officer: Officer, body: Body) -> str:
    return names_shown.CLOSED if is_provider(body) and officer.is_name_closed else officer.sorted_name


def _commissioned(agency: Agency, day, officers: list[int]) -> set[int]:
    there = Commission.objects.in_force(day).filter(agency=agency, officer__in=officers)
    return set(there.values_list("officer", flat=True))


def _credited(held: TrainingClass) -> dict[str, dict[int, Officer]]:
    """Role -> the officers with credit in a class, by id and in order of their names."""
    credited: dict[str, dict[int, Officer]] = {role: {} for role in TrainingRecord.Role.values}
    records = held.records.live().select_related("officer")
    for one in records.order_by("officer__search_name", "officer__license_number"):
        credited[one.role][one.officer_id] = one.officer
    return credited


def _take_course(data: QueryDict, was: QueryDict) -> None:
    """Put the course and the hours of a class in the place of what is in `data`."""
    for key in [key for key in data if key.startswith("hours-")]:
        del data[key]
    for key, values in was.lists():
        if key.startswith("hours-") or key in ("course", "delivery", "place"):
            data.setlist(key, values)
