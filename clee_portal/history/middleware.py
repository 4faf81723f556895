"""Notes in the history who was signed in and which address was called, for every change a request makes."""

from pghistory.middleware import HistoryMiddleware as PgHistoryMiddleware


class HistoryMiddleware(PgHistoryMiddleware):
    """Context of a request's changes: the user's id and the path (never its query, which may hold names)."""
