"""The demonstration's identity provider for gunicorn: one process, since who is signing in is kept in its memory."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "clee_portal.demonstration_provider.settings"
application = get_wsgi_application()
