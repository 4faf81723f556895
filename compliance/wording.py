"""The words of a finding: one text for officer, chief and POST. Pure: no database, no clock, no request.

The reader is addressed ("You need 3 more hours"), anyone else is named ("Dana Whitlock needs 3 more hours").
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clee_portal.templatetags import look
from compliance import gaps, needing
from compliance.models import Requirement
from compliance.verdict import Finding, Standing
from training.licensing import LicenseState, LicenseStatus

hours_words = look.hours_words
hours_number = look.hours
first_small = needing.first_small

# Standings in which hours are missing and owed.
OWING = (
    Standing.IN_PROGRESS,
    Standing.EXTENDED,
    Standing.GRACE,
    Standing.EXTENSION_PENDING,
    Standing.CANDIDATE,
    Standing.INACTIVE,
)

# Why hours did not count, in a word or two: tone, label, icon. The whole reason stands beside it.
REASONS = {
    "recorded": ("quiet", _("Entered later"), "clock-history"),
    "not_voided": ("quiet", _("Withdrawn"), "x-lg"),
    "credited_here": ("held", _("Credited elsewhere"), "arrow-left"),
    "counted_once": ("quiet", _("Counted once"), "files"),
    "course_not_refused": ("short", _("Course refused"), "x-circle"),
    "source": ("quiet", _("Not this source"), "dash-lg"),
    "in_person": ("quiet", _("Online"), "dash-lg"),
}

LICENSE_TONES = {
    LicenseStatus.ACTIVE: ("met", "check-lg"),
    LicenseStatus.NONE: ("quiet", "dash-circle"),
    LicenseStatus.EXPIRED: ("quiet", "dash-circle"),
    LicenseStatus.SURRENDERED: ("quiet", "dash-circle"),
    LicenseStatus.REVOKED: ("short", "x-circle"),
    LicenseStatus.SUSPENDED: ("short", "pause-circle"),
    LicenseStatus.INACTIVE: ("short", "lock"),
}


class Chip(NamedTuple):
    """A short fact: tone, words, icon."""

    tone: str
    label: str
    icon: str = ""


def counted_chip(reason_code: str, credited_year: int) -> Chip:
    """Whether hours counted, in a word or two; `reason_code` is empty where they did."""
    if not reason_code:
        return Chip("met", gettext("Counted"), "check-lg")
    if reason_code == "credited_here":
        tone, _label, icon = REASONS[reason_code]
        return Chip(tone, gettext("Credited to %(year)s") % {"year": credited_year}, icon)
    tone, label, icon = REASONS[reason_code]
    return Chip(tone, str(label), icon)


class Person(NamedTuple):
    """Whom a text is about; without a name it is the reader."""

    name: str = ""

    def does(self, you: str, other: str) -> str:
        """The person and what they do: "You need", "Dana Whitlock needs"."""
        return f"{self.name} {other}" if self.name else f"You {you}"

    def says(self, you: str, other: str, **said) -> str:
        """One of two whole sentences: the one addressed to the reader, or the one that names the person."""
        return (other if self.name else you) % {"name": self.name, **said}


def date_words(day: dt.date, seen_on: dt.date) -> str:
    """A day as people say it, with its year unless it is plain which: December 31."""
    near = dt.timedelta(days=-100) < day - seen_on < dt.timedelta(days=366)
    return date_format(day, "MONTH_DAY_FORMAT") if near else full_date(day)


def full_date(day: dt.date) -> str:
    """A day with its year: December 31, 2026."""
    return date_format(day, "DATE_FORMAT")


def list_words(parts: Sequence[str]) -> str:
    """Parts of a sentence in a row: "a", "a and b", "a, b and c"."""
    return needing.row_of(parts)


def content_words(requirement: Requirement) -> str:
    """What the hours of an area or topic are: "of legal studies", "on racial profiling", "of firearms, in person"."""
    link = "on" if requirement.topic_id and not requirement.area_id else "of"
    return f"{link} {first_small(requirement.name)}" + (" in person" if requirement.in_person_only else "")


def source_words(requirement: Requirement) -> str:
    """Where the hours of a source come from: "from an approved provider"."""
    name = first_small(requirement.name)
    return f"from {'an' if name[0] in 'aeiou' else 'a'} {name}"


def missing_words(requirements: Sequence[Requirement], finding: Finding) -> str:
    """The second sentence: what the missing hours must be."""
    short = finding.short
    needed = gaps.fewest_hours(requirements, short)
    contents = [r for r in requirements if r.code in short and gaps.is_of_content(r)]
    sources = [r for r in requirements if r.code in short and gaps.is_of_source(r)]
    if not contents and not sources:
        return f"{'It' if needed == 1 else 'They'} may be in any area and from any source."
    origin = [f"{_portion(short[r.code], needed)} {source_words(r)}" for r in sources]
    if not contents:
        whole = all(short[r.code] == needed for r in sources)
        who = "It" if needed == 1 else "They all" if whole else ""
        if whole:
            return f"{who} must come {list_words([source_words(r) for r in sources])}."
        return f"At least {list_words(origin)}."
    if len(contents) == 1 and short[contents[0].code] == needed:
        about = content_words(contents[0]).removeprefix("of ")
        lead = f"{'It' if needed == 1 else 'They all'} must be {about}"
        ends = [
            source_words(r) if short[r.code] == needed else f"{hours_number(short[r.code])} of them {source_words(r)}"
            for r in sources
        ]
        return f"{', '.join([lead, *ends])}."
    parts = [f"{hours_words(short[r.code])} {content_words(r)}" for r in contents]
    text = f"At least {list_words(parts)}"
    if origin:
        text += f", and {list_words(origin)}"
    inside = sum((short[r.code] for r in contents), Decimal(0))
    overlap = " One hour may serve an area and a topic at once." if inside > needed else ""
    return f"{text}.{overlap}"


def _portion(part: Decimal, whole: Decimal) -> str:
    if part == whole:
        return "all of them" if whole != 1 else "the hour"
    return f"{hours_number(part)} of the {hours_words(whole)}"


def days_left(last: dt.date, day: dt.date, person: Person) -> str:
    """How much time there is through `last`: "You have 38 days."."""
    left = (last - day).days
    if left < 0:
        return ""
    if left == 0:
        return gettext("This is the last day.")
    you = ngettext("You have %(days)s day.", "You have %(days)s days.", left)
    other = ngettext("%(days)s day is left.", "%(days)s days are left.", left)
    return person.says(you, other, days=hours_number(left))


def license_words(state: LicenseState, day: dt.date) -> str:
    """The state of a license in words: "Active since March 2, 2015"."""
    if state.status is LicenseStatus.NONE:
        return gettext("No license on %(day)s") % {"day": full_date(day)}
    said = {"status": gettext(state.status.value.capitalize()), "day": full_date(state.since)}
    if not state.inactive_for:
        return gettext("%(status)s since %(day)s") % said
    years = list_words([str(year) for year in state.inactive_for])
    return gettext("%(status)s since %(day)s (for %(years)s)") % {**said, "years": years}


def license_chip(state: LicenseState) -> Chip:
    """The chip of a license's state."""
    tone, icon = LICENSE_TONES[state.status]
    label = "No license" if state.status is LicenseStatus.NONE else f"License {state.status.value}"
    return Chip(tone, gettext(label), icon)


