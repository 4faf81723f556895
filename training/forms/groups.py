"""Taking over the officers of an earlier class or of a saved group on the entry page, and saving a group there."""

from typing import NamedTuple

from django import forms
from django.db.models import Count, Q
from django.http import QueryDict

from training.forms.class_data import data_of
from training.models import Agency, Commission, Officer, OfficerGroup, TrainingClass

MOST_CLASSES = 40


class CopyForm(forms.Form):
    """Whose officers are taken over, and the name of a group to be saved."""

    source = forms.CharField(label="Take the officers of", required=False)
    with_course = forms.BooleanField(label="Also the course and hours of the class", required=False)
    group_name = forms.CharField(label="Name of the group", required=False, max_length=60)

    def __init__(self, data=None, *, agency: Agency):
        super().__init__(data, label_suffix="")
        self.agency = agency
        self.groups = list(
            OfficerGroup.objects.filter(agency=agency).annotate(size=Count("officers")).order_by("name", "pk")
        )
        live = Count("records", filter=Q(records__voided_at=None))
        self.classes = list(
            TrainingClass.objects.live()
            .filter(reported_by_agency=agency)
            .select_related("course")
            .annotate(size=live)
            .order_by("-ends_on", "-pk")[:MOST_CLASSES]
        )

    @property
    def has_sources(self) -> bool:
        """Whether there is anything to take over."""
        return bool(self.groups or self.classes)

    def chosen(self) -> OfficerGroup | TrainingClass | None:
        """What was chosen, if it is the agency's."""
        kind, _, pk = (self.data.get("source") or "").partition("-")
        among = {"group": self.groups, "class": self.classes}.get(kind, ())
        return next((one for one in among if str(one.pk) == pk), None)


class Copied(NamedTuple):
    """The data of the entry form with the officers taken over, how many came, and who could not be ticked."""

    data: QueryDict
    taken: int
    gone: list[str]


def taken_over(
    data: QueryDict, source: OfficerGroup | TrainingClass, *, agency: Agency, day, with_course: bool = False
) -> Copied:
    """`data` with the officers of `source` ticked beside those that are, and outsiders among the pasted lines.

    Who is not commissioned at the agency on `day` is not ticked. Exceptions are those of the day: they stay behind.
    """
    data = data.copy()
    if isinstance(source, OfficerGroup):
        ids, outsiders = list(source.officers.values_list("pk", flat=True)), []
    else:
        was = data_of(source, dates=False, course=with_course)
        left = {key.split("-")[1] for key in was if key.startswith("person-") and was[key] == "left"}
        ids = [int(pk) for pk in was.getlist("officers") if pk not in left]
        outsiders = was["pasted"].splitlines()
        if with_course:
            for key in [key for key in data if key.startswith("hours-")]:
                del data[key]
            for key, values in was.lists():
                if key.startswith("hours-") or key in ("course", "delivery", "place"):
                    data.setlist(key, values)
    here = set(
        Commission.objects.in_force(day).filter(agency=agency, officer__in=ids).values_list("officer", flat=True)
    )
    gone = [one.sorted_name for one in Officer.objects.filter(pk__in=set(ids) - here)] if set(ids) - here else []
    data.setlist("officers", list(dict.fromkeys([*data.getlist("officers"), *(str(pk) for pk in ids if pk in here)])))
    pasted = data.get("pasted", "").rstrip()
    new = [line for line in outsiders if line not in pasted.splitlines()]
    data["pasted"] = "\n".join([*([pasted] if pasted else []), *new])
    return Copied(data, len(here) + len(outsiders), gone)
