"""Where a recording error is mended: in place, or on the page on which it is done."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from compliance.models import RecordingGap
from training.models import TrainingClass

Kind = RecordingGap.Kind


class Place(NamedTuple):
    """A page, and what is done there, as a button says it."""

    url: str
    label: str


def class_in_place(gap: RecordingGap) -> TrainingClass | None:
    """The class in which the officer only has to be entered: it stands, and the agency that is asked reported it."""
    held = (
        gap.training_class if gap.kind == Kind.LEFT_OFF else gap.record.training_class if _is_taken_back(gap) else None
    )
    if held is None or held.voided_at or held.reported_by_agency_id != gap.agency_id or gap.agency_id is None:
        return None
    return held


def _is_taken_back(gap: RecordingGap) -> bool:
    return gap.kind == Kind.TAKEN_BACK


def place(gap: RecordingGap) -> Place | None:
    """Where the agency that is asked mends it; None where it is in place, or only POST or a provider can."""
    if gap.agency is None or class_in_place(gap):
        return None
    code = gap.agency.code
    record = gap.record
    held = record.training_class if record else None
    is_own = held is not None and held.reported_by_agency_id == gap.agency_id
    if gap.kind in (Kind.NUMBER_SLIP, Kind.HELD_ROW):
        sent = gap.import_row.training_import
        if sent.agency_id != gap.agency_id:
            return None
        query = urlencode({"file": sent.reference})
        return Place(f"{reverse('training:held_rows', args=[code])}?{query}", "Mend the row")
    if gap.kind in (Kind.LITTLE, Kind.NOTHING, Kind.SILENT_AGENCY):
        return Place(reverse("training:class_enter", args=[code]), "Enter the class")
    if not is_own:
        return None
    if gap.kind == Kind.TAKEN_BACK:
        query = urlencode({"copy": held.reference})
        return Place(f"{reverse('training:class_enter', args=[code])}?{query}", "Enter the class anew")
    if gap.kind == Kind.MAKE_UP:
        return Place(reverse("compliance:class_make_up", args=[held.reference]), "Say for which year it counts")
    if gap.kind == Kind.COUNTED_ONCE:
        return Place(reverse("training:duplicate_settle", args=[record.pk]), "Say that both were held")
    if gap.kind == Kind.REFUSED:
        return Place(reverse("training:course_detail", args=[held.course_id]), "Add to what was submitted")
    if gap.kind == Kind.NAMESAKE:
        return Place(reverse("training:class_correct", args=[held.reference]), "Correct the class")
    return None


def yes_label(gap: RecordingGap) -> str:
    """What the button of a "yes" does."""
    if held := class_in_place(gap):
        return f"Yes: add to {held.reference}"
    where = place(gap)
    return f"Yes: {where.label[0].lower()}{where.label[1:]}" if where else "Yes, it is missing"
