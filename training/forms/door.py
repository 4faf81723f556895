"""Forms of the door: somebody in or out, a walk-in, a mark set right."""

import datetime as dt
import json
import re
import uuid
from typing import NamedTuple

from django import forms

from clee_portal.ticked import is_number

# What one sending carries at most: a day's marks of a large class, without the portal being held up.
MOST_MARKS = 300
MOST_BYTES = 256 * 1024
_LATEST = dt.timedelta(days=3650)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # NUL and halves of letters, which JSON can name and no database takes


class DoorForm(forms.Form):
    """One act at the door, without a script: a person of the list, a code, or a license number; now, or at a time."""

    time = forms.TimeField(
        required=False,
        label="At another time",
        error_messages={"invalid": "Write the time like 8:15 AM."},
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"}),
    )
    found = forms.CharField(
        required=False,
        max_length=40,
        label="Code or license number",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "autocapitalize": "characters"}),
    )
    add_chair = forms.BooleanField(required=False, label="Add a chair if the class is full")


class MarkForm(forms.Form):
    """A mark set right: another time, or none, and why."""

    time = forms.TimeField(
        required=False,
        label="The right time",
        help_text="Empty: the mark is taken back, and nothing stands in its place.",
        error_messages={"invalid": "Write the time like 8:15 AM."},
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    reason = forms.CharField(
        label="Why",
        max_length=400,
        help_text="The wrong mark stays on record with it.",
        error_messages={"required": "Say why the mark is wrong."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class Unreadable(Exception):
    """What was sent is not what the page at the door sends."""


class Sent(NamedTuple):
    """A mark as the door sent it: whose, what, when by its clock, and how much that is ahead."""

    key: uuid.UUID
    kind: str
    at: dt.datetime
    ahead: int
    meeting: str
    registration: str
    code: str
    number: str
    add_chair: bool
    time: dt.time | None  # the time of day that was typed, where it did not happen just then


def read(body: bytes) -> list[Sent]:
    """The marks of one sending. Raises `Unreadable`."""
    if len(body) > MOST_BYTES:
        raise Unreadable("too long")
    try:
        given = json.loads(body)["marks"]
        if not isinstance(given, list) or len(given) > MOST_MARKS:
            raise Unreadable("not a list of marks")
        return [_read(one) for one in given]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def _read(one: dict) -> Sent:
    at = dt.datetime.fromisoformat(one["at"])
    ahead = dt.timedelta(seconds=round(float(one.get("ahead", 0))))
    if at.tzinfo is None or abs(ahead) > _LATEST or one["kind"] not in ("in", "out"):
        raise Unreadable("no such mark")
    at -= ahead
    if not 2000 <= at.year < 2100:
        raise Unreadable("no such day")
    named = ("meeting", "registration", "code", "number")
    words = {name: _NO_TEXT.sub("", str(one.get(name, ""))[:100]) for name in named}
    return Sent(
        key=uuid.UUID(one["key"]),
        kind=one["kind"],
        at=at,
        ahead=round(ahead.total_seconds()),
        add_chair=one.get("chair") is True,
        time=dt.time.fromisoformat(one["time"]) if one.get("time") else None,
        **words | {"registration": words["registration"] if is_number(words["registration"]) else ""},
    )
