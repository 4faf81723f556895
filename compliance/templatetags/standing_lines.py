"""The tag for a requirement of the standing page, with its classes: a page has dozens, so each is written at once.

{% need_row need 2026 finds_classes %}     one requirement: bar, done, missing, its rule, and what counted of each class
"""

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from clee_portal.templatetags import look

register = template.Library()
_EMPTY, _SPACE, _NOT_COUNTED = SafeString(""), SafeString(" "), SafeString(' class="not-counted"')


@register.simple_tag
def need_row(need, year: int, finds_classes: bool) -> SafeString:
    """One requirement (`compliance.views.standing_rows.Need`); `finds_classes`: with the way to classes that give its
    hours."""
    return format_html(
        '<div class="need tone-{}"><b class="need-name">{}</b>{}<span class="need-hours">{}</span>{}<div class="why">'
        '<details><summary>{}<span class="visually-hidden"> {}</span></summary><p class="prose mb-2">{} ({})</p>{}'
        "</details>{}</div></div>",
        need.chip.tone,
        need.name,
        look.track(need.hours, need.requirement.minimum, need.chip.tone),
        need.hours_of,
        look.chip(*need.chip),
        need.counted_words,
        need.what_unfolds,
        need.wording,
        need.requirement.citation,
        _lines(need.lines) if need.lines else _no_lines(year),
        _finds(need) if finds_classes and need.finds else _EMPTY,
    )


def _lines(lines) -> SafeString:
    rows = SafeString("\n".join(map(_line_row, lines)))  # nosec B703 - each is finished HTML
    return format_html('<table class="lines">{}<tbody>{}</tbody></table>', _head(get_language()), rows)


def _no_lines(year: int) -> SafeString:
    return format_html("<p>{}</p>", gettext("No class of this kind is on the record for %(year)s.") % {"year": year})


def _finds(need) -> SafeString:
    return format_html(
        '<p class="mb-0 no-print"><a href="{}">{} {}<span class="visually-hidden"> {}</span></a></p>',
        need.finds,
        look.icon("search"),
        gettext("Find a class"),
        gettext("that gives hours for %(name)s") % {"name": need.name},
    )


@lru_cache(maxsize=16)
def _head(_language: str | None) -> SafeString:
    names = (gettext("Completed"), gettext("Class"), gettext("Hours"), gettext("Counted?"))
    return format_html(
        '<thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col" class="h">{}</th>'
        '<th scope="col">{}</th></tr></thead>',
        *names,
    )


def _line_row(line) -> SafeString:
    """One class under a requirement (`compliance.views.standing_rows.Line`)."""
    marks = look.chip("quiet", gettext("not yet reviewed")) + _SPACE if line.held.is_unreviewed else _EMPTY
    if line.is_makeup:
        marks += look.chip("held", gettext("make-up"))
    return format_html(
        '<tr{}>{} {}{}</td><td class="h">{}</td><td>{}</td></tr>',
        _EMPTY if line.counts else _NOT_COUNTED,
        _cells(line.held),
        marks,
        format_html('<span class="sub">{}</span>', line.reason) if line.reason else _EMPTY,
        gettext("%(hours)s h") % {"hours": look.hours(line.hours)},
        look.chip(*line.chip),
    )


def _cells(held) -> SafeString:
    """When and what a class was: the same under every requirement, so it is written once (`standing_rows.Held`)."""
    if held.cells is None:
        held.cells = format_html(
            '<td><time datetime="{}">{}</time></td><td><a href="{}">{}</a> <span class="text-secondary">· {}{}</span>',
            held.record.completed_on.isoformat(),
            held.day,
            held.url,
            held.course.title,
            held.source,
            f" · {gettext('taught it')}" if held.record.role == "instructor" else "",
        )
    return held.cells
