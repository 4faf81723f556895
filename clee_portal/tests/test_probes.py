"""What those ask who watch over the portal, and ids of requests."""

import re

import pytest
from django.db import OperationalError, connection
from django.test import override_settings

from clee_portal.operation import probes, requests
from clee_portal.urls import urlpatterns
from training.tests import factories

NOWHERE = "redis://127.0.0.1:1/0"
OUTSIDE = {"HTTP_HOST": "10.0.0.7:8000"}  # as a balancer asks: by number, over http


@pytest.fixture
def without_database(monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)


@override_settings(SECURE_SSL_REDIRECT=True)
def test_alive_without_database_and_by_any_name(client, without_database):
    """(The test has no database: any statement would fail.)"""
    answer = client.get("/healthz", **OUTSIDE)
    assert (answer.status_code, answer.content) == (200, b"the process lives\n")
    assert client.post("/healthz").status_code == 405
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_ready_with_every_server(client):
    answer = client.get("/readyz", **OUTSIDE)
    assert answer.content.decode().splitlines() == ["database: ready", "migrations: ready", "broker: ready"]
    assert answer.status_code == 200
    assert client.get("/readyz/web").content.decode().splitlines() == ["database: ready", "migrations: ready"]


def test_not_ready_without_database(client, without_database):
    for address in ("/readyz", "/readyz/web"):
        answer = client.get(address)
        lines = answer.content.decode().splitlines()
        assert answer.status_code == 503
        assert lines[:2] == ["database: PostgreSQL does not answer", "migrations: cannot be read"]


@pytest.mark.django_db
def test_without_broker_pages_are_ready_and_the_whole_is_not(client):
    with override_settings(REDIS_URL=NOWHERE):
        whole, web = client.get("/readyz"), client.get("/readyz/web")
    assert (whole.status_code, web.status_code) == (503, 200)
    assert whole.content.decode().splitlines()[2].startswith("broker: Redis does not answer")


@pytest.mark.django_db
def test_not_ready_before_the_migrations_of_this_release(client, monkeypatch):
    """The code is new and the database is not migrated yet; that the database is further than the code does no harm."""
    ours = probes._known_migrations()
    monkeypatch.setattr(probes, "_known_migrations", lambda: ours | {("training", "9999_next")})
    answer = client.get("/readyz/web")
    assert answer.status_code == 503
    assert "migrations: 1 not applied, the first is training.9999_next" in answer.content.decode()
    monkeypatch.setattr(probes, "_known_migrations", lambda: ours - {max(ours)})
    assert client.get("/readyz/web").status_code == 200


def test_no_page_stands_behind_a_probe():
    """The middleware answers them before sessions, host names and https are asked for; nothing else takes the names."""
    assert not {"healthz", "readyz", "metrics"} & {str(one.pattern).rstrip("/") for one in urlpatterns}


# Ids of requests


@pytest.mark.django_db
def test_every_answer_has_an_id_of_its_own(client):
    first, second = client.get("/help/"), client.get("/nowhere/")
    for answer in (first, second):
        assert re.fullmatch(r"([0-9a-f]{4}-){3}[0-9a-f]{4}", answer["X-Request-ID"])
    assert first["X-Request-ID"] != second["X-Request-ID"]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("6f1d2b3c4a5968778695a4b3c2d1e0f1", True),
        ("6f1d2b3c-4a59-6877-8695-a4b3c2d1e0f1", True),
        ("38120", False),
        ("OAKLEY-1-OAKLEY-1", False),
        ("ona.oakley@example.org", False),
        ("6f1d2b3c4a5968778695a4b3c2d1e0f1\r\nX: y", False),
        ("a" * 65, False),
        ("", False),
    ],
)
def test_id_is_taken_from_a_proxy_in_the_shape_of_one(rf, given, is_taken):
    request = rf.get("/", headers={"X-Request-ID": given})
    with override_settings(BEHIND_PROXY=True):
        assert (requests.id_of(request) == given) is is_taken
    assert requests.id_of(request) != given  # without a proxy anybody could have sent it


# Measures


@pytest.fixture
def watched(client):
    with override_settings(METRICS_TOKEN="the-token"):
        yield client


@pytest.mark.django_db
def test_measures_are_for_whoever_has_the_token(watched):
    assert watched.get("/metrics").status_code == 401
    assert watched.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
    assert watched.get("/metrics", headers={"Authorization": "Bearer the-token"}).status_code == 200
    with override_settings(METRICS_TOKEN=""):
        assert watched.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def measures(client) -> dict[str, float]:
    text = client.get("/metrics", headers={"Authorization": "Bearer the-token"}).content.decode()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    }


@pytest.mark.django_db
def test_measures_tell_pages_messages_and_queues(watched):
    user = factories.user("somebody@example.org")
    before = measures(watched).get('clee_request_seconds_count{method="GET",status="2xx",view="help"}', 0.0)
    watched.get("/help/")
    found = measures(watched)
    assert found['clee_request_seconds_count{method="GET",status="2xx",view="help"}'] == before + 1
    assert (found['clee_up{part="database"}'], found['clee_up{part="broker"}']) == (1.0, 1.0)
    assert {'clee_queue_length{queue="celery"}', 'clee_queue_length{queue="mail"}'} <= set(found)
    assert found["clee_history_unsealed_seconds"] >= 0
    assert user.email not in str(found)


@pytest.mark.django_db
def test_measures_say_which_server_is_away(watched):
    with override_settings(REDIS_URL=NOWHERE):
        found = measures(watched)
    assert (found['clee_up{part="database"}'], found['clee_up{part="broker"}']) == (1.0, 0.0)
    assert not [name for name in found if name.startswith("clee_queue_length")]
