"""How long a campaign to the whole state takes: a list of 18,000 rows read, checked and sent, and its pages after it.

    python3 benchmarks/onboarding.py

The list goes through what the pages use. Everything is taken back at the end, so that each run starts from the same
state. No mail is sent: what is measured ends where it lies in the outbox.
"""

import time

import stage


def main() -> None:
    """Measure and print."""
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from clee_portal import clock
    from clee_portal.accounts.models import StateRole, User
    from notifications.models import Message
    from training.imports import invitation_list
    from training.models import Membership, Officer
    from training.services import campaigns

    today = clock.today()
    connected = Membership.objects.filter(role=Membership.Role.OFFICER).current(today).values("officer")
    numbers = list(Officer.objects.exclude(pk__in=connected).order_by("pk").values_list("license_number", flat=True))
    text = "\n".join(["License,Email", *(f"{number},{number}@example.org" for number in numbers)])
    with transaction.atomic():
        staff = User.objects.create_user("benchmark-post@example.org", name="Benchmark")
        StateRole.objects.create(user=staff, role=StateRole.Role.POST_STAFF, starts_on=today)

        def timed(what, act):
            began = time.perf_counter()
            with CaptureQueriesContext(connection) as captured:
                answer = act()
            print(f"  {what:44} {time.perf_counter() - began:6.2f} s, {len(captured)} statements")
            return answer

        print(f"{len(numbers):,} rows")
        given = timed("read", lambda: invitation_list.read(text.encode(), "list.csv"))
        checked = timed("checked", lambda: invitation_list.check(given, today, clock.now()))
        made = timed("sent", lambda: campaigns.send(by=staff, name="Benchmark", given=given, today=today))
        print(f"  {len(checked.invitees):,} invited, {len(checked.problems):,} rows left out, "
              f"{Message.objects.count():,} messages in the outbox")  # fmt: skip
        client = Client()
        client.force_login(staff)
        for path in (
            f"/campaigns/{made.pk}/",
            "/invitations/",
            "/invitations/?progress=waiting",
            "/invitations/?q=smith",
        ):
            timed(path, lambda path=path: client.get(path))
        timed("CSV of all", lambda: b"".join(client.get("/invitations/invitations.csv").streaming_content))
        transaction.set_rollback(True)


if __name__ == "__main__":
    stage.enter(__file__)
    main()
