"""Each request is answered in the language of its reader, where the page is ready for it (`languages`)."""

from django.conf import settings
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from clee_portal.languages import ENGLISH, READY


class LanguageMiddleware(LocaleMiddleware):
    """The language the reader chose, else the one of the browser, among those there are; what is not ready for one is
    English."""

    def process_view(self, request, view, args, kwargs):
        """By now it is known which page is asked for."""
        if ENGLISH[0] != request.LANGUAGE_CODE and request.resolver_match.view_name not in READY:
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
