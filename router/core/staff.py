"""Agents' states: in, out, ready, not ready, lost, out of reach; and skills that are lent."""

from __future__ import annotations

from router.core import commands as c
from router.core import events as e
from router.core.capacity import takes_work
from router.core.catalog import AgentDefinition
from router.core.checks import check_channel
from router.core.conversations import wrap_up_elapsed
from router.core.model import Agent, AgentState, SlotState
from router.core.offers import withdraw_offers_of
from router.core.requirements import Traits
from router.core.turn import Turn, refuse

MAX_REASON = 100
MAX_CHANNELS = 20


def sign_in(turn: Turn, command: c.SignIn) -> None:
    agent = turn.agent(command.agent)
    if agent.state is AgentState.SIGNED_OUT:
        turn.emit(e.AgentSignedIn(agent=agent.id))


def sign_out(turn: Turn, command: c.SignOut) -> None:
    agent = turn.agent(command.agent)
    if agent.state is not AgentState.SIGNED_OUT:
        _become_when_free(turn, agent, AgentState.SIGNED_OUT, "")


def set_ready(turn: Turn, command: c.SetReady) -> None:
    agent = turn.signed_in_agent(command.agent)
    if agent.state is AgentState.READY:
        if agent.next_state is not None:
            turn.emit(e.NextStateSet(agent=agent.id, state=None))
        return
    turn.emit(e.AgentReady(agent=agent.id))


def set_not_ready(turn: Turn, command: c.SetNotReady) -> None:
    agent = turn.signed_in_agent(command.agent)
    reason = _reason(command.reason)
    if agent.state is AgentState.NOT_READY:
        if agent.reason != reason or agent.next_state is not None:
            turn.emit(e.AgentNotReady(agent=agent.id, reason=reason))
        return
    _become_when_free(turn, agent, AgentState.NOT_READY, reason)


def _become_when_free(turn: Turn, agent: Agent, state: AgentState, reason: str) -> None:
    """At once with nothing in hand; else noted, and offers that still ring go back."""
    if any(slot.state is not SlotState.RESERVED for slot in agent.slots.values()):
        turn.emit(e.NextStateSet(agent=agent.id, state=state, reason=reason))
        withdraw_offers_of(turn, agent, "agent_lost")
        return
    _become(turn, agent, state, reason)


def _become(turn: Turn, agent: Agent, state: AgentState, reason: str) -> None:
    match state:
        case AgentState.READY:
            turn.emit(e.AgentReady(agent=agent.id))
        case AgentState.NOT_READY:
            turn.emit(e.AgentNotReady(agent=agent.id, reason=reason))
        case AgentState.SIGNED_OUT:
            turn.emit(e.AgentSignedOut(agent=agent.id))
    if state is not AgentState.READY:
        withdraw_offers_of(turn, agent, "agent_lost")


def take_next_state(turn: Turn, agent: Agent) -> None:
    """Let the requested state take effect once the last contact in hand has ended."""
    if agent.next_state is not None and not agent.slots:
        _become(turn, agent, agent.next_state, agent.next_reason)


def lose(turn: Turn, command: c.LoseAgent) -> None:
    agent = turn.agent(command.agent)
    if takes_work(agent):
        turn.emit(e.AgentNotReady(agent=agent.id, reason="desk_lost"))
    withdraw_offers_of(turn, agent, "agent_lost")


def set_reachable(turn: Turn, command: c.SetReachable) -> None:
    """Their state stays, and so does what they have in hand; only offers of the channel go back."""
    agent = turn.agent(command.agent)
    channel = command.channel
    check_channel(channel)
    if len(command.reason) > MAX_REASON or not command.reason.isprintable():
        refuse("invalid", f"A reason is one line of at most {MAX_REASON} characters.")
    if agent.unreachable.get(channel) == (None if command.reachable else command.reason):
        return
    if not command.reachable and len({*agent.unreachable, channel}) > MAX_CHANNELS:
        refuse("limit", f"An agent can be unreachable on {MAX_CHANNELS} channels at most.")
    turn.emit(
        e.ReachabilityChanged(
            agent=agent.id,
            channel=channel,
            reachable=command.reachable,
            reason="" if command.reachable else command.reason,
        )
    )
    if not command.reachable:
        withdraw_offers_of(turn, agent, "unreachable", channel)


def force_state(turn: Turn, command: c.ForceState) -> None:
    agent = turn.agent(command.agent)
    state = AgentState(command.state)
    if state is not AgentState.SIGNED_OUT:
        turn.signed_in_agent(command.agent)
    elif agent.state is AgentState.SIGNED_OUT:
        return
    if agent.state is state is AgentState.READY and agent.next_state is None:
        return
    if agent.state is state is AgentState.READY:
        turn.emit(e.NextStateSet(agent=agent.id, state=None))
        return
    _become(turn, agent, state, _reason(command.reason))
    if state is AgentState.SIGNED_OUT:
        for slot in list(agent.slots.values()):
            if slot.state is SlotState.WRAPPING:
                wrap_up_elapsed(turn, slot.contact, agent.id, "forced")


def lend_skills(turn: Turn, command: c.LendSkills) -> None:
    agent = turn.agent(command.agent)
    unknown = [skill for skill in command.skills if skill not in turn.state.catalog.skills]
    if unknown:
        refuse("unknown_skill", f"There is no skill {unknown[0]!r} in the catalog.")
    if any(not 0 <= level <= 10 for level in command.skills.values()):
        refuse("invalid", "A skill level is between 1 and 10, or 0 to take the skill away.")
    if command.until and command.until <= turn.at:
        refuse("invalid", "Skills can be lent only until a moment in the future.")
    levels = {**dict(agent.definition.traits.skills), **command.skills}
    traits = with_skills(agent.definition, levels)
    if (traits, command.until) != (agent.traits, agent.traits_until):
        turn.emit(e.SkillsLent(agent=agent.id, traits=traits, until=command.until))


def with_skills(definition: AgentDefinition, levels: dict[str, int]) -> Traits:
    own = definition.traits
    return Traits(
        skills=tuple(sorted((skill, level) for skill, level in levels.items() if level > 0)),
        team=own.team,
        site=own.site,
        attributes=own.attributes,
    )


def skills_back(turn: Turn, agent_id: str) -> None:
    agent = turn.state.agents.get(agent_id)
    if agent is not None and 0 < agent.traits_until <= turn.at:
        turn.emit(e.SkillsLent(agent=agent.id, traits=agent.definition.traits, until=0))


def _reason(reason: str) -> str:
    if not 1 <= len(reason) <= MAX_REASON:
        refuse("invalid", f"A reason has 1 to {MAX_REASON} characters.")
    return reason
