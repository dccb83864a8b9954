"""Bringing contacts and agents together: who takes whom, and what becomes of an offer."""

from __future__ import annotations

from router.core import commands as c
from router.core import events as e
from router.core import overflow
from router.core.capacity import has_room, takes_work
from router.core.catalog import Queue
from router.core.consultations import close_consult
from router.core.matching import NEVER, barred_agents
from router.core.model import CONNECTED, OFFERED, PENDING, READY, Agent, Choice, Contact
from router.core.offers import offer, release, return_to_place, take, withdraw_offers_of
from router.core.requirements import step_end
from router.core.state import WAITING, held_back
from router.core.strategies import STRATEGIES
from router.core.strategies.base import Candidates, Strategy
from router.core.strategies.ring_all import RING_ALL
from router.core.turn import Turn, refuse

# -- a contact seeks an agent -----------------------------------------------------------------


def seek(turn: Turn, contact: Contact) -> None:
    """Offer a waiting contact to the best free agent, relaxing its demands when that is due."""
    if contact.state not in WAITING:
        if turn.state.index.is_ringing(contact.id):
            ring_more(turn, contact)
        return
    if held_back(contact):
        return
    if contact.preferred_until:
        seek_preferred(turn, contact)
        return
    if relax_if_hopeless(turn, contact):
        return  # the new step seeks by itself
    favourite = _favourite(turn, contact)
    if favourite is not None:
        if not (turn.crowded and _has_another_first(turn, contact, favourite)):
            offer(turn, contact, favourite, _claim(turn, contact, favourite))
        return
    candidates = turn.state.index.candidates(
        turn.state.index.class_of(contact), contact.waiting_since, barred_agents(contact), turn.at
    )
    if candidates is not None:
        offer_by_strategy(turn, contact, candidates)


def _favourite(turn: Turn, contact: Contact) -> Agent | None:
    """The first of the preferred agents who may take what is no longer kept for them."""
    if not contact.preferred:
        return None
    contact_class = turn.state.index.class_of(contact)
    waited = turn.at - contact.waiting_since
    for agent_id in contact.preferred:
        agent = turn.state.agents.get(agent_id)
        if agent is None or not turn.state.index.sees(agent_id, contact_class, waited):
            continue
        if can_take(turn, agent, contact):
            return agent
    return None


def _claim(turn: Turn, contact: Contact, agent: Agent) -> Choice:
    """Why: the agent is the one it was given to, or one of those preferred."""
    return Choice(
        reason="named" if contact.named == agent.id else "preferred",
        free_agents=1,
        idle_for=turn.at - agent.idle_since,
        load=len(agent.slots),
    )


def ring_more(turn: Turn, contact: Contact) -> None:
    """Let a contact that rings at several together ring at those who are free meanwhile."""
    if overflow.is_due(turn, contact):
        return  # its ringing comes to an end, and then it leaves this queue
    contact_class = turn.state.index.class_of(contact)
    candidates = turn.state.index.candidates(
        contact_class, contact.waiting_since, barred_agents(contact), turn.at
    )
    if candidates is not None:
        offer_by_strategy(turn, contact, candidates)


def seek_preferred(turn: Turn, contact: Contact) -> None:
    """While preferred agents have it to themselves: to the first of them who is free."""
    over = _preference_is_over(turn, contact)
    if over:
        end_preference(turn, contact, over)
        return
    for agent_id in contact.preferred:
        agent = turn.state.agents.get(agent_id)
        if agent is not None and can_take(turn, agent, contact):
            offer(turn, contact, agent, _claim(turn, contact, agent))
            return


def _preference_is_over(turn: Turn, contact: Contact) -> str:
    """Why waiting for the preferred agents is in vain; empty while one of them may still come."""
    if contact.preferred_until <= turn.at:
        return "elapsed"
    hoped_for = [agent for agent in contact.preferred if _takes(turn, agent, contact.channel)]
    if not hoped_for:
        return "nobody_signed_in"
    if all(contact.excluded.get(agent, 0) >= contact.preferred_until for agent in hoped_for):
        return "rejected"
    return ""


def _takes(turn: Turn, agent_id: str, channel: str) -> bool:
    """Whether the agent is signed in with a profile that has any place for ``channel``."""
    group = turn.state.index.group_of(agent_id)
    return group is not None and group.profile.capacity.get(channel, 0) > 0


def preference_elapsed(turn: Turn, contact: Contact) -> None:
    """The time is over, also for one that rings; but a consultation lets the phone ring out."""
    if contact.state in WAITING or not contact.parent:
        end_preference(turn, contact, "elapsed")


