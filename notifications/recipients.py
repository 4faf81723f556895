"""Who is connected. The outbox does not know memberships: an app above it answers (`answer_with`)."""

from collections.abc import Callable, Collection

_answers: list[Callable[[Collection[int]], Collection[int]]] = []


def answer_with(connected: Callable[[Collection[int]], Collection[int]]) -> None:
    """Let `connected` say which of some users' ids are tied to an agency, a provider, a license or the state today."""
    if connected not in _answers:
        _answers.append(connected)


def connected(user_ids: Collection[int]) -> set[int]:
    """Those of `user_ids` who are connected today. With nobody to ask, nobody is."""
    wanted = set(user_ids)
    return set().union(*(answer(wanted) for answer in _answers)) & wanted if wanted else set()
