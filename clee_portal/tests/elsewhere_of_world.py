"""Pages that no address of `world.py` leads to: those of a link in a mail, of a second step, of the demonstration, of
what is done only at one moment (a file not yet sent, a class not yet evaluated), and of what went wrong.

Each is (its name, what gives its address and the page to a client that nobody is signed in with).
"""

import datetime as dt
import hashlib
import io
import uuid

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import reverse
from openpyxl import Workbook

from clee_portal import clock
from clee_portal.accounts import second_factor
from clee_portal.accounts.models import FactorRecovery
from clee_portal.accounts.services import recoveries
from clee_portal.accounts.tests.factors import app_of, give_code, give_password, passkey_of, with_password
from clee_portal.operation import faults
from compliance.services import record_reports
from notifications import preferences
from training import invitation_tokens
from training.models import ScheduledClass
from training.services import imports
from training.tests import factories

# What is shown where a server is away, or somebody tried too often: templates without an address.
OF_FAULTS = (
    "400.html", "429.html", "account/mo_login_refused.html", "account/mo_login_stranger.html",
    "account/mo_login_too_many.html", "account/mo_login_unavailable.html", "account/account_inactive.html",
    "compliance/document_gone.html",
)  # fmt: skip


# Of the pages that are reached, those nothing else of the world shows.
ONLY_ELSEWHERE = {
    "account/reauthenticate.html", "account/recovery_use.html", "account/step_up.html",
    "compliance/record_report_disagree.html", "compliance/report_wrong.html", "mfa/authenticate.html",
    "mfa/recovery_codes/index.html", "mfa/totp/deactivate_form.html", "mfa/webauthn/authenticator_confirm_delete.html",
    "mfa/webauthn/edit_form.html", "notifications/demonstration_mail.html", "notifications/stop.html",
    "training/class_evaluate.html", "training/import_columns.html", "training/import_preview.html",
}  # fmt: skip
SHEET = "POST License,Course Title,Date,Hours,Core area\n"
# Where the mail of a demonstration goes, and on how many pages it is shown.
DEMONSTRATION = {"IS_DEMONSTRATION": True, "EMAIL_BACKEND": "notifications.demonstration.DemonstrationBackend"}
MAILS = 21


def at(address: str, *, by=None):
    """What is at an address, for `by`."""

    def get(client):
        if by is not None:
            client.force_login(by)
        return address, client.get(address)

    return get


def elsewhere(world) -> list[tuple]:
    """They are of the officer and the people of agency A."""
    officer, post = with_password(world.a.officer_account), with_password(world.people["POST staff"])
    app = app_of(post)
    invited = invitation_tokens.token_of_nonce(world.a.invitation.nonce)
    FactorRecovery.objects.filter(pk=world.a.recovery.pk).update(
        token_digest=hashlib.sha256(b"by-mail").hexdigest(), expires_at=clock.now() + recoveries.TO_USE
    )
    stop = preferences.stop_url(officer.pk, next(iter(preferences.optional().values())))
    reset = {"uidb36": user_pk_to_url_str(officer), "key": default_token_generator.make_token(officer)}

    def second_step(client):
        return "", give_password(client, post)

    def wrong_code(client):
        give_password(client, post)
        return reverse("mfa_authenticate"), give_code(client, "000000")

    def without_its_token(client):
        strict = Client(enforce_csrf_checks=True)
        return reverse("account_login"), strict.post(reverse("account_login"), {"login": "somebody"})

    def as_somebody_else(client):
        client.force_login(post)
        return reverse("help"), render(client.get(reverse("help")).wsgi_request, "403_csrf.html", {"is_another": True})

    def of_fault(template: str):
        def get(client):
            return reverse("help"), render(client.get(reverse("help")).wsgi_request, template)

        return get

    def broken(passes: bool):
        def get(client):
            request = client.post(reverse("account_logout"), {"words": "What was typed"}).wsgi_request
            try:
                raise OSError(28, "full") if passes else ValueError
            except (OSError, ValueError):
                return reverse("help"), faults.server_error(request)

        return get

    assert app.pk
    return [
        ("training:invitation", at(reverse("training:invitation", args=[invited]))),
        ("training:invitation", at(reverse("training:invitation", args=[invited]), by=world.people["nobody"])),
        ("notifications:stop", at(reverse("notifications:stop", args=[stop.rstrip("/").rpartition("/")[2]]))),
        ("recovery_use", at(reverse("recovery_link", args=["by-mail"]))),
        ("recovery_link", at(reverse("recovery_link", args=["another"]))),
        ("account_reset_password_from_key", at(reverse("account_reset_password_from_key", kwargs=reset))),
        ("mfa_authenticate", second_step),
        ("mfa_authenticate", wrong_code),
        ("403_csrf", without_its_token),
        ("403_csrf", as_somebody_else),
        ("404", at("/nowhere/")),
        ("500", broken(False)),
        ("503", broken(True)),
        *((template.removesuffix(".html"), of_fault(template)) for template in OF_FAULTS),
        *_of_second_steps(world, officer, post),
        *_of_the_demonstration(),
        *_of_an_officer(world),
        *_of_files(world),
    ]


