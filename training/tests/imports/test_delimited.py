"""Text tables as they come: in any encoding, divided by any sign, and what is no table at all."""

import codecs

import pytest

from training.imports import delimited, limits, reading
from training.imports.problems import Unreadable


def _rows(data: bytes) -> list:
    return [(number, list(row)) for number, row in reading.open_bytes(data, name="file").rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_in_any_encoding_is_read(encoding, end):
    text = f"name,title{end}Núñez,O’Hara’s class{end}"
    assert _rows(text.encode(encoding)) == [(1, ["name", "title"]), (2, ["Núñez", "O’Hara’s class"])]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiter_is_found_below_a_preamble(sign):
    lines = ["Printed May 5, 2025", "", sign.join(("id", "name", "hours"))]
    lines += [sign.join((str(i), '"Hill, Dana"', "1")) for i in range(5)]
    assert _rows("\n".join(lines).encode())[2:4] == [(3, ["id", "name", "hours"]), (4, ["0", "Hill, Dana", "1"])]


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        # Ragged rows with a comma in each name, a list in a note, one column alone, dashes that divide nothing.
        ("name\tcourse\thours\nHill, Dana\tEthics\t2\nOde, Ann\tLaw\t2\tlate\nLee, Bo\tLaw\t2\n", [3, 3, 4, 3]),
        ("a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", [3, 3, 3]),
        ("name\nHill\nOde\n", [1, 1, 1]),
        ("a|b\nx, y, z|1\nx, y|2\n", [2, 2, 2]),
        ("Printed by A, B, C, D, E and F\n\na;b;c\n1;2;3\n4;5;6\n", [1, 0, 3, 3, 3]),
        # Many lines above the table; one row alone; old line ends.
        ("Roster\nof\nthe\nnight\nshift\n\na;b;c\n1;2;3\n4;5;6\n", [1, 1, 1, 1, 1, 0, 3, 3, 3]),
        ("a;b", [2]),
        ("a;b\r1;2\r", [2, 2]),
        # Names with commas: one row has a note more, half of the rows have, some lack a cell.
        ("name;hours\n" + "Hill, Dana;2\n" * 4 + "Lee, Bo;1;late\n", [2] * 5 + [3]),
        ("name;hours\n" + "Hill, Dana, Sgt.;2\n" * 2 + "Lee, Bo, Cpl.;1;late\n" * 3, [2] * 3 + [3] * 3),
        ("Hill, Dana;Ethics;2\n" * 4 + "Lee, Bo;Law\n" * 2, [3] * 4 + [2] * 2),
        # Two divide alike: commas stand in names and in numbers, the others seldom do.
        ("Hill, Dana;2\nOde, Ann;1\n", [2, 2]),
        ("Hill, Dana|2\nOde, Ann|1\n", [2, 2]),
        # A long list in one cell alone.
        ("name,course,day\nHill,Ethics," + "; ".join("abcdefghijklm") + "\n", [3, 3]),
    ],
)
def test_delimiter_divides_most_rows_alike(text, widths):
    assert [len(row) for _, row in _rows(text.encode())] == widths


def test_a_few_stray_signs_are_text_and_more_are_no_table():
    assert _rows(b"a\x01\x02\x03\x04\x05,b\n1,2\n")[1] == (2, ["1", "2"])
    with pytest.raises(Unreadable, match=r"^This is not a table: the file is binary. Give a CSV or XLSX file.$"):
        _rows(b"a\x01\x02\x03\x04\x05\x06,b\n1,2\n")


@pytest.mark.parametrize("start", ["<html>", " \n<TABLE>", "<!DOCTYPE html>", '<?xml version="1.0"?>'])
def test_page_of_the_web_is_told_however_it_begins(start):
    with pytest.raises(Unreadable, match=r"^This is a web page or XML, not a table. Save it as CSV or XLSX and try"):
        _rows(f"{start},b\n1,2\n".encode())
    assert _rows(f"a {start.strip()},b\n1,2\n".encode())[1] == (2, ["1", "2"])


def test_blanks_before_a_page_of_the_web_do_not_hide_it():
    with pytest.raises(Unreadable, match=r"^This is a web page or XML, not a table."):
        _rows(b" " * 600 + b"<html>,b\n1,2\n")


def test_sign_of_binary_files_is_found_however_far_down():
    """PostgreSQL takes no text with it."""
    for data in (b"a,b\n1\x00,2\n", b"a,b\n" + b"1,2\n" * 20_000 + b"3\x00,4\n", b"ab\x00c"):
        with pytest.raises(Unreadable, match=r"^This is not a table: the file is binary. Give a CSV or XLSX file.$"):
            _rows(data)


