"""Hostile values in every form: through the pages, and in every class of form by itself.

Every page that takes something is asked by whoever may send to it, each of its forms is sent as a browser would send
it with attacks in the words, and again with something hostile in every field and fields that no form has. No answer
is an error, leads away, has a script or style of its own or asks anything of others; nothing is worked out or taken for
a tag, also in the mails it makes; and the database has nothing to refuse. Each form
is then made again with what hypothesis thinks of. `CLEE_HOSTILE=long` tries more of everything.
"""

import os
import traceback
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.core import context
from allauth.mfa.models import Authenticator
from django import forms
from django.db import connection, transaction
from django.db.models import Max
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, Phase, given, settings

from clee_portal import clock
from clee_portal.accounts.forms import second_factor
from clee_portal.accounts.sessions import SessionStore
from clee_portal.tests import world as state
from clee_portal.tests.hostile import (
    EXTRA,
    HOSTILE,
    TAG,
    WORKED_OUT,
    Made,
    Sent,
    against_the_policy,
    catching,
    data_for,
    every_form,
    files_for,
    forms_of,
    made_by_hand,
)
from clee_portal.tests.pages import ALLAUTH, PAGES
from clee_portal.tests.test_url_sweep import of_allauth
from compliance.forms.record_reports import OutsideDecideForm
from compliance.models import RecordReport
from notifications import composing, occasions
from notifications.models import Message
from training import selectors
from training.facts_confirmed import Fact
from training.forms.exceptions import ExceptionForm
from training.forms.groups import CopyForm
from training.forms.invitations import FactForm, NewAccountForm
from training.forms.register import MergeForm
from training.services import imports

pytestmark = [pytest.mark.django_db, pytest.mark.long]

LONG = os.environ.get("CLEE_HOSTILE") == "long"
EXAMPLES, ROUNDS, FORMS_OF_A_PAGE = (200, 8, 50) if LONG else (3, 1, 2)
# A test may take ten minutes: what takes longer is done in parts.
PARTS = 24 if LONG else 1
in_parts = pytest.mark.parametrize("part", range(PARTS))
# Whoever stands first here and may send to a page does; in the long form everybody who may.
SENDERS = ("officer of A", "CEO of A", "POST staff", "Director", "head of P", "anonymous")
AWAY = "https://evil.example/"
# Where a page may be told to lead next, written so that some checks let it by.
ELSEWHERE = (AWAY, "//evil.example/", "/\\evil.example/", "\\\\evil.example", "https:evil.example", "\t//evil.example")
# Ends the session that asks, or is asked by another server.
NOT_SENT = {"account_logout", "mo_login_signed_out"}
# Made by the views of their pages from the same questions (test_url_sweep.py).
FILES = {name for name in PAGES if name.endswith(("_csv", "_xlsx"))}
# What pages read of an address's question.
ASKED = ("q", "sort", "page", "period", "as_of", "standing", "lacks", "show", "number", "agency", "since", "until")


def senders(name: str) -> list[str]:
    """Who asks a page, and sends to it where it takes anything."""
    page = PAGES[name]
    found = [one for one in SENDERS if one in page.may and one not in page.only_look]
    return found if LONG else found[:1]


def asked(number: int) -> dict[str, str]:
    """A question with something hostile in every word of it, and on to somewhere else."""
    return dict(zip(ASKED, HOSTILE[number % 20 :], strict=False)) | {"next": ELSEWHERE[number % len(ELSEWHERE)]}


def mails_after(last: int) -> list[composing.Words]:
    """The mails that were put into the outbox since, as they would be written."""
    found = []
    for one in Message.objects.filter(pk__gt=last):
        occasion = occasions.get(one.occasion)
        if context_of := occasion.contexts_of([one.key]).get(one.key):
            found.append(composing.words(occasion, context_of))
    return found


