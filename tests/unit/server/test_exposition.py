"""``server.exposition``: what followers did is there for Prometheus."""

from prometheus_client import CollectorRegistry

from router.core.state import State
from router.replica import Replica
from server.exposition import FollowerReadings, exposition
from server.followers import Follower, FollowerTasks


async def _deaf(_entry: object) -> None:
    return None


def test_failures_and_skipped_entries_are_counted_by_follower():
    follower = Follower("board", _deaf, 0)
    follower.failures, follower.skipped = 10, 2
    followers = FollowerTasks(lambda _after: None)
    followers.all.append(follower)
    registry = CollectorRegistry()
    registry.register(FollowerReadings(followers, Replica(State())))
    text = exposition(registry)[0].decode()
    assert 'patchbay_follower_failures_total{follower="board"} 10.0' in text
    assert 'patchbay_entries_skipped_total{follower="board"} 2.0' in text
