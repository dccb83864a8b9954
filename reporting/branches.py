"""Branches with telephone systems, as Prometheus sees them: what each said last, if it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from router.branch.parts import BranchFigures
from router.core.durations import SECOND


class BranchReadings(Collector):
    """The label is the branch's name in the file of telephone systems. A branch that is not
    connected has no figures but that: what it said before it went is not so any more.
    """

    def __init__(self, figures: Callable[[], Iterable[BranchFigures]]) -> None:
        self._figures = figures

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read anything."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        connected = _gauge("connected", "1 while the adapter at the branch is connected.")
        behind = _gauge("behind_entries", "Entries of the log that the branch does not have yet.")
        waiting = _gauge("outbox_requests", "Requests of the branch that wait for an answer.")
        oldest = _gauge("outbox_oldest_seconds", "How long the first of them has waited.")
        calls = _gauge("calls", "Calls that are up at the branch.")
        for one in self._figures():
            connected.add_metric([one.name], one.connected)
            if one.connected:
                behind.add_metric([one.name], one.behind)
                waiting.add_metric([one.name], one.waiting)
                oldest.add_metric([one.name], one.oldest / SECOND)
                calls.add_metric([one.name], one.calls)
        yield from (connected, behind, waiting, oldest, calls)


def _gauge(name: str, documentation: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"patchbay_branch_{name}", documentation, labels=["branch"])
