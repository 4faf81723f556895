"""The people of the year, what happens to them, and who should be written to on a day: told once more, naively."""

import datetime as dt
import random
from dataclasses import dataclass, field

from clee_portal import clock
from compliance.tests.people import academy_course, complete, credit
from training.models import Agency, Membership, Officer, TrainingRecord
from training.tests import factories

# As the rulebook lists them (section 11, 17); the portal's own rows are not asked here.
REMINDERS = ((0, 10, 1), (0, 11, 15), (0, 12, 1), (0, 12, 15), (1, 1, 5), (1, 2, 15), (1, 3, 8))


def days_of(year: int) -> dict[int, dt.date]:
    """Number of a reminder -> its day."""
    return {number: dt.date(year + later, month, day) for number, (later, month, day) in enumerate(REMINDERS, 1)}


@dataclass
class Person:
    """An officer as this test believes them to be: connected or not, short or not."""

    officer: Officer
    address: str
    is_connected: bool = False
    is_short: bool = True
    put: dict[int, dt.date] = field(default_factory=dict)  # number -> the day on which it had to be put
    open: set[int] = field(default_factory=set)  # put, and the mail has not arrived yet
    excused: set[int] = field(default_factory=set)  # need not arrive: superseded, overtaken, lapsed
    arrived: dict[int, list[dt.date]] = field(default_factory=dict)


class People:
    """Everybody of one year."""

    def __init__(self, year: int, count: int, chance: random.Random):
        self.year, self.chance = year, chance
        self.agency: Agency = factories.agency("cedar-hollow", "Cedar Hollow Police")
        self.everybody: list[Person] = []
        self.reminders = days_of(year)
        self.short = self._make(count, connected=True, missing=1)
        self.compliant = self._make(4, connected=True, missing=0)
        self.strangers = self._make(5, connected=False, missing=1)
        self.plan: list[tuple[dt.date, object, Person]] = self._plan()

    def _make(self, count: int, *, connected: bool, missing: int) -> list[Person]:
        made = []
        for _ in range(count):
            officer = factories.officer(self.agency)
            complete(officer, self.agency, self.year, **({"legal": missing} if missing else {}))
            person = Person(officer, f"officer{officer.pk}@example.org", is_short=bool(missing))
            if connected:
                self.connect(person)
            made.append(person)
        self.everybody += made
        return made

    def _plan(self) -> list[tuple[dt.date, object, Person]]:
        """What happens to whom, and when: some on the very day of a reminder."""
        y = self.year
        one = iter(self.chance.sample(self.short, 8))
        stranger = iter(self.strangers)
        plan = [
            (dt.date(y, 10, 20), self.become_compliant, next(one)),
            (dt.date(y, 11, 15), self.become_compliant, next(one)),
            (dt.date(y, 11, 17), self.become_compliant, next(one)),
            (dt.date(y, 12, 16), self.disconnect, next(one)),
            (dt.date(y, 12, 31), self.become_compliant, next(one)),
            (dt.date(y + 1, 1, 6), self.become_compliant, next(one)),
            (dt.date(y + 1, 2, 16), self.disconnect, next(one)),
            (dt.date(y + 1, 3, 9), self.become_compliant, next(one)),
            (dt.date(y, 11, 30), self.become_short, self.compliant[0]),
            (dt.date(y + 1, 1, 1), self.become_short, self.compliant[1]),
            (dt.date(y, 12, 2), self.connect, next(stranger)),
            (dt.date(y + 1, 2, 14), self.connect, next(stranger)),
        ]
        return sorted(plan, key=lambda entry: entry[0])

    def happen(self, day: dt.date, *, overnight: bool) -> None:
        """Let happen what was to happen by `day`: overnight what ends a duty to write, by day what begins one, so that
        nothing is looked at with yesterday's date and today's facts."""
        ends = (self.become_compliant, self.disconnect)
        now = [entry for entry in self.plan if entry[0] <= day and (entry[1] in ends) == overnight]
        for entry in now:
            self.plan.remove(entry)
            entry[1](entry[2])

    def connect(self, person: Person) -> None:
        """An account is connected to the license."""
        factories.officer_account(person.officer, person.address)
        person.is_connected = True

    def disconnect(self, person: Person) -> None:
        """The connection is taken away."""
        Membership.objects.filter(officer=person.officer).update(revoked_at=clock.now())
        person.is_connected = False

    def become_compliant(self, person: Person) -> None:
        """The missing hour is recorded."""
        credit(person.officer, dt.date(self.year, 6, 1), academy_course(), legal=1)
        person.is_short = False

    def become_short(self, person: Person) -> None:
        """A class is undone."""
        record = TrainingRecord.objects.filter(officer=person.officer).earliest("pk")
        TrainingRecord.objects.filter(pk=record.pk).update(voided_at=clock.now(), void_reason="Entered twice")
        person.is_short = True

    def last_day(self, number: int) -> dt.date:
        """The last day on which a reminder may go."""
        end = dt.date(self.year, 12, 31)
        return end if self.reminders[number] <= end else dt.date(self.year + 1, 3, 15)

    def latest(self, day: dt.date) -> int | None:
        """The reminder that may go on `day`: the latest that is due and not over."""
        due = [number for number, on in self.reminders.items() if on <= day <= self.last_day(number)]
        return max(due, default=None)

    def look(self, day: dt.date) -> None:
        """Who is to be written to on `day`, and which earlier reminders need not arrive any more."""
        latest = self.latest(day)
        for person in self.everybody:
            is_due = person.is_connected and person.is_short
            for number in set(person.open):
                if number != latest or not is_due:
                    person.open.discard(number)
                    person.excused.add(number)
            if not is_due or latest is None:
                continue
            for number, on in self.reminders.items():
                if on <= day <= self.last_day(number) and number not in person.put:
                    person.put[number] = day
                    (person.open if number == latest else person.excused).add(number)

    def keys(self) -> set[str]:
        """The keys of every message there has to be by now, and of no other."""
        return {f"{self.year}:{number}:{one.officer.pk}" for one in self.everybody for number in one.put}

    def by_key(self, key: str) -> tuple[Person, int]:
        """Whose message that is, and which reminder."""
        _, number, officer = map(int, key.split(":"))
        return next(one for one in self.everybody if one.officer.pk == officer), number
