"""Webhooks, as Prometheus sees them: what came, what was sent, and what waits or was given up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

_STATES: Final = ("held", "dead", "waiting")


class HookMetrics:
    """Labels are hooks of the operator's file and words of ours."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "patchbay_webhook_events",
            "Events from services, by what became of the request: new, repeated, or why not.",
            ["hook", "outcome"],
            registry=registry,
        )
        self._deliveries = Counter(
            "patchbay_webhook_deliveries",
            "Attempts to deliver messages to services, by how they ended; given_up: for good.",
            ["hook", "outcome"],
            registry=registry,
        )
        self._messages = Gauge(
            "patchbay_webhook_messages",
            "Messages to services that wait (held) or were given up (dead); events not taken in yet"
            " (waiting).",
            ["hook", "state"],
            registry=registry,
        )

    def received(self, hook: str, outcome: str, count: int) -> None:
        self._events.labels(hook, outcome).inc(count)

    def sent(self, hook: str, outcome: str, count: int) -> None:
        self._deliveries.labels(hook, outcome).inc(count)

    def stand(self, hook: str, counts: Mapping[str, int]) -> None:
        """How many messages of ``hook`` are in each state now."""
        for state in _STATES:
            self._messages.labels(hook, state).set(counts.get(state, 0))
