"""Transcripts of an officer in the state of `world.py`: one that the agency had made, one of the officer's own."""

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance.services import transcripts
from training.models import Officer


def issued(officer: Officer, account: User, ceo: User) -> dict[str, list]:
    """By the word in the names of the pages about them; that of the agency comes first.

    Who asks is read anew, as in a request: what one may is remembered on the person, and a test may give them more.
    """
    year = clock.today().year
    asking = [User.objects.get(pk=one.pk) for one in (ceo, account)]
    return {"issued_transcript": [transcripts.issue(by=one, officer=officer, years=[year]) for one in asking]}
