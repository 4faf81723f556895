"""Calendars of other makers, read to events: what is broken is said at its event and stops nothing."""

import datetime as dt
import io

import pytest
from openpyxl import Workbook

from training.imports import calendar_table, ics
from training.imports.problems import Unreadable
from training.imports.reading import open_bytes

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
HEAD, TAIL = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//made up//EN\r\n", "END:VCALENDAR\r\n"


def event(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", ""))


def read(*parts: str, now=NOW):
    return ics.read((HEAD + "".join(parts) + TAIL).encode(), now)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


def test_an_event_is_read_whole():
    [one] = read(
        event(
            "UID:a1", "DTSTART:20270115T140000Z", "DTEND:20270115T180000Z", "SUMMARY:Traffic  stops\\, part 1",
            "LOCATION:Main hall\\, 1 College Way\\, Columbia MO 65201-1234", "DESCRIPTION:Bring a vest",
            "STATUS:CONFIRMED",
        )
    )  # fmt: skip
    assert (one.uid, one.title, one.begins_at, one.ends_at) == (
        "a1",
        "Traffic stops, part 1",
        utc(2027, 1, 15, 14),
        utc(2027, 1, 15, 18),
    )
    assert (one.place, one.address, one.city, one.zip_code) == (
        "Main hall",
        "1 College Way, Columbia MO 65201-1234",
        "Columbia",
        "65201",
    )
    assert (one.note, one.day, one.begins, one.ends, one.wrong) == ("Bring a vest", "2027-01-15", "08:00", "12:00", "")


def test_a_time_without_a_zone_is_missouris():
    [one] = read(event("UID:a", "DTSTART:20270715T080000", "DURATION:PT4H", "SUMMARY:x"))
    assert (one.begins_at, one.ends_at) == (utc(2027, 7, 15, 13), utc(2027, 7, 15, 17))


def test_a_zone_of_the_makers_own_is_followed():
    zone = "\r\n".join(
        (
            "BEGIN:VTIMEZONE", "TZID:Our Town", "BEGIN:STANDARD", "DTSTART:20001029T020000",
            "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "END:STANDARD",
            "BEGIN:DAYLIGHT", "DTSTART:20000402T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "TZOFFSETFROM:-0500",
            "TZOFFSETTO:-0400", "END:DAYLIGHT", "END:VTIMEZONE", "",
        )
    )  # fmt: skip
    winter = event("UID:w", "DTSTART;TZID=Our Town:20270115T090000", "DTEND;TZID=Our Town:20270115T100000", "SUMMARY:w")
    summer = event("UID:s", "DTSTART;TZID=Our Town:20270715T090000", "DTEND;TZID=Our Town:20270715T100000", "SUMMARY:s")
    assert [one.begins_at for one in read(zone, winter, summer)] == [utc(2027, 1, 15, 14), utc(2027, 7, 15, 13)]


def test_a_repeated_event_is_read_date_by_date_over_the_change_of_the_clocks():
    found = read(
        event(
            "UID:r", "DTSTART;TZID=America/Chicago:20270301T180000", "DTEND;TZID=America/Chicago:20270301T210000",
            "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=America/Chicago:20270308T180000", "SUMMARY:Evening",
        ),
        event(
            "UID:r", "RECURRENCE-ID;TZID=America/Chicago:20270322T180000",
            "DTSTART;TZID=America/Chicago:20270323T180000", "DTEND;TZID=America/Chicago:20270323T210000",
            "SUMMARY:Evening",
        ),
    )  # fmt: skip
    assert [one.begins_at for one in found] == [utc(2027, 3, 2), utc(2027, 3, 15, 23), utc(2027, 3, 23, 23)]
    assert {one.repeats for one in found} == {"r"}
    assert [one.uid.startswith("r#") for one in found] == [True] * 3
    assert len({one.uid for one in found}) == 3


def test_a_repeated_event_without_an_end_is_read_for_a_year():
    found = read(
        event("UID:r", "DTSTART:20261201T180000", "DTEND:20261201T210000", "RRULE:FREQ=WEEKLY", "SUMMARY:Evening")
    )
    assert len(found) == 52
    assert found[-1].begins_at < NOW + dt.timedelta(days=366)


def test_whole_days_ask_for_their_hours_and_are_the_meetings_of_one_class():
    found = read(event("UID:d", "DTSTART;VALUE=DATE:20270105", "DTEND;VALUE=DATE:20270108", "SUMMARY:Rifle"))
    assert [(one.day, one.repeats, one.is_joined, one.begins_at) for one in found] == [
        (f"2027-01-0{number}", "d", True, None) for number in (5, 6, 7)
    ]
    assert {one.wrong for one in found} == {"It is of the whole day: a class has hours."}
    [one] = read(event("UID:e", "DTSTART;VALUE=DATE:20270105", "SUMMARY:Rifle"))
    assert (one.uid, one.repeats, one.day) == ("e", "", "2027-01-05")


def test_an_event_over_several_days_is_divided_and_asks():
    found = read(event("UID:l", "DTSTART:20270105T080000", "DTEND:20270107T170000", "SUMMARY:Rifle"))
    assert [(one.day, one.begins, one.ends, one.is_joined) for one in found] == [
        (f"2027-01-0{number}", "08:00", "17:00", True) for number in (5, 6, 7)
    ]
    assert found[0].wrong == "It lasts 57 hours without a break."


def test_across_midnight():
    [one] = read(event("UID:m", "DTSTART:20270105T220000", "DTEND:20270106T020000", "SUMMARY:Night"))
    assert (one.wrong, one.begins_at, one.ends_at) == ("", utc(2027, 1, 6, 4), utc(2027, 1, 6, 8))


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (("DTSTART:INVALID-DATE",), "When it begins cannot be read (“INVALID-DATE”)."),
        ((), "When it begins cannot be read."),
        (("DTSTART:20270105T080000Z", "DURATION:P999999999999999999W"), "How long it lasts cannot be read."),
        (("DTSTART:20270105T080000Z", "DTEND:soon"), "How long it lasts cannot be read."),
        (("DTSTART:20270105T080000Z",), "It does not say when it ends."),
        (("DTSTART:20270314T023000", "DTEND:20270314T043000"), "2:30 AM does not exist"),
        (("DTSTART:20270105T080000Z", "DTEND:20270105T090000Z", "RRULE:FREQ=NEVER"), "How it is repeated cannot be"),
    ],
)
def test_what_is_broken_is_said_at_its_event_and_the_good_ones_are_read(lines, wrong):
    good = event("UID:good", "DTSTART:20270110T140000Z", "DTEND:20270110T180000Z", "SUMMARY:Good")
    found = read(event("UID:broken", *lines, "SUMMARY:Broken"), good)
    assert [(one.uid, bool(one.wrong)) for one in found] == [("good", False), ("broken", True)]
    assert wrong in found[1].wrong
    assert found[1].fix


