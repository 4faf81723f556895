"""The Celery application: workers and beat read their settings from `clee_portal.settings`, names starting CELERY_."""

import os

from celery import Celery

from clee_portal.still_here import StillHere

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clee_portal.settings")

app = Celery("clee_portal", task_cls="clee_portal.history.working:Task")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(StillHere)
