"""The site: settings, addresses, the Celery application. The domain lives in `training` and `compliance`."""

from clee_portal.celery import app as celery_app

__all__ = ["celery_app"]
