"""What became of officers who were short when a period ended: made up, extended, undecided, inactive, candidate.

The *ripe* period is the latest one whose March 15 is past by some days: last year's from March 19 on, before that the
one of the year before last (nobody can be a candidate for last year in January). Its officers who are still short are
dealt one outcome each from a small deck, so that every one occurs in any state. Last year's period until March 15 is
make-up time, with requests coming in. Periods before the ripe one are nearly settled. The program made nobody inactive:
each such event names who decided, and a reference.
"""

import datetime as dt
from dataclasses import dataclass
from random import Random

from compliance.demonstration.careers import AGENT, DIRECTOR, Event, Officer, Register
from compliance.demonstration.courses import CODES
from compliance.demonstration.seasons import NOTHING, Planner, Season

DAYS_UNTIL_RIPE = 4
RIPE = (
    "candidate", "extended", "pending", "inactive", "candidate", "reinstated", "candidate", "shown", "denied",
    "extended", "cured", "candidate", "candidate", "inactive", "taken_back", "candidate", "cured", "candidate",
    "candidate", "withdrawn",
)  # fmt: skip
SETTLED = ("cured", "reinstated", "cured", "cured", "inactive", "cured", "reinstated", "cured")


@dataclass(slots=True, eq=False)
class Decision:
    """A decision on a request; days are ordinals."""

    decision: str
    day: int
    due: int | None = None
    reason: str = ""


@dataclass(slots=True, eq=False)
class Request:
    """A request for relief and its decisions."""

    officer: Officer
    year: int
    kind: str
    reason: str
    day: int
    decisions: list[Decision]


def ordinal(year: int, month: int, day: int) -> int:
    """A date as an ordinal day."""
    return dt.date(year, month, day).toordinal()


def ripe_year(today: dt.date) -> int:
    """The latest period in which candidates can have been decided on."""
    ready = dt.date(today.year, 3, 15) + dt.timedelta(days=DAYS_UNTIL_RIPE)
    return today.year - 1 if today >= ready else today.year - 2


