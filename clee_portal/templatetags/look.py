"""Tags for the pieces of the look: icons, hours, chips, bars and the season.

Every template that uses them begins with `{% load look %}`. Each writes finished HTML without a style attribute, so
that the content security policy can forbid inline style.

    {% icon "check-lg" %}                              decorative icon of static/portal/icons.svg
    {% hours value %}   {{ value|hours }}              21   0.5   1,204.25
    {% hours_words value %}   {{ value|hours_words }}  1 hour   2.5 hours
    {% chip "due" "3 h short" "clock" %}               tone, label, icon (optional)
    {% standing_chip "compliant" %}                    the chip of a standing, by its code
    {% track done need "due" booked=2 %}               bar of one requirement; the numbers stand beside it as text
    {% season start end show_by today %}               the year as a line, with what a screen reader says instead
    {% split segments %}                               a bar of shares with its legend; segments of (tone, label, count)
    {% crumbs "Officers" url "Whitlock, Dana" %}       where a page lies; its own label stands last
    {% busy %}                                         words shown while an htmx answer is on its way (hx-indicator)
    {% error_rows form formset as rows %}              what portal/_error_summary.html lists
    {% page_numbers page as numbers %}                 what portal/_pagination.html lists
    {% same_for_all "portal/_head.html" %}             a piece that says the same to everybody, on every page
    {% written "training/_calendar_row.html" row %}    a piece that says nothing but `row`, written once for equal rows
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

TONES = ("met", "due", "short", "held", "info", "quiet")

# How a standing is shown everywhere: tone, words, icon. What it means is compliance's to say. Nobody is called a
# candidate for an inactive license: that is the Director's to decide (11 CSR 75-15.080).
STANDINGS = {
    "not_applicable": ("quiet", _("Not applicable"), "dash-circle"),
    "exempt": ("held", _("Exempt"), "shield-check"),
    "waived": ("held", _("Waived"), "slash-circle"),
    "compliant": ("met", _("Compliant"), "check-lg"),
    "inactive": ("short", _("License inactive"), "lock"),
    "in_progress": ("due", _("In progress"), "clock"),
    "extended": ("held", _("Extended"), "calendar-plus"),
    "grace": ("short", _("Make-up time"), "hourglass-split"),
    "extension_pending": ("held", _("Request undecided"), "pause-circle"),
    "candidate": ("short", _("Past March 15"), "exclamation-triangle-fill"),
}

# A share too small to be seen is still drawn: percent of the bar.
SMALLEST_SHARE = 0.8


def _tone(tone: str) -> str:
    if tone not in TONES:
        raise ValueError(f"Unknown tone {tone!r}: one of {', '.join(TONES)}.")
    return tone


def _percent(part, whole) -> float:
    """`part` of `whole` in percent, from 0 to 100, with two decimals."""
    if not whole:
        return 0.0
    return round(min(100.0, max(0.0, float(part) / float(whole) * 100)), 2)


def _number(value: float) -> str:
    """A coordinate without trailing zeros: 87.5, 50."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str) -> SafeString:
    """The icon `name` of static/portal/icons.svg. Decorative: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("portal/icons.svg"),
        name,
    )


def hours(value) -> str:
    """Hours as a number: '21', '0.5', '1,204.25'. Nothing earned (None or '') is '0'."""
    if value is None or value == "":
        return "0"
    return _hours(Decimal(str(value)), get_language())


@lru_cache(maxsize=4096)
def _hours(value: Decimal, language: str | None) -> str:
    """Hours as a number in a language: its own point and its own thousands."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return number_format("0" if text in ("0", "-0") else text, force_grouping=True)


def hours_words(value) -> str:
    """Hours in words: '1 hour', '2.5 hours', '0 hours'."""
    number = hours(value)
    return ngettext("%(hours)s hour", "%(hours)s hours", 1 if number == "1" else 2) % {"hours": number}


