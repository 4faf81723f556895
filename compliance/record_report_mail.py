"""Mail about what officers report of their record: to whoever should mend it, and back to the officer."""

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from compliance import record_reports
from compliance.models import RecordReport
from compliance.wording import full_date
from notifications.occasions import Occasion
from training import telling
from training.models import Membership
from training.telling import ROLES_OF_AN_AGENCY, Reader

ASKED_CODE, NEWS_CODE = "record_report_asked", "record_report_news"


class Key(NamedTuple):
    """The report, how often something had happened to it, and the account. No date."""

    report: int
    step: int
    user: int

    def __str__(self) -> str:
        return f"{self.report}-{self.step}:{self.user}"

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        about, user = key.split(":")
        report, step = about.split("-")
        return cls(int(report), int(step), int(user))


def people_of(report: RecordReport, day: dt.date) -> list[Reader]:
    """The accounts that act for the agency or provider it was put to; none where POST alone has it."""
    whose = Q(pk=None)
    if report.agency_id:
        whose = Q(role__in=ROLES_OF_AN_AGENCY, agency=report.agency_id)
    elif report.provider_id:
        whose = Q(role=Membership.Role.PROVIDER_STAFF, provider=report.provider_id)
    ties = Membership.objects.current(day).filter(whose, user__is_active=True)
    return [Reader(*one) for one in ties.order_by("user").values_list("user", "user__email").distinct()]


def _as_put(key: Key) -> RecordReport | None:
    """The report, where nothing happened to it since the message was put."""
    return RecordReport.objects.with_names().filter(pk=key.report, step=key.step).first()


def _asked_is_due(key: str) -> bool:
    one = Key.read(key)
    report = _as_put(one)
    if report is None or not report.is_open or report.escalated_at:
        return False
    return any(reader.user == one.user for reader in people_of(report, clock.today()))


def _news_is_due(key: str) -> bool:
    one = Key.read(key)
    report = _as_put(one)
    if report is None:
        return False
    readers = telling.accounts_of([report.officer_id], clock.today()).get(report.officer_id, [])
    return any(reader.user == one.user for reader in readers)


def _context(report: RecordReport) -> dict:
    return {
        "reference": report.reference,
        "title": report.title,
        "completed_on": full_date(report.completed_on),
        "officer": report.officer.full_name,
        "license_number": report.officer.license_number,
        "body": str(report.body or "POST"),
        "url": f"{settings.PORTAL_URL}{reverse('compliance:record_report', args=[report.reference])}",
    }


def _asked(key: str) -> dict:
    report = _as_put(Key.read(key))
    return _context(report) | {
        "is_wrong": report.kind == RecordReport.Kind.WRONG,
        "words": report.words,
        "until": full_date(report.asked_on + record_reports.ANSWER_WITHIN),
    }


def _news(key: str) -> dict:
    report = _as_put(Key.read(key))
    return _context(report) | {
        "headline": record_reports.headline(report),
        "sentences": record_reports.sentences(report),
    }


def _sample_asked(agency: int) -> str | None:
    report = RecordReport.objects.with_the_body().filter(agency=agency).first()
    readers = people_of(report, clock.today()) if report else []
    return str(Key(report.pk, report.step, readers[0].user)) if readers else None


def _sample_news(officer: int) -> str | None:
    report = RecordReport.objects.filter(officer=officer).first()
    readers = telling.accounts_of([officer], clock.today()).get(officer) if report else None
    return str(Key(report.pk, report.step, readers[0].user)) if readers else None


OCCASIONS = (
    Occasion(
        code=ASKED_CODE,
        title=_("An officer reports a class that is missing or wrong"),
        context=_asked,
        still_due=_asked_is_due,
        purpose=_("An officer says that a class of this agency or provider is missing in the record, or wrong."),
        audience=_("The CEO and the delegates of the agency, or the provider’s staff, if connected."),
        about="agency",
        sample=_sample_asked,
    ),
    Occasion(
        code=NEWS_CODE,
        title=_("What became of a report about the own record"),
        context=_news,
        still_due=_news_is_due,
        purpose=_("A report of the officer was answered, came to POST, or is settled: how, and what follows."),
        audience=_("The officer, if connected."),
        about="officer",
        sample=_sample_news,
    ),
)
