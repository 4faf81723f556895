"""Requests for extensions and waivers of the demonstration, one in each state, made by the services as people would."""

import datetime as dt
from collections.abc import Mapping
from itertools import islice

import typst

from clee_portal.accounts.models import User
from compliance import relief as requests
from compliance.documents import Checked
from compliance.models import ReliefRequest, ReportingPeriod
from compliance.services import relief, relief_decisions
from training.models import Agency, Membership, Officer

ORDERS = """#set page(width: 216mm, height: 140mm)
#set document(title: "Orders")
= Order to active duty
Of the demonstration: nobody named here exists. The soldier reports on the day named in the request, for as long as the
request says.
"""


def lay_out(users: Mapping[str, User], sheriff: Agency, today: dt.date) -> int:
    """Ask and decide for officers of the sheriff's office and the officer with two hats; how many were asked for."""
    by, post = users["sheriff"], users["post_staff"]
    period = ReportingPeriod.objects.get(year=today.year)
    known = {membership.officer_id for user in users.values() for membership in user.memberships.all()}
    here = Officer.objects.commissioned_at(sheriff, today).exclude(pk__in=known).filter(relief_requests=None)
    short = list(islice((one for one in here.order_by("license_number") if _may_be_asked_for(one, period, today)), 4))

    def ask(who: User, officer: Officer, **more) -> ReliefRequest:
        given = {"kind": "extension", "reason": "military", "leave_from": today - dt.timedelta(days=40)} | more
        made, _ = relief.ask(by=who, officer=officer, period=period, today=today, **given)
        return made

    orders = Checked("Orders.pdf", "application/pdf", 1, typst.compile(ORDERS.encode(), format="pdf"))
    made = []
    if len(short) == 4:
        made.append(ask(by, short[0], words="Called up with the Guard, back in spring.", documents=[orders]))
        granted = ask(by, short[1], documents=[orders])
        until = dt.date(today.year + 1, 12, 31)
        relief_decisions.grant(by=post, request=granted, due_on=until, reason="Orders seen.", seen=0, today=today)
        denied = ask(by, short[2], reason="medical", leave_to=today - dt.timedelta(days=33))
        why = "A week of leave leaves time for the hours. Ask again if it goes on."
        relief_decisions.deny(by=post, request=denied, reason=why, seen=0, today=today)
        made += [granted, denied, ask(by, short[2], reason="medical", words="The leave goes on.")]
        made.append(ask(post, short[3], kind="waiver", caller="The officer’s spouse, by phone"))
    own = Membership.objects.filter(user=users["hats"], role=Membership.Role.OFFICER).select_related("officer").get()
    if _may_be_asked_for(own.officer, period, today):
        paper = orders._replace(name="Letter of the clinic.pdf")
        asked = ask(users["hats"], own.officer, reason="medical", words="Surgery, six weeks off.", documents=[paper])
        words = "Please send how long the leave is expected to last."
        relief_decisions.ask_more(by=post, request=asked, words=words, seen=0, today=today)
        made.append(asked)
    return len(made)


def _may_be_asked_for(officer: Officer, period: ReportingPeriod, today: dt.date) -> bool:
    asked = requests.periods_to_ask_for(officer, today)
    return any(one.period == period and not one.why_not for one in asked)
