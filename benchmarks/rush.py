"""The people of benchmarks/load.py: browsers that read, fill in forms and press buttons, with pauses between.

A process of its own, so that what it costs can be told from what the portal costs. Standard library only: it takes the
people on its input as JSON and writes what they lived through to its output. Each is a thread with cookies of its own;
a page is read to its end, what htmx fetches when a page has loaded is fetched, redirections are followed, and forms
carry what the page put into them. Styles and scripts are not asked for: browsers keep them.
"""

import datetime as dt
import html
import json
import random
import re
import resource
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from rush_browser import Browser, Log, WentWrong, fields_of, said_in, token_of

MISSOURI = ZoneInfo("America/Chicago")
COURSES = re.compile(r'<script id="courses-data" type="application/json">(.*?)</script>', re.DOTALL)
# What an agency without a course of its own types.
NEW = {
    "label": "Report writing", "synopsis": "What a report has to say.", "instructors": "A sergeant of the agency",
    "delivery": "classroom", "hours": {"area-technical": "2"},
}  # fmt: skip


class Person:
    """Somebody with a session, and with a day's work of their own. Each step of `acts` that yields is one act."""

    acts: tuple[tuple[int, str], ...] = ()

    def __init__(self, told: dict, port: int, log: Log):
        self.told, self.log = told, log
        self.browser = Browser(port, told["session"], log)
        self.rng = random.Random(told["session"])  # noqa: S311 - chances of a benchmark

    def next_act(self) -> Iterator[None]:
        """What the person does next, by weight."""
        weights, names = zip(*self.acts, strict=True)
        return getattr(self, self.rng.choices(names, weights)[0])()

    def look(self, name: str, path: str) -> str:
        """Open a page."""
        return self.browser.get(name, path.format(**self.told))

    def a_class_to_come(self) -> str:
        """Somewhere in the calendar: a page of the list, and one class of it."""
        area = self.rng.choice(("", "area=legal&", "area=technical&", "area=interpersonal&", "area=skill&"))
        page = self.look("Calendar", f"/calendar/?{area}page={self.rng.randint(1, 3)}")
        found = re.findall(r'href="/calendar/(S-\d+)/"', page)
        if not found:
            raise WentWrong("Calendar: no class is shown")
        return self.rng.choice(found)


class OfficerPerson(Person):
    """An officer in December: where do I stand, what is missing, is there a seat."""

    acts = (
        (40, "standing"),
        (12, "record"),
        (14, "calendar"),
        (14, "register"),
        (8, "classes"),
        (5, "plan"),
        (4, "mail"),
    )

    def standing(self):
        """My standing."""
        self.look("My standing", "/standing/")
        yield

    def record(self):
        """My record, and who looked at it."""
        self.look("My record", "/my-record/")
        yield
        if self.rng.random() < 0.3:
            self.look("Who looked", "/my-record/looks/")
            yield

    def calendar(self):
        """A search, then one class."""
        held = self.a_class_to_come()
        yield
        self.look("A class of the calendar", f"/calendar/{held}/")
        yield

    def register(self):
        """A class, and the button; some are full, and some license or seat stands in the way, which is said."""
        held = self.a_class_to_come()
        yield
        self.look("A class of the calendar", f"/calendar/{held}/")
        yield
        path = f"/calendar/{held}/register/"
        page = self.look("Register", path)
        key = re.search(r'name="submission_key" value="([^"]+)"', page)
        yield
        if not key:
            self.log.said["registering: not open, or registered already"] += 1
            return
        form = [("csrfmiddlewaretoken", token_of(page)), ("submission_key", key[1]), ("license", self.told["license"])]
        page = self.browser.post("Register: the button", path, form)
        if "data-address" in page:
            self.log.said["registering: a seat" if "You have a seat in" in page else "registering: the wait-list"] += 1
        elif 'role="alert"' in page:
            self.log.said["registering: told why not"] += 1
        else:
            raise WentWrong("Register: neither a seat nor a reason")
        yield

    def classes(self):
        """My classes."""
        self.look("My classes", "/my-classes/")
        yield

    def plan(self):
        """The best classes for what is missing: the solver."""
        self.look("My plan", "/my-plan/")
        yield

    def mail(self):
        """What was written to me."""
        self.look("My messages", "/messages/")
        yield


