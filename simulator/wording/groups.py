"""Groups of contacts in the order people think of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import msgspec

from simulator.scenario.model import Scenario
from simulator.summary import NO_TIER


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """Groups of one kind: what a row is called, and its name in the figures."""

    kind: str  # queue, tier or stream
    rows: tuple[tuple[str, str], ...]


def sections(scenario: Scenario, groups: Collection[str]) -> list[Section]:
    """Queues as in the catalog, tiers by their credit, streams as in the scenario. What says
    nothing new is left out: a kind with a single group, a stream that has its queue to itself.
    """
    sharing = Counter(stream.queue for stream in scenario.streams)
    worth = scenario.catalog.credits.tiers
    tiers = [one.removeprefix("tier ") for one in groups if one.startswith("tier ")]
    named = {
        "queue": list(scenario.catalog.queues),
        "tier": sorted(tiers, key=lambda tier: (tier == NO_TIER, -worth.get(tier, 0), tier)),
        "stream": [one.name for one in scenario.streams if sharing[one.queue] > 1],
    }
    found = [
        Section(
            kind=kind,
            rows=tuple((name, f"{kind} {name}") for name in names if f"{kind} {name}" in groups),
        )
        for kind, names in named.items()
    ]
    return [one for one in found if len(one.rows) > 1]
