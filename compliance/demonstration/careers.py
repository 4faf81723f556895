"""Officers of the demonstration: names, licenses and what became of them, commissions, moves between agencies."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from compliance.demonstration.agencies import SHERIFF, SMALL_CITY, Agency, Scale, address
from compliance.demonstration.names import Name, People, plain

YEAR = 365.25
# Years of service, from measured quantiles: (share of officers, years).
SERVICE = ((0.0, 0.05), (0.05, 1), (0.1, 2), (0.25, 7), (0.5, 14), (0.75, 21), (0.9, 25), (0.95, 28), (1.0, 38))
DIRECTOR = "Eleanor Whitcombe, Director of Public Safety"
AGENT = "Harlan Prewitt, designated agent of the Director"
FIRST_PERIOD = 2018
REGISTER = "Register kept before this portal"


@dataclass(slots=True, eq=False)
class Post:
    """A commission: days are ordinals, `end` None while it lasts."""

    agency: Agency
    start: int
    end: int | None
    rank: str
    is_reserve: bool = False


@dataclass(slots=True, eq=False)
class Event:
    """A license event, with the day it was recorded."""

    kind: str
    day: int
    recorded: int
    year: int | None = None
    decided_by: str = ""
    reference: str = ""


@dataclass(slots=True, eq=False)
class Officer:
    """A person in the register. `until` is the last day of the license, `busy` the hundredths of hours by day,
    `attended` the classes by title and day."""

    number: int
    license: str
    name: Name
    klass: str
    licensed: int
    posts: list[Post]
    events: list[Event]
    email: str = ""
    address: str = ""
    born: int = 0
    former: Name | None = None
    until: int | None = None
    trains: bool = True
    is_instructor: bool = False
    part: str = ""  # "gone" for those who left
    plot: str = ""  # what a demonstration account is to show
    busy: dict[int, int] = field(default_factory=dict)
    attended: set[tuple[str, int]] = field(default_factory=set)

    @property
    def home(self) -> Agency:
        """The agency of the latest commission."""
        return self.posts[-1].agency if not self.posts[-1].is_reserve else self.posts[0].agency


def service_days(rng: Random) -> int:
    """Days since the license was issued."""
    share = rng.random()
    for (low, years), (high, more) in pairwise(SERVICE):
        if share <= high:
            return round((years + (more - years) * (share - low) / (high - low)) * YEAR)
    return round(SERVICE[-1][1] * YEAR)


# What the officers of the demonstration accounts show: the agency, the place in it, and the name.
PLOTS = {
    "chief": (SMALL_CITY, 0, Name("Dana", "R.", "Whitlock")),
    "hats": (SMALL_CITY, 3, Name("Priya", "", "Castellano")),
    "sheriff": (SHERIFF, 0, Name("Wade", "T.", "Corrigan")),
    "near_miss": (SHERIFF, 4, Name("Marcus", "J.", "Calloway", "Jr.")),
    "compliant": (SHERIFF, 5, Name("Renée", "", "Thibodeau")),
    "candidate": (SHERIFF, 6, Name("Owen", "L.", "O'Carrick")),
}
RANKS = {
    "city": ("Chief", "Captain", "Lieutenant", "Sergeant", "Corporal", "Police Officer"),
    "county": ("Sheriff", "Captain", "Lieutenant", "Sergeant", "Corporal", "Deputy"),
    "state": ("Colonel", "Captain", "Lieutenant", "Sergeant", "Corporal", "Trooper"),
    "school": ("Director", "Captain", "Lieutenant", "Sergeant", "Corporal", "Officer"),
}


def rank(rng: Random, agency: Agency, place: int) -> str:
    """The first of an agency leads it; of the others about one in five has a rank."""
    ranks = RANKS[agency.kind]
    if place == 0:
        return ranks[0]
    return rng.choices(ranks[1:], (1, 3, 10, 8, 78))[0]


class Register:
    """Makes the officers of a state, agency by agency, and then gives a few of them something that happened."""

    def __init__(self, rng: Random, today: int, first_year: int, scale: Scale, agencies: list[Agency]):
        self.rng, self.today, self.first_year, self.scale, self.agencies = rng, today, first_year, scale, agencies
        self.people = People(rng)
        self.officers: list[Officer] = []
        self.year = dt.date.fromordinal(today).year
        self.numbers = iter(rng.sample(range(100_000, 1_000_000), scale.officers + 400))
        self.references = 0

    def make(self) -> list[Officer]:
        """All of them."""
        for agency in self.agencies:
            for place in range(agency.size):
                self.commissioned(agency, place)
        for _ in range(max(0, self.scale.officers - len(self.officers))):
            self.gone()
        self.cast()
        self.namesakes()
        self.what_happened()
        return self.officers

    def _officer(self, agency: Agency, licensed: int) -> Officer:
        rng = self.rng
        name = self.people.name()
        number = len(self.officers)
        officer = Officer(
            number,
            str(next(self.numbers)),
            name,
            rng.choices(("A", "B", "C", "D", "R"), (78, 17, 1, 1, 3))[0] if agency.kind != "state" else "A-HP",
            licensed,
            [],
            [Event("issued", licensed, licensed + rng.randint(0, 3))],
            address=address(rng, agency.city),
            born=licensed - round(rng.triangular(21, 41, 24) * YEAR),
        )
        if rng.random() > 0.09:
            officer.email = f"{plain(name.first)}.{plain(name.last)}{number}@{agency.domain}"
        if rng.random() < 0.025:
            officer.former = Name(name.first, name.middle, self.people.surname())
        self.officers.append(officer)
        return officer

    def commissioned(self, agency: Agency, place: int) -> None:
        """An officer who holds a commission at `agency` today; about 6 % a year came from elsewhere."""
        rng = self.rng
        service = max(service_days(rng), round(4 * YEAR) if place == 0 else 3)
        officer = self._officer(agency, self.today - service)
        start = officer.licensed + rng.randint(0, min(60, service - 2))
        known_days = round((self.year - self.first_year + 1) * YEAR)
        # a move in the years of the records (or one long ago), same-day or a few days later
        if place and service > 800 and rng.random() < 0.06 * known_days / YEAR:
            moved = self.today - rng.randint(20, min(known_days, service - 700))
            before = self.rng.choice(self.agencies)
            if before is not agency:
                officer.posts.append(Post(before, start, moved, rank(rng, before, 1)))
                start = min(self.today - 1, moved + rng.choice((0, 1, 1, 3, 14)))
        officer.posts.append(Post(agency, start, None, rank(rng, agency, place), place > 0 and rng.random() < 0.03))
        if rng.random() < 0.02:
            second = rng.choice(self.agencies)
            if second not in {post.agency for post in officer.posts}:
                begun = rng.randint(start, self.today - 1)
                officer.posts.append(Post(second, begun, None, "Reserve Officer", True))
        officer.is_instructor = agency.trained >= 10 and service > 1500 and rng.random() < 0.03

    def gone(self) -> None:
        """An officer who left: some keep up their training, some do not."""
        rng = self.rng
        agency = rng.choices(self.agencies, [a.size for a in self.agencies])[0]
        service = rng.randint(round(6 * YEAR), round(36 * YEAR))
        officer = self._officer(agency, self.today - service)
        left = self.today - rng.randint(30, round(4.5 * YEAR))
        officer.posts.append(Post(agency, officer.licensed + rng.randint(0, 60), left, rank(rng, agency, 1)))
        officer.part = "gone"
        officer.trains = rng.random() < 0.6

    def cast(self) -> None:
        """The officers behind the demonstration accounts: plain names, long in service, never moved."""
        by_agency: dict[int, list[Officer]] = {}
        for officer in self.officers:
            if not officer.part:
                by_agency.setdefault(officer.home.number, []).append(officer)
        for plot, (agency, place, name) in PLOTS.items():
            officer = by_agency[agency][place]
            officer.plot, officer.name, officer.former = plot, name, None
            officer.is_instructor = False
            officer.licensed = self.today - round((9 + place) * YEAR)
            officer.events = [Event("issued", officer.licensed, officer.licensed + 1)]
            home, last = self.agencies[agency], officer.posts[-1]
            officer.posts = [
                Post(home, officer.licensed + 30, None, rank(self.rng, home, 0) if not place else last.rank)
            ]
            officer.email = f"{plain(name.first)}.{plain(name.last)}@{home.domain}"

    def namesakes(self) -> None:
        """Two pairs of one name: one across the state, one in the largest agency."""
        first = self.agencies[0].size
        for one, other in ((5, 117), (9, first + 60)):
            name = self.officers[one].name
            self.officers[other].name = Name(name.first, self.officers[other].name.middle, name.last)

    def reference(self, day: int) -> str:
        """The next reference of a decision."""
        self.references += 1
        return f"POST-{dt.date.fromordinal(day).year}-{self.references:04d}"

    def what_happened(self) -> None:
        """License events of a few: upgrades, suspensions, endings, a second license after one expired."""
        gone = [o for o in self.officers if o.part == "gone"]
        served = [
            o
            for o in self.officers
            if not o.part and not o.plot and self.today - o.licensed > 6 * YEAR and len(o.posts) == 1
        ]
        self.rng.shuffle(gone)
        self.rng.shuffle(served)
        share = len(self.officers) / 1_000
        jan_1 = dt.date(self.year, 1, 1).toordinal()

        def some(people: list[Officer], per_thousand: float, least: int = 2) -> list[Officer]:
            count = min(len(people), max(least, round(per_thousand * share)))
            return [people.pop() for _ in range(count)]

        for officer in some(gone, 7):
            self.ended(officer, "expired", officer.posts[-1].end + round(5 * YEAR))
        for officer in some(gone, 3):
            self.ended(officer, "surrendered", officer.posts[-1].end + self.rng.randint(1, 60))
        for officer in some(gone, 2):
            self.ended(officer, "revoked", officer.posts[-1].end + self.rng.randint(20, 200))
        for place, officer in enumerate(some(served, 6, 3)):
            lo, hi = (jan_1, self.today - 2) if place % 2 else (jan_1 - 365, jan_1 - 5)
            self.event(officer, "upgraded" if place % 3 else "basic_training_completed", lo, hi)
        for place, officer in enumerate(some(served, 4, 4)):
            day = self.event(officer, "suspended", self.today - 400, self.today - 70)
            if day and place % 2:
                self.event(officer, "suspension_ended", day + 30, self.today - 3)
        for officer in some(served, 2):  # away for years, expired, and licensed again last year or this
            officer.licensed = min(officer.licensed, self.today - round(12 * YEAR))
            officer.events[0] = Event("issued", officer.licensed, officer.licensed)
            again = self.rng.randint(jan_1 - 365, max(jan_1 - 20, self.today - 40))
            lapsed = again - self.rng.randint(200, 900)
            officer.events.append(Event("expired", lapsed, lapsed + 2))
            officer.events.append(Event("issued", again, again + 1))
            officer.posts = [
                Post(officer.home, officer.licensed + 20, lapsed - round(5 * YEAR), "Officer"),
                Post(officer.home, again + 1, None, officer.posts[-1].rank),
            ]
            officer.licensed = again
            officer.is_instructor = False

    def event(self, officer: Officer, kind: str, lo: int, hi: int) -> int | None:
        """Something that happened between two days, recorded a few days later; its day."""
        if hi < lo:
            return None
        day = self.rng.randint(lo, hi)
        recorded = min(self.today - 1, day + self.rng.randint(0, 9))
        decided = kind in ("suspended", "suspension_ended")
        officer.events.append(
            Event(kind, day, recorded, None, DIRECTOR if decided else "", self.reference(day) if decided else "")
        )
        return day

    def ended(self, officer: Officer, kind: str, day: int) -> None:
        """The license ends on a day past; a license only expires five years after the last commission."""
        if day >= self.today - 3:
            day = self.today - self.rng.randint(10, 500)
            post = officer.posts[-1]
            last = day - (round(5 * YEAR) if kind == "expired" else 15)
            post.end = max(post.start + 30, last)
        officer.until = day
        officer.trains = officer.trains and kind != "expired"
        decided = kind != "expired"
        officer.events.append(
            Event(kind, day, day + 1, None, DIRECTOR if decided else "", self.reference(day) if decided else "")
        )