def license_beside(state: LicenseState, *standings: Standing) -> Chip | None:
    """The chip of a license beside the chips of standings; None where one of them says "License inactive" already."""
    said = Standing.INACTIVE in standings and state.status is LicenseStatus.INACTIVE
    return None if said else license_chip(state)


def standing_chip(finding: Finding, license_state: LicenseState | None = None) -> Chip:
    """The chip of a standing, with the extension's last day where there is one."""
    tone, label, icon = look.STANDINGS[finding.standing]
    if finding.standing == Standing.EXTENDED and finding.due_on:
        label = gettext("Extended to %(day)s") % {"day": date_format(finding.due_on, gettext("M j, Y"))}
    if awaits_reinstatement(finding, license_state):
        return Chip("held", gettext("Awaiting reinstatement"), "lock")
    return Chip(tone, str(label), icon)


def awaits_reinstatement(finding: Finding, license_state: LicenseState | None = None) -> bool:
    """Whether the hours are shown while the license is still inactive: for the period, or as `license_state` says."""
    inactive = finding.situation.is_inactive or bool(license_state and license_state.inactive_for)
    return finding.standing == Standing.COMPLIANT and inactive


def standing_label(standing: Standing) -> Chip:
    """A standing as such, for legends and filters."""
    tone, label, icon = look.STANDINGS[standing]
    return Chip(tone, str(label), icon)


def owed(finding: Finding) -> dict[str, Decimal]:
    """Requirement code -> hours missing and owed; {} where nothing is owed, as under a waiver."""
    return finding.short if finding.standing in OWING else {}


