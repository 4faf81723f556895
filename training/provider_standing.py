"""What a provider's license is worth on a day, said in words: for the classes it plans and publishes. RSMo 590.050."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from training.models import ProviderLicense

WORTH_SOMETHING = (ProviderLicense.Standing.VALID, ProviderLicense.Standing.PROBATION)


def licenses_of(providers: Collection[int]) -> Mapping[int, list[ProviderLicense]]:
    """Provider id -> its licenses as they stand, the earliest first; one statement."""
    found: dict[int, list[ProviderLicense]] = defaultdict(list)
    rows = ProviderLicense.objects.live().filter(provider__in=providers).order_by("valid_from", "pk")
    for one in rows:
        found[one.provider_id].append(one)
    return found


def why_not_valid(licenses: Iterable[ProviderLicense], day: dt.date) -> str:
    """Why no license of these lets a class that ends on `day` give approved hours; empty where one does."""
    licenses = list(licenses)
    on_day = [one for one in licenses if one.valid_from <= day and (one.valid_until is None or one.valid_until >= day)]
    if any(one.standing in WORTH_SOMETHING for one in on_day):
        return ""
    if on_day:
        one = on_day[-1]
        until = f" to {in_words(one.valid_until)}" if one.valid_until else ""
        return (
            f"License {one.number} is {one.get_standing_display().lower()} from {in_words(one.valid_from)}{until}, "
            f"so a class that ends on {in_words(day)} gives no approved hours."
        )
    before = [one for one in licenses if one.standing in WORTH_SOMETHING and one.valid_until and one.valid_until < day]
    if before:
        one = before[-1]
        return (
            f"License {one.number} ends on {in_words(one.valid_until)}, before the class does on {in_words(day)}. "
            "It can be published once POST has recorded the license that follows."
        )
    return f"POST has recorded no license that is valid on {in_words(day)}, the last day of the class."


def in_words(day: dt.date) -> str:
    """A day with its year: November 18, 2026."""
    return f"{day:%B} {day.day}, {day.year}"
