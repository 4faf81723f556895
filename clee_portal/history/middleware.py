"""Notes in the history who was signed in and which address was called, for every change a request makes."""

from pghistory.middleware import HistoryMiddleware as PgHistoryMiddleware


class HistoryMiddleware(PgHistoryMiddleware):
    """Context of a request's changes: the user's id, the path (never its query, which may hold names), and the
    request's reference, by which the log and the page of an error tell of it."""

    def get_context(self, request) -> dict:
        """What is noted beside the reason an act gives."""
        return super().get_context(request) | {"request": request.reference}