def end_preference(turn: Turn, contact: Contact, reason: str) -> None:
    """Open the contact to everybody; a consultation with one colleague is over instead."""
    if contact.parent and contact.named:
        close_consult(turn, turn.state.contacts[contact.parent], "refused")
        return
    turn.emit(e.PreferenceEnded(contact=contact.id, sequence=contact.sequence + 1, reason=reason))


def can_take(turn: Turn, agent: Agent, contact: Contact) -> bool:
    """Whether the agent is free for this contact now, skills aside."""
    return (
        takes_work(agent)
        and contact.excluded.get(agent.id, 0) <= turn.at
        and contact.id not in agent.slots
        and has_room(agent, turn.state.catalog.profiles[agent.definition.profile], contact.channel)
    )


def relax_if_hopeless(turn: Turn, contact: Contact) -> bool:
    """Skip the present step when nobody signed in could ever serve it; True when skipped."""
    if contact.step + 1 >= len(contact.steps) or turn.state.index.staffed(contact):
        return False
    enter_step(turn, contact, contact.step + 1, "nobody_signed_in")
    return True


def enter_step(turn: Turn, contact: Contact, step: int, reason: str) -> None:
    turn.emit(
        e.StepEntered(
            contact=contact.id,
            sequence=contact.sequence + 1,
            step=step,
            step_until=step_end(contact.steps, step, turn.at),
            reason=reason,
        )
    )


def offer_by_strategy(turn: Turn, contact: Contact, candidates: Candidates) -> None:
    queue = turn.state.catalog.queues[contact.queue]
    strategy = STRATEGIES[queue.strategy]
    room = max(queue.ring_all_limit, 1) - len(contact.offers)
    chosen = strategy.choose(candidates, turn.rng, room)
    if not chosen:
        return
    free = candidates.size()
    runner_up = _runner_up(turn, strategy, candidates, chosen) if free > 1 else ""
    for agent_id in chosen:
        if contact.state is CONNECTED:
            return  # an agent who accepts at once has it already
        agent = turn.state.agents[agent_id]
        if turn.crowded and _has_another_first(turn, contact, agent):
            return
        why = Choice(
            reason="strategy",
            strategy=strategy.name,
            free_agents=free,
            idle_for=turn.at - agent.idle_since,
            load=len(agent.slots),
            runner_up=runner_up,
        )
        offer(turn, contact, agent, why)


def _has_another_first(turn: Turn, contact: Contact, agent: Agent) -> bool:
    """Several contacts and agents look for each other at one moment: when the chosen agent has
    another contact to take first, they take that, and ``contact`` seeks again.
    """
    if _first_for(turn, agent.id) in {"", contact.id}:
        return False
    serve(turn, agent)
    turn.seeking[contact.id] = None
    return True


def _runner_up(turn: Turn, strategy: Strategy, candidates: Candidates, chosen: list[str]) -> str:
    """Whom the strategy would have chosen next; nobody when it goes by lot."""
    if strategy.by_lot:
        return ""
    barred = {**candidates.excluded, **dict.fromkeys(chosen, NEVER)}
    others = candidates._replace(excluded=barred)
    return next(iter(strategy.choose(others, turn.rng, 1)), "")


# -- an agent is free -------------------------------------------------------------------------


def serve(turn: Turn, agent: Agent) -> None:
    """Give a free agent the contacts that are first in their order, as many as they have room."""
    while takes_work(agent):
        kept = _first_kept(turn, agent)
        if kept is not None:
            asked = _first_asked(turn, agent, kept) if turn.crowded else agent
            offer(turn, kept, asked, _claim(turn, kept, asked))
            continue
        found = turn.state.index.next_contact(agent, turn.at)
        if found is None:
            join_ringing(turn, agent)
            return
        contact = turn.state.contacts[found[0]]
        taker = _best_placed(turn, agent, contact) if turn.crowded else agent
        if taker is not agent:
            found = turn.state.index.next_contact(taker, turn.at) or found  # the same, seen by them
        why = Choice(
            reason="next_waiting",
            free_agents=1,
            idle_for=turn.at - taker.idle_since,
            load=len(taker.slots),
            band=found[1],
            waiting_contacts=found[2],
        )
        offer(turn, contact, taker, why)


def _first_kept(turn: Turn, agent: Agent) -> Contact | None:
    """The first contact kept for this agent that they have room for."""
    for contact_id in turn.state.index.next_kept_for(agent.id, turn.at):
        contact = turn.state.contacts[contact_id]
        if can_take(turn, agent, contact):
            return contact
    return None


def _first_asked(turn: Turn, agent: Agent, kept: Contact) -> Agent:
    """Several agents look for a contact at one moment: the first of those it is kept for, when it
    comes first for them as well.
    """
    for other_id in kept.preferred:
        other = turn.state.agents.get(other_id)
        if other is not None and can_take(turn, other, kept) and _first_kept(turn, other) is kept:
            return other
    return agent


