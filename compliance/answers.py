"""The answer a standing page gives in its first line: one sentence, with its grounds and what happens next.

Pure: a finding in words, for officer, chief and POST alike. Every sentence is a message of its own with named places,
in the number and person it is said in, so that it can be translated whole.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance import gaps, needing, wording
from compliance.models import Requirement
from compliance.verdict import EXEMPTING, Finding, PeriodFacts, Standing
from compliance.wording import Person, date_words, full_date, hours_words
from training.licensing import ENDINGS, EventFact, Kind, LicenseState, LicenseStatus


class Answer(NamedTuple):
    """The sentence that answers, its grounds, and what happens next and when, step by step."""

    headline: str
    grounds: str
    steps: tuple[str, ...]
    tone: str

    @property
    def deadline(self) -> str:
        """What happens next as one paragraph."""
        return " ".join(self.steps)


class Case(NamedTuple):
    """Everything an answer rests on: one person's finding for a period on a day, and the license beside it."""

    person: Person
    finding: Finding
    requirements: Sequence[Requirement]
    period: PeriodFacts
    day: dt.date
    license: LicenseState
    events: Sequence[EventFact]

    @property
    def needed(self) -> Decimal:
        """The fewest hours that would close the gap."""
        return gaps.fewest_hours(self.requirements, self.finding.short)

    @property
    def more(self) -> str:
        """What is missing, to stand inside a sentence: "3 more hours, at least 1 of them in legal studies,"."""
        return self._with_parts(needing.more_hours(self.needed))

    @property
    def hours(self) -> str:
        """As `more`, where it is plain that they are missing: "3 hours, at least 1 of them in legal studies,"."""
        return self._with_parts(hours_words(self.needed))

    def _with_parts(self, hours: str) -> str:
        parts = needing.phrase(self.requirements, self.finding.short)
        return _("%(hours)s, %(parts)s,") % {"hours": hours, "parts": parts} if parts else hours

    @property
    def overlap(self) -> str:
        """That an hour may serve twice, where the parts named are more than the hours missing."""
        is_so = needing.overlaps(self.requirements, self.finding.short)
        return _("One hour may serve an area and a topic at once.") if is_so else ""

    @property
    def pending(self) -> str:
        """That a request waits for POST, if one does."""
        is_so = self.finding.situation.is_pending
        return _("A request for an extension or a waiver is undecided.") if is_so else ""

    def date(self, day: dt.date) -> str:
        """A date as it reads on the day asked about."""
        return date_words(day, self.day)

    def left(self, last: dt.date) -> str:
        """How much time there is through `last`."""
        return wording.days_left(last, self.day, self.person)

    def says(self, you: str, other: str, **said) -> str:
        """A sentence to the reader or about the person, with the period's year beside what else it says."""
        return self.person.says(you, other, year=self.period.year, **said)


def answer(case: Case) -> Answer:
    """The answer of a finding in words: the same text for officer, chief and POST."""
    said = _ANSWERS[case.finding.standing](case)
    beside = _license_beside(case)
    return said._replace(grounds=_text(said.grounds, beside))


def _text(*sentences: str) -> str:
    """Sentences one after the other, without those that say nothing."""
    return " ".join(one for one in sentences if one)


def _license_beside(case: Case) -> str:
    """What the license says, where the standing does not say it already."""
    state, standing = case.license, case.finding.standing
    if standing == Standing.INACTIVE or wording.awaits_reinstatement(case.finding, state):
        return ""
    if state.status is LicenseStatus.SUSPENDED:
        return case.says(
            _("Your license has been suspended since %(day)s; hours are owed all the same."),
            _("The license has been suspended since %(day)s; hours are owed all the same."),
            day=full_date(state.since),
        )
    if state.inactive_for:
        return case.says(
            _("Your license is inactive for %(years)s: no commission may be held."),
            _("The license is inactive for %(years)s: no commission may be held."),
            years=_inactive_for(case),
        )
    return ""


def _inactive_for(case: Case) -> str:
    return wording.list_words([str(year) for year in case.license.inactive_for])


def _only_the_director(*, after: str = "") -> str:
    """That nothing happens by itself: the Director may, and need not (11 CSR 75-15.080)."""
    if after:
        said = _("After %(day)s the Director may make a license inactive. It never happens by itself.")
        return said % {"day": after}
    return _("After that the Director may make a license inactive. It never happens by itself.")


