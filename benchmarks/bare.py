"""The portal with one page more, for benchmarks/pages.py: a bare view of one query behind the same middleware.

`PAGES_ARE_KEPT=0` in the environment turns off what the standing page keeps, so that every answer is built afresh.
"""

import os

from django.conf import settings

if os.environ.get("PAGES_ARE_KEPT") == "0":
    # Before Django is set up by the portal's own entry point, which reads them only once it needs a cache.
    settings.CACHES["standings"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
settings.ROOT_URLCONF = "benchmarks.bare"

from clee_portal.wsgi import application  # noqa: E402 - as above

__all__ = ["application", "urlpatterns"]

from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from clee_portal.urls import *  # noqa: E402, F403 - the error pages as well
from clee_portal.urls import urlpatterns as of_the_portal  # noqa: E402
from training.models import Officer  # noqa: E402


def bare(request, license_number: str):
    """One query, one line."""
    officer = Officer.objects.get(license_number=license_number)
    return HttpResponse(f"{officer.first_name} {officer.last_name}")


urlpatterns = [path("bare/<str:license_number>/", bare), *of_the_portal]