class Outcomes:
    """Settles the officers who are short, period by period."""

    def __init__(self, rng: Random, today: dt.date, planner: Planner, register: Register):
        self.rng, self.planner, self.register = rng, planner, register
        self.today, self.year, self.ripe = today.toordinal(), today.year, ripe_year(today)
        self.requests: list[Request] = []
        self.of: dict[tuple[int, int], str] = {}
        self.dealt = {RIPE: 0, SETTLED: 0}

    def settle(self, year: int, minimums: tuple[int, ...], seasons: dict[int, Season], officers: list[Officer]) -> None:
        """Everyone short in an ended period. Of those with hours, seven in ten make them up by March 15."""
        short = [o for o in officers if not o.plot and o.number in seasons and any(seasons[o.number].missing(minimums))]
        left = []
        for officer in short:
            season = seasons[officer.number]
            if season.profile == NOTHING and self.rng.random() < 0.4 and officer.trains:
                self.waived(officer, year)
            elif officer.trains and self.rng.random() < (0.72 if season.profile != NOTHING else 0.25):
                self.make_up(officer, year, minimums, season, ordinal(year + 1, 1, 3), ordinal(year + 1, 3, 15))
            else:
                left.append(officer)
        self.rng.shuffle(left)
        deck = RIPE if year == self.ripe else SETTLED
        for officer in left:
            if year > self.ripe:
                if officer.trains:
                    self.in_make_up_time(officer, year)
                continue
            if not officer.trains:  # left the work, or inactive before: nobody asks for more time
                outcome = self.rng.choice(("candidate", "candidate", "inactive"))
                if any(event.kind == "made_inactive" for event in officer.events):
                    outcome = "candidate"
            else:
                outcome = deck[self.dealt[deck] % len(deck)]
                self.dealt[deck] += 1
            self.of[year, officer.number] = outcome
            getattr(self, outcome)(officer, year, minimums, seasons[officer.number])

    def make_up(self, officer: Officer, year: int, minimums, season: Season, lo: int, hi: int) -> None:
        """Classes of a provider in the next year, credited to the period that is short."""
        hi = min(hi, ordinal(year + 1, 12, 31))
        for first, last in ((lo, hi), (max(lo, ordinal(year + 1, 1, 2)), hi)):
            self.planner.cover(season, officer, year + 1, list(minimums), first, last, credited=year)
            if not any(season.missing(minimums)):
                return

    # Outcomes, by the name in the deck.

    def candidate(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """Nothing more: a candidate for an inactive license."""

    def cured(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """An extension was granted, and the hours were made up within it."""
        day = self.rng.randint(ordinal(year + 1, 1, 5), ordinal(year + 1, 3, 5))
        until = ordinal(year + 1, 12, 31)
        self.request(officer, year, "extension", day, [Decision("granted", day + 6, until)])
        self.make_up(officer, year, minimums, season, day + 8, max(day + 8, min(until, self.today - 12)))

    def extended(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """An extension whose date has not passed."""
        earliest = min(ordinal(year + 1, 1, 8), self.today - 20)
        day = self.rng.randint(earliest, min(ordinal(year + 1, 3, 14), self.today - 12))
        due = max(ordinal(year + 1, 12, 31), self.today + self.rng.randint(12, 130))
        self.request(officer, year, "extension", day, [Decision("granted", day + self.rng.randint(3, 9), due)])

    def pending(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """Asked lately, and not decided."""
        day = self.today - self.rng.randint(2, 24)
        self.request(officer, year, self.rng.choice(("extension", "extension", "waiver")), day, [])

    def denied(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """The request was denied: a candidate again."""
        day = self.rng.randint(ordinal(year + 1, 2, 10), ordinal(year + 1, 3, 8))
        why = "The leave ended in June; the hours could be taken after it."
        self.request(officer, year, "extension", day, [Decision("denied", day + 7, None, why)])

    def withdrawn(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """The request was withdrawn."""
        day = self.rng.randint(ordinal(year + 1, 1, 20), ordinal(year + 1, 3, 1))
        self.request(officer, year, "extension", day, [Decision("withdrawn", day + 9)])

    def taken_back(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """An extension granted, and taken back later."""
        day = self.rng.randint(ordinal(year + 1, 1, 8), ordinal(year + 1, 2, 20))
        granted = Decision("granted", day + 5, ordinal(year + 1, 12, 31))
        ended = Decision("ended", day + 20, None, "Back on duty since January; the ground has fallen away.")
        self.request(officer, year, "extension", day, [granted, ended])

    def inactive(self, officer: Officer, year: int, minimums, season: Season) -> int | None:
        """Decided by the Director or the agent after March 15: the license is inactive, and the commission ends."""
        lo, hi = ordinal(year + 1, 3, 16), min(ordinal(year + 1, 9, 30), self.today - 2)
        lo = min(hi, max(lo, min(ordinal(year + 1, 4, 6), hi)))
        day = self.rng.randint(lo, hi)
        self._event(officer, "made_inactive", day, year)
        for post in officer.posts:
            if post.end is None and post.start <= day:
                post.end = day + self.rng.randint(0, 5) if day + 5 < self.today else day
        officer.trains = False
        return day

    def shown(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """Inactive; the hours have been shown since, and the license is not reinstated yet."""
        if self.today - ordinal(year + 1, 3, 16) < 60:
            return
        day = self._inactive_in_spring(officer, year)
        self.make_up(officer, year, minimums, season, day + 3, max(day + 10, self.today - 15))

    def reinstated(self, officer: Officer, year: int, minimums, season: Season) -> None:
        """Inactive, the hours shown, and reinstated."""
        if self.today - ordinal(year + 1, 3, 16) < 90:
            return
        day = self._inactive_in_spring(officer, year)
        self.make_up(officer, year, minimums, season, day + 3, day + 40)
        back = min(self.today - 2, day + self.rng.randint(62, 80))
        self._event(officer, "reinstated", back, year)
        if officer.posts[-1].end is None and not officer.part:
            post = officer.posts[-1]
            if post.start < day:
                post.end = day
                officer.posts.append(type(post)(post.agency, back, None, post.rank, post.is_reserve))

    def _inactive_in_spring(self, officer: Officer, year: int) -> int:
        day = self.rng.randint(ordinal(year + 1, 3, 18), min(ordinal(year + 1, 4, 20), self.today - 62))
        self._event(officer, "made_inactive", day, year)
        return day

    def _event(self, officer: Officer, kind: str, day: int, year: int) -> None:
        by = self.rng.choice((DIRECTOR, AGENT))
        recorded = min(day + 1, self.today - 1)
        officer.events.append(Event(kind, day, recorded, year, by, self.register.reference(day)))

    # Requests outside the deck.

    def waived(self, officer: Officer, year: int) -> None:
        """On leave for the whole period: waived."""
        day = self.rng.randint(ordinal(year, 1, 20), ordinal(year, 11, 20))
        self.request(officer, year, "waiver", day, [Decision("granted", day + self.rng.randint(2, 12))])

    def in_make_up_time(self, officer: Officer, year: int) -> None:
        """Last year's period before it is ripe: some have an extension, some have asked, most have time left."""
        dice = self.rng.random()
        since = ordinal(year, 12, 1)
        day = self.rng.randint(since, max(since, self.today - 12))
        if dice < 0.2:
            self.request(officer, year, "extension", day, [Decision("granted", day + 5, ordinal(year + 1, 9, 30))])
        elif dice < 0.35:
            self.request(officer, year, "extension", max(since, self.today - self.rng.randint(2, 12)), [])

    def this_year(self, officers: list[Officer]) -> None:
        """Requests for the period in progress: a few waived, a few extended, a few undecided."""
        ordinary = [
            o
            for o in officers
            if not o.part and not o.plot and len(o.events) == 1 and o.licensed < ordinal(self.year - 1, 1, 1)
        ]
        some = self.rng.sample(ordinary, min(len(ordinary), max(6, len(officers) // 200)))
        for place, officer in enumerate(some):
            day = self.today - self.rng.randint(15, 60)
            if place % 3 == 0:
                self.request(officer, self.year, "waiver", day, [Decision("granted", day + 8)])
            elif place % 3 == 1:
                due = ordinal(self.year + 1, 9, 30)
                self.request(officer, self.year, "extension", day, [Decision("granted", day + 10, due)])
            else:
                self.request(officer, self.year, "extension", self.today - self.rng.randint(2, 14), [])

    def request(self, officer: Officer, year: int, kind: str, day: int, decisions: list[Decision]) -> None:
        """Keep a request; what would lie in the future is left out."""
        if day >= self.today:
            return
        reason = "military" if self.rng.random() < 0.35 else "medical"
        kept = [decision for decision in decisions if decision.day < self.today]
        self.requests.append(Request(officer, year, kind, reason, day, kept))


def minimums_of(rows: list[tuple[str, int]]) -> tuple[int, ...]:
    """Hundredths by requirement, in the order of `CODES`, from published (code, hundredths); 0 for those not asked."""
    asked = dict(rows)
    return tuple(asked.get(code, 0) for code in CODES)
