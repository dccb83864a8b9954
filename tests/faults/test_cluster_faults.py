"""Three nodes as processes, a Redis with a replica and a Mosquitto, sixty faults: the short run.

The long one is ``patchbay faults``.
"""

from __future__ import annotations

from pathlib import Path

from router.core.durations import SECOND
from tests.faults.cluster import Laboratory, Setup
from tests.faults.troubles import Faults
from tests.mqtt.server import require_mosquitto
from tests.redis.server import require_redis

FAULTS = Faults(
    kills=10,
    freezes=4,
    redis_kills=4,
    failovers=2,
    network=14,
    handovers=10,
    brokers=8,
    disks=4,
    clocks=4,
)
# A lease of half the length, so that half as much time is spent on waiting for it to lapse.
SETUP = Setup(lease=SECOND, pace=0.2, customers=9, pause=0.3)


async def test_faults_of_every_kind_lose_nothing_and_give_nothing_twice(tmp_path: Path) -> None:
    require_redis()
    require_mosquitto()
    report = await Laboratory(FAULTS, SETUP, 7, tmp_path).run()
    print(f"\n{report.contacts} contacts, {report.takeovers} take-overs, {report.seconds:.1f} s")
    for kind, (count, median, longest) in sorted(report.recovery.items()):
        print(f"{kind}: {count}, recovered after {median} s, at the longest {longest} s")
    assert report.problems == []
    assert report.drained
    assert report.contacts > 100
    assert report.told > report.entries
    assert sum(count for count, _, _ in report.recovery.values()) == FAULTS.total
