"""The state of a license on a day and what does not fit in its course, at the edges of each; without a database."""

import datetime as dt

import pytest

from training.licensing import EventFact, LicenseState, LicenseStatus, misfits, state_on


def event(kind, on, year=None):
    return EventFact(kind, dt.date.fromisoformat(on), year)


ISSUED = event("issued", "2010-05-01")
SUSPENDED = event("suspended", "2020-02-01")
ENDED = event("suspension_ended", "2020-06-01")
INACTIVE_FOR_19, INACTIVE_FOR_18 = (
    event("made_inactive", "2020-04-01", 2019),
    event("made_inactive", "2020-05-01", 2018),
)


def state(status, since=None, *years):
    return LicenseState(LicenseStatus(status), since and dt.date.fromisoformat(since), years)


@pytest.mark.parametrize(
    ("events", "day", "expected"),
    [
        ([], "2020-01-01", state("no license")),
        ([ISSUED], "2010-04-30", state("no license")),
        ([ISSUED], "2010-05-01", state("active", "2010-05-01")),
        # A license that is held is not issued again: it is held since the first.
        ([ISSUED, event("issued", "2012-01-01")], "2020-01-01", state("active", "2010-05-01")),
        ([ISSUED, event("upgraded", "2012-01-01")], "2020-01-01", state("active", "2010-05-01")),
        ([ISSUED, SUSPENDED], "2020-01-31", state("active", "2010-05-01")),
        ([ISSUED, SUSPENDED], "2020-02-01", state("suspended", "2020-02-01")),
        ([ISSUED, SUSPENDED, ENDED], "2020-05-31", state("suspended", "2020-02-01")),
        ([ISSUED, SUSPENDED, ENDED], "2020-06-01", state("active", "2010-05-01")),
        ([ISSUED, INACTIVE_FOR_19], "2020-04-01", state("inactive", "2020-04-01", 2019)),
        ([ISSUED, INACTIVE_FOR_19, INACTIVE_FOR_18], "2020-06-01", state("inactive", "2020-04-01", 2018, 2019)),
        ([ISSUED, INACTIVE_FOR_19, INACTIVE_FOR_18, event("reinstated", "2020-07-01", 2019)], "2020-07-01",
         state("inactive", "2020-05-01", 2018)),
        ([ISSUED, INACTIVE_FOR_19, event("reinstated", "2020-07-01", 2019)], "2020-07-01",
         state("active", "2010-05-01")),
        ([ISSUED, event("reinstated", "2020-07-01", 2019)], "2020-07-01", state("active", "2010-05-01")),
        ([ISSUED, SUSPENDED, INACTIVE_FOR_19], "2020-05-01", state("suspended", "2020-02-01", 2019)),
        ([ISSUED, SUSPENDED, INACTIVE_FOR_19, event("expired", "2020-08-01")], "2020-08-01",
         state("expired", "2020-08-01")),
        ([ISSUED, event("revoked", "2020-08-01")], "2020-08-02", state("revoked", "2020-08-01")),
        ([ISSUED, event("surrendered", "2020-08-01")], "2020-08-02", state("surrendered", "2020-08-01")),
        # Issued anew it begins anew.
        ([ISSUED, SUSPENDED, INACTIVE_FOR_19, event("expired", "2020-08-01"), event("issued", "2021-01-01")],
         "2021-01-01", state("active", "2021-01-01")),
    ],
)  # fmt: skip
def test_state_of_a_license(events, day, expected):
    found = state_on(events, dt.date.fromisoformat(day))
    assert found == expected


def test_what_is_held_and_what_may_serve():
    flags = {
        one: (LicenseState(one, None).is_held, LicenseState(one, None).may_hold_commission) for one in LicenseStatus
    }
    assert flags == {
        LicenseStatus.ACTIVE: (True, True),
        LicenseStatus.SUSPENDED: (True, False),
        LicenseStatus.INACTIVE: (True, False),
        **dict.fromkeys(["no license", "expired", "revoked", "surrendered"], (False, False)),
    }


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([ISSUED, SUSPENDED, ENDED, event("expired", "2021-01-01"), event("issued", "2022-03-09")], []),
        ([event("basic_training_completed", "2009-01-01"), ISSUED], []),
        ([ISSUED, event("issued", "2012-01-05")],
         ["A license was held already on January 5, 2012, so none was issued."]),
        ([ISSUED, event("revoked", "2012-01-05"), event("issued", "2013-02-01")],
         ["The license was revoked before February 1, 2013, for good: no new one follows it."]),
        ([ISSUED, event("surrendered", "2012-01-05"), event("issued", "2013-02-01")],
         ["The license was surrendered before February 1, 2013, for good: no new one follows it."]),
        ([SUSPENDED], ["No license was held on February 1, 2020, so nothing could happen to it."]),
        ([ISSUED, SUSPENDED, event("suspended", "2020-03-01")],
         ["The license was suspended already on March 1, 2020."]),
        ([ISSUED, ENDED], ["The license was not suspended on June 1, 2020, so no suspension ended."]),
        ([ISSUED, event("expired", "2012-01-05"), event("basic_training_completed", "2012-02-01"),
          event("upgraded", "2012-03-01"), ENDED],
         ["No license was held on March 1, 2012, so nothing could happen to it.",
          "No license was held on June 1, 2020, so nothing could happen to it."]),
        ([ISSUED, event("upgraded", "2012-03-01"), event("made_inactive", "2020-04-01", 2019),
          event("reinstated", "2020-05-01", 2019)], []),
    ],
)  # fmt: skip
def test_what_does_not_fit(events, found):
    assert misfits(events) == found
