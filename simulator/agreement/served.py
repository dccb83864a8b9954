"""A queue of a scenario with who comes to it and who serves it: what a formula asks about."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from router.core.catalog import Queue
from simulator.contacts import Stream
from simulator.scenario.crews import capacity_for
from simulator.scenario.model import Scenario
from simulator.staff import Member


class ServedQueue(msgspec.Struct, frozen=True, kw_only=True):
    """``capacities`` is how many contacts each of ``members`` can have in hand."""

    scenario: Scenario
    queue: Queue
    streams: tuple[Stream, ...]
    members: tuple[Member, ...]
    capacities: tuple[int, ...]

    @property
    def others(self) -> list[Stream]:
        """The streams of other queues that these agents serve as well."""
        catalog = self.scenario.catalog
        return [
            stream
            for stream in self.scenario.streams
            if stream.expected
            and stream.queue != self.queue.id
            and any(capacity_for(catalog, member.agent, stream) for member in self.members)
        ]


def served_queues(scenario: Scenario) -> Iterator[ServedQueue]:
    """Every queue somebody comes to, in the catalog's order."""
    for queue in scenario.catalog.queues.values():
        streams = [one for one in scenario.streams if one.queue == queue.id and one.expected]
        if streams:
            yield _served_queue(scenario, queue, streams)


def _served_queue(scenario: Scenario, queue: Queue, streams: list[Stream]) -> ServedQueue:
    able = [
        (member, capacity)
        for member in scenario.staff
        if (
            capacity := max(
                capacity_for(scenario.catalog, member.agent, stream) for stream in streams
            )
        )
    ]
    return ServedQueue(
        scenario=scenario,
        queue=queue,
        streams=tuple(streams),
        members=tuple(member for member, _ in able),
        capacities=tuple(capacity for _, capacity in able),
    )
