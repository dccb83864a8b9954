"""Look-ups of flows in other systems, as Prometheus sees them: how long they take, how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from router.core.durations import SECOND

LOOKUP_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)


class LookUpMetrics:
    """``asked`` is told of every look-up. Labels are connectors of the operator's file and words of
    ours, never what was asked or answered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._took = Histogram(
            "patchbay_lookup_seconds",
            "Time one look-up of a flow in another system took.",
            ["connector"],
            buckets=LOOKUP_BUCKETS,
            registry=registry,
        )
        self._outcomes = Counter(
            "patchbay_lookups",
            "Look-ups of flows in other systems, by how they ended.",
            ["connector", "outcome"],
            registry=registry,
        )

    def asked(self, connector: str, outcome: str, took: int) -> None:
        """``took`` microseconds."""
        self._took.labels(connector).observe(took / SECOND)
        self._outcomes.labels(connector, outcome).inc()

    def follow(self, connectors: Iterable[str], resting: Callable[[], Iterable[str]]) -> None:
        """Show of each of ``connectors`` whether it is left alone when the metrics are read."""
        self._registry.register(_Resting(tuple(connectors), resting))


class _Resting(Collector):
    def __init__(self, connectors: tuple[str, ...], resting: Callable[[], Iterable[str]]) -> None:
        self._connectors = connectors
        self._resting = resting

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read anything."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        resting = frozenset(self._resting())
        family = GaugeMetricFamily(
            "patchbay_lookup_resting",
            "1 while a connector is left alone because it fails.",
            labels=["connector"],
        )
        for name in self._connectors:
            family.add_metric([name], name in resting)
        yield family
