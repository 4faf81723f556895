"""Open sessions: ended for a person whose rights were taken away, and cleared away once they are over."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from clee_portal import clock
from clee_portal.accounts.models import User


def end_all(user: User) -> int:
    """End every open session of `user`, on whatever machine; returns how many. What they may do is asked anew anyway:
    this is so that nothing they have on the screen can be worked on."""
    key = str(user.pk)
    live = Session.objects.filter(expire_date__gte=clock.now()).iterator()
    open_ones = [one.pk for one in live if one.get_decoded().get(SESSION_KEY) == key]
    return Session.objects.filter(pk__in=open_ones).delete()[0]
