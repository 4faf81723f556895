"""What the tests of the outbox share: occasions of their own, and people."""

import pytest

from notifications.tests import world
from notifications.tests.sink import Sink
from training.tests import factories


@pytest.fixture
def said(settings):
    """What the occasions of the tests answer."""
    settings.TEMPLATES = world.with_templates(settings.TEMPLATES)
    with world.said() as answers:
        yield answers


@pytest.fixture
def sink(settings):
    """A real mail server, to which the portal's mail goes."""
    with Sink() as server:
        settings.EMAIL_BACKEND = "notifications.transport.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 1.0
        settings.OUTBOX_RETRY_AFTER = [60, 300]
        settings.OUTBOX_PAUSE = 0.0
        yield server


@pytest.fixture
def renee():
    """An officer who is connected."""
    return factories.officer_account(factories.officer(factories.agency()), "renee@example.org")
