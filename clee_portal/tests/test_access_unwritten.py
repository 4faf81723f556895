"""Where the record of access cannot be written the page is shown, and the log says what was not written."""

import json
import logging
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from training.tests import factories


@pytest.mark.django_db(transaction=True)
def test_page_is_shown_and_the_log_says_so_where_it_cannot_be_written(client, as_owner, caplog):
    user = factories.post_staff()
    officer = factories.officer(factories.agency(), license_number="38120", name="Dana Whitlock")
    client.force_login(user)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE history_access RENAME TO history_access_away")
    try:
        with caplog.at_level(logging.ERROR):
            response = client.get(reverse("compliance:officer_standing", args=["38120"]))
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE history_access_away RENAME TO history_access")
    assert (response.status_code, officer.last_name in response.content.decode()) == (200, True)
    (entry,) = [one for one in caplog.records if "could not be written" in one.message]
    assert "38120" not in entry.getMessage()
    told = StringIO()
    call_command("open_sealed", entry.getMessage().rpartition(" ")[2], stdout=told)
    words = json.loads(told.getvalue())
    assert (words["license_number"], words["acting_as"], words["by"]) == ("38120", "POST staff", str(user))
