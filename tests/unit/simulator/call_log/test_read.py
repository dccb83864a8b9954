"""Whole logs: what is broken is counted and told, the rest is read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from router.core.catalog import SECOND
from simulator.call_log import read as module
from simulator.call_log.mapping import ANONYMOUS_BANK, Columns, Mapping
from simulator.call_log.model import CallLog, LogError
from simulator.call_log.read import read_log

HEADER = "arrived_at,waited,talk,outcome,agent"
GOOD = "1999-02-01T08:00:{:02},5,60,answered,ann"


def log(path: Path, *rows: str | bytes) -> Path:
    lines = [row.encode() if isinstance(row, str) else row for row in (HEADER, *rows)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_broken_rows_are_reported_by_line_and_cost_nothing_but_themselves(tmp_path: Path) -> None:
    path = log(
        tmp_path / "log",
        GOOD.format(1),
        "",
        b"\xff\xfe,5,60,answered,ann",
        b"1999-02-01T08:00:00,\x00,60,answered,ann",
        "x" * 20_000,
        '"1999-02-01T08:00:00,5,60,answered,ann',
        "1999-02-01T08:00:00,5",
        "1999-02-01T08:00:00,-5,60,answered,ann",
        "1999-02-01T08:00:00,90000,60,answered,ann",
        "1869-02-01T08:00:00,5,60,answered,ann",
        "1999-02-01T08:00:00,5,60,sold,ann",
        "1999-02-01T08:00:00,5,60,ignored,ann",
        GOOD.format(2),
    )
    found = read_log(path)
    assert (len(found.calls), found.rows, found.ignored, found.dropped) == (2, 12, 1, 9)
    assert [(one.line, one.reason) for one in found.problems] == [
        (4, "the line is not UTF-8"),
        (5, "the line has NUL bytes in it"),
        (6, "the line is longer than 16 kB"),
        (7, "a quote is not closed on its line"),
        (8, "the row has fewer columns than the header"),
        (9, "the wait lasts less than nothing"),
        (10, "the wait lasts longer than 24 hours"),
        (11, "a year is not within 1970 to 2100"),
        (12, "the outcome is a word that the mapping does not have"),
    ]
    assert str(found.problems[-1]).endswith("(sold)")
    assert sum(found.problem_counts.values()) == 9


def test_of_each_problem_the_first_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    found = read_log(log(tmp_path / "log", GOOD.format(1), *["nonsense,,,,"] * 500))
    assert found.dropped == 500
    assert len(found.problems) == module.SHOWN
    assert found.problem_counts == {"a time is not an ISO 8601 timestamp": 500}


def test_rows_out_of_order_are_put_in_order_and_ids_may_repeat(tmp_path: Path) -> None:
    found = read_log(log(tmp_path / "log", *(GOOD.format(s) for s in (9, 3, 7, 3))))
    assert [call.line for call in found.calls] == [3, 5, 4, 2]


def test_days_without_a_call_are_only_a_gap(tmp_path: Path) -> None:
    later = GOOD.format(1).replace("1999-02", "1999-09")
    first, last = read_log(log(tmp_path / "log", GOOD.format(1), later)).calls
    assert last.queued_at - first.queued_at == 212 * 86_400 * SECOND


def test_a_header_alone_is_a_log_without_calls(tmp_path: Path) -> None:
    assert read_log(log(tmp_path / "log")) == CallLog(
        name="log",
        mapping="one row per call",
        clock="Times without a zone are taken as written; those with one are in UTC.",
        calls=(),
        rows=0,
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no header"),
        (b"\n\n", "no header"),
        (b"\x7fELF\x00\x01\x02\n", "does not look like"),
        (bytes(range(256)) * 100, "does not look like"),
        (b"\xff\xd8\xff\xe0 picture", "not UTF-8"),
        (b"x" * 100_000, "does not look like"),
        (b"name,address\nann,here\n", "fits neither"),
        (b"," * 5_000 + b"\n", "columns"),
        (b'arrived_at,"waited,talk\n', "quote"),
        (b"\x1f\x8bnot really packed", "cannot be read"),
        (gzip.compress(b"", mtime=0)[:-4], "cannot be read"),
        (HEADER.encode() + b"\nnothing\nto\nuse\n", "none of its 3 rows"),
    ],
)
def test_what_is_no_call_log_is_one_clear_error(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(LogError, match=told):
        read_log(path)


def test_a_mapping_that_does_not_fit_names_what_it_misses(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"vru_entry.*q_time.*date"):
        read_log(log(tmp_path / "log", GOOD.format(1)), ANONYMOUS_BANK)


def test_a_packed_log_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = log(tmp_path / "log", *(f"{GOOD.format(i % 60)}{i * 7919 % 997}" for i in range(9_000)))
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(whole.read_bytes())[:-2_000])
    found = read_log(path)
    assert 1_000 < len(found.calls) < 9_000
    (problem,) = [one for one in found.problems if not one.dropped]
    assert "cut off" in problem.reason
    assert problem.line == found.rows + 2


def test_more_rows_than_allowed_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 3)
    found = read_log(log(tmp_path / "log", *(GOOD.format(s) for s in range(5))))
    assert found.rows == len(found.calls) == 3
    assert list(found.problem_counts) == ["only the first 3 rows are read"]


def test_progress_is_told_and_ends_at_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_EVERY", 2)
    told: list[tuple[int, float]] = []
    path = log(tmp_path / "log", *(GOOD.format(s) for s in range(5)))
    read_log(path, progress=lambda rows, share: told.append((rows, share)))
    assert [rows for rows, _ in told] == [2, 4, 5]
    assert told[-1][1] == 1.0


def test_a_mapping_of_one_s_own_reads_unix_seconds(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("begin;hold;talk;state\n917827200;30;60;OK\n")
    mapping = Mapping(
        name="ours",
        times="unix",
        columns=Columns(
            arrived_at=("begin",), waited=("hold",), talk=("talk",), outcome=("state",)
        ),
        outcomes={"ok": "answered"},
        credits={"gold": 90.5},
    )
    found = read_log(path, mapping)
    assert found.calls[0].answered_at == 917_827_230 * SECOND
    assert found.credits == {"gold": 90_500_000}
    assert found.mapping == "ours"
