"""Customers and agents who are not there, for demonstrations."""

from __future__ import annotations

import msgspec

from cti_adapters.simulated.agents import SimulatedAgents
from cti_adapters.simulated.settings import SimulationSettings
from cti_adapters.simulated.visits import SimulatedVisitors
from cti_adapters.webchat.hub import ChatHub
from router.ports import Clock, CommandSink
from router.replica import Replica
from server.understudies import Understudies


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """Customers that are played, and ``agents`` that are until a person takes the part."""

    settings: SimulationSettings
    agents: tuple[str, ...]


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """Agents and visitors who are not there."""

    agents: SimulatedAgents
    visitors: SimulatedVisitors


def played_over(
    simulation: Simulation,
    understudies: Understudies,
    chat: ChatHub,
    *,
    sink: CommandSink,
    replica: Replica,
    clock: Clock,
) -> Played:
    """``understudies`` say when a person takes an agent's part, and leaves it."""
    agents = SimulatedAgents(
        sink,
        replica,
        clock,
        simulation.settings,
        agents=simulation.agents,
        agent_typing=chat.attention.agent_typing,
    )
    understudies.on_claim = agents.claim
    understudies.on_release = agents.release
    visitors = SimulatedVisitors(chat, replica, clock, simulation.settings)
    return Played(agents=agents, visitors=visitors)