def _first_for(turn: Turn, agent_id: str) -> str:
    """The contact that a free agent should take now; empty when there is none."""
    agent = turn.state.agents[agent_id]
    kept = _first_kept(turn, agent)
    if kept is not None:
        return kept.id
    found = turn.state.index.next_contact(agent, turn.at)
    return "" if found is None else found[0]


def _best_placed(turn: Turn, agent: Agent, contact: Contact) -> Agent:
    """Several agents look for a contact at one moment: a preferred one, or whom the strategy
    chooses for this one, when it comes first for them as well.
    """
    favourite = _favourite(turn, contact)
    if favourite is not None and _first_for(turn, favourite.id) == contact.id:
        return favourite
    index = turn.state.index
    candidates = index.candidates(
        index.class_of(contact), contact.waiting_since, barred_agents(contact), turn.at
    )
    if candidates is None:
        return agent
    strategy = STRATEGIES[turn.state.catalog.queues[contact.queue].strategy]
    other = turn.state.agents[strategy.choose(candidates, turn.rng, 1)[0]]
    return other if _first_for(turn, other.id) == contact.id else agent


def join_ringing(turn: Turn, agent: Agent) -> None:
    """Nobody waits for this free agent: let them ring along for contacts that ring at several."""
    leaving: dict[str, None] = {}
    while (found := turn.state.index.next_ringing(agent, turn.at, leaving)) is not None:
        contact = turn.state.contacts[found[0]]
        if overflow.is_due(turn, contact):
            leaving[contact.id] = None  # its ringing comes to an end, and then it leaves the queue
            continue
        why = Choice(
            reason="strategy",
            strategy=RING_ALL.name,
            free_agents=1,
            idle_for=turn.at - agent.idle_since,
            load=len(agent.slots),
            band=found[1],
        )
        offer(turn, contact, agent, why)


def after_refusal(turn: Turn, contact: Contact, agent: str, reason: str) -> None:
    """An agent did not take it: back to its place, unless others are still ringing."""
    if contact.named == agent:
        end_preference(turn, contact, "rejected")
    if not contact.offers and contact.state is OFFERED:
        return_to_place(turn, contact, reason)
    elif contact.offers:
        turn.seeking[contact.id] = None  # somebody else may ring instead


# -- commands ---------------------------------------------------------------------------------


def accept(turn: Turn, command: c.Accept) -> None:
    take(turn, turn.pending_offer(command.offer))


def reject(turn: Turn, command: c.Reject) -> None:
    pending = turn.pending_offer(command.offer)
    contact = turn.state.contacts[pending.contact]
    queue = turn.state.catalog.queues[contact.queue]
    turn.emit(
        e.OfferRejected(
            contact=contact.id,
            sequence=contact.sequence + 1,
            offer=pending.id,
            agent=pending.agent,
            reason=command.reason[:200],
            excluded_until=turn.at + queue.reoffer_after,
        )
    )
    after_refusal(turn, contact, pending.agent, "rejected")


def time_out(turn: Turn, offer_id: str) -> None:
    """RONA: the contact keeps its place, the agent becomes not ready if the queue says so."""
    missed = turn.state.offers.get(offer_id)
    if missed is None or missed.state is not PENDING or missed.expires_at > turn.at:
        return
    contact = turn.state.contacts[missed.contact]
    queue = turn.state.catalog.queues[contact.queue]
    turn.emit(
        e.OfferTimedOut(
            contact=contact.id,
            sequence=contact.sequence + 1,
            offer=missed.id,
            agent=missed.agent,
            excluded_until=turn.at + queue.reoffer_after,
        )
    )
    _after_missing(turn, turn.state.agents[missed.agent], queue)
    after_refusal(turn, contact, missed.agent, "missed")


def _after_missing(turn: Turn, agent: Agent, queue: Queue) -> None:
    if queue.missed_offer == "not_ready" and agent.state is READY:
        turn.emit(e.AgentNotReady(agent=agent.id, reason="missed_offer"))
        withdraw_offers_of(turn, agent, "agent_lost")


def fail_connection(turn: Turn, command: c.FailConnection) -> None:
    """The channel could not join them: the agent is free again, the contact in its old place."""
    contact = turn.contact(command.contact)
    if contact.state is not CONNECTED or not contact.agent:
        refuse("wrong_state", "Only a contact that an agent has just taken can fail to connect.")
    agent = contact.agent
    if contact.consult or contact.participants or contact.parent:
        refuse("wrong_state", "A contact with a consultation or a conference cannot be put back.")
    release(turn, contact, agent, wrap=False)
    queue = turn.state.catalog.queues[contact.queue]
    return_to_place(turn, contact, "connection_failed", {agent: turn.at + queue.reoffer_after})
