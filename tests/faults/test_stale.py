"""A writer that was stopped past its lease changes nothing: the short form of ``stale.py``."""

from __future__ import annotations

from pathlib import Path

from tests.faults.stale import Stale
from tests.redis.server import require_redis

ACCEPTS = 80


async def test_every_write_of_a_writer_stopped_past_its_lease_is_refused(tmp_path: Path) -> None:
    require_redis()
    found = await Stale(ACCEPTS, tmp_path, 1).run()
    assert found.problems == []
    assert found.in_flight >= ACCEPTS // 2
    assert found.accepted_elsewhere > 0
    assert found.tried["append"] > 0
    assert found.refused >= sum(found.tried.values())
    assert found.stale == 0


async def test_without_the_fence_its_writes_would_be_found(tmp_path: Path) -> None:
    require_redis()
    found = await Stale(ACCEPTS, tmp_path, 1, "unfenced_append", drain=1).run()
    assert found.stale > 0
    assert any(problem.startswith("F: ") for problem in found.problems)
    assert any(problem.startswith(("M: ", "C: ")) for problem in found.problems)