def test_names_of_any_length_are_told_apart():
    long = "x" * 300
    found = read(
        event(f"UID:{long}1", "DTSTART:20270110T140000Z", "DTEND:20270110T180000Z", f"SUMMARY:{'A long title ' * 100}"),
        event(f"UID:{long}2", "DTSTART:20270111T140000Z", "DTEND:20270111T180000Z", "SUMMARY:B"),
        event("DTSTART:20270112T140000Z", "DTEND:20270112T180000Z", "SUMMARY:No name"),
    )
    assert len({one.uid for one in found}) == 3
    assert max(len(one.uid) for one in found) <= 255
    assert len(found[0].title) == 1000


def test_cancelled_there_is_known():
    [one] = read(event("UID:c", "DTSTART:20270110T140000Z", "DTEND:20270110T180000Z", "STATUS:CANCELLED", "SUMMARY:C"))
    assert one.is_cancelled


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xef\xbb\xbfBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "holds no event"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "no calendar that can be read"),
        ((HEAD + event("UID:o", "DTSTART:20200110T140000Z", "DTEND:20200110T180000Z") + TAIL).encode(), "is over"),
    ],
)
def test_a_file_with_nothing_to_bring_in_says_so(data, words):
    assert ics.looks_like(data)
    with pytest.raises(Unreadable, match=words):
        ics.read(data, NOW)


