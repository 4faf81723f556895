"""Guessing is slow, and nobody innocent is locked out by it."""

import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from clee_portal.accounts import devices, limits, tasks
from clee_portal.accounts.limits import Limit, Rate, TooMany
from clee_portal.accounts.models import Attempt

pytestmark = pytest.mark.django_db

START = "2026-03-02 08:00:00-06:00"
LIMIT = Limit("test", "wrong answers", (Rate(3, 60), Rate(5, 3600)), (Rate(10, 60),))
DANA = "dana@example.org"


def ask(address="203.0.113.7", cookies=None, **headers):
    request = RequestFactory().post("/", REMOTE_ADDR=address, headers=headers)
    request.COOKIES.update(cookies or {})
    return request


def fail(times, account=DANA, **more):
    for _ in range(times):
        limits.begin(LIMIT, ask(**more), account=account)


def known_to(account):
    """The cookie of a browser in which the account has signed in."""
    response = HttpResponse()
    devices.remember(ask(), response, account)
    return {devices.COOKIE: response.cookies[devices.COOKIE].value}


def test_so_many_failures_of_an_account_and_no_more(time_machine):
    time_machine.move_to(START, tick=False)
    fail(3)
    with pytest.raises(TooMany) as refusal:
        fail(1)
    assert (str(refusal.value), refusal.value.seconds) == (
        "Too many wrong answers. Wait 1 minute, then try again.",
        60,
    )
    assert Attempt.objects.count() == 6  # the one that was refused is not counted


def test_the_wait_is_until_the_oldest_is_out_of_the_window(time_machine):
    time_machine.move_to(START, tick=False)
    fail(1)
    time_machine.shift(20)
    fail(2)
    time_machine.shift(39)
    with pytest.raises(TooMany, match="Wait 1 second, then"):
        fail(1)
    time_machine.shift(1)
    fail(1)
    with pytest.raises(TooMany, match="Wait 20 seconds, then"):
        fail(1)


def test_the_slow_rate_holds_beside_the_quick_one(time_machine):
    time_machine.move_to(START, tick=False)
    fail(3)
    time_machine.shift(60)
    fail(2)
    time_machine.shift(60)
    with pytest.raises(TooMany, match="Wait 58 minutes, then try again"):
        fail(1)


def test_success_is_never_counted():
    for _ in range(20):
        limits.begin(LIMIT, ask(), account=DANA).succeeded()
    assert Attempt.objects.count() == 0


def test_account_is_one_whatever_its_case():
    fail(2)
    fail(1, account="Dana@Example.ORG ")
    with pytest.raises(TooMany):
        fail(1)


def test_others_from_another_address_are_not_concerned():
    fail(3)
    fail(3, account="marcus@example.org", address="198.51.100.9")


def test_address_is_stopped_for_many_accounts_and_others_are_not():
    for number in range(10):
        fail(1, account=f"person{number}@example.org")
    with pytest.raises(TooMany):
        fail(1, account="person11@example.org")
    fail(1, account="person11@example.org", address="198.51.100.9")


def test_known_browser_is_not_stopped_by_what_others_do():
    cookies = known_to(DANA)
    fail(3)
    for number in range(7):
        fail(1, account=f"person{number}@example.org")
    with pytest.raises(TooMany):
        fail(1)
    fail(3, cookies=cookies)
    with pytest.raises(TooMany):
        fail(1, cookies=cookies)


def test_browser_known_to_one_account_is_a_stranger_to_another():
    cookies = known_to("marcus@example.org")
    fail(3, cookies=cookies)
    with pytest.raises(TooMany):
        fail(1)


def test_known_browser_cannot_be_forged():
    fail(3, cookies={devices.COOKIE: known_to(DANA)[devices.COOKIE][:-2] + "xx"})
    with pytest.raises(TooMany):
        fail(1)


def test_a_browser_keeps_its_number_and_the_last_eight_accounts():
    request, numbers = ask(), set()
    for account in [f"person{number}@example.org" for number in range(9)] + ["person8@example.org"]:
        response = HttpResponse()
        devices.remember(request, response, account)
        request.COOKIES[devices.COOKIE] = response.cookies[devices.COOKIE].value
        numbers.add(devices.known(request, account))
    assert len(numbers) == 9
    assert devices.known(request, "person0@example.org") is None
    assert devices.known(request, "person1@example.org") in numbers
    cookie = response.cookies[devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", devices.LONGEST)


def test_network_of_ipv6_counts_as_one_address():
    assert limits.address_of(ask("2001:db8:1:2:3:4:5:6")) == limits.address_of(ask("2001:db8:1:2::9"))
    assert limits.address_of(ask("2001:db8:1:3::9")) != limits.address_of(ask("2001:db8:1:2::9"))


def test_address_is_the_one_the_outermost_trusted_proxy_saw(settings):
    request = ask("10.0.0.1", **{"X-Forwarded-For": "198.51.100.66, 203.0.113.9"})
    assert limits.address_of(request) == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert limits.address_of(request) == "203.0.113.9"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    with pytest.raises(ImproperlyConfigured):
        limits.address_of(request)


def test_nothing_of_a_person_or_machine_is_readable_in_the_table():
    fail(2)
    kept = " ".join(Attempt.objects.values_list("key", flat=True))
    assert "dana" not in kept
    assert "203.0.113.7" not in kept


def test_a_day_later_it_is_forgotten(time_machine):
    time_machine.move_to(START, tick=False)
    fail(1)
    time_machine.shift(limits.DAY)
    fail(1)
    time_machine.shift(1)
    tasks.clear_sessions()
    assert Attempt.objects.count() == 2


def test_forgiven_account_may_try_again_and_the_address_is_still_counted():
    fail(3)
    limits.forgive(LIMIT, DANA)
    fail(3)
    assert Attempt.objects.count() == 9


def test_another_kind_of_secret_is_counted_apart():
    fail(3)
    limits.begin(limits.PASSWORD, ask(), account=DANA)


def test_page_says_429_and_when(time_machine):
    response = limits.marked(HttpResponse("typed"), TooMany(LIMIT, 61))
    assert (response.status_code, response["Retry-After"], response.content) == (429, "61", b"typed")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (61, "2 minutes"), (3600, "1 hour"), (3601, "2 hours")],
)
def test_time_to_wait_in_words(seconds, words):
    assert f"Wait {words}, then" in str(TooMany(LIMIT, seconds))


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_all_counted():
    start, told = threading.Barrier(8), []

    def guess():
        start.wait()
        try:
            limits.begin(LIMIT, ask(), account=DANA)
            told.append("counted")
        except TooMany:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["counted"] * 3 + ["refused"] * 5
