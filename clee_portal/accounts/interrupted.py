"""Work interrupted by the end of a session: what was typed is kept over the sign-in and shown again.

A form that takes long to fill carries a hidden field `signed_in_as` with `token(request.user)`. Its page, on GET, asks
`take(request)` and fills the form from the answer, if there is one. Nothing else is needed:

- A POST that arrives after the session ended, with a good token, is kept in the new, anonymous session; the person
  signs in, comes back to the same address, and finds what they typed. Nothing is submitted for them: they read it and
  submit again. The page says so.
- A POST that arrives after they signed in anew in another tab fails the protection against forged requests (the page's
  token is of the session before); with a good `signed_in_as` it is kept in the same way, and the form is shown again.
- A request of htmx from an ended session is answered 401 with one sentence and no redirection. htmx swaps nothing on
  4xx, so the page stays as it is, with everything typed, and portal.js says to sign in in another tab. A redirection
  would lose the page, which is why there is no HX-Redirect.

The token is the signed number of the account the page was made for. Without it nothing is kept, so that a stranger
cannot fill the session table, and what one person typed is never shown to another who signs in after them. Tokens
are not kept, and of files only the names: `FILES` in what `take` gives.
"""

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, QueryDict

FIELD = "signed_in_as"
SHOWN_AGAIN = "What you typed is here again; nothing was sent. Read it, then send it."
# The names of files that were chosen: they are not kept, and the page says which to choose again.
FILES = "files_to_choose_again"
MOST_NAMES = 20
MOST_BYTES = 2 * 1024 * 1024
# A page left open over a long weekend still gets its text back.
LONGEST = 60 * 60 * 24 * 5
_SESSION_KEY = "interrupted_work"
_SALT = "clee_portal.accounts.interrupted"
_NEVER_KEPT = (FIELD, "csrfmiddlewaretoken")


def token(user) -> str:
    """The value of the hidden field `signed_in_as` on a page made for `user`; empty for nobody."""
    return signing.dumps(user.pk, salt=_SALT) if user.is_authenticated else ""


def owner_of(value: str) -> int | None:
    """The number of the account a page was made for; None where the token is missing, forged or too old."""
    try:
        return signing.loads(value, salt=_SALT, max_age=LONGEST)
    except signing.BadSignature:
        return None


def keep(request: HttpRequest) -> bool:
    """Keep what the POST `request` carries in the session, if its page was made for somebody. Says whether it did."""
    if request.method != "POST" or (owner := owner_of(request.POST.get(FIELD, ""))) is None:
        return False
    if request.user.is_authenticated and request.user.pk != owner:
        return False
    typed = request.POST.copy()
    for name in _NEVER_KEPT:
        typed.pop(name, None)
    names = [file.name[-100:] for _, files in request.FILES.lists() for file in files]
    typed.setlist(FILES, names[:MOST_NAMES])
    form = typed.urlencode()
    if len(form) > MOST_BYTES:
        return False
    request.session[_SESSION_KEY] = {"path": request.path, "user": owner, "form": form}
    return True


def forget_unless_of(request: HttpRequest, user) -> None:
    """At sign-in: what somebody else typed before is thrown away."""
    kept = request.session.get(_SESSION_KEY)
    if kept is not None and kept["user"] != user.pk:
        del request.session[_SESSION_KEY]


def waits(request: HttpRequest) -> bool:
    """Whether something typed waits in this browser to be shown again."""
    return _SESSION_KEY in request.session


def initial(request: HttpRequest) -> dict:
    """What `take` gives as the initial values of a form of one value a field; empty where there is nothing."""
    typed = take(request) if request.method == "GET" else None
    return typed.dict() if typed else {}


def take(request: HttpRequest) -> QueryDict | None:
    """What the person now signed in had typed on this page when their session ended; taken once, and kept until then.
    The page says that it is here again.

    None where there is nothing, or where it was typed on another page or by somebody else.
    """
    if _SESSION_KEY not in request.session:
        return None
    kept = request.session[_SESSION_KEY]
    if kept["path"] != request.path or kept["user"] != request.user.pk:
        return None
    del request.session[_SESSION_KEY]
    # A request without messages is none of a browser.
    messages.info(request, SHOWN_AGAIN, fail_silently=True)
    return QueryDict(kept["form"], encoding="utf-8")
