"""Who on the staff can serve which arrivals, and which channels take each other's place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import msgspec

from router.core.capacity import goes_beside
from router.core.catalog import Catalog, Profile
from router.core.requirements import satisfies
from simulator.contacts import Stream
from simulator.scenario.model import Scenario
from simulator.staff import Member


class Crew(msgspec.Struct, kw_only=True):
    """Agents who can serve the same streams. ``shares``: number of the stream to the part of an
    agent that one of its contacts takes.
    """

    shares: dict[int, float]
    members: list[Member] = []


def crews_of(scenario: Scenario, streams: Sequence[Stream]) -> list[Crew]:
    """The staff, without those who can serve none of ``streams``."""
    crews: dict[tuple[tuple[int, float], ...], Crew] = {}
    known: dict[object, dict[int, float]] = {}
    for member in scenario.staff:
        agent = scenario.catalog.agents[member.agent]
        kind = (agent.profile, agent.traits, member.behaviour.pace)
        if kind not in known:
            known[kind] = _shares(scenario.catalog, member, streams)
        shares = known[kind]
        if shares:
            crews.setdefault(tuple(shares.items()), Crew(shares=shares)).members.append(member)
    return list(crews.values())


def _shares(catalog: Catalog, member: Member, streams: Sequence[Stream]) -> dict[int, float]:
    return {
        number: member.behaviour.pace / capacity
        for number, stream in enumerate(streams)
        if (capacity := capacity_for(catalog, member.agent, stream))
    }


def capacity_for(catalog: Catalog, agent_id: str, stream: Stream) -> int:
    """How many contacts of ``stream`` the agent can have in hand, in any of its steps."""
    agent = catalog.agents[agent_id]
    profile = catalog.profiles[agent.profile]
    if all(entry.queue != stream.queue for entry in profile.queues):
        return 0
    steps = stream.steps or catalog.queues[stream.queue].steps
    if not any(satisfies(step.condition, agent.traits) for step in steps):
        return 0
    return profile.capacity.get(stream.channel, 0)


def exclusive_channels(scenario: Scenario, streams: Sequence[Stream]) -> list[tuple[str, ...]]:
    """The largest sets of channels of which an agent has one at a time in hand: a call is handled
    alone; chats and mails run side by side and do not take each other's place.
    """
    channels = sorted({stream.channel for stream in streams})
    agents = scenario.catalog.agents
    used = {agents[member.agent].profile for member in scenario.staff}
    profiles = [scenario.catalog.profiles[name] for name in sorted(used)]
    found: list[tuple[str, ...]] = []
    for size in range(len(channels), 0, -1):
        for some in combinations(channels, size):
            apart = all(_exclude(one, other, profiles) for one, other in combinations(some, 2))
            if apart and not any(set(some) <= set(larger) for larger in found):
                found.append(some)
    return found


def _exclude(one: str, other: str, profiles: Iterable[Profile]) -> bool:
    return not any(
        goes_beside(profile, one, other) or goes_beside(profile, other, one)
        for profile in profiles
        if profile.capacity.get(one) and profile.capacity.get(other)
    )
