"""The judgement."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    """Reporting periods, requirement sets, relief, and the standing of officers."""

    name = "compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from compliance import (  # models must be loaded first
            candidate_notices,
            case_mail,
            credit_news,
            deadlines,
            decision_mail,
            digests,
            made_up,
            record_report_mail,
            recording_gap_mail,
            relief_mail,
            reminders,
            seed,
            transcript_checks,
        )
        from notifications import occasions  # as above
        from training import feeds, making_up, papers  # as above

        ours = (reminders.OCCASION, digests.OCCASION, credit_news.CREDITED, credit_news.CHANGED)
        ours += (candidate_notices.OCCASION, recording_gap_mail.OCCASION, case_mail.OCCASION)
        for occasion in (*ours, *record_report_mail.OCCASIONS, *relief_mail.OCCASIONS, *decision_mail.OCCASIONS):
            occasions.register(occasion)
        decision_mail.read_from(case_mail.decided)
        making_up.ask(made_up.still)
        feeds.deadlines_from(deadlines.of_officer)
        papers.register(papers.Paper(transcript_checks.address_of, "compliance:check_transcript_file"))
        post_migrate.connect(seed.load, sender=self, dispatch_uid="compliance.seed")
