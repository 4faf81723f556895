"""Identity providers in processes of their own, and the settings that name one."""

import contextlib
import os
import socket
import subprocess
import sys
import time

import pytest
import requests
from django.conf import settings as django_settings

from clee_portal.accounts.mo_login.discovery import origin_of

CLIENT = {"client_id": "clee-portal", "secret": "a-secret-of-the-tests-0123456789"}


def name_in_settings(settings, issuer: str, *, client_id: str, secret: str, origins=None) -> None:
    """Make `issuer` the portal's MO Login, as the environment would."""
    settings.MO_LOGIN_ISSUER = issuer
    settings.MO_LOGIN_ORIGINS = [origin_of(issuer)] if origins is None else origins
    app = {
        "provider_id": issuer,
        "name": "MO Login",
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True, "token_auth_method": None},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": [app]}
    }
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**policy, "form-action": ["'self'", *settings.MO_LOGIN_ORIGINS]}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def process(command, port: int, **environment):
    """A provider's process, once it answers; its issuer."""
    issuer = f"http://127.0.0.1:{port}"
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment}
    with subprocess.Popen(
        command, cwd=django_settings.BASE_DIR, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            until = time.monotonic() + 60
            while running.poll() is None and time.monotonic() < until:
                with contextlib.suppress(requests.RequestException):
                    if requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).ok:
                        break
                time.sleep(0.1)
            else:
                pytest.fail(f"{command[0]} did not answer (exit code {running.poll()})")
            yield issuer
        finally:
            running.terminate()


@contextlib.contextmanager
def demonstration(portal: str):
    """The demonstration's provider, by gunicorn as bin/run starts it, for the portal at that address; its issuer."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "clee_portal.demonstration_provider.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "1", "--threads", "4"]
    environment = {
        "CLEE_TESTING": "1",
        "MO_LOGIN_ISSUER": f"http://127.0.0.1:{port}",
        "MO_LOGIN_CLIENT_ID": CLIENT["client_id"],
        "MO_LOGIN_CLIENT_SECRET": CLIENT["secret"],
        "DEMONSTRATION_PORTAL": portal,
    }
    with process([*command, "--no-control-socket"], port, **environment) as issuer:
        yield issuer
