"""The short run of the fault test; the long one is ``python -m tests.faults.hook_kill9``."""

from __future__ import annotations

from pathlib import Path

from tests.faults.hook_kill9 import run


async def test_ten_kills_lose_no_message_double_none_and_send_none_under_two_references(
    tmp_path: Path,
) -> None:
    report = await run(kills=10, seed=3, folder=tmp_path)
    assert report.problems == []
    assert report.messages > 20
    assert report.answers == report.messages
