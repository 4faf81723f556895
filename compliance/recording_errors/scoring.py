"""How probably something is a recording error: one table of weights, from 0 to 100. Pure.

A kind has a base: how often what it notices turns out to be an error when nothing else is known. Signs add to it or
take from it. From 50 on (`LIKELY`) it stands in the way of a finding of "no error". The weights were set on the
demonstration state of seed 1, and measured on that of seed 2 too (docs/recording-gaps.md).
"""

from collections.abc import Iterable

from compliance.models import RecordingGap

Kind = RecordingGap.Kind
MOST = 98

BASE = {
    # People do miss classes: it takes a class that would close the gap, or one that everybody else is credited with.
    Kind.LEFT_OFF: 15,
    # A number that is nobody's was meant for somebody, and one wrong digit is the commonest slip of typing.
    Kind.NUMBER_SLIP: 45,
    # The agency itself says that the person was there; what is wrong is a date or an hour.
    Kind.HELD_ROW: 50,
    # Two of one name are rare, and credit without a commission there rarer.
    Kind.NAMESAKE: 45,
    # Who moves loses months between two offices, and often just does not train in them.
    Kind.TRANSFER: 20,
    # Many agencies hold their classes in one season only.
    Kind.SILENT_AGENCY: 15,
    # That somebody went to a provider last year says little of this year.
    Kind.SILENT_PROVIDER: 20,
    # At the door with a seat is nearly as good as a roster; but people do leave early.
    Kind.CHECKED_IN: 50,
    # The hours were taken; whether they count is a question of papers.
    Kind.REFUSED: 25,
    # The hours are there; whether they were meant for the year that is short, somebody has to say.
    Kind.MAKE_UP: 20,
    # Most pairs are two offices entering one class.
    Kind.COUNTED_ONCE: 5,
    # Taken back and not entered anew is often forgotten, unless the reason says that the person was not there.
    Kind.TAKEN_BACK: 40,
    Kind.LITTLE: 25,
    Kind.NOTHING: 15,
}
SIGNS = {
    "closes": 25,  # with these hours nothing would be missing: errors are one class, negligence is many
    "closes_together": 20,  # several of one kind would do it together
    "little": 5,  # two hours or fewer are missing
    "all": 15,  # everybody else is credited
    "only_one": 10,  # it is the one class of this sort that the person lacks
    "many": -15,  # the person lacks four or more such: away rather than left off
    "of_agency": 5,  # of an agency's own class, which it can look up
    "named": 35,  # a held row bears the last name too
    "here": 10,  # and comes from an agency of the person
    "elsewhere": -15,  # it comes from an agency where the person never was
    "name_only": -10,  # the row names the person and has no number: a father, a son
    "enough": 10,  # the row's hours are as many as are missing
    "peers": 25,  # four of five colleagues have hours of the months that are empty
    "most_short": 40,  # of the agency's people most are short: it is the agency, not they
    "many_short": 35,  # or a third of them
    "steady": 15,  # the other months of the year have at least three quarters of their share of the hours
    "spare": 20,  # the later year does not need the hours
    "unconfirmed": 15,  # the provider has not said of anybody whether they completed the class
    "left_early": -45,  # and was marked as leaving half an hour or more before its end
    "missed_days": -20,  # or came on fewer days than it had
    "provider_nothing": 10,  # the provider reported nothing at all of the year
    "same_reporter": 10,  # one agency entered both, and knows what it held
    "other_room": 30,  # the two were held in different rooms
    "again": 20,  # the reason of taking back says that it was to be entered anew, or elsewhere
    "not_there": -40,  # the reason says that the person was not there
}


def score(kind: str, signs: Iterable[str]) -> int:
    """How probably it is an error, 0 to 98: nothing here is certain."""
    return max(0, min(MOST, BASE[kind] + sum(SIGNS[sign] for sign in signs)))
