"""The checker finds what it is there to find: each seeded bug, in a small laboratory under load."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import small
from tests.faults.defects import DEFECTS
from tests.faults.small import Small
from tests.redis.server import RedisServer, require_redis

PATIENCE = 60.0  # seconds for the last contacts to end
HANGS = 240.0  # seconds; a run takes ten
ATTEMPTS = 4  # a bug that needs luck is found in one of so many runs
_tenants = itertools.count(1)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    require_redis()
    with RedisServer(fsync="no") as server:
        yield server


def laboratory(redis: RedisServer, folder: Path, patience: float = small.STUCK) -> Small:
    return Small(redis.url, f"laboratory{next(_tenants)}", folder, patience=patience)


async def test_without_a_defect_nothing_is_found_whatever_happens(
    redis: RedisServer, tmp_path: Path
) -> None:
    verdict = await laboratory(redis, tmp_path, PATIENCE).run(small.everything, PATIENCE)
    assert verdict.problems == []
    assert verdict.drained
    assert verdict.contacts > 100


@pytest.mark.parametrize("name", DEFECTS)
async def test_a_seeded_bug_is_found(
    name: str, redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    defect = DEFECTS[name]
    defect.plant(monkeypatch)
    found, attempts = [], 0
    while not found and attempts < ATTEMPTS:  # it depends on who is how fast whether it shows
        folder = tmp_path / str(attempts)
        folder.mkdir()
        async with asyncio.timeout(HANGS):
            verdict = await laboratory(redis, folder).run(defect.plot, defect.drain)
        found = [problem for problem in verdict.problems if re.match(defect.found, problem)]
        attempts += 1
    assert found, (defect.what, verdict)
    if defect.drain:  # the others have ended: it is not that there was too little time
        assert len(verdict.problems) < 4


def test_there_are_at_least_twenty_and_each_invariant_has_one() -> None:
    assert len(DEFECTS) >= 20
    assert {letter for d in DEFECTS.values() for letter in re.findall(r"[A-Z](?=:)", d.found)} == {
        *"CIKLMX"
    }