def _not_applicable(case: Case) -> Answer:
    state = case.license
    issued = [e.occurred_on for e in case.events if e.kind == Kind.ISSUED and e.occurred_on <= case.day]
    after = [on for on in issued if on > case.period.ends_on]
    day = full_date(state.since) if state.since else full_date(case.day)
    if state.status in ENDINGS.values():
        you, other = {
            LicenseStatus.EXPIRED: (
                _("Nothing is asked of you for %(year)s: your license expired on %(day)s."),
                _("Nothing is asked of %(name)s for %(year)s: the license expired on %(day)s."),
            ),
            LicenseStatus.REVOKED: (
                _("Nothing is asked of you for %(year)s: your license was revoked on %(day)s."),
                _("Nothing is asked of %(name)s for %(year)s: the license was revoked on %(day)s."),
            ),
            LicenseStatus.SURRENDERED: (
                _("Nothing is asked of you for %(year)s: your license was surrendered on %(day)s."),
                _("Nothing is asked of %(name)s for %(year)s: the license was surrendered on %(day)s."),
            ),
        }[state.status]
    elif after:
        day = full_date(min(after))
        if min(issued) <= case.period.ends_on:
            you = _("Nothing is asked of you for %(year)s: your license was issued again on %(day)s, after the year.")
            other = _(
                "Nothing is asked of %(name)s for %(year)s: the license was issued again on %(day)s, after the year."
            )
        else:
            you = _("Nothing is asked of you for %(year)s: your license was first issued on %(day)s, after the year.")
            other = _(
                "Nothing is asked of %(name)s for %(year)s: the license was first issued on %(day)s, after the year."
            )
    else:
        day = full_date(case.day)
        you = _("Nothing is asked of you for %(year)s: you held no license on %(day)s.")
        other = _("Nothing is asked of %(name)s for %(year)s: no license was held on %(day)s.")
    return Answer(case.says(you, other, day=day), "", (), "quiet")


def _again(case: Case) -> str:
    """When hours are owed again."""
    first = full_date(dt.date(case.period.year + 1, 1, 1))
    return _("Hours are owed again from %(day)s.") % {"day": first}


def _exempt(case: Case) -> Answer:
    last = min(case.period.ends_on, case.day)
    ground = next(e for e in case.events if e.kind in EXEMPTING and case.period.starts_on <= e.occurred_on <= last)
    you, other = {
        Kind.ISSUED: (
            _("You are exempt for %(year)s: your license was issued on %(day)s."),
            _("%(name)s is exempt for %(year)s: the license was issued on %(day)s."),
        ),
        Kind.UPGRADED: (
            _("You are exempt for %(year)s: your license was upgraded on %(day)s."),
            _("%(name)s is exempt for %(year)s: the license was upgraded on %(day)s."),
        ),
        Kind.BASIC_TRAINING_COMPLETED: (
            _("You are exempt for %(year)s: you finished a whole Missouri basic training course on %(day)s."),
            _("%(name)s is exempt for %(year)s: a whole Missouri basic training course was finished on %(day)s."),
        ),
    }[Kind(ground.kind)]
    return Answer(
        case.says(you, other, day=full_date(ground.occurred_on)),
        _("No hours are owed for that year."),
        (_again(case), _("Hours of %(year)s do not carry over.") % {"year": case.period.year}),
        "held",
    )


def _waived(case: Case) -> Answer:
    return Answer(
        case.says(
            _("You are excused for %(year)s: POST granted a waiver."),
            _("%(name)s is excused for %(year)s: POST granted a waiver."),
        ),
        _("No hours are owed for that year."),
        (_again(case),),
        "held",
    )


def _compliant(case: Case) -> Answer:
    if wording.awaits_reinstatement(case.finding, case.license):
        return Answer(
            case.says(
                _("You have shown the hours of %(year)s, and may not hold a commission until you are reinstated."),
                _("%(name)s has shown the hours of %(year)s, and may not hold a commission until reinstated."),
            ),
            _text(
                _met(case),
                case.says(
                    _("Your license is still inactive for %(years)s."),
                    _("The license is still inactive for %(years)s."),
                    years=_inactive_for(case),
                ),
            ),
            (_("The Director reinstates a license once the missing hours are shown. POST can say where it stands."),),
            "held",
        )
    said = {"hours": "", "asked": ""}
    you, other = _("You are compliant for %(year)s."), _("%(name)s is compliant for %(year)s.")
    for one, hours in zip(case.requirements, case.finding.hours, strict=True):
        if gaps.is_of_content(one) or gaps.is_of_source(one):
            continue
        said = {"hours": hours_words(hours), "asked": wording.hours_number(one.minimum)}
        you = _("You are compliant for %(year)s, with %(hours)s of the %(asked)s asked.")
        other = _("%(name)s is compliant for %(year)s, with %(hours)s of the %(asked)s asked.")
        if hours > one.minimum:
            said["extra"] = hours_words(hours - one.minimum)
            you = _("You are compliant for %(year)s, with %(extra)s more than the %(asked)s asked.")
            other = _("%(name)s is compliant for %(year)s, with %(extra)s more than the %(asked)s asked.")
    return Answer(
        case.says(you, other, **said),
        _met(case),
        (_("Hours beyond the requirements do not carry over to the next year."),),
        "met",
    )


def _met(case: Case) -> str:
    count = len(case.requirements)
    said = ngettext("The requirement is met.", "All %(count)s requirements are met.", count)
    return said % {"count": count}


