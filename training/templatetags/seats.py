"""Moments of classes in templates, in words and in Missouri's time.

{{ one.begins_at|span:one.ends_at }}    Wednesday, November 18, 2026, 8:00 AM to 5:00 PM
{{ one.offered_until|moment }}          Wednesday, November 18, 2026, noon
"""

import datetime as dt

from django import template

from training import moments

register = template.Library()
register.filter("span", moments.span_words)


@register.filter
def moment(value: dt.datetime) -> str:
    """The day and the hour."""
    return moments.moment_words(value)
