"""Tags for the classes under a requirement of the standing page: a page has dozens, so each is written at once.

{% lines_head %}          the head of the table of classes
{% line_row line %}       one class: when, what, hours, whether they counted and why not
"""

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from clee_portal.templatetags import look

register = template.Library()
_EMPTY = SafeString("")


@register.simple_tag
def lines_head() -> SafeString:
    """The head of the table."""
    return _head(get_language())


@lru_cache(maxsize=16)
def _head(_language: str | None) -> SafeString:
    names = (gettext("Completed"), gettext("Class"), gettext("Hours"), gettext("Counted?"))
    return format_html(
        '<thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col" class="h">{}</th>'
        '<th scope="col">{}</th></tr></thead>',
        *names,
    )


@register.simple_tag
def line_row(line) -> SafeString:
    """One class under a requirement (`compliance.views.standing_rows.Line`)."""
    marks = [look.chip("quiet", gettext("not yet reviewed"))] if line.is_unreviewed else []
    marks += [look.chip("held", gettext("make-up"))] if line.is_makeup else []
    return format_html(
        '<tr{}><td><time datetime="{}">{}</time></td><td><a href="{}">{}</a> '
        '<span class="text-secondary">· {}{}</span>{}{}</td><td class="h">{}</td><td>{}</td></tr>',
        _EMPTY if line.counts else SafeString(' class="not-counted"'),
        line.record.completed_on.isoformat(),
        line.day,
        line.url,
        line.course.title,
        line.source,
        f" · {gettext('taught it')}" if line.record.role == "instructor" else "",
        SafeString("".join(f" {one}" for one in marks)),  # nosec B703
        format_html('<span class="sub">{}</span>', line.reason) if line.reason else _EMPTY,
        gettext("%(hours)s h") % {"hours": look.hours(line.hours)},
        look.chip(*line.chip),
    )
