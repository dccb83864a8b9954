"""The MQTT edge, as Prometheus sees it: whether the broker is there, what it has not been told yet,
and what became of commands that came through it.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge


class EdgeMetrics:
    """The label is a word of ours: clients may call commands what they like."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._commands = Counter(
            "patchbay_mqtt_commands",
            "Commands that came over MQTT: accepted, or why they were rejected.",
            ["result"],
            registry=registry,
        )

    def counted(self, result: str) -> None:
        self._commands.labels(result).inc()

    def follow(self, connected: Callable[[], bool], behind: Callable[[], int]) -> None:
        """Ask these when the metrics are read. ``behind`` counts entries of the journal."""
        Gauge(
            "patchbay_mqtt_connected",
            "1 while the MQTT broker is connected.",
            registry=self._registry,
        ).set_function(connected)
        Gauge(
            "patchbay_mqtt_behind_entries",
            "Entries of the journal that the MQTT broker has not confirmed yet.",
            registry=self._registry,
        ).set_function(behind)
