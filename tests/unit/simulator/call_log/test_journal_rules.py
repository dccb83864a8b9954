"""Several catalogs as one."""

from __future__ import annotations

from router.core.catalog import AgentDefinition, Catalog, Credits, Hours, Queue
from simulator.call_log.journal_rules import in_force


def test_the_last_one_holds_with_what_only_earlier_ones_had():
    first = Catalog(
        version=1,
        queues={"old": Queue(id="old", label="Old"), "q": Queue(id="q", label="Before")},
        agents={"ann": AgentDefinition(id="ann", name="Ann", profile="p")},
        credits=Credits(tiers={"gold": 5}),
    )
    last = Catalog(version=2, queues={"q": Queue(id="q", label="After")})
    found = in_force([first, last])
    assert {name: queue.label for name, queue in found.queues.items()} == {
        "q": "After",
        "old": "Old",
    }
    assert list(found.agents) == ["ann"]
    assert found.credits == Credits()
    assert found.version == 0


def test_opening_hours_are_those_of_all_versions():
    one = Catalog(hours={"h": Hours(id="h", spans=((0, 10), (20, 30)), until=40)})
    other = Catalog(hours={"h": Hours(id="h", spans=((25, 35), (50, 60)), until=80)})
    hours = in_force([one, other]).hours["h"]
    assert hours.spans == ((0, 10), (20, 35), (50, 60))
    assert hours.until == 80
