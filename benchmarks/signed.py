"""Sessions made in bulk: what a sign-in leaves, without the sign-in. Django has to be set up."""


def session_of(user, *, second_step: bool = False) -> str:
    """The key of a new session of `user`; `second_step`: who also proved the second step just now."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from clee_portal.accounts import (  # the store is read from the settings once Django is set up
        second_factor,
        sessions,
    )

    session = sessions.SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    sessions.begin(session, user)
    if second_step:
        second_factor.confirm(session, user)
    session.save()
    return session.session_key
