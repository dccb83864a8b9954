"""What agents spend their day on: time by state, counted when it changes and when it is asked."""

from __future__ import annotations

from reporting.counts import Counts, Presence
from reporting.figures import AgentFigures
from router.core import events as e
from router.core.model import AgentState


def count_agent_event(counts: Counts, event: e.AgentEvent, at: int) -> None:
    match event:
        case e.AgentSignedIn():
            _becomes(counts, event.agent, AgentState.NOT_READY, "signed_in", at)
        case e.AgentReady():
            _becomes(counts, event.agent, AgentState.READY, "", at)
        case e.AgentNotReady():
            _becomes(counts, event.agent, AgentState.NOT_READY, event.reason, at)
        case e.AgentSignedOut():
            _becomes(counts, event.agent, AgentState.SIGNED_OUT, "", at)
        case _:
            pass


def busier(counts: Counts, agent: str, at: int, change: int) -> None:
    """The agent has so many more contacts in hand."""
    _presence(counts, agent, at).shares += change


def begin_day(counts: Counts, bounds: tuple[int, int], at: int) -> None:
    """The old day's time is counted to its end; who goes on does so from midnight."""
    for agent, presence in counts.agents.items():
        _count_time(counts, agent, presence, at)
    counts.day, counts.next_day = bounds
    counts.agents_today = {}
    for presence in counts.agents.values():
        presence.since = max(presence.since, counts.day)


def spend(figures: AgentFigures, presence: Presence, time_spent: int) -> None:
    """Count time for what the agent is doing; signed out and idle counts as nothing."""
    if time_spent <= 0:
        return
    if presence.shares > 0:
        figures.busy += time_spent
    elif presence.state == AgentState.READY.value:
        figures.idle += time_spent
    elif presence.state == AgentState.NOT_READY.value:
        reason = presence.reason
        figures.not_ready[reason] = figures.not_ready.get(reason, 0) + time_spent


def _becomes(counts: Counts, agent: str, state: AgentState, reason: str, at: int) -> None:
    presence = _presence(counts, agent, at)
    presence.state, presence.reason = state.value, reason


def _presence(counts: Counts, agent: str, at: int) -> Presence:
    """The agent's presence, with the time up to ``at`` counted for what they did so far."""
    presence = counts.agents.setdefault(agent, Presence(since=at))
    _count_time(counts, agent, presence, at)
    presence.since = at
    return presence


def _count_time(counts: Counts, agent: str, presence: Presence, at: int) -> None:
    until = min(at, counts.next_day) if counts.next_day else at
    if until > presence.since:
        spend(counts.of_agent(agent), presence, until - presence.since)
        presence.since = until
