"""Putting messages into the outbox, inside the transaction of their cause: both are kept, or neither.

`put` and `put_many` may be called again and again: `(occasion, key)` is unique, and a second call makes nothing.
Nothing is sent here; once the transaction is committed a worker is told to look. Where the broker is away, beat says
so later.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from typing import NamedTuple

from celery import current_app
from django.db import connection, transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from notifications import access, occasions, preferences, recipients
from notifications.models import Message

log = logging.getLogger(__name__)

# Columns of PostgreSQL arrays, one row each; what is decided about a row at once, it says itself.
_PUT = """
INSERT INTO notifications_message (uuid, occasion, key, user_id, address, campaign_id, priority, series, series_order,
                                   put_at, lapses_at, state, next_try_at, settled_at, note)
SELECT gen_random_uuid(), %(occasion)s, key, user_id, address, campaign_id, %(priority)s, series, series_order, %(now)s,
       lapses_at, state, CASE WHEN state = 'waiting' THEN GREATEST(not_before, %(now)s) END,
       CASE WHEN state NOT IN ('waiting', 'held') THEN %(now)s END,
       CASE WHEN state = 'refused' THEN 'This is not an e-mail address.' ELSE '' END
FROM (
    SELECT r.*, CASE
        WHEN address !~ '^[^[:cntrl:][:space:]<>,;:@]+@[^[:cntrl:][:space:]<>,;:@]+$' THEN 'refused'
        WHEN lapses_at <= %(now)s THEN 'lapsed'
        WHEN series <> '' AND series_order < max(series_order) OVER (PARTITION BY series) THEN 'superseded'
        WHEN series <> '' AND EXISTS (
            SELECT FROM notifications_message m
            WHERE m.series = r.series AND m.series <> '' AND m.series_order > r.series_order
        ) THEN 'superseded'
        WHEN %(held)s OR EXISTS (
            SELECT FROM notifications_campaign c WHERE c.id = r.campaign_id AND c.state = 'held'
        ) THEN 'held'
        ELSE 'waiting' END AS state
    FROM unnest(%(keys)s::text[], %(users)s::bigint[], %(addresses)s::text[], %(series)s::text[], %(orders)s::int[],
                %(lapses)s::timestamptz[], %(campaigns)s::bigint[], %(not_before)s::timestamptz[])
        AS r(key, user_id, address, series, series_order, lapses_at, campaign_id, not_before)
    WHERE NOT EXISTS (SELECT FROM notifications_message m WHERE m.occasion = %(occasion)s AND m.key = r.key)
) AS rows
ON CONFLICT (occasion, key) DO NOTHING
RETURNING id
"""


class Mail(NamedTuple):
    """What is to be put: the occasion's key, and to whom. Of one `series` only the last in `order` that is due goes.

    `lapses_at` is the moment after which it is not sent any more; without it the occasion says, if it has such a
    moment. `user_id` is empty for a person who has no account. `campaign` is the id of the campaign it goes with: where
    that is held, so is the mail. `not_before` is the moment before which it waits.
    """

    key: str
    address: str
    user_id: int | None = None
    series: str = ""
    order: int = 0
    lapses_at: dt.datetime | None = None
    campaign: int | None = None
    not_before: dt.datetime | None = None


def put(
    *,
    occasion: str,
    key: str,
    address: str,
    user: User | None = None,
    series: str = "",
    order: int = 0,
    lapses_at: dt.datetime | None = None,
    held: bool = False,
) -> Message | None:
    """Put one message into the outbox. None where there is one of this occasion and key already, and where the person
    is not connected and the occasion is neither an invitation nor account security. See `put_many`."""
    mail = Mail(key, address, user.pk if user else None, series, order, lapses_at)
    made = put_many(occasion=occasion, mails=[mail], held=held)
    return Message.objects.get(pk=made[0]) if made else None


@transaction.atomic
def put_many(*, occasion: str, mails: Iterable[Mail], held: bool = False, are_connected: bool = False) -> list[int]:
    """Put messages of one occasion into the outbox, in one statement; the ids of those that were not there yet.

    `held` keeps them back until `release`. Mail to people who are not connected is left out, unless the occasion goes
    to anybody, and mail of an optional kind to those who switched it off. An address that is none is kept with its
    message, as refused. `are_connected`: the caller read these accounts from the ties of today, so that they need no
    second look. Raises LookupError for an occasion nobody has registered.
    """
    kind = occasions.get(occasion)
    mails = list(mails)
    if not (kind.goes_to_anybody or are_connected):
        tied = recipients.connected({mail.user_id for mail in mails if mail.user_id})
        mails = [mail for mail in mails if mail.user_id in tied]
    if kind.is_optional:
        off = preferences.switched_off(kind.code, {mail.user_id for mail in mails})
        mails = [mail for mail in mails if mail.user_id not in off]
    if not mails:
        return []
    lapses = kind.lapses or (lambda key: None)
    with connection.cursor() as cursor:
        cursor.execute(
            _PUT,
            {
                "occasion": kind.code,
                "priority": kind.priority,
                "now": clock.now(),
                "held": held,
                "keys": [mail.key for mail in mails],
                "users": [mail.user_id for mail in mails],
                "addresses": [mail.address.strip() for mail in mails],
                "series": [mail.series for mail in mails],
                "orders": [mail.order for mail in mails],
                "campaigns": [mail.campaign for mail in mails],
                "lapses": [mail.lapses_at or lapses(mail.key) for mail in mails],
                "not_before": [mail.not_before for mail in mails],
            },
        )
        made = [row[0] for row in cursor.fetchall()]
    if made and not held:
        tell_a_worker()
    return made


def hold(messages) -> int:
    """Hold back those of a QuerySet of messages that nobody has handed to the mail server; returns how many."""
    free = messages.filter(state__in=[Message.State.WAITING, Message.State.FAILED])
    return free.update(state=Message.State.HELD, next_try_at=None, claimed_by=None, claimed_until=None)


def release(messages) -> int:
    """Let those of a QuerySet of messages that are held go on; returns how many."""
    count = messages.filter(state=Message.State.HELD).update(state=Message.State.WAITING, next_try_at=clock.now())
    if count:
        tell_a_worker()
    return count


@transaction.atomic
def send_again(*, by: User, message: Message) -> None:
    """POST sends a message again that was refused, given up, or of which nobody knows after two copies whether it
    arrived. It keeps its Message-ID. Raises `Refused` for others' hands and other states."""
    if not access.can_send_again(by):
        raise Refused("Only POST can send a message again.")
    row = Message.objects.select_for_update().get(pk=message.pk)
    ends = (Message.State.REFUSED, Message.State.GAVE_UP, Message.State.UNKNOWN)
    if row.state not in ends or row.next_try_at is not None:
        raise Refused(f"This message is not at an end that can be mended: {row.get_state_display().lower()}.")
    row.state, row.next_try_at, row.settled_at, row.first_tried_at = Message.State.WAITING, clock.now(), None, None
    with history.because("Sent again by POST"):
        row.save(update_fields=["state", "next_try_at", "settled_at", "first_tried_at"])
    tell_a_worker()


def tell_a_worker() -> None:
    """Once the transaction is committed, tell a worker to look; once for each transaction is enough."""
    if not any(function is _tell for _, function, _ in connection.run_on_commit):
        transaction.on_commit(_tell, robust=True)


def _tell() -> None:
    """Where the broker is away, beat finds the message later: nothing is lost."""
    try:
        current_app.send_task("notifications.tasks.send_waiting", retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker's client raises; the message is committed, and beat will look
        log.warning("No worker could be told to look (%s); beat will.", error)
