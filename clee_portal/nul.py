"""A character that no text holds and no database takes: NUL. It is left out of what is sent, wherever it is read."""

from django.http import Http404, QueryDict


class WithoutNulMiddleware:
    """Leaves NUL out of the query and of what is posted; an address that holds one leads nowhere."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Before the view reads anything; after the token was checked, which reads what is posted."""
        if "\x00" in request.path:
            raise Http404
        for name in ("GET", "POST"):
            given = getattr(request, name)
            if any("\x00" in text for key, values in given.lists() for text in (key, *values)):
                setattr(request, name, _without(given))


def _without(given: QueryDict) -> QueryDict:
    cleaned = QueryDict(mutable=True)
    for key, values in given.lists():
        cleaned.setlist(key.replace("\x00", ""), [text.replace("\x00", "") for text in values])
    cleaned._mutable = False
    return cleaned