def test_stray_signs_far_down_are_text():
    start = "\x01" * 5 + "a,b\n"
    filled = start + "x" * (limits.TEXT_TO_LOOK_AT - len(start))
    assert len(_rows(f"{filled}\x01,2\n".encode())) == 2
    with pytest.raises(Unreadable):
        _rows(f"{filled[:-1]}\x01,2\n".encode())


def test_letters_of_two_bytes_are_told_by_their_beginning():
    """U+0100 has its zero where the others have none; below what is looked at it is a letter like any other."""
    beginning = "a" * (limits.BYTES_TO_LOOK_FOR_ENCODING // 2)
    assert delimited.decode(f"{beginning}Ā".encode("utf-16-le")) == f"{beginning}Ā"
    both = f"{beginning[:-1]}Ā".encode("utf-16-le")
    assert delimited.decode(both) == both.decode()


def test_numbers_of_four_bytes_are_no_letters_of_two():
    data = b"\x02\x00\x00\x00" * 8
    assert delimited.decode(data) == data.decode()


def test_mark_at_the_beginning_is_no_letter_even_where_it_stands_twice():
    assert _rows(codecs.BOM_UTF8 * 2 + b"name,hours\n") == [(1, ["name", "hours"])]


def test_line_that_names_the_delimiter_wins_over_what_is_found():
    rows = _rows(b"sep=;\n" + b"a,b,c,d,e;f\n" * 20)
    assert rows == [(number, ["a,b,c,d,e", "f"]) for number in range(2, 22)]


def test_blank_lines_are_counted_from_the_first(monkeypatch):
    monkeypatch.setattr(limits, "MOST_BLANK_ROWS", 2)
    assert _rows(b"\n\na,b\n") == [(1, []), (2, []), (3, ["a", "b"])]


def test_empty_columns_are_no_columns_and_a_full_one_too_many_is_told():
    most = limits.MOST_COLUMNS
    assert [len(row) for _, row in _rows(b"a," * (most - 1) + b"a\n" + b"a," * most + b" \n")] == [most, most + 1]
    with pytest.raises(Unreadable) as refused:
        _rows(b"a,b\n" + b"a," * most + b"b\n")
    assert str(refused.value) == f"Row 2 has {most + 1} columns; at most {most} are read."


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('a,b\n1,2\n"Hill,2\nOde,3\nLee,4\n', 3),
        ('"Hill,2\nOde,3', 1),
        ('a,b\n1,"', 2),
        ('a,"\n', 1),
        ('"' + "x" * 140_000, 1),
    ],
)
def test_quotation_mark_that_is_never_closed_takes_no_row_in_silence(text, row):
    """What it opens goes on to the end: the rows below would be words of one cell, and the hours in them lost."""
    with pytest.raises(Unreadable) as refused:
        _rows(text.encode())
    assert str(refused.value) == f"Row {row} cannot be read: a quotation mark is opened there and never closed."


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_quotation_marks_that_are_closed_are_read_to_the_end(end):
    assert _rows(f'a,"b"\n6" barrel,"one ""two"""{end}'.encode())[:2] == [
        (1, ["a", "b"]), (2, ['6" barrel', 'one "two"']),
    ]  # fmt: skip


def test_line_that_names_the_delimiter_is_no_row():
    assert _rows(b"sep=;\na;b,c\n1;2\n") == [(2, ["a", "b,c"]), (3, ["1", "2"])]


def test_half_a_text_of_two_bytes_a_letter_is_told():
    with pytest.raises(Unreadable) as refused:
        _rows("name,hours".encode("utf-16")[:-1])
    assert str(refused.value) == "The file's text is damaged. Export it again, as CSV (UTF-8)."


def test_text_far_below_blank_lines_is_told_and_never_left_out(monkeypatch):
    monkeypatch.setattr(limits, "MOST_BLANK_ROWS", 3)
    blank = [(2, []), (3, []), (4, [])]
    assert _rows(b"a,b\n\n\n\nc,d\n\n") == [(1, ["a", "b"]), *blank, (5, ["c", "d"]), (6, [])]
    assert _rows(b"a,b" + b"\n" * 50) == [(1, ["a", "b"]), *blank]
    with pytest.raises(Unreadable) as refused:
        _rows(b"a,b\n\n\n\n\nc,d\n")
    assert str(refused.value) == (
        "Something stands in row 6, far below the rest. Delete the empty rows above it, and retry."
    )


def test_sign_inside_the_words_of_one_row_is_no_delimiter():
    text = (
        'License,Name,Missing\n40218,"Hill, Dana","Legal: 1 hour; Skill: 2 hours; Firearms: 1 hour; In all: 4; x; y"\n'
    )
    assert [len(row) for _, row in _rows(text.encode())] == [3, 3]


def test_quoted_line_break_is_one_row():
    assert _rows(b'a,b\n"one\ntwo",3\nx,4\n') == [(1, ["a", "b"]), (2, ["one\ntwo", "3"]), (3, ["x", "4"])]
