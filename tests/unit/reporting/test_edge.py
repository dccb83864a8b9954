"""``reporting.edge``: figures are read when they are asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from reporting.edge import EdgeMetrics


def test_the_figures_are_those_of_the_moment() -> None:
    registry = CollectorRegistry()
    metrics = EdgeMetrics(registry)
    behind = [3]
    metrics.follow(lambda: False, lambda: behind[0])
    metrics.counted("accepted")
    metrics.counted("malformed")
    metrics.counted("accepted")
    assert registry.get_sample_value("patchbay_mqtt_connected") == 0
    behind[0] = 5
    assert registry.get_sample_value("patchbay_mqtt_behind_entries") == 5
    counted = registry.get_sample_value("patchbay_mqtt_commands_total", {"result": "accepted"})
    assert counted == 2