class Trying:
    """One person at the pages; whatever is sent is taken back."""

    def __init__(self, world, person: str):
        self.client, self.wrong, self.mails, self.asked = Client(), [], 0, 0
        self.person = person
        if world.people[person] is not None:
            self.client.force_login(world.people[person])
        self.session = SimpleCookie(self.client.cookies.output(header="", sep=";"))

    def ask(self, name: str, method: str, path: str, given=None):
        """The answer, or None where it is an error, which is noted."""
        self.client.cookies = SimpleCookie(self.session.output(header="", sep=";"))
        connection.queries_log.clear()
        self.asked += 1
        try:
            with transaction.atomic():
                before = Message.objects.aggregate(last=Max("pk"))["last"] or 0
                answer = getattr(self.client, method)(path, given or {}, headers={"Referer": AWAY})
                shown = state.body(answer)
                for said in mails_after(before) if method == "post" else ():
                    self.mails += 1
                    assert ("\n" in said.subject, TAG in said.html) == (False, False)
                    assert WORKED_OUT not in said.subject + said.text + said.html
                connection.check_constraints()  # those that would be looked at when it is kept
                transaction.set_rollback(True)
        except Exception as error:  # whatever it is, it is what is looked for
            self.wrong.append((name, self.person, method, repr(error)[:300]))
            return None
        if answer.status_code >= 500:
            self.wrong.append((name, self.person, method, answer.status_code))
        if urlsplit(answer.headers.get("Location", "").replace("\\", "/")).netloc not in ("", "testserver"):
            self.wrong.append((name, self.person, method, f"leads away, to {answer.headers['Location']}"))
        if "text/html" in answer.get("Content-Type", ""):
            self.wrong += [(name, self.person, method, tag[:200]) for tag in against_the_policy(shown)]
        if WORKED_OUT in shown or (TAG in shown and "text/html" in answer.get("Content-Type", "")):
            self.wrong.append((name, self.person, method, "what was typed was worked out, or is a tag"))
        return answer


def address(name: str, world) -> str:
    return of_allauth(name) if name in ALLAUTH else state.of_house(name, world.a)


def names_of(to: str, form: Sent) -> tuple[str, frozenset[str]]:
    """What tells a form from another: where it goes, and its fields."""
    return to, frozenset(form.values)


class Walk:
    """The way through all pages, in parts: what went wrong, what was sent, and how each form was made."""

    def __init__(self, built):
        self.built, self.made, self.sent, self.gone = built, {}, set(), {}
        self.trying: dict[str, Trying] = {}
        file = b"License,Name,Title,Date,Hours\nOAKLEY-1,Ona Oakley,Winter driving,2026-02-03,4\n"
        waiting, _ = imports.upload(by=built.a.ceo, body=built.a.agency, name="a.csv", data=file)
        left_out = NOT_SENT if LONG else NOT_SENT | FILES
        self.addresses = [(name, address(name, built)) for name in PAGES if name not in left_out]
        self.addresses.append(("training:import_detail", reverse("training:import_detail", args=[waiting.reference])))

    def go(self, part: int) -> list[Trying]:
        """Whoever tried something at the pages of a part, which are walked once."""
        if part not in self.gone:
            self.trying = self.gone[part] = {}
            with catching(self.made), time_machine.travel(clock.now(), tick=False):
                for number, (name, path) in list(enumerate(self.addresses))[part::PARTS]:
                    self.page(number, name, path)
        return list(self.gone[part].values())

    def page(self, number: int, name: str, path: str) -> None:
        """One page, by everybody who sends to it."""
        leave = reverse("account_logout")
        for person in senders(name):
            one = self.trying.setdefault(person, Trying(self.built, person))
            one.ask(name, "get", path, asked(number))
            page = one.ask(name, "get", path) if "POST" in PAGES[name].methods else None
            found = [(form.action or path, form) for form in forms_of(page)] if page else []
            new = [pair for pair in found if pair[0] != leave and (person, names_of(*pair)) not in self.sent]
            for to, form in new[:FORMS_OF_A_PAGE]:
                self.sent.add((person, names_of(to, form)))
                if LONG or len(self.sent) % 2:
                    one.ask(name, "post", to, form.with_words())
                for at in range(ROUNDS) if LONG or not len(self.sent) % 2 else ():
                    one.ask(name, "post", to, form.with_anything(number + 11 * at))


@pytest.fixture(scope="module")
def walk(built) -> Walk:
    return Walk(built)


