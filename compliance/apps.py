"""The judgement."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    """Reporting periods, requirement sets, relief, and the standing of officers."""

    name = "compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from compliance import credit_news, digests, made_up, reminders, seed  # models must be loaded first
        from notifications import occasions  # as above
        from training import making_up  # as above

        for one in (reminders.OCCASION, digests.OCCASION, credit_news.CREDITED, credit_news.CHANGED):
            occasions.register(one)
        making_up.ask(made_up.still)
        post_migrate.connect(seed.load, sender=self, dispatch_uid="compliance.seed")