def table(*rows: str):
    return calendar_table.read(open_bytes("\n".join(rows).encode(), name="classes.csv"), NOW.date())


def test_a_table_is_read_row_by_row():
    found = table(
        "Our calendar of 2027",
        "Course,Date,Start time,End time,Location,Zip,Max,Cost,Instructor",
        "Traffic stops,1/15/2027,8:00 am,noon,Main hall,65201,20,$45,D. Whitlock",
        "Traffic stops,2027-03-14,2:30 AM,5 AM,Main hall,65201,20,free,",
        'Patrol rifle,"February 20-22, 2027",8-5 pm,,,,,,',
        '"Interviews","January 30 - February 1, 2027",8 am,noon,,,,,',
        "Interviews,March 5-7,8 am,noon,,,,,",
        "Interviews,March 5,8:00 am,noon,,,,,",
        "Interviews,2027-03-05,,,,,,,",
        ",2027-03-05,8 am,noon,,,,,",
        "Interviews,2027-03-06,8 am,noon,,00000,,,",
        "Interviews,2027-03-07,8 am,noon,,,many,,",
    )
    ok = found[0]
    assert (ok.number, ok.title, ok.begins_at, ok.ends_at) == (
        3,
        "Traffic stops",
        utc(2027, 1, 15, 14),
        utc(2027, 1, 15, 18),
    )
    assert (ok.capacity, str(ok.fee), ok.city, ok.instructors) == (20, "45.00", "Columbia", "D. Whitlock")
    assert [(one.number, one.wrong[:32]) for one in found[1:]] == [
        (4, "On March 14, 2027 the clocks go "),
        (5, ""),
        (5, ""),
        (5, ""),
        (6, ""),
        (6, ""),
        (6, ""),
        (7, "“March 5-7” has no year."),
        (8, "“March 5” has no year."),
        (9, "It does not say from when to whe"),
        (10, "It names no course."),
        (11, "The post office knows no ZIP cod"),
        (12, "“many” is not a number of seats."),
    ]
    assert [(one.day, one.is_joined) for one in found[2:5]] == [(f"2027-02-{number}", True) for number in (20, 21, 22)]
    assert all(one.fix for one in found if one.wrong)


def test_a_row_given_twice_is_one_and_an_id_names_it():
    found = table(
        "id,title,date,from,to", "7,A,2027-01-05,8 am,noon", "7,A,2027-01-06,8 am,noon",
        ",B,2027-01-05,8 am,noon", ",B,2027-01-05,8 am,noon",
    )  # fmt: skip
    assert found[0].uid == "id:7"
    assert len(found) == 2


def test_a_workbook_is_a_table_too():
    book = Workbook()
    book.active.append(["Title", "Date", "From", "To"])
    book.active.append(["Rifle", dt.date(2027, 1, 5), dt.time(8), dt.time(17)])
    out = io.BytesIO()
    book.save(out)
    [one] = calendar_table.read(open_bytes(out.getvalue(), name="x.xlsx"), NOW.date())
    assert (one.begins_at, one.ends_at, one.wrong) == (utc(2027, 1, 5, 14), utc(2027, 1, 5, 23), "")


@pytest.mark.parametrize("text", ["a,b\n1,2", "title,place\nA,B", "title,date"])
def test_a_table_without_what_is_needed_says_so(text):
    with pytest.raises(Unreadable):
        table(*text.split("\n"))
