"""What stands beside what was typed: the form of a page on which somebody else saved first."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext

from clee_portal.accounts.models import User
from clee_portal.history.seen import ChangedMeanwhile, Difference
from training.moments import moment_words


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what it is, where its field is, what stands, what was typed."""

    label: str
    target: str
    now: str
    given: str
    is_touched: bool
    by: str
    at: str
    why: str


def rows_of(
    refusal: ChangedMeanwhile,
    fields: Mapping[str, forms.BoundField],
    *,
    called: Callable[[User], str] = str,
) -> list[Row]:
    """The lines for a page. `fields` has the field of each fact; `called` says how who wrote it is named here."""
    return [_row(one, fields[one.name], called) for one in refusal.differences]


def _row(one: Difference, bound: forms.BoundField, called: Callable[[User], str]) -> Row:
    return Row(
        label=str(bound.label).removesuffix(" (optional)"),
        target=bound.id_for_label or f"{bound.auto_id}_0",  # of a group the first
        now=words(bound.field, one.now),
        given=words(bound.field, one.given),
        is_touched=one.is_touched,
        by=called(one.by) if one.by else "",
        at=moment_words(one.at) if one.at else "",
        why=one.why,
    )


def words(field: forms.Field, value: Any) -> str:
    """A value as the page says it."""
    match value:
        case None | "":
            return gettext("empty")
        case bool():
            return gettext("yes") if value else gettext("no")
        case list() | tuple():
            return ", ".join(words(field, one) for one in value) or gettext("none")
        case dt.datetime():
            return moment_words(value)
        case dt.date():
            return date_format(value, gettext("F j, Y"))
    choices = () if isinstance(field, forms.ModelChoiceField) else getattr(field, "choices", ())
    return next((str(label) for key, label in choices if str(key) == str(value)), str(value))


def put_what_stands(
    refusal: ChangedMeanwhile, fields: Mapping[str, forms.BoundField], shown: Mapping[str, Any]
) -> None:
    """What this person had left as it was says what stands now, so that sending again changes nothing of it. `shown`:
    how a field says what stands, by its name, where it is not the fact itself."""
    for one in refusal.differences:
        bound = fields[one.name]
        if one.is_touched:
            continue
        form, key, value = bound.form, bound.html_name, shown.get(bound.name, one.now)
        form.data = form.data.copy()
        if isinstance(bound.field, forms.BooleanField) and not value:
            form.data.pop(key, None)
        elif isinstance(value, list | tuple):
            form.data.setlist(key, list(value))
        else:
            form.data[key] = "" if value is None else value
