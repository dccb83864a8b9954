"""Why a queue hurts and what would help: structured reasons, worded by the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reporting.figures import QueueFigures
from reporting.messages import Reason
from reporting.staff import BUSY, NOT_READY, READY, WRAPPING, doing
from router.core.capacity import has_room
from router.core.catalog import Profile, Queue
from router.core.explain import could_join
from router.core.groups import Group
from router.core.model import Agent, AgentState, Contact
from router.core.naming import called
from router.core.objectives import counted, objective_hours
from router.core.requirements import Condition, SkillAtLeast, describe, failed_leaves, satisfies
from router.core.state import State

UNREACHABLE = "unreachable"  # ready, and not to be reached on the contact's channel
LENDABLE = 3  # so many agents are suggested at most


def reasons(
    state: State,
    queue: Queue,
    longest: Contact | None,
    at: int,
    *,
    recent: QueueFigures,
    today: QueueFigures,
) -> tuple[Reason, ...]:
    """What a supervisor should know about ``queue``; ``longest`` is who waits longest in it."""
    found = list(_closed(state, queue, at))
    if longest is not None and longest.step < len(longest.steps):
        found += _of_waiting(state, queue, longest, at)
    found += _below_target(queue, recent, today)
    return tuple(found)


def is_open(state: State, queue: Queue, at: int) -> bool:
    hours = state.catalog.hours.get(queue.hours)
    return hours is None or hours.is_open(at)


def status(queue: Queue, why: tuple[Reason, ...], recent: QueueFigures, waited: int) -> str:
    """``bad``: somebody waits whom nobody can serve, twice as long as promised, or much fewer are
    answered in time than promised. ``warn``: the same, on the way. Else ``ok``. ``waited``: who
    waits longest, as far as it counts to the objective.
    """
    level = recent.service_level
    shortfall = queue.service_target - level if level is not None else 0.0
    codes = {reason.code for reason in why}
    if (
        codes & {"nobody_signed_in", "all_on_break", "nobody_reachable"}
        or waited >= 2 * queue.service_within
        or shortfall > 0.1
    ):
        return "bad"
    return "warn" if waited >= queue.service_within or shortfall > 0 else "ok"


def _closed(state: State, queue: Queue, at: int) -> Iterator[Reason]:
    if not is_open(state, queue, at):
        reopens = state.catalog.hours[queue.hours].next_change(at)
        yield Reason(code="closed", values={"reopens_at": reopens or 0})


def _of_waiting(state: State, queue: Queue, contact: Contact, at: int) -> Iterator[Reason]:
    condition = contact.steps[contact.step].condition
    shortage = _shortage(state, contact, condition)
    if shortage is not None:
        yield shortage
    yield from _widening(state, contact, at)
    if shortage is not None:
        yield from _lendable(state, contact, condition)
    yield _longest(contact)
    hours = objective_hours(state.catalog, queue)
    if counted(hours, contact.queued_at, at) > queue.service_within:
        values: dict[str, str | int] = {"since": contact.queued_at, "within": queue.service_within}
        if hours is not None:
            values["hours"] = hours.summary
        yield Reason(code="late", values=values)


def _widening(state: State, contact: Contact, at: int) -> Iterator[Reason]:
    """When more agents could take it; a step that brings nobody is no help."""
    if contact.step_until <= at:
        return
    wider = contact.steps[contact.step + 1].condition
    more = could_join(state, contact, wider)
    if more:
        yield Reason(
            code="step_widens_in",
            values={
                "at": contact.step_until,
                "more": more,
                "step": contact.step + 2,
                "asks_for": describe(wider),
            },
        )


def _groups(state: State, contact: Contact) -> Iterator[Group]:
    """Groups of signed-in agents who serve the contact's queue and channel."""
    terms = state.index.terms(contact.queue)
    for group in state.index.groups():
        if group.profile.id in terms and group.profile.capacity.get(contact.channel, 0) > 0:
            yield group


def _shortage(state: State, contact: Contact, condition: Condition) -> Reason | None:
    """Why nobody takes it now; None while somebody is free."""
    count: Counter[str] = Counter()
    for group in _groups(state, contact):
        if satisfies(condition, group.traits):
            for agent_id in group.members:
                count[_doing(state.agents[agent_id], group.profile, contact.channel)] += 1
    of = count.total()
    asks_for = describe(condition)
    if of == 0:
        return Reason(code="nobody_signed_in", values={"asks_for": asks_for})
    if count[NOT_READY] == of:
        return Reason(code="all_on_break", values={"agents": of, "asks_for": asks_for})
    if count[READY]:
        return None
    absent = (UNREACHABLE, NOT_READY)
    all_absent = sum(count[what] for what in absent) == of
    told = absent if all_absent else (BUSY, WRAPPING, NOT_READY, UNREACHABLE)
    return Reason(
        code="nobody_reachable" if all_absent else "nobody_free",
        values={"of": of, **{what: count[what] for what in told}, "asks_for": asks_for},
    )


def _doing(agent: Agent, profile: Profile, channel: str) -> str:
    """What keeps a signed-in agent from taking one more of ``channel``; ``ready``: nothing."""
    if agent.state is AgentState.READY:
        if channel in agent.unreachable:
            return UNREACHABLE
        if has_room(agent, profile, channel):
            return READY
    return doing(agent) or NOT_READY


def _lendable(state: State, contact: Contact, condition: Condition) -> Iterator[Reason]:
    """Agents who lack nothing but some levels of one skill, the free and the nearest first."""
    found: list[tuple[tuple[int, int, str], Reason]] = []
    for group in _groups(state, contact):
        missing = _missing_level(condition, group)
        if missing is None:
            continue
        needs, has = missing.level, group.traits.level(missing.skill)
        for agent_id in group.members:
            agent = state.agents[agent_id]
            order = _LEND_ORDER[_doing(agent, group.profile, contact.channel)]
            values: dict[str, str | int] = {
                "agent": agent_id,
                "name": agent.definition.name,
                "skill": missing.skill,
                "has": has,
                "needs": needs,
            }
            found.append(((order, needs - has, agent_id), Reason(code="lendable", values=values)))
    found.sort(key=lambda ranked: ranked[0])
    for _, reason in found[:LENDABLE]:
        yield reason


_LEND_ORDER = {READY: 0, WRAPPING: 1, BUSY: 2, NOT_READY: 3, UNREACHABLE: 4}


def _missing_level(condition: Condition, group: Group) -> SkillAtLeast | None:
    """The one skill the group has too little of, if that alone keeps it out."""
    failed = failed_leaves(condition, group.traits)
    if len(failed) != 1 or not isinstance(failed[0], SkillAtLeast):
        return None
    return failed[0] if group.traits.level(failed[0].skill) > 0 else None


def _longest(contact: Contact) -> Reason:
    customer = contact.customer
    return Reason(
        code="longest_waits",
        values={
            "contact": contact.id,
            "customer": called(contact),
            "tier": customer.tier if customer else "",
            "credit": sum(part.credit for part in contact.credit),
            "since": contact.queued_at,
        },
    )


def _below_target(queue: Queue, recent: QueueFigures, today: QueueFigures) -> Iterator[Reason]:
    for span, figures in (("now", recent), ("today", today)):
        level = figures.service_level
        if level is not None and level < queue.service_target:
            yield Reason(
                code="below_target",
                values={
                    "service_percent": round(level * 100),
                    "target_percent": round(queue.service_target * 100),
                    "span": span,
                },
            )
            return