class AgencyPerson(Person):
    """The training coordinator of an agency: who is short, and the in-service classes of the year."""

    acts = (
        (18, "overview"), (26, "officer"), (26, "enter"), (7, "classes"), (7, "roster"), (5, "courses"), (5, "seats"),
        (3, "trends"), (3, "waiting"),
    )  # fmt: skip

    def overview(self):
        """The agency at a glance."""
        self.look("Agency", "/agencies/{code}/")
        yield

    def officer(self):
        """One of those listed, and why they stand where they stand."""
        sort = self.rng.choice(("-missing", "name", "-standing"))
        page = self.look("Agency", f"/agencies/{self.told['code']}/?sort={sort}")
        yield
        found = re.findall(r'href="(/officers/[^/"]+/standing/)', page)
        for path in self.rng.sample(found, min(2, len(found))):
            self.look("An officer's standing", path)
            yield

    def enter(self):
        """A class from the empty form to the confirmation."""
        path = f"/agencies/{self.told['code']}/classes/enter/"
        page = self.look("Enter a class", path)
        yield
        choices = json.loads(COURSES.search(page)[1])
        everybody = re.findall(r'name="officers" value="(\d+)"', page)
        course = self.rng.choice(choices) if choices else NEW
        today = dt.datetime.now(MISSOURI).date()
        day = today - dt.timedelta(self.rng.choice((0, 0, 1, 3, 10, 30)))
        if day != today:  # the page asks for the roster of that day
            asks = [("csrfmiddlewaretoken", token_of(page)), ("ends_on", day.isoformat()), ("step", "roster")]
            part = self.browser.part("Enter a class: another day", path, asks, page)
            everybody = re.findall(r'name="officers" value="(\d+)"', part)
        if not everybody:
            return
        come = self.rng.sample(everybody, min(len(everybody), self.rng.choice((1, 2, 4, 8, 12, 25))))
        form = [one for one in fields_of(page, "entry") if one[0] != "csrfmiddlewaretoken"]
        form += [("csrfmiddlewaretoken", token_of(page)), ("course", course["label"]), ("ends_on", day.isoformat())]
        form += [("delivery", course["delivery"]), ("step", "check")]
        form += [(name, course.get(name, "")) for name in ("synopsis", "instructors")]
        form += [(name, "") for name in ("starts_on", "place", "pasted")]
        form += [(f"hours-{name}", value) for name, value in course["hours"].items()]
        form += [("officers", one) for one in come]
        page = self.browser.post("Enter a class: check", path, form)
        sent = fields_of(page, "state")
        if not sent:
            raise WentWrong(f"Enter a class: not ready to be recorded: {said_in(page)}")
        yield
        page = self.browser.post("Enter a class: record", path, [*sent, ("step", "record")])
        if not re.search(r"C-\d{6}", page) or 'id="entry"' in page or 'id="state"' in page:
            raise WentWrong(f"Enter a class: not recorded: {said_in(page)}")
        self.log.said["classes entered"] += 1
        self.log.said["credits given by them"] += len(come)
        yield

    def classes(self):
        """The classes reported, and one of them."""
        page = self.look("Classes reported", "/agencies/{code}/classes/")
        yield
        found = re.findall(r'href="(/classes/C-\d+/)"', page)
        if found:
            self.look("A class reported", self.rng.choice(found))
            yield

    def roster(self):
        """Who is commissioned here."""
        self.look("Roster", "/agencies/{code}/roster/")
        yield

    def courses(self):
        """The courses of the agency."""
        self.look("Courses", "/agencies/{code}/courses/")
        yield

    def seats(self):
        """Seats of its officers."""
        self.look("Registrations of the agency", "/agencies/{code}/registrations/")
        yield

    def trends(self):
        """The year against the last one."""
        self.look("Trends", "/agencies/{code}/trends/")
        yield

    def waiting(self):
        """Home, with what is undone."""
        self.look("Home", "/")
        yield


class ProviderPerson(Person):
    """A provider's office: who was there, and who completed it."""

    acts = ((12, "overview"), (22, "calendar"), (26, "door"), (14, "confirm"), (14, "registrations"), (12, "late"))

    def overview(self):
        """How the classes go."""
        self.look("Provider", "/providers/{pk}/overview/")
        yield

    def calendar(self):
        """The own calendar, and one class of it."""
        page = self.look("Provider's calendar", "/providers/{pk}/calendar/")
        yield
        found = re.findall(r'href="(/scheduled/S-\d+/)"', page)
        if found:
            self.look("A class of the provider", self.rng.choice(found))
            yield

    def door(self):
        """Somebody comes in, late of a class that is not confirmed: the time is said."""
        if not self.told["doors"]:
            return
        path = f"/scheduled/{self.rng.choice(self.told['doors'])}/door/"
        page = self.look("Door", path)
        yield
        here = re.findall(r'<button [^>]*name="(in|out)" value="(\d+)"', page)
        here = [one for one in here if one[0] == "in"] or here
        key = re.search(r'name="key" value="([^"]+)"', page)
        action = re.search(r'<form method="post" action="([^"]+)" class="door-form"', page)
        if not (here and key and action):
            self.log.said["door: nobody to mark"] += 1
            return
        form = [("csrfmiddlewaretoken", token_of(page)), ("key", key[1]), self.rng.choice(here), ("found", "")]
        page = self.browser.post("Door: in", html.unescape(action[1]), form)
        self.log.said["marked at the door" if 'class="field-error"' not in page else "door: told why not"] += 1
        yield

    def confirm(self):
        """Who completed it: everybody; the credit is there. Each class can be confirmed once."""
        if not self.told["to_confirm"]:
            return (yield from self.late())
        path = f"/scheduled/{self.told['to_confirm'].pop()}/confirm/"
        page = self.look("Confirm a class", path)
        yield
        how = re.findall(r'<select name="(person-\d+-how)"', page)
        form = [("csrfmiddlewaretoken", token_of(page)), ("instructors", ""), ("added", ""), ("step", "confirm")]
        page = self.browser.post("Confirm a class: confirm", path, form + [(name, "all") for name in how])
        if 'id="confirm"' in page:
            self.log.said[f"confirming: told why not: {said_in(page)[:80]}"] += 1
        else:
            self.log.said["classes confirmed"] += 1
        yield

    def registrations(self):
        """Who has a seat in a class."""
        if self.told["coming"]:
            self.look("Registrations of a class", f"/scheduled/{self.rng.choice(self.told['coming'])}/registrations/")
            yield

    def late(self):
        """Which rosters are late."""
        self.look("Late rosters of the provider", "/providers/{pk}/late/")
        yield


