"""Mail of the demonstration: with no mail server set it ends on a page, and nothing leaves the machine."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.urls import reverse

from notifications.models import DemonstrationMessage

pytestmark = pytest.mark.django_db

BACKEND = "notifications.demonstration.DemonstrationBackend"


@pytest.fixture
def shown(client, settings):
    """Gets the page, as it is beside the embedded servers."""
    settings.IS_DEMONSTRATION, settings.EMAIL_BACKEND = True, BACKEND

    def get(**parameters):
        return client.get(reverse("notifications:demonstration_mail"), parameters)

    return get


def send(subject="Your reminder", text="Three hours are missing.", html="", to=("renee@example.org",)):
    message = EmailMultiAlternatives(subject, text, "post@example.org", list(to))
    if html:
        message.attach_alternative(html, "text/html")
    assert message.send() == 1


def test_page_exists_in_the_demonstration_only(client, settings):
    settings.IS_DEMONSTRATION = False
    send()
    response = client.get(reverse("notifications:demonstration_mail"))
    assert response.status_code == 404
    assert "Three hours" not in response.content.decode()


def test_page_is_open_without_signing_in(shown):
    send()
    response = shown()
    assert response.status_code == 200
    assert "Mail of the demonstration" in response.content.decode()


def test_nothing_leaves_the_machine(shown):
    send()
    assert len(mail.outbox) == 0
    assert DemonstrationMessage.objects.count() == 1


def test_page_without_mail_says_so(shown):
    assert "The demonstration has sent no mail yet" in shown().content.decode()


def test_message_shows_to_from_subject_text_and_links(shown):
    send(text="Choose a password:\n\nhttp://localhost:8000/accounts/password/reset/key/1-abc/\n")
    text = shown().content.decode()
    assert "renee@example.org" in text
    assert "post@example.org" in text
    assert "Your reminder" in text
    assert 'href="http://localhost:8000/accounts/password/reset/key/1-abc/"' in text


def test_newest_comes_first_and_twenty_a_page(shown):
    for number in range(21):
        send(subject=f"Message {number}")
    first, second = shown(), shown(page=2)
    assert [one.subject for one in first.context["page_obj"]] == [f"Message {n}" for n in range(20, 0, -1)]
    assert [one.subject for one in second.context["page_obj"]] == ["Message 0"]
    assert "21 messages of the demonstration" in first.content.decode()
    assert [one.subject for one in shown(page=9).context["page_obj"]] == ["Message 0"]


def test_html_is_shown_as_text_and_only_where_there_is_no_text(shown):
    send(text="Plain words.", html="<p>Rich words.</p>")
    assert "Rich words" not in shown().content.decode()
    send(text="", html="<script>alert(1)</script><p>Rich words.</p>")
    text = shown().content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text


def test_subject_and_text_are_never_markup(shown):
    send(subject="<b>Bold</b>", text="<img src=x onerror=alert(1)>")
    text = shown().content.decode()
    assert "<b>Bold</b>" not in text
    assert "<img src=x" not in text


def test_message_to_nobody_is_not_kept(shown):
    assert EmailMessage("Lost", "Nobody reads this.", "post@example.org", []).send() == 0
    assert DemonstrationMessage.objects.count() == 0


def test_same_number_of_statements_for_one_and_for_twenty(shown, django_assert_num_queries):
    send()
    with django_assert_num_queries(2):
        shown()
    for _ in range(19):
        send()
    with django_assert_num_queries(2):
        shown()


def test_mail_to_one_address_is_found(shown):
    send(subject="To Renee")
    send(subject="To Theo", to=("newcomer@demo.example.org",))
    text = shown(to="NEWCOMER@").content.decode()
    assert ("To Theo" in text, "To Renee" in text) == (True, False)
    assert "1 message of the demonstration to NEWCOMER@, newest first" in text
    text = shown(to="nobody@").content.decode()
    assert "The demonstration has sent no mail to nobody@" in text
    assert 'value="nobody@"' in text
