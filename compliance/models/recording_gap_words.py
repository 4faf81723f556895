"""Why something may be a recording error, in words made of its columns: the same for POST and the agency asked.

They never name another officer, nor what another agency keeps: the agency that is asked reads them too.
"""

import datetime as dt

from clee_portal.templatetags.look import count_words, hours_words


def words_of(gap) -> str:
    """One or two sentences on a `RecordingGap`, whose sources are loaded."""
    said = _SAID[gap.kind](gap)
    if gap.closes and gap.kind not in ("little", "nothing"):
        return f"{said} With it nothing would be missing."
    return said


def _full(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _class(held) -> str:
    return f"“{held.course}” ({held.reference}, {_full(held.ends_on)})"


def _left_off(gap) -> str:
    where = gap.agency.name if gap.agency else "the agency"
    if gap.part == gap.whole:
        who = f"all {gap.whole} others of {where} who train together with {gap.officer.full_name}"
    else:
        who = f"{gap.part} of {gap.whole} others of {where} who train together with {gap.officer.full_name}"
    return f"{_class(gap.training_class)} is credited to {who}, and not to {gap.officer.full_name}."


def _number_slip(gap) -> str:
    row = gap.import_row
    return (
        f"Row {row.number} of {row.training_import.reference} is held: its license number is nobody’s, and differs "
        f"from {gap.officer.license_number} in one place."
    )


def _held_row(gap) -> str:
    row = gap.import_row
    return f"Row {row.number} of {row.training_import.reference} names {gap.officer.full_name} and is held: {row.wrong}"


def _namesake(gap) -> str:
    return (
        f"{_class(gap.record.training_class)} is credited to somebody of the same name who holds another license and "
        f"no commission at {gap.agency.name if gap.agency else 'the agency that reported it'}."
    )


def _transfer(gap) -> str:
    return (
        f"{gap.officer.full_name} was with {gap.source_agency.name} until {_full(gap.day)}. Nothing is on record from "
        f"{count_words(gap.whole, 'month')} there in {gap.period.year}, though others there have hours of that time."
    )


def _silent_agency(gap) -> str:
    if gap.day is None:
        before = f"and entered {gap.whole} the year before"
        return f"{gap.source_agency.name} has entered no class of {gap.period.year}, {before}."
    return (
        f"{gap.source_agency.name} has entered no class held after {_full(gap.day)}; in the same months of the year "
        f"before it entered {gap.whole}."
    )


def _silent_provider(gap) -> str:
    return (
        f"{gap.provider.name} has reported {count_words(gap.part, 'class', 'classes')} of {gap.period.year} and "
        f"{gap.whole} the year before. {gap.officer.full_name} took hours there then."
    )


def _checked_in(gap) -> str:
    held = gap.registration.scheduled_class
    known = "does not name them among those who completed it" if held.training_class_id else "has named nobody yet"
    return (
        f"{gap.officer.full_name} was registered for “{held.course}” ({held.reference}, {_full(gap.day)}), checked in, "
        f"and has no credit of it. {held.course.provider.name} {known}."
    )


def _refused(gap) -> str:
    return f"{_class(gap.record.training_class)} gives no hours, since POST refused the course."


def _make_up(gap) -> str:
    return (
        f"{_class(gap.record.training_class)} was completed in the time for making up {gap.period.year}, and nobody "
        "has decided for which year it counts."
    )


def _counted_once(gap) -> str:
    return (
        f"{_class(gap.record.training_class)} was entered twice and is counted once. Perhaps both were held: the two "
        "entries differ."
    )


def _taken_back(gap) -> str:
    why = gap.record.void_reason.rstrip(".")
    return f"{_class(gap.record.training_class)} was taken back (“{why}”) and not entered again."


def _little(gap) -> str:
    return f"Only {hours_words(gap.hours)} missing: one class that nobody reported would be enough."


def _nothing(gap) -> str:
    return f"Nothing at all is on record for {gap.period.year}, and there were hours the year before."


_SAID = {
    "left_off": _left_off,
    "number_slip": _number_slip,
    "held_row": _held_row,
    "namesake": _namesake,
    "transfer": _transfer,
    "silent_agency": _silent_agency,
    "silent_provider": _silent_provider,
    "checked_in": _checked_in,
    "refused": _refused,
    "make_up": _make_up,
    "counted_once": _counted_once,
    "taken_back": _taken_back,
    "little": _little,
    "nothing": _nothing,
}