def missing_chips(requirements: Iterable[Requirement], finding: Finding, room: int = 4) -> list[Chip]:
    """A chip for each requirement with hours missing: "3 h total"; without room the last says how many more."""
    tone = look.STANDINGS[finding.standing][0]
    missing = owed(finding)
    chips = [
        Chip(
            tone,
            gettext("%(hours)s h %(what)s") % {"hours": hours_number(missing[r.code]), "what": gettext(r.short_name)},
        )
        for r in requirements
        if r.code in missing
    ]
    if len(chips) <= room:
        return chips
    return [*chips[: room - 1], Chip(tone, gettext("%(count)s more") % {"count": len(chips) - room + 1})]


def requirement_chip(finding: Finding, code: str) -> Chip:
    """The chip at the end of a requirement's row."""
    if code not in finding.short:
        return Chip("met", gettext("Met"), "check-lg")
    if finding.standing not in OWING:
        return Chip("quiet", gettext("Not owed"), "dash-lg")
    tone = look.STANDINGS[finding.standing][0]
    return Chip(tone, gettext("%(hours)s h short") % {"hours": hours_number(finding.short[code])}, "clock")


def roster_chip(requirements: Sequence[Requirement], finding: Finding) -> Chip:
    """The standing of a person in a list where there is room for three words: "1 h legal left"."""
    chip = standing_chip(finding)
    if finding.standing == Standing.IN_PROGRESS or (finding.standing == Standing.EXTENDED and not finding.due_on):
        needed = hours_number(gaps.fewest_hours(requirements, finding.short))
        only = next((r for r in requirements if finding.short.keys() == {r.code}), None)
        what = f"{only.short_name} " if only and (gaps.is_of_content(only) or gaps.is_of_source(only)) else ""
        return chip._replace(label=f"{needed} h {what}left")
    if finding.standing in (Standing.GRACE, Standing.CANDIDATE, Standing.INACTIVE):
        needed = hours_number(gaps.fewest_hours(requirements, finding.short))
        return chip._replace(label=f"{needed} h missing")
    return chip._replace(label=chip.label[:1].lower() + chip.label[1:])


def owing_chip(requirements: Sequence[Requirement], finding: Finding) -> Chip:
    """A standing with the hours still owed, whatever the standing: two choices for the same hours differ by them."""
    chip = roster_chip(requirements, finding)
    if finding.standing not in (Standing.EXTENDED, Standing.EXTENSION_PENDING):
        return chip
    needed = hours_number(gaps.fewest_hours(requirements, finding.short))
    label = chip.label if " h " in chip.label else f"{needed} h missing, {chip.label}"
    return chip._replace(label=label)


def change_chip(requirements: Sequence[Requirement], without: Finding, with_it: Finding, undone: bool = False) -> Chip:
    """What a class changed for one person: their finding without it and with it; `undone` tells it the other way."""
    before, after = (with_it, without) if undone else (without, with_it)
    if after.standing not in OWING and after.standing != Standing.COMPLIANT:
        chip = standing_label(after.standing)
        return chip._replace(label=f"{chip.label.lower()}: nothing is owed")
    if after.standing == Standing.COMPLIANT:
        if before.standing == Standing.COMPLIANT:
            return Chip("quiet", "still compliant" if undone else "was compliant already", "check-lg")
        return Chip("met", "becomes compliant", "check-lg")
    needs, needed = (gaps.fewest_hours(requirements, one.short) for one in (after, before))
    if before.standing == Standing.COMPLIANT:
        return Chip("short", f"no longer compliant: needs {hours_number(needs)} h", "exclamation-triangle-fill")
    tone = look.STANDINGS[after.standing][0]
    if needs == needed:
        return Chip(tone, f"still needs {hours_number(needs)} h", "clock")
    return Chip(tone, f"now needs {hours_number(needs)} h (was {hours_number(needed)} h)", "clock")


def class_words(one: gaps.OneClass, *, in_full: bool = True) -> str:
    """The class that would help most: "A 4-hour class from an approved provider with 1 hour of legal studies".

    In full it says what the hours are about, at least.
    """
    number = hours_number(one.hours)
    article = "An" if number.split(".")[0] in ("8", "11", "18") else "A"
    parts = [f"{article} {number}-hour class"]
    inside = part_words(one)
    parts += [content_words(requirement) for requirement, _ in one.parts if not inside]
    parts += [source_words(one.source)] if one.source else []
    parts += [f"with {list_words(inside)}"] if in_full and inside else []
    return " ".join(parts)


def part_words(one: gaps.OneClass) -> list[str]:
    """What a class has to have in it, each at least: "2 hours of firearms in person"; none where all of it is one."""
    if len(one.parts) == 1 and one.parts[0][1] == one.hours:
        return []
    return [f"{hours_words(hours)} {content_words(r)}" for r, hours in one.parts]