def _in_progress(case: Case) -> Answer:
    period = case.period
    end, last = case.date(period.ends_on), case.date(period.show_by)
    steps = (
        _("%(day)s is the last day to earn hours for %(year)s.") % {"day": end, "year": period.year},
        _("Hours that are missing then can still be made up until %(day)s.") % {"day": last},
        _only_the_director(),
    )
    if case.day < period.starts_on:
        you = _("The %(year)s period begins on %(day)s and will ask %(hours)s of you.")
        other = _("The %(year)s period begins on %(day)s and will ask %(hours)s of %(name)s.")
        head = case.says(you, other, day=case.date(period.starts_on), hours=hours_words(case.needed))
        return Answer(head, "", steps, "quiet")
    due = case.finding.due_on
    if not case.finding.situation.is_extended:
        you, other = _("You need %(more)s by %(day)s."), _("%(name)s needs %(more)s by %(day)s.")
    elif due:
        you = _("You need %(more)s by %(day)s, or by %(due)s with your extension.")
        other = _("%(name)s needs %(more)s by %(day)s, or by %(due)s with the extension.")
    else:
        you = _("You need %(more)s by %(day)s, or later with your extension.")
        other = _("%(name)s needs %(more)s by %(day)s, or later with the extension.")
    if due:
        steps = (
            steps[0],
            _("With the extension, hours can still be made up until %(day)s.") % {"day": full_date(due)},
            _only_the_director(),
        )
    head = case.says(you, other, more=case.more, day=end, due=full_date(due) if due else "")
    return Answer(head, _text(case.overlap, case.left(period.ends_on), case.pending), steps, "due")


def _extended(case: Case) -> Answer:
    due = case.finding.due_on
    if due:
        you = _("You need %(more)s for %(year)s by %(day)s, when your extension ends.")
        other = _("%(name)s needs %(more)s for %(year)s by %(day)s, when the extension ends.")
        after = _only_the_director(after=full_date(due))
    else:
        you = _("You need %(more)s for %(year)s, and POST has given you more time with no last day.")
        other = _("%(name)s needs %(more)s for %(year)s, and POST has given more time with no last day.")
        after = _("Once the extension is over, the Director may make a license inactive. It never happens by itself.")
    return Answer(
        case.says(you, other, more=case.more, day=case.date(due) if due else ""),
        _text(case.overlap, case.left(due) if due else "", case.pending),
        (_("While the extension lasts, nothing can happen to the license over these hours."), after),
        "held",
    )


def _grace(case: Case) -> Answer:
    year, last = case.period.year, case.date(case.period.show_by)
    you = _("You need %(more)s for %(year)s by %(day)s.")
    other = _("%(name)s needs %(more)s for %(year)s by %(day)s.")
    return Answer(
        case.says(you, other, more=case.more, day=last),
        _text(
            _("%(year)s is over, and this is the time to make hours up.") % {"year": year},
            case.overlap,
            case.left(case.period.show_by),
            case.pending,
        ),
        (
            _("A class finished in %(next)s counts for %(next)s unless it is credited to %(year)s as make-up.")
            % {"year": year, "next": year + 1},
            _("It never counts for both."),
            _only_the_director(after=last),
        ),
        "short",
    )


def _extension_pending(case: Case) -> Answer:
    you = _("You need %(more)s for %(year)s, and POST has not decided yet about more time.")
    other = _("%(name)s needs %(more)s for %(year)s, and POST has not decided yet about more time.")
    return Answer(
        case.says(you, other, more=case.more),
        _text(_("Nothing happens to the license before POST has decided."), case.overlap),
        (
            _("If POST says yes, there is a new last day, or the year is excused."),
            _("If POST says no, the Director may make the license inactive. It never happens by itself."),
        ),
        "held",
    )


def _candidate(case: Case) -> Answer:
    you = _("You still need %(hours)s for %(year)s: %(day)s is past, and POST is checking the record.")
    other = _("%(name)s still needs %(hours)s for %(year)s: %(day)s is past, and POST is checking the record.")
    return Answer(
        case.says(you, other, hours=case.hours, day=case.date(case.period.show_by)),
        _text(case.overlap, _("If a class is missing here, it can be reported now: it still counts.")),
        (
            _("POST looks for errors in the record first."),
            _("Only the Director can make a license inactive, and may choose not to."),
            _("It never happens by itself."),
        ),
        "short",
    )


def _inactive(case: Case) -> Answer:
    you = _("Your license is inactive, and you still need %(hours)s for %(year)s.")
    other = _("The license is inactive, and %(name)s still needs %(hours)s for %(year)s.")
    return Answer(
        case.says(you, other, hours=case.hours),
        _text(case.overlap, _("While it is inactive no commission may be held.")),
        (
            _("Once the hours are finished and credited to %(year)s, the Director reinstates the license.")
            % {"year": case.period.year},
        ),
        "short",
    )


_ANSWERS: dict[Standing, Callable[[Case], Answer]] = {
    Standing.NOT_APPLICABLE: _not_applicable,
    Standing.EXEMPT: _exempt,
    Standing.WAIVED: _waived,
    Standing.COMPLIANT: _compliant,
    Standing.INACTIVE: _inactive,
    Standing.IN_PROGRESS: _in_progress,
    Standing.EXTENDED: _extended,
    Standing.GRACE: _grace,
    Standing.EXTENSION_PENDING: _extension_pending,
    Standing.CANDIDATE: _candidate,
}