def _of_second_steps(world, officer, post) -> list[tuple]:
    """Who has a password alone, an app alone, a passkey alone, both; what is the last one of somebody of the state."""
    ceo, director = world.people["CEO of A"], world.people["Director"]
    app_of(ceo)
    key, last = passkey_of(ceo), passkey_of(director)

    def proved(page: str, *args, by=ceo):
        def get(client):
            prove(client, by)
            return reverse(page, args=args), client.get(reverse(page, args=args))

        return get

    def prove(client, by):
        client.force_login(by)
        session = client.session
        second_factor.confirm(session, by)
        session.save()

    def new_codes(client):
        prove(client, ceo)
        return "", client.post(reverse("mfa_generate_recovery_codes"))

    def codes_seen(client):
        seen = reverse("mfa_view_recovery_codes")
        assert client.get(new_codes(client)[1].url).status_code == 200
        return seen, client.get(seen)

    confirm = f"{reverse('account_step_up')}?next={reverse('account_sessions')}"
    return [
        ("account_reauthenticate", at(f"{reverse('account_reauthenticate')}?next={reverse('mfa_index')}", by=officer)),
        *(("account_step_up", at(confirm, by=person)) for person in (post, director, ceo)),
        ("mfa_index", proved("mfa_index")),
        ("mfa_deactivate_totp", proved("mfa_deactivate_totp")),
        ("mfa_deactivate_totp", proved("mfa_deactivate_totp", by=post)),
        ("mfa_edit_webauthn", proved("mfa_edit_webauthn", key.pk)),
        ("mfa_remove_webauthn", proved("mfa_remove_webauthn", key.pk)),
        ("mfa_remove_webauthn", proved("mfa_remove_webauthn", last.pk, by=director)),
        ("mfa_view_recovery_codes", new_codes),
        ("mfa_view_recovery_codes", codes_seen),
    ]


def _of_the_demonstration() -> list[tuple]:
    """The mail that a demonstration would have sent: none, some, none to the address asked for."""

    def mail(how_many: int, query: str = ""):
        def get(client):
            address = reverse("notifications:demonstration_mail") + query
            with override_settings(**DEMONSTRATION):
                for number in range(how_many):
                    text = "Follow this link:\n\nhttps://testserver/accounts/password/reset/key/1-abc/"
                    send_mail(f"Message {number}", text, "post@statehouse.example", ["ona@oakley.example"])
                return address, client.get(address)

        return get

    asked = (mail(0), mail(MAILS), mail(MAILS, "?page=2"), mail(1, "?to=nobody"))
    return [("notifications:demonstration_mail", get) for get in asked]


def _of_an_officer(world) -> list[tuple]:
    """A class completed and not yet evaluated, an entry of the record that may be wrong, an answer not agreed with."""
    officer, account, today = world.a.officer, world.a.officer_account, clock.today()
    day = today - dt.timedelta(10)
    begins_at = dt.datetime.combine(day, dt.time(8), clock.CHICAGO)
    held = factories.scheduled_class(factories.provider_course(world.p.provider, "Report writing"), begins_at)
    record = factories.record(officer, day, course=held.course)
    ScheduledClass.objects.filter(pk=held.pk).update(training_class=record.training_class)
    factories.registration(held, officer)
    report, _ = record_reports.report(
        by=account, officer=officer, body=world.a.agency, title="Night driving", completed_on=day,
        submission_key=uuid.uuid4(), today=today,
    )  # fmt: skip
    own = world.a.held.records.get(officer=officer)
    record_reports.answer(by=world.a.ceo, report=report, said="there", record=own, seen=0, today=today)
    wrong = f"{reverse('compliance:report_record')}?record={own.pk}"
    return [
        ("training:class_evaluate", at(reverse("training:class_evaluate", args=[held.reference]), by=account)),
        ("compliance:report_record", at(wrong, by=account)),
        *(
            (page, at(reverse(page, args=[report.reference]), by=account))
            for page in ("compliance:record_report", "compliance:record_report_disagree")
        ),
    ]


def _of_files(world) -> list[tuple]:
    """Files that were chosen and not yet sent: with columns nobody knows, one that is ready, one sheet of two."""
    house, day = world.a, (clock.today() - dt.timedelta(3)).isoformat()
    rows = "".join(
        f"{number},Winter driving,{day},4,Legal\n"
        for number in (house.officer.license_number, world.b.officer.license_number, "NOBODY-9")
    )
    book = Workbook()
    for title in (book.active.title, "March"):
        sheet = book.active if title == book.active.title else book.create_sheet(title)
        for row in (SHEET + rows).splitlines():
            sheet.append([*row.split(","), title])
    file = io.BytesIO()
    book.save(file)
    files = {
        "odd.csv": f"Alderbrook\n\nWho,What,When,How long\n{rows}".replace(",Legal", "").encode(),
        "ready.csv": (SHEET + rows).encode(),
        "two sheets.xlsx": file.getvalue(),
    }
    sent = {
        name: imports.upload(by=house.ceo, body=house.agency, name=name, data=data)[0].reference
        for name, data in files.items()
    }
    pages = ("training:import_detail", "training:import_preview")
    return [(page, at(reverse(page, args=[reference]), by=house.ceo)) for reference in sent.values() for page in pages]
