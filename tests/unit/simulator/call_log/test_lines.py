"""Lines of hostile files: bounded, numbered, and the rest survives."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from simulator.call_log import lines as module
from simulator.call_log.lines import MAX_LINE, Cut, Lines
from simulator.call_log.model import LogError


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_lines_come_with_numbers_and_without_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "log", b"\xef\xbb\xbfa\r\nb\n\nc")
    assert list(Lines(path)) == [(1, b"a"), (2, b"b"), (3, b""), (4, b"c")]


def test_packed_and_plain_files_read_the_same(tmp_path: Path) -> None:
    content = b"one\ntwo\n"
    packed = write(tmp_path / "log.anything", gzip.compress(content))
    assert list(Lines(packed)) == list(Lines(write(tmp_path / "log", content)))


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "log", b"a\n" + b"x" * (3 * MAX_LINE) + b"\nb\n")
    assert list(Lines(path)) == [(1, b"a"), (2, None), (3, b"b")]
    fits = write(tmp_path / "fits", b"x" * (MAX_LINE - 1) + b"\n")
    assert list(Lines(fits)) == [(1, b"x" * (MAX_LINE - 1))]


def test_a_packed_file_that_was_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    rows = b"".join(b"%d,%d\n" % (i, random.Random(i).getrandbits(64)) for i in range(5_000))
    path = write(tmp_path / "log.gz", gzip.compress(rows)[:-20_000])
    lines = Lines(path)
    with pytest.raises(Cut, match="cut off"):
        for _ in lines:
            pass
    assert lines.number > 2_000


def test_damage_inside_a_packed_file_is_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(bytes(random.Random(1).randbytes(4_000)).hex().encode()))
    packed[200] ^= 0xFF
    with pytest.raises(Cut, match="cannot be read on"):
        list(Lines(write(tmp_path / "log.gz", bytes(packed))))


def test_what_unpacks_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    for bomb in (b"0" * (8 << 20), b"0\n" * (2 << 20)):
        path = write(tmp_path / "bomb.gz", gzip.compress(bomb))
        with pytest.raises(LogError, match="split it"):
            list(Lines(path))


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LogError):
        list(Lines(tmp_path / name))


def test_the_share_that_was_read_grows_to_one(tmp_path: Path) -> None:
    lines = Lines(write(tmp_path / "log", b"x" * 100 + b"\n"))
    list(lines)
    assert lines.share() == 1.0
