"""A history that is sealed, and somebody who may do everything to it."""

import pytest
from django.db import connection

from clee_portal.history.sealing import keys
from training.tests import factories


@pytest.fixture
def kept(tmp_path, settings):
    """A key, and a folder on another machine."""
    settings.SEALING_KEY, folder = str(tmp_path / "key.pem"), tmp_path / "kept"
    keys.make(tmp_path / "key.pem")
    settings.SEAL_DESTINATIONS = [folder.as_uri()]
    return folder


@pytest.fixture
def officers():
    return [factories.officer(name=f"Dana {name}", issued_on=None) for name in ("Abbott", "Bell", "Cole")]


@pytest.fixture
def tampering(as_owner):
    """As the owner, with every trigger of the tables named switched off; nothing that a superuser could not do."""

    def tamper(*statements: tuple[str, list], tables=("training_officerevent",)):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement, params in statements:
                cursor.execute(statement, params)
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return tamper
