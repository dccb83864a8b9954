"""Which failures may be chance."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests import second_try
from tests.second_try import MOST, worth_another_try

PAGE = "tests/e2e/test_chat.py::test_a_page"


def test_few_that_need_servers_are_tried_again():
    assert worth_another_try([PAGE, "tests/faults/test_defects.py::test_a_seeded_bug_is_found[x]"])


@pytest.mark.parametrize(
    "failed",
    [
        [],
        [PAGE] * (MOST + 1),
        [PAGE, "tests/unit/test_order.py::test_one"],
        ["tests/property/x.py"],
        ["tests/faults/test_kill9.py::test_kills"],
    ],
)
def test_many_are_no_chance_nor_is_what_computes(failed: list[str]):
    assert not worth_another_try(failed)


@pytest.mark.parametrize(
    ("codes", "failed", "expected"),
    [
        ([0], [], 0),
        ([2], [PAGE], 2),
        ([1], ["tests/unit/test_order.py::test_one"], 1),
        ([1, 0], [PAGE], 0),
        ([1, 1], [PAGE], 1),
    ],
)
def test_who_fails_twice_has_failed(
    codes: list[int],
    failed: list[str],
    expected: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    asked: list[list[str]] = []

    def pytest_ends(command: list[str]) -> int:
        asked.append(command)
        return codes[len(asked) - 1]

    kept = tmp_path / "lastfailed"
    kept.write_text(json.dumps(dict.fromkeys(failed, True)))
    monkeypatch.setattr(second_try, "FAILED", kept)
    monkeypatch.setattr(subprocess, "call", pytest_ends)
    assert second_try.main(["-n", "3"]) == expected
    assert len(asked) == len(codes)
    assert all(again[-len(failed) :] == failed for again in asked[1:])
