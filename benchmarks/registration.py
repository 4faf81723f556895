"""500 people register for the last 20 seats of a class at once, against gunicorn as bin/run starts it.

    python3 benchmarks/registration.py [--people 500] [--seats 20]

Everybody is signed in and presses the button at the same moment; an answer is the page that says what came of it, read
to its end. Counted: answers, seats given, whether the wait-list is in the order in
which the lock of the class was granted, whether everybody was told their own place, and the slowest answer. Clients,
database and 18,000 officers share the machine with the portal.
"""

import argparse
import datetime as dt
import http.client
import json
import re
import statistics
import subprocess
import sys
import threading
import time
import uuid
from urllib.parse import urlencode

import processor
import stage
from signed import session_of

PORT = 8791
SPARE = 100  # accounts, for officers whose license is not in order
CLIENTS = 4  # processes, each with its share of the people as threads
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - cookie and form say the same, which is what is asked for
PLACE = re.compile(r"You are (\d+)\w\w on the wait-list")


def one(person: dict, path: str, begin_at: float, told: list) -> None:
    """One person presses the button at the moment, and reads the answer."""
    link = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    headers = {
        "Cookie": f"sessionid={person['session']}; csrftoken={TOKEN}",
        "Host": f"localhost:{PORT}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = {"csrfmiddlewaretoken": TOKEN, "submission_key": str(uuid.uuid4()), "license": person["license"]}
    time.sleep(max(0.0, begin_at - time.time()))
    began = time.perf_counter()
    try:
        link.request("POST", path, urlencode(form), headers)
        answer = link.getresponse()
        page = answer.read().decode()
        if answer.status != http.client.OK or "data-address" not in page:
            why = re.search(r'role="alert".*?<li>(.*?)</li>', page, re.DOTALL)
            raise RuntimeError(f"the button was answered {answer.status}: {why[1] if why else page[:200]}")
    except Exception as error:
        told.append({"license": person["license"], "wrong": repr(error)})
        return
    place = PLACE.search(page)
    said = "seat" if "You have a seat in" in page else int(place[1]) if place else "nothing"
    told.append({"license": person["license"], "said": said, "seconds": time.perf_counter() - began})


def client() -> None:
    """A process of clients: its people come on the input, its answers go to the output."""
    task = json.load(sys.stdin)
    told: list[dict] = []
    threads = [
        threading.Thread(target=one, args=[person, task["path"], task["begin_at"], told]) for person in task["people"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(told, sys.stdout)


def signed_in(how_many: int) -> list[dict]:
    """Officers with an account and a session each."""
    from clee_portal import clock  # Django is set up only now
    from clee_portal.accounts.models import User
    from training import licensing
    from training.models import Membership, Officer

    mails = [f"seat-{number}@example.org" for number in range(how_many + SPARE)]
    User.objects.bulk_create([User(email=mail, name=mail) for mail in mails], ignore_conflicts=True)
    users = list(User.objects.filter(email__in=mails).order_by("pk"))
    tied = set(Membership.objects.filter(user__in=users).values_list("user", flat=True))
    free = [user for user in users if user.pk not in tied]
    officers = Officer.objects.commissioned(clock.today()).exclude(memberships__isnull=False).order_by("pk")
    Membership.objects.bulk_create(
        Membership(user=user, officer=officer, role=Membership.Role.OFFICER, starts_on="2020-01-01")
        for user, officer in zip(free, officers[: len(free)], strict=True)
    )
    # Nothing is to be warned of: the license is active, today and on the day of the class.
    of = dict(Membership.objects.filter(user__in=users).values_list("user", "officer"))
    states = licensing.states_of(of.values(), clock.today() + dt.timedelta(days=400), clock.END_OF_TIME)
    users = [user for user in users if states[of[user.pk]].may_hold_commission][:how_many]
    numbers = dict(Membership.objects.filter(user__in=users).values_list("user", "officer__license_number"))
    return [{"license": numbers[user.pk], "session": session_of(user)} for user in users]


def a_class(seats: int):
    """A class of a licensed provider, of a course nobody has taken, on a day on which nobody has another."""
    from training.models import ScheduledClass
    from training.tests import factories

    last = ScheduledClass.objects.order_by("begins_at").last()
    begins_at = last.begins_at + dt.timedelta(days=1) if last else None
    course = factories.provider_course(factories.provider(), f"Of {uuid.uuid4()}")
    return factories.scheduled_class(course, begins_at, capacity=seats)


def press(people: list[dict], path: str) -> list[dict]:
    """Everybody presses the button at the same moment; what each was told."""
    begin_at = time.time() + 3
    clients = []
    for at in range(CLIENTS):
        task = json.dumps({"people": people[at::CLIENTS], "path": path, "begin_at": begin_at})
        command = [sys.executable, __file__, "--client"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write(task)
        process.stdin.close()
        clients.append(process)
    return [one for process in clients for one in json.loads(process.stdout.read())]


def tell(told: list[dict], held, seats: int) -> bool:
    """What came of it, line by line; whether all of it is as it must be."""
    from training.models import Registration

    wrong = [one for one in told if "wrong" in one]
    seconds = sorted(one["seconds"] for one in told if "seconds" in one)
    rows = list(Registration.objects.filter(scheduled_class=held).order_by("turn").select_related("officer"))
    seated = [one for one in rows if one.state == Registration.State.REGISTERED]
    turns = [one.turn for one in rows]
    in_order = turns == list(range(1, len(rows) + 1)) and rows[: len(seated)] == seated
    in_order = in_order and [one.asked_at for one in rows] == sorted(one.asked_at for one in rows)
    right = {one.officer.license_number: max(one.turn - seats, 0) or "seat" for one in rows}
    places = sum(one.get("said") == right.get(one["license"], "nobody") for one in told)
    held.refresh_from_db()
    print(f"answered: {len(seconds)} of {len(told)}; dropped or refused: {len(wrong)} {wrong[:1] or ''}")
    waiting = len(rows) - len(seated)
    print(f"seats given: {len(seated)} of {seats}, {held.seats_taken} by the class; on the wait-list: {waiting}")
    print(f"wait-list in the order the lock was granted: {'yes' if in_order else 'NO'}; told their own place: {places}")
    if seconds:
        first, middle, last = seconds[0], statistics.median(seconds), seconds[-1]
        print(f"answers: first {first:.2f} s, half within {middle:.2f} s, the slowest {last:.2f} s (reach: 10 s)")
    return not wrong and len(seated) == seats and in_order and places == len(told) and seconds[-1] < 10


def wait_until_it_answers(process) -> None:
    """Until the home page is there."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            link = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            link.request("GET", "/")
            link.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("gunicorn does not answer.")


def main() -> None:
    """Start the portal, let everybody press, tell what came of it."""
    from bootstrap.run import web_command

    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seats", type=int, default=20)
    asked = parser.parse_args()
    subprocess.check_call([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"])
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    web = subprocess.Popen([sys.executable, "-m", *web_command("127.0.0.1", PORT)], **quiet)
    try:
        people = signed_in(asked.people)
        wait_until_it_answers(web)
        # Every thread of the server has its connection, and every template is read.
        press(people[:16], f"/calendar/{a_class(4).reference}/register/")
        held = a_class(asked.seats)
        before = processor.seconds(web.pid)
        told = press(people, f"/calendar/{held.reference}/register/")
        spent = 1000 * (processor.seconds(web.pid) - before) / len(people)
        is_right = tell(told, held, asked.seats)
        print(f"the portal's own processor time: {spent:.0f} ms for each")
    finally:
        web.terminate()
        web.wait()
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    if "--client" in sys.argv:
        client()
    else:
        stage.enter(__file__)
        sys.path.insert(0, str(stage.ROOT / "bin"))
        main()
