"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from clee_portal import compiled
from clee_portal.operation import reporting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clee_portal.settings")

application = get_wsgi_application()
reporting.begin()
compiled.prepare()

# What is loaded by now stays until the end: the garbage collector need not walk it again while a page counts a state.
gc.collect()
gc.freeze()
