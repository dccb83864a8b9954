"""Other systems that flows ask, and how often they answer."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from ivr.connectors.client import Asked, HttpConnectors
from reporting.lookups import LookUpMetrics
from server.stores import Stores


def connectors_of(stores: Stores, registry: CollectorRegistry) -> HttpConnectors:
    metrics = LookUpMetrics(registry)

    def asked(one: Asked) -> None:
        metrics.asked(one.connector, one.outcome, one.took)

    made = HttpConnectors(stores.connectors, stores.clock, on_asked=asked)
    metrics.follow(made.signatures, lambda: made.resting)
    return made