def by_hand(world) -> dict[type, Made]:
    """Forms that none of the pages walked makes: of steps that come after another, and of classes that are to come."""
    house = world.a
    report = RecordReport.objects.filter(officer=house.officer).first()
    named = {
        second_factor.CodeForm: {"user": house.ceo},
        second_factor.StepUpCodeForm: {"user": house.ceo},
        second_factor.PasskeyForm: {"user": house.ceo},
        second_factor.StepUpPasskeyForm: {"user": house.ceo},
        second_factor.RenamePasskeyForm: {
            "instance": Authenticator(user=house.ceo, type="webauthn", data={"name": "a"})
        },
        ExceptionForm: {"pk": 1, "name": "Ona Oakley", "curriculum": selectors.curriculum()},
        CopyForm: {"body": house.agency},
        FactForm: {"fact": Fact("text", "A number", "", "7")},
        NewAccountForm: {"email": "new@else.example"},
        MergeForm: {"hold_both": True},
        OutsideDecideForm: {"report": report},
    }
    alone = every_form() - set(named)
    return {one: made_by_hand(one, **more) for one, more in [*named.items(), *((one, {}) for one in alone)]}


@in_parts
def test_page_answers_whatever_is_sent(walk, part, record_property):
    trying = walk.go(part)
    mails = sum(one.mails for one in trying)
    record_property("hostile", sum(one.asked for one in trying))
    record_property("hostile mails", mails)
    assert [wrong for one in trying for wrong in one.wrong] == []
    assert LONG or (len(walk.sent) > 80, mails > 2) == (True, True), (len(walk.sent), mails)


@in_parts
def test_form_refuses_or_takes_whatever_is_sent(walk, world, part, record_property):
    """Every form there is: it raises nothing, hands on nothing that it does not declare, and touches no more of a row
    than it shows."""
    for one in range(PARTS):
        walk.go(one)
    met, wrong = walk.made, []
    assert len(met) > 100
    request = RequestFactory().post("/")
    request.session, request.user = SessionStore(), world.a.ceo
    share = sorted(every_form(), key=lambda one: f"{one.__module__}.{one.__name__}")[part::PARTS]
    with context.request_context(request):
        for form in share:
            try:
                tried(met.get(form) or by_hand(world)[form])
            except Exception as error:  # whatever it is, it is what is looked for
                wrong.append((form.__name__, "".join(traceback.format_exception(error))[-1500:]))
    record_property("forms", len(share))
    record_property("examples", len(share) * EXAMPLES)
    assert not wrong, "\n".join(map(str, wrong))


def tried(made: Made) -> None:
    """One form, with what hypothesis thinks of."""
    first = made.again(QueryDict(), MultiValueDict())
    quick = settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize=not LONG,
    )  # fmt: skip

    @quick
    @given(data=data_for(first), files=files_for(first))
    def holds(data, files):
        form = made.again(data, files)
        before = model_to_dict(form.instance) if isinstance(form, forms.BaseModelForm) else {}
        with transaction.atomic():
            form.is_valid()
        str(form.errors)
        declared = {*form.fields, *form.base_fields}
        assert not set(getattr(form, "cleaned_data", {})) & (set(EXTRA) - declared)
        if before:
            after = model_to_dict(form.instance)
            assert {name for name in before if before[name] != after[name]} <= declared

    holds()


@pytest.mark.parametrize(
    "tag",
    [
        "<script>", '<script type="module">', "<style>", '<p class="a" style="color:red">', '<a onclick="x()">',
        '<a href="javascript:x()">', '<img src="https://evil.example/a.png">', '<link href="//evil.example/a.css">',
        '<form method="post" action="https://evil.example/">',
    ],
)  # fmt: skip
def test_tag_that_the_policy_forbids_is_found(tag):
    """Or the walk would prove nothing of it."""
    assert against_the_policy(f"<p>{tag}</p>") == [tag]


@pytest.mark.parametrize(
    "tag",
    ['<script src="/static/a.js">', '<script id="a" type="application/json">', '<a href="https://revisor.mo.gov/">',
     '<img src="data:image/png;base64,AA==">', "<p>on=1 style=2</p>"],
)  # fmt: skip
def test_tag_that_it_allows_is_not(tag):
    assert against_the_policy(tag) == []
