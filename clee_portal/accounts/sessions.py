"""Sessions: kept by person in the database, ended by time, listed for their owner, and ended for whoever lost a right.

A session ends when nothing was done in it for a while (less for whoever acts for the state), and in any case some hours
after the sign-in; both are settings. The moment is written into its row as `expire_date`, so that the database itself
refuses a session that is over. To read a page writes nothing: the time of the last act is written once a minute at
most, and a session lives that minute longer.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import InterfaceError, InternalError, OperationalError
from django.db.models import QuerySet

from clee_portal import clock, compiled
from clee_portal.accounts import devices
from clee_portal.accounts.models import Session, User

# Keys of what a session knows of itself; moments are whole seconds since 1970.
SIGNED_IN_AT = "signed_in_at"
ACTIVE_AT = "active_at"
IDLE_SECONDS = "idle_seconds"
DEVICE = "device"
# The time of the last act is written no more often than this, in seconds.
GRAIN = 60
# What is wrong with the database, not with the session: it is away, full, or only reads.
_OF_THE_DATABASE = (InterfaceError, InternalError, OperationalError)
log = logging.getLogger(__name__)


class SessionStore(DatabaseSessionStore):
    """Django's sessions in the database, with the person in a column and the end that the portal's rules give."""

    @classmethod
    def get_model_class(cls):
        """The portal's own table."""
        return Session

    def _get_session_from_db(self):
        """As Django's: the row of a session that is not over; without one the key is not kept."""
        found = _not_over().objects(key=self.session_key, now=clock.of_the_machine())
        if not found:
            self._session_key = None
        return found[0] if found else None

    def create_model_instance(self, data):
        """The row: whose it is, and when it ends."""
        if SESSION_KEY in data and SIGNED_IN_AT not in data:
            # Whatever signed somebody in without `begin` gets the shortest time.
            _stamp(data, settings.SESSION_IDLE_MINUTES_STATE * 60)
        one = super().create_model_instance(data)
        if SESSION_KEY in data:
            one.user_id = int(data[SESSION_KEY])
            one.expire_date = ends_at(data) + dt.timedelta(seconds=GRAIN)
        return one

    def save(self, must_create=False):
        """Django takes every failure for a session that was ended meanwhile, and its page says so; one of the database
        is raised as what it is."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, _OF_THE_DATABASE):
                raise error.__context__ from None
            raise


@compiled.written(key=compiled.TEXT, now=compiled.MOMENT)
def _not_over(key, now) -> QuerySet:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


@dataclass(frozen=True, slots=True)
class Open:
    """A session as its owner sees it: on what kind of device, since when, last used, and whether it is this one."""

    key: str
    device: str
    since: dt.datetime
    active_at: dt.datetime
    is_this: bool


def begin(session, user: User, *, agent: str = "") -> None:
    """Start counting: `user` has just signed in. Every way of signing in calls this."""
    _stamp(session, idle_seconds(user))
    session[DEVICE] = devices.name_of(agent)


def idle_seconds(user: User) -> int:
    """How long `user` may do nothing before they are signed out."""
    of_the_state = user.sees_the_state
    return 60 * (settings.SESSION_IDLE_MINUTES_STATE if of_the_state else settings.SESSION_IDLE_MINUTES)


def touch(session, user: User) -> None:
    """Something was done: the time without activity starts again. Writes once a minute at most, and at once: where the
    database takes nothing just now, pages can be read all the same."""
    if _now() - session.get(ACTIVE_AT, 0) < GRAIN:
        return
    holds_more = session.modified
    session[ACTIVE_AT], session[IDLE_SECONDS] = _now(), idle_seconds(user)
    if holds_more:
        return  # it is written with the rest, when the page is made
    try:
        session.save()
    except UpdateError:
        return  # it was ended meanwhile, which is told when the page is made
    except _OF_THE_DATABASE:
        log.exception("The time of the last act could not be written")
    session.modified = False


def ends_at(session) -> dt.datetime:
    """When a signed-in session ends if nothing more is done in it."""
    idle = session[ACTIVE_AT] + session[IDLE_SECONDS]
    return dt.datetime.fromtimestamp(min(idle, _last(session)), dt.UTC)


def seconds_left(session) -> int:
    """Seconds until then, not below 0."""
    return max(0, int(ends_at(session).timestamp()) - _now())


def can_be_prolonged(session) -> bool:
    """Whether staying active still helps: it does not once the longest time is what ends the session."""
    return session[ACTIVE_AT] + session[IDLE_SECONDS] < _last(session)


def minutes_signed_in(session) -> float:
    """How long ago the person signed in."""
    return (_now() - session.get(SIGNED_IN_AT, 0)) / 60


def of(user: User, this: str | None) -> list[Open]:
    """The open sessions of `user`, the one with the key `this` first, then the last used."""
    found = []
    for one in Session.objects.filter(user=user, expire_date__gt=clock.now()):
        data = one.get_decoded()
        if SIGNED_IN_AT in data:
            device = data.get(DEVICE) or devices.UNKNOWN
            since, active_at = (dt.datetime.fromtimestamp(data[key], dt.UTC) for key in (SIGNED_IN_AT, ACTIVE_AT))
            found.append(Open(one.session_key, device, since, active_at, one.session_key == this))
    return sorted(found, key=lambda one: (not one.is_this, -one.active_at.timestamp()))


def end_all(user: User) -> int:
    """End every open session of `user`, on whatever machine; returns how many. What they may do is asked anew anyway:
    this is so that nothing they have on the screen can be worked on."""
    return Session.objects.filter(user=user).delete()[0]


def end_others(user: User, this: str) -> int:
    """End every open session of `user` but the one with the key `this`; returns how many."""
    return Session.objects.filter(user=user).exclude(session_key=this).delete()[0]


def end_those(open_ones: QuerySet[Session], begun_by: float, is_meant: Callable[[dict], bool]) -> int:
    """End those of `open_ones` that began by a moment (seconds since 1970) and are meant by what they hold."""
    ended = 0
    for one in open_ones.filter(user__isnull=False, expire_date__gt=clock.now()).iterator():
        data = one.get_decoded()
        if data.get(SIGNED_IN_AT, 0) <= begun_by and is_meant(data):
            ended += open_ones.filter(pk=one.pk).delete()[0]
    return ended


def _stamp(session, idle: int) -> None:
    session[SIGNED_IN_AT] = session[ACTIVE_AT] = _now()
    session[IDLE_SECONDS] = idle


def _last(session) -> int:
    return session[SIGNED_IN_AT] + settings.SESSION_HOURS * 3600


def _now() -> int:
    return int(clock.now().timestamp())
