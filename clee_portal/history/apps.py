"""The history app; after every migration it gives every table of versions its hash, and the application's role what it
may do, and no more."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HistoryConfig(AppConfig):
    """History of evidence."""

    name = "clee_portal.history"
    label = "history"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from clee_portal.history.grants import grant_application_role  # models must be loaded first
        from clee_portal.history.sealing.contents import install  # as above

        post_migrate.connect(install, sender=self, dispatch_uid="clee_portal.history.sealing.contents")
        post_migrate.connect(grant_application_role, sender=self, dispatch_uid="clee_portal.history.grants")
