"""An agency with three officers, for the tests of classes."""

import pytest

from training.tests import factories as make


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def three(agency):
    return [
        make.officer(agency, name=name, license_number=number)
        for name, number in (("Renee Abbott", "38120"), ("Marcus Calloway", "40218"), ("Patrick Dwyer", "29944"))
    ]
