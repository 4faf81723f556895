"""What is logged has the id of its request and nothing personal in it: no name, e-mail address or license number."""

import json
import logging
import uuid

import pytest
import sentry_sdk
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import override_settings
from django.urls import reverse

from clee_portal.operation import logs, reporting
from clee_portal.tests import world as state
from clee_portal.tests.logged import in_the_lines
from training.models import Officer
from training.tests import factories

NUMBER = "38120"


@pytest.mark.django_db
def test_line_of_a_request(client, kept):
    chief = factories.ceo(factories.agency("harlan"))
    client.force_login(chief)
    answer = client.get(reverse("training:roster", args=["harlan"]))
    (line,) = kept.told("clee_portal.requests")
    assert {name: line[name] for name in ("level", "request", "page", "method", "status", "account", "message")} == {
        "level": "INFO", "request": answer["X-Request-ID"], "page": "training:roster", "method": "GET", "status": 200,
        "account": chief.pk, "message": "answered",
    }  # fmt: skip
    assert line["milliseconds"] > 0


def test_nobody_is_in_the_lines_of_pages(client, world, kept):
    """Pages about somebody, asked for by whoever may and whoever may not, with names and license numbers in address and
    form. (`test_url_sweep.py` looks at the lines of every page it walks.)"""
    for person, house in (("CEO of A", world.a), ("CEO of B", world.a), ("anonymous", world.a)):
        client.force_login(world.people[person]) if world.people[person] else client.logout()
        for name in (
            "compliance:officer_standing",
            "training:roster",
            "training:officer_access",
            "training:class_detail",
        ):
            client.get(state.of_house(name, house), {"q": "Ona Oakley"})
            client.post(state.of_house(name, house), {"q": "Ona Oakley", "email": "ona@oakley.example"})
    assert len(kept.told("clee_portal.requests")) >= 24
    assert in_the_lines(kept.lines) == []


@pytest.mark.parametrize(
    ("message", "arguments", "line"),
    [
        ("Not Found: %s", ("/officers/38120/standing/",), "Not Found: [address]"),
        ("refused: %s", ("550 5.1.1 <ona@oakley.example>: unknown",), "refused: 550 5.1.1 <[e-mail]>: unknown"),
        ("refused: %s", (ValueError("Ona Oakley 38120"),), "refused: ValueError"),
        ("the license %s", ("38120",), "the license [number]"),
        ("worker with pid %s", (38120,), "worker with pid 38120"),
        ("ona@oakley.example was written out", (), "[e-mail] was written out"),
        ("a broken line %s %s", ("x",), "a broken line %s %s"),
        ("%(who)s came", {"who": "ona@oakley.example"}, "[e-mail] came"),
        ("Message %s", (uuid.UUID(int=38120),), "Message 00000000-0000-0000-0000-0000000094e8"),
    ],
)
def test_what_is_put_into_a_message_is_scrubbed(message, arguments, line):
    record = logging.LogRecord("x", logging.INFO, __file__, 1, message, (), None)
    record.args = arguments
    assert json.loads(logs.JsonFormatter().format(record))["message"] == line


def formatted(error: BaseException) -> tuple[dict, str]:
    try:
        raise error
    except type(error):
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "wrong", (), True)
        record.exc_info = (type(error), error, error.__traceback__)
    line = logs.JsonFormatter().format(record)
    return json.loads(line)["error"], line


def test_exception_is_told_by_type_and_place_not_by_its_words():
    (told,), line = formatted(KeyError("Ona Oakley, 38120"))
    assert told["type"] == "builtins.KeyError"
    assert told["at"][-1].startswith("clee_portal/tests/test_logs.py:")
    assert "Oakley" not in line
    (told,), line = formatted(OSError(28, "No space left on device", "/documents/Ona Oakley.pdf"))
    assert told["text"] == "No space left on device"
    assert "Oakley" not in line


@pytest.mark.django_db
def test_error_of_the_database_names_the_constraint_and_not_the_row():
    agency = factories.agency()
    factories.officer(agency, license_number=NUMBER, name="Ona Oakley")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Officer.objects.create(license_number=NUMBER, first_name="Ona", last_name="Oakley")
    assert NUMBER in str(caught.value)  # it is there to be told
    told, line = formatted(caught.value)
    assert told[1]["sqlstate"] == "23505"
    assert "license_number" in told[1]["constraint_name"]
    assert NUMBER not in line
    assert "oakley" not in line.lower()


@pytest.mark.django_db
def test_error_of_a_server_keeps_its_words():
    with pytest.raises(OperationalError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
    told, _ = formatted(caught.value)
    assert told[1]["sqlstate"] == "53100"
    assert told[1]["text"].startswith("could not extend file: No space left on device")


def test_sql_is_never_logged_whatever_the_level():
    for level in ("DEBUG", "WARNING"):
        told = logs.configuration(level=level, as_json=True)["loggers"]
        assert (told["django.db.backends"]["level"], told["clee_portal.requests"]["level"]) == ("WARNING", "INFO")


# Reports


@pytest.fixture
def reports():
    """What would be sent to the service."""
    sent = []

    class Transport(sentry_sdk.transport.Transport):
        """Keeps it."""

        def capture_envelope(self, envelope):
            sent.append(envelope.get_event())

    with override_settings(SENTRY_DSN="https://public@reports.example.org/1"):
        assert reporting.begin(transport=Transport) is True
        try:
            yield sent
        finally:
            sentry_sdk.get_client().close()
            sentry_sdk.get_global_scope().set_client(None)


def test_nothing_is_reported_unless_a_service_is_named():
    assert reporting.begin() is False


@pytest.mark.django_db
def test_report_holds_nobody(client, world, reports, monkeypatch):
    """A page about an officer fails over what was typed: what leaves the house is type, place, page and reference."""
    from compliance.views.standing import StandingView  # the page that fails

    def fail(*args, **kwargs):
        secret = "Ona Oakley, OAKLEY-1, ona@oakley.example"
        raise ValueError(secret)

    monkeypatch.setattr(StandingView, "get_context_data", fail)
    client.force_login(world.people["CEO of A"])
    client.raise_request_exception = False
    answer = client.get(reverse("compliance:officer_standing", args=["OAKLEY-1"]), {"q": "Oakley"})
    assert answer.status_code == 500
    (event,) = reports
    text = json.dumps(event, default=str)
    assert state.traces(text) == set()
    assert "@" not in text
    assert event["tags"] == {"request": answer["X-Request-ID"], "page": "compliance:officer_standing"}
    (value,) = event["exception"]["values"]
    assert (value["type"], value["stacktrace"]["frames"][-1]["function"]) == ("ValueError", "fail")
    assert not {"request", "user", "contexts", "breadcrumbs"} & {*event}
