"""Who was invited and what became of it: for POST's lists, and a campaign's progress day by day."""

import datetime as dt
from typing import NamedTuple

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Lower

from notifications.models import Message
from training.invitation_states import Progress, progress
from training.models import Agency, Campaign, Commission, Invitation
from training.models.names import ImmutableUnaccent
from training.occasions import INVITATION

FAILED = (Message.State.REFUSED, Message.State.GAVE_UP)


def with_progress(found: QuerySet[Invitation], now: dt.datetime) -> QuerySet[Invitation]:
    """Invitations with `sent_at`, `mail_failed`, `mail_note` of the outbox, and `progress`: what became of each."""
    mail = Message.objects.filter(occasion=INVITATION, key=Cast(OuterRef("pk"), models.TextField()))
    return found.annotate(
        sent_at=Subquery(mail.filter(state=Message.State.SENT).values("settled_at")[:1]),
        mail_failed=Exists(mail.filter(state__in=FAILED)),
        mail_note=Subquery(mail.values("note")[:1]),
    ).annotate(progress=progress(now))


class Wanted(NamedTuple):
    """What a list is narrowed to, as it stands in the address."""

    words: str = ""
    progress: str = ""
    role: str = ""
    campaign: str = ""
    agency: str = ""


def wanted(given) -> Wanted:
    """The filters of an address; what means nothing is left out."""
    said = {name: given.get(name, "").strip()[:100] for name in Wanted._fields}
    said["words"] = given.get("q", "").strip()[:100]
    if said["progress"] not in Progress:
        said["progress"] = ""
    if said["role"] not in Invitation.Role:
        said["role"] = ""
    if not (said["campaign"].isascii() and said["campaign"].isdigit() and len(said["campaign"]) < 10):
        said["campaign"] = ""
    return Wanted(**said)


def narrowed(found: QuerySet[Invitation], by: Wanted, today: dt.date) -> QuerySet[Invitation]:
    """Those of a list `with_progress` that are wanted."""
    if by.progress:
        found = found.filter(progress=by.progress)
    if by.role:
        found = found.filter(role=by.role)
    if by.campaign:
        found = found.filter(campaign=int(by.campaign))
    if by.agency:
        agencies = Agency.objects.filter(Q(code=by.agency.lower()) | Q(name__icontains=by.agency))
        here = Commission.objects.in_force(today).filter(agency__in=agencies.values("pk")).values("officer")
        found = found.filter(Q(agency__in=agencies.values("pk")) | Q(officer__in=here))
    for word in by.words.split():
        like = Lower(ImmutableUnaccent(Value(word)))
        found = found.filter(
            Q(officer__license_number=word.upper().lstrip("#"))
            | Q(officer__search_name__contains=like)
            | Q(email__icontains=word)
            | Q(name__icontains=word)
        )
    return found


KINDS = ("invited", "sent", "opened", "connected", "lost")
# Each officer counts once, by the first time it happened; lost are those whose last link is dead and unused.
_DAYS = """
WITH mine AS (
    SELECT i.*, m.state AS mail, m.settled_at FROM training_invitation i
    LEFT JOIN notifications_message m ON m.occasion = 'invitation' AND m.key = i.id::text
    WHERE i.campaign_id = %(campaign)s
), firsts AS (
    SELECT officer_id, min(invited_at) AS invited, min(settled_at) FILTER (WHERE mail = 'sent') AS sent,
        min(opened_at) AS opened, min(used_at) AS connected,
        min(coalesce(
            CASE WHEN mail IN ('refused', 'gave_up') THEN settled_at END, locked_at,
            CASE WHEN expires_at <= %(now)s THEN expires_at END
        )) FILTER (WHERE used_at IS NULL AND withdrawn_at IS NULL) AS lost
    FROM mine GROUP BY officer_id
)
SELECT kind, (moment AT TIME ZONE 'America/Chicago')::date, count(*)
FROM firsts CROSS JOIN LATERAL (
    VALUES ('invited', invited), ('sent', sent), ('opened', opened), ('connected', connected), ('lost', lost)
) AS told(kind, moment)
WHERE moment <= %(now)s GROUP BY 1, 2
"""


class Day(NamedTuple):
    """How far a campaign had come by the end of a day."""

    day: dt.date
    invited: int
    sent: int
    opened: int
    connected: int
    lost: int


def days(campaign: Campaign, now: dt.datetime, today: dt.date) -> list[Day]:
    """A campaign day by day, from its first up to `today`; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"campaign": campaign.pk, "now": now})
        counted = {(kind, day): count for kind, day, count in cursor.fetchall()}
    if not counted:
        return []
    day, so_far, found = min(day for _, day in counted), dict.fromkeys(KINDS, 0), []
    # A campaign of long ago ends on the last day on which something happened, two months after its first at the least.
    until = min(today, max(max(day for _, day in counted), day + dt.timedelta(days=60)))
    while day <= until:
        for kind in KINDS:
            so_far[kind] += counted.get((kind, day), 0)
        found.append(Day(day, **so_far))
        day += dt.timedelta(days=1)
    return found


def counts(campaign: Campaign, now: dt.datetime) -> list[tuple[str, str, int]]:
    """Where the invitations of a campaign are: what became of them, in words, and of how many; one statement."""
    found = with_progress(campaign.invitations.order_by(), now).values("progress").annotate(many=models.Count("pk"))
    told = {one["progress"]: one["many"] for one in found}
    return [(one.value, one.label, told[one]) for one in Progress if one in told]


_TOTALS = """
SELECT campaign_id, count(DISTINCT officer_id), count(DISTINCT officer_id) FILTER (WHERE used_at IS NOT NULL)
FROM training_invitation WHERE campaign_id = ANY(%s) GROUP BY campaign_id
"""


def totals(campaigns) -> dict[int, tuple[int, int]]:
    """Campaign id -> how many officers were invited, and how many of them are connected by it; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [[one.pk for one in campaigns]])
        return {pk: (invited, connected) for pk, invited, connected in cursor.fetchall()}
