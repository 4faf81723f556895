"""What every answer tells the browser, whatever kind of answer it is: pages, files, refusals and errors."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def fails(monkeypatch):
    """The page of an error of the portal's own."""

    def fail(self, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("clee_portal.views.HelpView.get_context_data", fail)
    return Client(raise_request_exception=False).get(reverse("help"))


KINDS = {
    "page": (200, lambda monkeypatch: Client().get(reverse("help"))),
    "sign-in": (200, lambda monkeypatch: Client().get(reverse("account_login"))),
    "file": (200, lambda monkeypatch: Client().get(reverse("training:calendar_ics"))),
    "way to the sign-in": (302, lambda monkeypatch: Client().get(reverse("compliance:my_standing"))),
    "refused form": (403, lambda monkeypatch: Client(enforce_csrf_checks=True).post(reverse("account_login"))),
    "nothing there": (404, lambda monkeypatch: Client().get("/nothing/")),
    "error": (500, fails),
}


# All of it, without MO Login, which may be sent a form: nothing inline, nothing from elsewhere, in no frame.
POLICY = {
    "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
}  # fmt: skip
ALLOWED = {"camera", "clipboard-write", "publickey-credentials-create", "publickey-credentials-get"}


@pytest.mark.parametrize("kind", KINDS)
def test_answer_has_every_header(monkeypatch, kind):
    status, ask = KINDS[kind]
    answer = ask(monkeypatch)
    assert answer.status_code == status
    assert {part.strip() for part in answer["Content-Security-Policy"].split(";")} == POLICY
    assert {
        name: answer[name]
        for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    } == {
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    features = dict(one.split("=") for one in answer["Permissions-Policy"].split(", "))
    assert {name for name, to in features.items() if to != "()"} == ALLOWED
    assert {features[name] for name in ALLOWED} == {"(self)"}
    assert {"geolocation", "microphone", "payment", "usb", "display-capture", "fullscreen", "midi"} <= set(features)


def test_over_https_the_browser_is_told_to_stay_there(settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    answer = Client().get(reverse("help"), secure=True)
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in Client().get(reverse("help"))


def test_cookies_are_not_for_scripts_nor_for_other_sites():
    cookies = Client().get(reverse("account_login")).cookies
    assert {name: one["samesite"] for name, one in cookies.items()} == {"csrftoken": "Lax"}
    assert all(one["path"] == "/" for one in cookies.values())
    assert (settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_HTTPONLY) == ("Lax", True)
