"""The board's rows, drawn from the state, the statistics and the headcounts: pure functions."""

from __future__ import annotations

from reporting.messages import AgentContact, AgentRow, QueueRow
from reporting.staff import Staff
from reporting.statistics import Statistics
from reporting.why import is_open, reasons, status
from router.core.catalog import Queue
from router.core.estimates import estimate_arrival
from router.core.model import Agent, Contact, ContactState
from router.core.naming import called
from router.core.objectives import counted, late_at, objective_hours
from router.core.state import State
from router.waiting import WaitingLines


def queue_row(
    state: State,
    queue: Queue,
    at: int,
    *,
    lines: WaitingLines,
    staff: Staff,
    statistics: Statistics,
) -> QueueRow:
    recent, today = statistics.recent(queue.id, at), statistics.today(queue.id, at)
    longest = _longest(state, queue.id, lines)
    why = reasons(state, queue, longest, at, recent=recent, today=today)
    estimate = estimate_arrival(state, queue.id, at)
    count = staff.of_queue(queue.id)
    since = lines.longest_since(queue.id)
    hours = objective_hours(state.catalog, queue)
    return QueueRow(
        queue=queue.id,
        label=queue.label,
        status=status(queue, why, recent, counted(hours, since or at, at)),
        waiting=lines.count(queue.id),
        longest_since=since,
        late_at=late_at(hours, since, queue.service_within) if since else 0,
        estimate_50=estimate.low if estimate else None,
        estimate_90=estimate.high if estimate else None,
        service_within=queue.service_within,
        service_target=queue.service_target,
        objective_hours=hours.summary if hours else "",
        service_now=_share(recent.service_level),
        service_today=_share(today.service_level),
        offered_today=today.offered,
        answered_today=today.answered,
        abandoned_today=today.abandoned,
        abandoned_share=_share(today.abandoned_share),
        ready=count.ready,
        busy=count.busy,
        wrapping=count.wrapping,
        not_ready=count.not_ready,
        open=is_open(state, queue, at),
        trend=statistics.trend(queue.id, at),
        why=why,
    )


def agent_row(state: State, agent: Agent, at: int, statistics: Statistics) -> AgentRow:
    figures = statistics.agent_today(agent.id, at)
    return AgentRow(
        agent=agent.id,
        name=agent.definition.name,
        team=agent.definition.traits.team,
        state=agent.state.value,
        reason=agent.reason,
        since=agent.state_since,
        next_state=agent.next_state.value if agent.next_state else "",
        skills=agent.traits.skills,
        contacts=_contacts(state, agent),
        handled=figures.handled,
        missed=figures.missed,
        occupancy=round(figures.occupancy, 2),
        unreachable=dict(agent.unreachable),
    )


def _contacts(state: State, agent: Agent) -> tuple[AgentContact, ...]:
    rows = []
    for slot in agent.slots.values():
        contact = state.contacts.get(slot.contact)
        rows.append(
            AgentContact(
                contact=slot.contact,
                channel=slot.channel,
                doing=slot.state.value,
                since=slot.since,
                queue=contact.queue if contact else "",
                customer=called(contact) if contact else "",
            )
        )
    return tuple(rows)


def _longest(state: State, queue: str, lines: WaitingLines) -> Contact | None:
    """Who has waited longest on the line and rings nowhere; None when nobody does."""
    first = state.contacts.get(lines.longest(queue))
    if first is None or first.state is ContactState.QUEUED:
        return first
    waiting = (state.contacts.get(contact) for contact in lines.contacts(queue))
    unserved = (c for c in waiting if c is not None and c.state is ContactState.QUEUED)
    return min(unserved, key=lambda c: (c.queued_at, c.number), default=None)


def _share(value: float | None) -> float | None:
    """Rounded, so that a row changes only when its figures would read differently."""
    return None if value is None else round(value, 3)
