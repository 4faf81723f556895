"""The facts."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TrainingConfig(AppConfig):
    """Agencies, officers, licenses, commissions, providers, courses, classes and the credit they give."""

    name = "training"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from notifications import occasions as outbox_occasions  # as below
        from notifications import recipients  # as below
        from training import (  # models must be loaded first
            agency_occasions,
            class_mail,
            connected,
            occasions,
            provider_occasions,
            seats_said,
            seed,
        )

        recipients.answer_with(connected.today)
        occasions.register_all()
        for one in (*agency_occasions.ABOUT_AGENCIES, *class_mail.OCCASIONS, provider_occasions.DECIDED):
            outbox_occasions.register(one)
        seats_said.register()
        post_migrate.connect(seed.load, sender=self, dispatch_uid="training.seed")
