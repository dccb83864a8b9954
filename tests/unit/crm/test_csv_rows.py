"""Any file is read row by row in bounded memory, with errors by line."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.csv_rows import MAX_COLUMNS, MAX_ROW, CsvProblem, CsvRow, count_lines, read_rows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def _rows(file: Path, content: bytes) -> list[CsvRow]:
    file.write_bytes(content)
    count_lines(file)
    return list(read_rows(file))


def _cells(file: Path, content: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in _rows(file, content)]


def test_quotes_line_breaks_and_doubled_quotes_are_read(file: Path) -> None:
    rows = _rows(file, b'name,note\n"D\xc3\xadaz, Ann","say ""hi""\nthen go"\nBen,x\n')
    assert rows == [
        CsvRow(line=1, cells=("name", "note")),
        CsvRow(line=2, cells=("Díaz, Ann", 'say "hi"\nthen go')),
        CsvRow(line=4, cells=("Ben", "x")),
    ]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_what_spreadsheets_save_is_read(
    file: Path, mark: bytes, end: bytes, delimiter: bytes
) -> None:
    content = mark + end.join([delimiter.join([b"name", b"phone"]), delimiter.join([b"A", b"1"])])
    assert _cells(file, content) == [("name", "phone"), ("A", "1")]


def test_blank_lines_are_left_out_and_still_counted(file: Path) -> None:
    assert [row.line for row in _rows(file, b"name,x\n\n , \nAnn,1\n\n")] == [1, 4]


def test_a_quote_inside_an_unquoted_text_opens_nothing(file: Path) -> None:
    assert _cells(file, b'name\nBob 5" pipe\nAl 6" pipe\n') == [
        ("name",),
        ('Bob 5" pipe',),
        ('Al 6" pipe',),
    ]


def test_a_quote_that_is_never_closed_costs_its_own_row_alone(file: Path) -> None:
    rows = _rows(file, b'name,note\nAnn,"lost\nBen,fine\nChi,also fine\n')
    assert "not closed" in rows[1].problem
    assert [(row.line, row.cells) for row in rows[2:]] == [
        (3, ("Ben", "fine")),
        (4, ("Chi", "also fine")),
    ]


def test_a_file_of_open_quotes_is_read_to_its_end(file: Path) -> None:
    rows = _rows(file, b"name\n" + b'"x\n' * 999)
    assert len(rows) >= 500
    assert rows[-1].problem


def test_a_row_of_a_megabyte_is_refused_and_the_next_one_read(file: Path) -> None:
    rows = _rows(file, b"name\n" + b"x" * (1 << 20) + b"\nAnn\n" + b"y" * (3 << 20))
    assert [bool(row.problem) for row in rows] == [False, True, False, True]
    assert [row.line for row in rows] == [1, 2, 3, 4]


def test_a_quoted_field_of_a_megabyte_is_refused_and_reading_goes_on(file: Path) -> None:
    field = b'"' + b"many words\n" * 100_000 + b'"'
    rows = _rows(file, b"name,note\nAnn," + field + b"\nBen,fine\n")
    assert rows[1].problem
    assert rows[-1].cells == ("Ben", "fine")


def test_a_row_just_at_the_limit_is_taken(file: Path) -> None:
    rows = _rows(file, b"name\n" + b"x" * (MAX_ROW - 1) + b"\nAnn\n")
    assert not rows[1].problem
    assert rows[2].cells == ("Ann",)


def test_a_nul_and_too_many_columns_are_errors_of_their_row(file: Path) -> None:
    rows = _rows(file, b"name\nA\x00b\n" + b"," * MAX_COLUMNS + b"x\nAnn\n")
    assert "NUL" in rows[1].problem
    assert "columns" in rows[2].problem
    assert rows[3].cells == ("Ann",)


def test_other_line_separators_of_unicode_stay_in_their_field(file: Path) -> None:
    text = "name,note\nAnn,a\u2028b\x0bc\n"
    assert _cells(file, text.encode())[1] == ("Ann", "a\u2028b\x0bc")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"name\nAnn\nD\xedaz\n", 3),
        ("name\nAnn".encode("utf-16"), 1),
        (b"name\n\xe4\xbd", 2),
        (b"name\n" + b"\xf0\x9f\x98\n", 2),
        (b"name\n" + b"x" * (1 << 20) + b"\n\xff", 3),
    ],
)
def test_another_encoding_is_one_clear_error_with_its_line(
    file: Path, content: bytes, line: int
) -> None:
    file.write_bytes(content)
    with pytest.raises(CsvProblem, match=rf"not UTF-8 text \(line {line}\)"):
        count_lines(file)


def test_a_character_cut_by_a_chunk_of_reading_is_whole(file: Path) -> None:
    file.write_bytes(b"x" * ((1 << 20) - 1) + "é🙂".encode() * 300_000 + b"\n")
    assert count_lines(file) == 1


def test_lines_are_counted_with_and_without_a_last_newline(file: Path) -> None:
    for content, lines in ((b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2)):
        file.write_bytes(content)
        assert count_lines(file) == lines


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CsvProblem, match=r"missing.csv cannot be read"):
        count_lines(tmp_path / "missing.csv")


_CELL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)


@given(rows=st.lists(st.lists(_CELL, min_size=2, max_size=4), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_a_csv_writer_wrote_is_read_back(file: Path, rows: list[list[str]]) -> None:
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    read = _cells(file, out.getvalue().encode())
    assert read[1:] == [tuple(row) for row in rows if any(cell.strip() for cell in row)]


@given(content=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_bytes_make_it_fail_otherwise(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        lines = count_lines(file)
    except CsvProblem:
        return
    rows = list(read_rows(file))
    assert all(1 <= row.line <= lines for row in rows)
    assert all(bool(row.cells) != bool(row.problem) for row in rows)


@given(content=st.text(alphabet='a,"\n;', max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_rows_are_split_as_the_standard_reader_splits_them(file: Path, content: str) -> None:
    expected = [
        tuple(row)
        for row in csv.reader(StringIO("x,y,z\n" + content + "\n", newline=""))
        if any(cell.strip() for cell in row)
    ]
    rows = _rows(file, b"x,y,z\n" + content.encode())
    if not any(row.problem for row in rows):
        assert [row.cells for row in rows] == expected
