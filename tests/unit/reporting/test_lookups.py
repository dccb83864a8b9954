"""``reporting.lookups``: how look-ups end and how long they take, by connector."""

from prometheus_client import CollectorRegistry

from reporting.lookups import LookUpMetrics
from router.core.durations import MILLISECOND


def test_look_ups_are_counted_and_measured_by_connector():
    registry = CollectorRegistry()
    metrics = LookUpMetrics(registry)
    metrics.asked("crm", "found", 40 * MILLISECOND)
    metrics.asked("crm", "timeout", 3_000 * MILLISECOND)
    read = registry.get_sample_value
    assert read("patchbay_lookups_total", {"connector": "crm", "outcome": "found"}) == 1
    assert read("patchbay_lookups_total", {"connector": "crm", "outcome": "timeout"}) == 1
    assert read("patchbay_lookup_seconds_count", {"connector": "crm"}) == 2
    assert read("patchbay_lookup_seconds_bucket", {"connector": "crm", "le": "0.05"}) == 1


def test_a_connector_that_is_left_alone_shows():
    registry, resting = CollectorRegistry(), []
    LookUpMetrics(registry).follow(["crm", "erp"], lambda: resting)
    resting.append("erp")
    read = registry.get_sample_value
    assert read("patchbay_lookup_resting", {"connector": "crm"}) == 0
    assert read("patchbay_lookup_resting", {"connector": "erp"}) == 1
