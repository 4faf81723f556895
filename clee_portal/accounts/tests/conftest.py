"""An identity provider in a process of its own, and the settings that name it."""

import subprocess
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import requests
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clee_portal.accounts.tests import provider_process
from clee_portal.accounts.tests.providers import name_in_settings


@dataclass(frozen=True)
class Provider:
    """The provider's process, as the tests use it."""

    issuer: str

    def told(self, **how) -> None:
        """How it is to answer from now on (provider_process.py); nothing: as it should."""
        requests.put(f"{self.issuer}/told", json=how, timeout=10).raise_for_status()

    def asked(self) -> list[str]:
        """The paths it was asked for since it was told something."""
        return requests.get(f"{self.issuer}/asked", timeout=10).json()["asked"]

    def begin(self, client: Client, **form) -> str:
        """Press "Sign in with MO Login": where the browser is sent."""
        return client.post(reverse("account_mo_login"), form).url

    def answer(self, address: str, subject: str) -> str:
        """The person signs in there: where the browser is sent back to."""
        sent = requests.get(f"{address}&login_hint={subject}", allow_redirects=False, timeout=10)
        assert sent.status_code == 302, sent.text
        return sent.headers["Location"]

    def back(self, client: Client, location: str):
        """The browser comes back."""
        parts = urlsplit(location)
        assert parts.path == reverse("account_mo_login_callback")
        return client.get(f"{parts.path}?{parts.query}")

    def logout_token(self, **whom: str) -> str:
        """What its server would send when somebody has signed out there."""
        return requests.get(f"{self.issuer}/logout-token", params=whom, timeout=10).json()["logout_token"]

    def sign_in(self, client: Client, subject: str, **form):
        """The whole way; what the portal answers last."""
        return self.back(client, self.answer(self.begin(client, **form), subject))


@pytest.fixture(scope="session")
def provider_issuer():
    """The address of a provider's process."""
    with subprocess.Popen([sys.executable, provider_process.__file__], stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def provider(provider_issuer, settings, db) -> Provider:
    """The provider, answering as it should, and the portal that knows nothing of it yet but its name."""
    cache.clear()
    name_in_settings(
        settings, provider_issuer, client_id=provider_process.CLIENT_ID, secret=provider_process.CLIENT_SECRET
    )
    provider = Provider(provider_issuer)
    provider.told()
    return provider
