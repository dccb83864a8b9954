"""A call for one agent: by a customer who is theirs, about something they can help with.

Pure: time is an argument, chance is seeded.
"""

from __future__ import annotations

from collections.abc import Mapping

from cti_adapters.simulated.chance import Chance
from cti_adapters.simulated.settings import SimulationSettings
from router.core.catalog import Catalog, EntryPoint
from router.core.model import Agent
from router.core.requirements import satisfies
from router.core.state import State


class Regulars:
    """Takes turns among the numbers of an agent's own customers."""

    def __init__(self, settings: SimulationSettings) -> None:
        self._numbers: Mapping[str, tuple[str, ...]] = settings.regulars
        self._chance = Chance(f"regulars {settings.seed}")
        self._turns: dict[str, int] = {}

    def caller_for(self, agent: str, state: State) -> str:
        """The next of them who is not in a contact already; empty when there is none."""
        numbers = self._numbers.get(agent, ())
        busy = {contact.address for contact in state.contacts.values()}
        turn = self._turns.get(agent, 0)
        for step in range(len(numbers)):
            number = numbers[(turn + step) % len(numbers)]
            if number not in busy:
                self._turns[agent] = turn + step + 1
                return number
        return ""

    def way_in(self, agent: Agent, channel: str, catalog: Catalog, at: int) -> tuple[str, str]:
        """An entry point and a choice by which the agent is reached; empty when there is none."""
        ways = _ways_to(agent, channel, catalog, at)
        return self._chance.one_of(ways) if ways else ("", "")


def _ways_to(agent: Agent, channel: str, catalog: Catalog, at: int) -> list[tuple[str, str]]:
    return [
        (entry.id, choice)
        for entry in catalog.entry_points.values()
        if entry.channel == channel and not entry.flow
        for choice, queue in (("", entry.queue), *entry.choices.items())
        if _helps(agent, entry, queue, catalog, at)
    ]


def _helps(agent: Agent, entry: EntryPoint, queue: str, catalog: Catalog, at: int) -> bool:
    """Whether the agent serves the open queue and meets what a contact asks there at first."""
    rules = catalog.queues.get(queue)
    profile = catalog.profiles[agent.definition.profile]
    if rules is None or queue not in {each.queue for each in profile.queues}:
        return False
    hours = catalog.hours.get(rules.hours)
    if hours is not None and not hours.is_open(at):
        return False
    steps = entry.steps or rules.steps
    return not steps or satisfies(steps[0].condition, agent.traits)
