"""What a session remembers around a sign-in: an invitation, the token to sign out with, somebody not connected.

All of it lies in the session, on the server; the browser holds nothing but the session's key.
"""

from django.http import HttpRequest

from clee_portal.accounts.limits import Counted
from clee_portal.accounts.mo_login.identities import Identity

INVITATION = "invitation"
_ID_TOKEN = "mo_login_id_token"  # noqa: S105 (the name of the place, not a token)
_SID = "mo_login_sid"
_STRANGER = "mo_login_stranger"
_BEGUN = "mo_login_begun"


def has_invitation(request: HttpRequest) -> bool:
    """Whether this browser came by an invitation, which its page keeps in the session until it is settled. A person
    MO Login vouches for, who has no account yet, gets one then."""
    return bool(request.session.get(INVITATION))


def remember_id_token(request: HttpRequest, token: str, sid: str) -> None:
    """Kept to sign out at the provider too: it says there whose session is to end; and what the provider calls it, if
    it says, so that it can be ended from there."""
    request.session[_ID_TOKEN], request.session[_SID] = token, sid


def is_of(data: dict, sid: str | None) -> bool:
    """Whether a session began at MO Login, with the provider's session `sid` where one is named and it is known."""
    return _ID_TOKEN in data and (sid is None or data.get(_SID) in ("", None, sid))


def is_exactly_of(data: dict, sid: str) -> bool:
    """Whether a session began with the provider's session `sid`."""
    return data.get(_SID) == sid


def id_token(request: HttpRequest) -> str | None:
    """The ID token of this session; None for one that began with a password."""
    return request.session.get(_ID_TOKEN)


def remember_begun(request: HttpRequest, counted: Counted) -> None:
    """A sign-in was begun and counted; the last twenty, since somebody may have as many windows open."""
    request.session[_BEGUN] = [*request.session.get(_BEGUN, []), *counted.rows][-20:]


def finish_begun(request: HttpRequest) -> None:
    """One was finished: what this browser began is not counted any more."""
    if rows := request.session.pop(_BEGUN, None):
        Counted(tuple(rows)).succeeded()


def remember_strength(request: HttpRequest, is_strong: bool) -> None:
    """Whether MO Login says, of the sign-in of this request, that a second factor was given there."""
    request.mo_login_is_strong = is_strong


def is_strong(request: HttpRequest) -> bool:
    """What was remembered; False where nothing was."""
    return getattr(request, "mo_login_is_strong", False)


def remember_stranger(request: HttpRequest, identity: Identity, why: str) -> None:
    """Somebody signed in at MO Login, whom the portal does not let in; `why` is a sentence, or empty."""
    request.session[_STRANGER] = {"email": identity.email, "why": why}


def stranger(request: HttpRequest) -> dict | None:
    """The `email` and `why` of `remember_stranger`; None for everybody else."""
    return request.session.get(_STRANGER)


def forget_stranger(request: HttpRequest) -> None:
    """They are let in now."""
    request.session.pop(_STRANGER, None)
