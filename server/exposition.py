"""Metrics of the followers, and everything in the words Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from router.replica import Replica
from server.followers import FollowerTasks


class FollowerReadings(Collector):
    """How far behind the log each follower is, and how often it failed."""

    def __init__(self, followers: FollowerTasks, replica: Replica) -> None:
        self._followers = followers
        self._replica = replica

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read anything."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        behind = GaugeMetricFamily(
            "patchbay_follower_behind_entries",
            "Entries a follower has yet to take in.",
            labels=["follower"],
        )
        failures = CounterMetricFamily(
            "patchbay_follower_failures", "Entries a follower failed on.", labels=["follower"]
        )
        skipped = CounterMetricFamily(
            "patchbay_entries_skipped",
            "Entries a follower stepped over because it failed on them again and again.",
            labels=["follower"],
        )
        for follower in self._followers.all:
            behind.add_metric([follower.name], self._replica.position - follower.position)
            failures.add_metric([follower.name], follower.failures)
            skipped.add_metric([follower.name], follower.skipped)
        yield behind
        yield failures
        yield skipped


def exposition(registry: CollectorRegistry) -> tuple[bytes, str]:
    """Everything in ``registry`` for Prometheus: the text and its content type."""
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4
