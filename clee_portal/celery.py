"""The Celery application: workers and beat read their settings from `clee_portal.settings`, names starting CELERY_."""

import logging.config
import os

from celery import Celery
from celery.signals import celeryd_init, setup_logging

from clee_portal.still_here import StillHere

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clee_portal.settings")

app = Celery("clee_portal", task_cls="clee_portal.history.working:Task", events="clee_portal.announced:Events")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(StillHere)


@setup_logging.connect
def log_as_the_portal(loglevel=None, **kwargs):
    """Workers and beat log as the web server does (`clee_portal.operation.logs`); `--loglevel` is for Celery's own."""
    from django.conf import settings  # read when a worker starts, not when a page imports this module

    logging.config.dictConfig(settings.LOGGING)
    if loglevel:
        logging.getLogger("celery").setLevel(loglevel)


@celeryd_init.connect
def report_errors(**kwargs):
    """To the service that is named, if one is."""
    from clee_portal.operation import reporting  # as above

    reporting.begin()