def count_words(count: int, one: str, many: str = "") -> str:
    """A count in words, for Python: '1 row', '1,204 rows'; `many` where the plural takes more than an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


register.simple_tag(hours)
register.filter("hours", hours)
register.simple_tag(hours_words)
register.filter("hours_words", hours_words)


@register.simple_tag
def chip(tone: str, label: str, icon_name: str = "") -> SafeString:
    """A short fact in a tone (met, due, short, held, info, quiet), always with words."""
    return _chip(tone, conditional_escape(label), icon_name)


@lru_cache(maxsize=2048)
def _chip(tone: str, label: SafeString, icon_name: str) -> SafeString:
    """A chip: pages have the same few many times."""
    return format_html(
        '<span class="chip tone-{}">{}{}</span>', _tone(tone), icon(icon_name) if icon_name else "", label
    )


@register.simple_tag
def standing_chip(code: str, label: str = "", tone: str = "") -> SafeString:
    """The chip of a standing by its code; `label` replaces the words ('Extended to Jun 30'), `tone` the tone."""
    usual_tone, words, icon_name = STANDINGS[code]
    return chip(tone or usual_tone, label or words, icon_name)


@register.simple_tag
def track(done, need, tone: str, booked=0) -> SafeString:
    """Bar of hours done against hours needed; `booked` (registered, waiting) follows in stripes.

    Hidden from screen readers: write '21 of 24 h' beside it.
    """
    return _track(done, need, tone, booked or 0)


@lru_cache(maxsize=2048)
def _track(done, need, tone: str, booked) -> SafeString:
    """A bar: pages have the same few many times."""
    width = _percent(done, need) if need else 100.0
    ahead = min(_percent(booked or 0, need), round(100 - width, 2))
    stripes = SafeString("")
    if ahead > 0:
        stripes = format_html(
            '<rect class="booked" x="{x}%" width="{w}%" height="100%"/>'
            '<rect x="{x}%" width="{w}%" height="100%" fill="url(#stripes)"/>',
            x=_number(width),
            w=_number(ahead),
        )
    return format_html(
        '<svg class="track tone-{}" aria-hidden="true" focusable="false">'
        '<rect class="done" width="{}%" height="100%"/>{}</svg>',
        _tone(tone),
        _number(width),
        stripes,
    )


def _long(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _anchor(place: float) -> str:
    """Where a label hangs on its mark, so that it stays inside the picture."""
    if place < 12:
        return "start"
    return "end" if place > 78 else "middle"


@register.inclusion_tag("portal/_season.html")
def season(start: date, end: date, show_by: date, today: date) -> dict:
    """The reporting period as a line: its first and last day, the last day to make up hours, and today.

    All four are dates and inclusive; a `today` before or after the line is drawn at its edge.
    """
    whole = (show_by - start).days
    told = [gettext("The period runs from %(first)s to %(last)s.") % {"first": _long(start), "last": _long(end)}]
    if show_by > end:
        told.append(gettext("Missing hours can be made up until %(day)s.") % {"day": _long(show_by)})
    told.append(gettext("Today is %(day)s.") % {"day": _long(today)})
    at_end, now = _percent((end - start).days, whole), _percent((today - start).days, whole)
    return {
        "sentence": " ".join(told),
        "start": start,
        "end": end,
        "show_by": show_by if show_by > end else None,
        "today": today,
        "end_at": _number(at_end),
        "makeup_width": _number(100 - at_end),
        "end_anchor": "end" if at_end > 60 else "middle",
        "now_at": _number(now),
        "now_anchor": _anchor(now),
    }


@register.inclusion_tag("portal/_split.html")
def split(segments, legend: bool = True) -> dict:
    """A bar of shares. `segments` are (tone, label, count), with an icon fourth and an address fifth if any.

    Counts of nothing are left out. Without the legend the bar itself carries the sentence for screen readers.
    """
    shown = [(*segment, "", "")[:5] for segment in segments if segment[2]]
    total = sum(segment[2] for segment in shown)
    shares = [max(SMALLEST_SHARE, segment[2] / total * 100) for segment in shown]
    whole, left, parts = sum(shares), 0.0, []
    for (tone, label, count, icon_name, url), share in zip(shown, shares, strict=True):
        width = share / whole * 100
        parts.append(
            {"tone": _tone(tone), "label": label, "count": count, "icon": icon_name, "url": url}
            | {"x": _number(left), "width": _number(width)}
        )
        left += width
    sentence = ", ".join(f"{part['count']:,} {part['label'].lower()}" for part in parts)
    return {"parts": parts, "legend": legend, "sentence": sentence}


@register.simple_tag
def same_for_all(template_name: str) -> SafeString:
    """A piece of every page that depends on nothing but the language: it is written once for each."""
    return _same_for_all(template_name, get_language())


@lru_cache(maxsize=64)
def _same_for_all(template_name: str, _language: str | None) -> SafeString:
    return render_to_string(template_name)


@register.simple_tag
def written(template_name: str, row) -> SafeString:
    """A piece that shows `row` and nothing else: equal rows are written once for each language. A row is a tuple of
    values, so that two that are equal say the same."""
    return _written_once(template_name, row, get_language())


@lru_cache(maxsize=2_000)
def _written_once(template_name: str, row, _language: str | None) -> SafeString:
    return render_to_string(template_name, {"row": row})


def _target(field) -> str:
    """The id a link in the error summary leads to: the input, or the first choice of a group."""
    return field.id_for_label or f"{field.auto_id}_0"


def _rows_of(form, prefix: str = "") -> list[dict]:
    rows = [{"target": "", "text": f"{prefix}{error}"} for error in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else _target(field)
        # A field that asks ("For which year?") has its mark already.
        label = field.label if str(field.label).endswith("?") else f"{field.label}:"
        rows += [{"target": target, "text": f"{prefix}{label} {error}"} for error in field.errors]
    return rows


@register.simple_tag
def error_rows(form=None, formset=None) -> list[dict]:
    """What the error summary lists: target (an id, or '' where there is nothing to lead to) and text.

    Every line names its field in words; in a formset also its row, by the form's `row_name` or its number.
    """
    rows = _rows_of(form) if form and form.is_bound else []
    if formset and formset.is_bound:
        rows += [{"target": "", "text": str(error)} for error in formset.non_form_errors()]
        for number, row in enumerate(formset.forms, start=1):
            rows += _rows_of(row, f"{getattr(row, 'row_name', '') or f'Row {number}'}, ")
    return rows


@register.simple_tag
def page_numbers(page) -> list:
    """The page numbers around `page`, with an ellipsis for those left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag
def busy(words: str = "") -> SafeString:
    """What stands beside a field while an answer is on its way (hx-indicator)."""
    return format_html('<span class="htmx-indicator sub" role="status">{}</span>', words or gettext("One moment…"))


@register.simple_tag
def crumbs(*steps) -> SafeString:
    """Where a page lies: label, url, label, url, … and the label of the page itself last."""
    links = format_html_join("", '<li><a href="{}">{}</a></li>', zip(steps[1::2], steps[0:-1:2], strict=True))
    return format_html(
        '<nav aria-label="{}"><ol class="crumbs">{}<li aria-current="page">{}</li></ol></nav>',
        gettext("Where you are"),
        links,
        steps[-1],
    )
