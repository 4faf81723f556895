"""Days and hours as people give them: also on the days when the clocks change, and across midnight."""

import datetime as dt

import pytest

from clee_portal.refusal import Refused
from training.class_plan import Meeting
from training.local_times import clock_change, meeting_of, moment_of, read_time

SPRING, FALL = dt.date(2027, 3, 14), dt.date(2027, 11, 7)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("08:00", (8, 0)), ("8 am", (8, 0)), ("8:30 A.M.", (8, 30)), ("12 p.m.", (12, 0)), ("12:15am", (0, 15)),
        ("10:00am", (10, 0)), ("1730", (17, 30)), ("noon", (12, 0)), ("midnight", (0, 0)), ("24:00", (0, 0)),
        ("18:00:00", (18, 0)), ("5p", (17, 0)),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text, time):
    assert read_time(text) == dt.time(*time)


@pytest.mark.parametrize("text", ["", "25:00", "8:60", "13 pm", "0 am", "soon", "8-5", "٨"])
def test_what_is_no_hour_is_refused(text):
    with pytest.raises(Refused, match="is not a time"):
        read_time(text)


def test_an_hour_that_does_not_exist_is_refused_with_what_to_give():
    with pytest.raises(Refused, match="does not exist") as refusal:
        moment_of(SPRING, dt.time(2, 30))
    assert "March 14, 2027" in refusal.value.message
    assert "2:30 AM" in refusal.value.message
    assert moment_of(SPRING, dt.time(1, 59)) == utc(2027, 3, 14, 7, 59)
    assert moment_of(SPRING, dt.time(3)) == utc(2027, 3, 14, 8)


def test_an_hour_that_comes_twice_asks_which():
    with pytest.raises(Refused, match="comes twice") as refusal:
        moment_of(FALL, dt.time(1, 30))
    assert refusal.value.field == "which"
    assert moment_of(FALL, dt.time(1, 30), "first").astimezone(dt.UTC) == utc(2027, 11, 7, 6, 30)
    assert moment_of(FALL, dt.time(1, 30), "second").astimezone(dt.UTC) == utc(2027, 11, 7, 7, 30)
    assert moment_of(FALL, dt.time(2)).astimezone(dt.UTC) == utc(2027, 11, 7, 8)


def test_a_meeting_may_pass_midnight():
    assert meeting_of(dt.date(2027, 1, 8), dt.time(22), dt.time(2)) == Meeting(utc(2027, 1, 9, 4), utc(2027, 1, 9, 8))
    assert meeting_of(dt.date(2027, 1, 8), dt.time(20), dt.time(0)).ends_at == utc(2027, 1, 9, 6)


def test_a_night_in_which_the_clocks_change_is_shorter_or_longer_and_says_so():
    spring = meeting_of(SPRING - dt.timedelta(days=1), dt.time(22), dt.time(6))
    fall = meeting_of(FALL - dt.timedelta(days=1), dt.time(22), dt.time(6))
    assert (spring.ends_at - spring.begins_at, fall.ends_at - fall.begins_at) == (
        dt.timedelta(hours=7),
        dt.timedelta(hours=9),
    )
    assert "forward an hour in that night: it lasts 7 hours" in clock_change(spring)
    assert "back an hour in that night: it lasts 9 hours" in clock_change(fall)
    assert clock_change(meeting_of(SPRING, dt.time(8), dt.time(17))) == ""


def test_hours_that_are_probably_before_and_after_noon_are_asked_for():
    with pytest.raises(Refused, match="is 21 hours") as refusal:
        meeting_of(dt.date(2027, 1, 8), dt.time(8), dt.time(5))
    assert refusal.value.field == "ends"