class PostPerson(Person):
    """POST staff in December: the queues, the state, officers who call."""

    acts = ((20, "queues"), (30, "queue"), (12, "state"), (30, "caller"), (8, "timeline"))
    lists = (
        ("Extensions", "/extensions/"), ("Courses to approve", "/courses/to-review/"),
        ("Past the last day", "/candidates/?show=unseen"), ("Recording errors", "/recording-errors/"),
        ("Reported by officers", "/reports/"), ("Held rows", "/held/"), ("Late rosters", "/late-rosters/"),
        ("Invitations asked for", "/invitations/requests/"), ("Claimed by two agencies", "/commissions/claims/"),
        ("Duplicates", "/duplicates/"), ("To be reinstated", "/director/reinstate/"),
    )  # fmt: skip

    def queues(self):
        """Everything that waits."""
        self.look("Work queues", "/workbench/")
        yield

    def queue(self):
        """One list, and the first item of it where the list opens it."""
        name, path = self.rng.choice(self.lists)
        page = self.look(f"Queue: {name}", path)
        yield
        if name in ("Extensions", "Courses to approve", "Held rows") and "open=1" in page:
            self.look(f"Queue: {name}, an item", f"{path}?open=1")
            yield

    def state(self):
        """The state at a glance."""
        self.look("State at a glance", "/state/")
        yield

    def found(self) -> str:
        """An officer who calls: by number, or by name."""
        number, name = self.rng.choice(self.told["officers"])
        if self.rng.random() < 0.5:
            self.look("Find an officer", f"/officers/?{urlencode({'q': name})}")
        return number

    def caller(self):
        """Where does this officer stand?"""
        number = self.found()
        yield
        self.look("An officer's standing (POST)", f"/officers/{number}/standing/")
        yield

    def timeline(self):
        """Everything about an officer."""
        number = self.found()
        yield
        self.look("An officer's timeline", f"/officers/{number}/timeline/")
        yield


KINDS = {"officer": OfficerPerson, "agency": AgencyPerson, "provider": ProviderPerson, "post": PostPerson}


def live(person: Person, until: float, pause: tuple[float, float], begins: float) -> None:
    """One act after the other until the time is over."""
    if wait(begins, until):
        return
    while True:
        try:
            for _ in person.next_act():
                if wait(person.rng.uniform(*pause), until):
                    return
        except WentWrong as wrong:
            person.log.errors.append(str(wrong))
        except Exception as error:  # a journey that breaks is an error of this run, whoever's it is
            person.log.errors.append(f"{type(person).__name__}: {error!r}")
        if time.time() >= until:
            return


def wait(seconds: float, until: float) -> bool:
    """A pause; whether the time is over."""
    time.sleep(max(0.0, min(seconds, until - time.time())))
    return time.time() >= until


def main() -> None:
    """Everybody lives; what they lived through goes to the output."""
    task, log = json.load(sys.stdin), Log()
    pause, until = tuple(task["pause"]), time.time() + task["seconds"]
    people = [KINDS[told["kind"]](told, task["port"], log) for told in task["people"]]
    began = time.time()
    threads = [
        threading.Thread(target=live, args=[one, until, pause, one.rng.uniform(0, pause[1])], daemon=True)
        for one in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "took": log.took, "sizes": log.sizes, "errors": log.errors, "said": log.said, "seconds": time.time() - began,
        "processor": spent.ru_utime + spent.ru_stime, "left": [one.told for one in people],
    }  # fmt: skip
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
