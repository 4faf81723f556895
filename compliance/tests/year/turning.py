"""The days of the year, one by one: what is done to the processes on each, and what has to hold in the evening."""

import datetime as dt
import random
import time
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from clee_portal import clock
from compliance.models import ReportingPeriod
from compliance.tasks import put_reminders
from compliance.tests.year.people import People
from compliance.tests.year.processes import all_of
from notifications import outbox
from notifications.models import Message
from notifications.tests.sink import UNSURE
from training.tests import factories

State = Message.State

# Some on a reminder's day, some after it because its day was skipped.
SHORT_FORM = (
    (0, 10, 1), (0, 10, 2), (0, 10, 20), (0, 11, 14), (0, 11, 16), (0, 11, 17), (0, 11, 30), (0, 12, 1), (0, 12, 2),
    (0, 12, 14), (0, 12, 17), (0, 12, 31), (1, 1, 1), (1, 1, 6), (1, 2, 14), (1, 2, 16), (1, 3, 8), (1, 3, 15),
    (1, 3, 16), (1, 4, 1),
)  # fmt: skip
MOODS = ("greylisting", "stalls", "hangs up", *UNSURE)
PATIENCE = 120  # seconds until an evening has to come


class Year:
    """A year: October 1 to April 1, in the future of the machine's clock, so that everything recorded is known."""

    def __init__(self, servers, environment, mails: Path, *, is_long: bool, seed: int, say):
        self.servers, self.mails, self.is_long, self.say = servers, mails, is_long, say
        self.chance = random.Random(seed)
        real = clock.now()
        year = real.year if real.date() < dt.date(real.year, 9, 25) else real.year + 1
        assert ReportingPeriod.objects.filter(year=year).exists()
        self.people = People(year, 40 if is_long else 12, self.chance)
        self.staff = factories.post_staff("staff@example.org")
        self.days = self._days(year)
        self.day = self.days[0]
        self.mood("well")
        (mails / "pause").write_text("0.2")
        self.kills = self.sent_again = self.restarts = self.emptied = 0
        self.read: set[str] = set()
        self.acts = self._acts(100 if is_long else 3)
        self.processes = all_of(environment, mails, servers.home.logs)

    def _days(self, year: int) -> list[dt.date]:
        if not self.is_long:
            return [dt.date(year + later, month, day) for later, month, day in SHORT_FORM]
        first = dt.date(year, 10, 1)
        return [first + dt.timedelta(days=n) for n in range((dt.date(year + 1, 4, 1) - first).days + 1)]

    def _acts(self, kills: int) -> dict[dt.date, list[str]]:
        """Day -> what is done to the processes: kills half on days with much to send, the rest anywhere."""
        busy = [day for day in self.days if self._is_busy(day)]
        away = busy[1:6:2] if self.is_long else busy[1:2]
        acts = {day: ["away all day"] if day in away else [] for day in self.days}
        to_send = [day for day in busy if day not in away]
        others = ["restart PostgreSQL", "empty the broker", *MOODS] * (3 if self.is_long else 1)
        self.chance.shuffle(others)
        for number, act in enumerate(others):
            acts[to_send[number % len(to_send)]].append(act)
        for number in range(kills):
            day = self.chance.choice(to_send if number % 2 == 0 or not self.is_long else self.days)
            acts[day].insert(self.chance.randint(0, len(acts[day])), "kill")
        return acts

    def _is_busy(self, day: dt.date) -> bool:
        """Whether a reminder became due since the day before in the list."""
        before = self.days[self.days.index(day) - 1] if day != self.days[0] else None
        return any((before is None or before < on) and on <= day for on in self.people.reminders.values())

    # One day ---------------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Turn all days, and look at everything at the end."""
        was_away = False
        for day in self.days:
            acts = self.acts[day]
            began = time.monotonic()
            self.people.happen(day, overnight=True)
            if was_away:
                time.sleep(1)  # what was asked about before the night has met with the server as it was
            is_away = "away all day" in acts
            mood = acts[0] if acts and acts[0] in MOODS else "well"
            if is_away:
                mood = self.chance.choice(["greylisting", "hangs up"])
            if not was_away:
                self.mood(mood)
            self.set_clock(day)
            self.mood(mood)  # after a day away not before the date has changed
            was_away = is_away
            self.people.happen(day, overnight=False)
            self.people.look(day)
            for act in acts:
                self.do(act, is_away)
            if is_away:
                self.wait(self.all_put, "every message that is due is put")
                time.sleep(1)
            else:
                self.evening()
            self.collect()
            self.look_at_rows(is_away)
            told = f" {', '.join(acts)}" if acts else ""
            self.say(f"{day}: {time.monotonic() - began:.1f} s, {len(self.read)} mails{told}")
        self.finally_holds()

    def set_clock(self, day: dt.date) -> None:
        """Nine in the morning of `day`; the file changes in one step."""
        self.day = day
        morning = dt.datetime.combine(day, dt.time(9), clock.CHICAGO)
        fresh = self.mails / "offset.new"
        fresh.write_text(str((morning - dt.datetime.now(dt.UTC)).total_seconds()))
        fresh.rename(settings.CLOCK_OFFSET_FILE)

    def mood(self, said: str) -> None:
        """How the mail server behaves from now on."""
        fresh = self.mails / "mood.new"
        fresh.write_text(said)
        fresh.rename(self.mails / "mood")

    def do(self, act: str, is_away: bool) -> None:
        """Do one thing to the processes, at a moment of chance while something is sent, if anything is."""
        if act in MOODS:
            if not is_away:
                self._ill_humor(act)
        elif act != "away all day":
            self._until(lambda: Message.objects.filter(state=State.SENDING).exists(), 2)
            time.sleep(self.chance.uniform(0, 0.5))
            if act == "kill":
                self.kills += 1
                victim = self.processes[self.chance.choice(["worker-1", "worker-2"])]
                victim.kill()
                victim.start()
            elif act == "empty the broker":
                self.emptied += 1
                redis.Redis.from_url(settings.CELERY_BROKER_URL).flushall()
            elif act == "restart PostgreSQL":
                self.restarts += 1
                connection.close()
                self.servers.postgres.stop()
                self.servers.postgres.start()
        for process in self.processes.values():
            process.must_run()

    def _ill_humor(self, mood: str) -> None:
        """The mail server is ill-humored until somebody has felt it, if anybody comes."""
        felt = self.felt()
        self.mood(mood)
        self._until(lambda: self.felt() > felt, 4)
        time.sleep(self.chance.uniform(0, 0.5))
        self.mood("well")

    def felt(self) -> int:
        """How often the mail server was ill-humored to somebody."""
        path = self.mails / "felt"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def _until(self, condition, seconds: float) -> None:
        """Wait for a condition, and not for ever: it may never come."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not condition():
            time.sleep(0.02)

    def evening(self) -> None:
        """Wait until nothing is left to do, then ask for another look, which must find nothing more."""
        self.wait(self.is_settled, "everything that is due is settled")
        self.look_once_more()
        self.wait(self.is_settled, "everything is settled after another look")

    def wait(self, condition, what: str) -> None:
        """Wait for a condition; dead processes are started again meanwhile."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if condition():
                    return
            except (OperationalError, InterfaceError):
                connection.close()
            if time.monotonic() > until:
                left = list(Message.objects.unsettled().values_list("key", "state", "note", "next_try_at"))
                missing = sorted(self.people.keys() - set(Message.objects.values_list("key", flat=True)))
                raise AssertionError(f"On {self.day} in vain waited until {what}: {left}; not put: {missing}")
            for process in self.processes.values():
                process.must_run()
            time.sleep(0.1)

    def all_put(self) -> bool:
        """Whether every message there has to be is there."""
        return self.people.keys() <= set(Message.objects.values_list("key", flat=True))

    def is_settled(self) -> bool:
        """Whether every message there has to be is there, and nothing is left to send. What stayed unknown after two
        copies, POST sends again, as its page offers."""
        if not self.all_put() or Message.objects.unsettled().exists():
            return False
        for message in Message.objects.filter(state=State.UNKNOWN):
            person, number = self.people.by_key(message.key)
            if number in person.open and message.message_id not in self.arrivals():
                outbox.send_again(by=self.staff, message=message)
                self.sent_again += 1
        return not Message.objects.unsettled().exists()

    def look_once_more(self) -> None:
        """The task of beat, once more, through broker and worker."""
        for _ in range(10):
            try:
                put_reminders.apply_async(ignore_result=False, retry=False).get(timeout=30)
                return
            except Exception as error:  # the broker was emptied, or the worker killed, while it was on its way
                self.say(f"  another look was lost on its way ({type(error).__name__}), as it may be")
        raise AssertionError("Ten looks in a row were lost.")

    # What has to hold ------------------------------------------------------------------------------------------------

    def arrivals(self) -> Counter:
        """Message-ID -> how many copies arrived."""
        ids = Counter()
        for path in self.mails.glob("*.eml"):
            ids[message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"]] += 1
        return ids

    def collect(self) -> None:
        """Read what arrived on this day: only the latest reminder, only to people connected and short."""
        messages = {message.message_id: message for message in Message.objects.all()}
        latest = self.people.latest(self.day)
        for path in sorted(self.mails.glob("*.eml")):
            if path.name in self.read:
                continue
            self.read.add(path.name)
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            message = messages[mail["Message-ID"]]
            person, number = self.people.by_key(message.key)
            assert mail["X-Envelope-To"] == person.address
            assert (person.is_connected, person.is_short) == (True, True), f"{person.address} was written to"
            assert number == latest, f"On {self.day} reminder {number} went, not {latest}"
            person.arrived.setdefault(number, []).append(self.day)
            person.open.discard(number)

    def look_at_rows(self, is_away: bool) -> None:
        """Exactly the rows there have to be; unless the server was away all day, each open one arrived."""
        rows = Message.objects.values_list("key", flat=True)
        assert sorted(rows) == sorted(self.people.keys())
        if not is_away:
            still_open = {one.address: one.open for one in self.people.everybody if one.open}
            assert still_open == {}, f"On {self.day} these have not arrived: {still_open}"

    def finally_holds(self) -> None:
        """Every due message neither superseded nor overtaken has one row and arrived; copies only where marked."""
        copies = self.arrivals()
        felt = Counter((self.mails / "felt").read_text().splitlines())
        unsure = sum(felt[mood] for mood in UNSURE)
        settled = 0
        for message in Message.objects.all():
            person, number = self.people.by_key(message.key)
            count = copies.pop(message.message_id, 0)
            if number in person.arrived:
                assert message.state in (State.SENT, State.UNKNOWN), f"{message.key} arrived and is {message.state}"
                assert 1 <= count <= 1 + message.times_unknown, f"{message.key}: {count} copies"
                settled += 1
            else:
                assert number in person.excused, f"{message.key} ({message.state}) never arrived"
                assert message.state in (State.SUPERSEDED, State.OVERTAKEN, State.LAPSED), message.state
                assert count == 0
        assert copies == Counter(), f"Mail of no message arrived: {copies}"
        assert settled == sum(len(one.arrived) for one in self.people.everybody)
        marked = sum(Message.objects.values_list("times_unknown", flat=True))
        assert marked <= self.kills + unsure, f"{marked} marked unknown, {self.kills} kills, {unsure} lost answers"
        self.repeats = len(self.read) - settled
        assert self.repeats <= self.kills + unsure
        self.settled, self.marked, self.unsure = settled, marked, unsure

    def report(self) -> str:
        """What happened, in one line."""
        states = Counter(Message.objects.values_list("state", flat=True))
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return (
            f"{len(self.days)} days, {self.kills} kills, PostgreSQL restarted {self.restarts} times, broker emptied "
            f"{self.emptied} times, {self.unsure} answers of the mail server lost: {told}; {self.settled} arrived, "
            f"{self.marked} marked unknown, {self.repeats} second copies, {self.sent_again} sent again by POST"
        )

    def tell_logs(self) -> None:
        """The ends of the logs, where something went wrong."""
        for process in self.processes.values():
            self.say(f"--- {process.name}\n{process.log.read_text(errors='replace')[-3000:]}")

    def stop(self) -> None:
        """End every process."""
        for process in self.processes.values():
            process.kill()
