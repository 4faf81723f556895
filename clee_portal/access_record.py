"""Writes the record of access for every page: whose record it showed, and which file was handed out."""

from clee_portal.history import accesses
from clee_portal.navigation import hats_at


class AccessMiddleware:
    """After the page is made, what it showed is written, with the hat it was worked on with (`history.accesses`)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """The answer, unchanged."""
        response = self.get_response(request)
        if accesses.is_to_write(request, response):
            worn = next((hat for hat in hats_at(request) if hat.is_on), None)
            accesses.write(request, response, acting_as=worn.name if worn else "")
        return response
