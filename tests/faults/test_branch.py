"""The short run of the branch's fault test; the long one is ``python -m tests.faults.branch``."""

from __future__ import annotations

from pathlib import Path

from tests.faults.branch import Run, run
from tests.mqtt.server import Mosquitto, require_mosquitto


async def test_a_broker_that_dies_under_calls_loses_none_and_no_copy_counts(tmp_path: Path) -> None:
    require_mosquitto()
    with Mosquitto() as broker:
        verdict = await run(Run(seconds=3.0, calls=8.0, kill_branch=True), broker, tmp_path)
    assert (verdict.lost, verdict.twice, verdict.out_of_order) == ([], [], [])
    assert verdict.calls >= 80
    assert verdict.ended == verdict.calls - verdict.unheard
    assert verdict.copies > 10
    assert verdict.most_waiting > 10
