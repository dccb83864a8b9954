"""Every decision of the core, judged at its moment against the brute-force chooser.

``Judge`` follows a core's events in a state of its own, so that it stands where the core stood
when it decided: in the middle of a turn, before each offer. It says in a sentence what differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from router.core import events as e
from router.core.model import Agent, AgentState, Choice, Contact, ContactState
from router.core.state import State
from simulator.judging import chooser, staying
from simulator.judging.chooser import BY_LOT

CLAIMS = frozenset({"preferred", "named"})  # reasons for an offer that is nobody else's


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """What differs, in a sentence; ``at`` is microseconds UTC."""

    at: int
    contact: str
    agent: str
    what: str


class Judge:
    """Owns ``state``, which must be where the core stands before the first events it hears.

    ``judged`` counts what was judged, by the reason the core gave.
    """

    def __init__(self, state: State | None = None) -> None:
        self.state = state if state is not None else State()
        self.state.set_index_aside()
        self.judged: Counter[str] = Counter()

    def judge(self, events: Sequence[e.Event], at: int) -> list[Disagreement]:
        """All that one command caused at ``at``: each decision, and what was left undone."""
        found: list[Disagreement] = []
        for event, following in zip(events, [*events[1:], None], strict=False):
            for agent, what in self._decision(event, following, at):
                contact = getattr(event, "contact", "")
                found.append(Disagreement(at=at, contact=contact, agent=agent, what=what))
            self.state.apply(event, at)
        return found + self.left_undone(at)

    def follow(self, events: Sequence[e.Event], at: int) -> None:
        """Hear what happened without judging it: for whoever judges only some decisions."""
        for event in events:
            self.state.apply(event, at)

    def left_undone(self, at: int) -> list[Disagreement]:
        """What should not be once the core has decided everything due at ``at``."""
        return [
            Disagreement(at=at, contact=contact.id, agent=agent, what=what)
            for contact in self.state.contacts.values()
            for agent, what in self._neglect(contact, at)
        ]

    def _decision(
        self, event: e.Event, following: e.Event | None, at: int
    ) -> Iterator[tuple[str, str]]:
        """(agent or nobody, what differs)."""
        if isinstance(event, e.Offered):
            for what in self._offer(event, following, at):
                yield event.agent, what
        elif isinstance(event, e.StepEntered):
            yield from self._step(self.state.contacts[event.contact], event, at)
        elif isinstance(event, e.PreferenceEnded):
            yield from self._preference(self.state.contacts[event.contact], event, at)

    # -- offers ------------------------------------------------------------------------------

    def _offer(self, event: e.Offered, following: e.Event | None, at: int) -> Iterator[str]:
        contact, agent = self.state.contacts[event.contact], self.state.agents[event.agent]
        taken = isinstance(following, e.OfferAccepted) and following.offer == event.offer
        rings = contact.state is ContactState.OFFERED
        by_a_person = event.why.reason == "named" and (taken or contact.named != agent.id)
        self.judged["pulled" if by_a_person else f"{event.why.reason}{' along' * rings}"] += 1
        if by_a_person:
            yield from self._pull(contact, agent, taken=taken)
            return
        yield from self._figures(contact, agent, event.why, at)
        if rings:
            yield from self._ringing_along(contact, agent, event.why, at)
        else:
            yield from self._first_offer(contact, agent, event.why, at)

    def _first_offer(self, contact: Contact, agent: Agent, why: Choice, at: int) -> Iterator[str]:
        against = list(chooser.reasons_against(self.state, agent, contact, at))
        if against:
            yield f"{agent.id} may not take {contact.id}: {', '.join(against)}"
            return
        if not chooser.waits(contact):
            yield f"{contact.id} is offered to {agent.id} and does not wait"
            return
        first = chooser.best_contact(self.state, agent, at)
        if first is not None and first.contact != contact.id:
            yield f"{agent.id} is offered {contact.id}, but {first.contact} comes first for them"
        yield from self._right_agent(contact, agent, why, at)
        yield from self._right_reason(contact, agent, why)

    def _right_agent(self, contact: Contact, agent: Agent, why: Choice, at: int) -> Iterator[str]:
        best = chooser.best_agents(self.state, contact, at)
        if agent.id in best:
            return
        if why.reason != "strategy" and self._all_have_another(best, contact, at):
            return
        yield f"{contact.id} is offered to {agent.id}, but should go to {_names(best)}"

    def _all_have_another(self, agents: set[str], contact: Contact, at: int) -> bool:
        """Several became free at one moment, and who would be chosen takes another contact."""
        first = [chooser.best_contact(self.state, self.state.agents[a], at) for a in agents]
        return all(one is not None and one.contact != contact.id for one in first)

    def _right_reason(self, contact: Contact, agent: Agent, why: Choice) -> Iterator[str]:
        is_kept = contact.preferred_until > 0
        right = ({"preferred"} if agent.id in contact.preferred else set()) | {
            "strategy",
            "next_waiting",
        }
        if is_kept:
            right = {"named" if contact.named == agent.id else "preferred"}
        if why.reason not in right:
            yield f"the offer of {contact.id} to {agent.id} says {why.reason}, not {_names(right)}"

    def _pull(self, contact: Contact, agent: Agent, *, taken: bool) -> Iterator[str]:
        """A person gave it: past every order and demand, but not past state and capacity."""
        profile = chooser.profile_of(self.state, agent)
        if not taken:
            yield f"{contact.id} rings at {agent.id} as named, and nobody named them"
        if agent.state is not AgentState.READY or agent.next_state is not None:
            yield f"{contact.id} is given to {agent.id}, who takes no work"
        if contact.channel in agent.unreachable:
            yield f"{contact.id} is given to {agent.id}, who cannot be reached"
        if contact.id in agent.slots or not chooser.has_room(agent, profile, contact.channel):
            yield f"{contact.id} is given to {agent.id}, who has no room for it"

    # -- ringing at several ------------------------------------------------------------------

    def _ringing_along(self, contact: Contact, agent: Agent, why: Choice, at: int) -> Iterator[str]:
        if why.reason != "strategy":
            yield f"{contact.id} rings already, and its offer to {agent.id} says {why.reason}"
        if not self._may_ring_at_more(contact, at):
            yield f"{contact.id} rings already and may not ring at {agent.id} as well"
            return
        against = list(chooser.reasons_against(self.state, agent, contact, at))
        if against:
            yield f"{agent.id} may not ring along for {contact.id}: {', '.join(against)}"
            return
        first = chooser.best_contact(self.state, agent, at)
        if first is not None:
            yield f"{agent.id} rings along for {contact.id} while {first.contact} waits for them"
        if not self._is_next_to_ring(contact, agent, at):
            yield f"neither is {agent.id} next for {contact.id} nor does it ring first for them"

    def _may_ring_at_more(self, contact: Contact, at: int) -> bool:
        if contact.state is not ContactState.OFFERED:
            return False
        queue = self.state.catalog.queues[contact.queue]
        reasons = {self.state.offers[one].why.reason for one in contact.offers.values()}
        return (
            queue.strategy == "ring_all"
            and len(contact.offers) < queue.ring_all_limit
            and not contact.preferred_until
            and not reasons & CLAIMS
            and not staying.leaves_its_queue(self.state, contact, at)
        )

    def _is_next_to_ring(self, contact: Contact, agent: Agent, at: int) -> bool:
        if agent.id in chooser.best_agents(self.state, contact, at):
            return True
        open_now = [c for c in self.state.contacts.values() if self._may_ring_at_more(c, at)]
        found = chooser.best_ringing(self.state, agent, open_now, at)
        return found is not None and found.contact == contact.id

    # -- what the offer says about itself -----------------------------------------------------

    def _figures(self, contact: Contact, agent: Agent, why: Choice, at: int) -> Iterator[str]:
        told = {"load": why.load, "idle_for": why.idle_for}
        right: dict[str, object] = {"load": len(agent.slots), "idle_for": at - agent.idle_since}
        if why.reason == "next_waiting":
            told |= {"band": why.band, "waiting_contacts": why.waiting_contacts}
            right["band"] = chooser.band_of(self.state, agent, contact)
            right["waiting_contacts"] = chooser.kinds_open_to(self.state, agent, at)
        for name, figure in told.items():
            if figure != right[name]:
                yield f"the offer of {contact.id} says {name} {figure}, it is {right[name]}"
        if why.reason == "strategy":
            yield from self._comparison(contact, why, at)

    def _comparison(self, contact: Contact, why: Choice, at: int) -> Iterator[str]:
        """The strategy, how many it compared, and whom it would have chosen next."""
        queue = self.state.catalog.queues[contact.queue]
        free = chooser.free_agents(self.state, contact, at)
        rings = contact.state is ContactState.OFFERED
        if why.strategy != queue.strategy:
            yield f"the offer of {contact.id} says {why.strategy}, its queue uses {queue.strategy}"
        if not rings and why.free_agents != len(free):
            yield f"the offer of {contact.id} says {why.free_agents} are free, {len(free)} are"
        if queue.strategy in BY_LOT or (rings and not why.runner_up):
            return
        chosen = max(queue.ring_all_limit, 1) - len(contact.offers)
        passed_over = chosen if queue.strategy == "ring_all" else 1
        others = chooser.in_order(queue.strategy, free, contact)[passed_over:]
        next_best = others[0].id if others else ""
        if why.runner_up != next_best:
            yield f"the offer of {contact.id} says next is {why.runner_up!r}, it is {next_best!r}"

    # -- steps and preferences ---------------------------------------------------------------

    def _step(self, contact: Contact, event: e.StepEntered, at: int) -> Iterator[tuple[str, str]]:
        self.judged[f"step {event.reason}"] += 1
        is_over = 0 < contact.step_until <= at
        is_hopeless = staying.step_is_hopeless(self.state, contact)
        if event.step != contact.step + 1:
            yield "", f"{contact.id} goes from step {contact.step} to {event.step}"
        if not (is_hopeless if event.reason == "nobody_signed_in" else is_over):
            yield "", f"{contact.id} leaves a step that goes on ({event.reason})"

    def _preference(
        self, contact: Contact, event: e.PreferenceEnded, at: int
    ) -> Iterator[tuple[str, str]]:
        self.judged[f"preference {event.reason}"] += 1
        named_refused = event.reason == "rejected" and contact.excluded.get(contact.named, -1) >= at
        if staying.claim_stands(self.state, contact, at) and not named_refused:
            yield "", f"{contact.id} is kept no longer, and its agents may still come"

    # -- what is left when the turn is over --------------------------------------------------

    def _neglect(self, contact: Contact, at: int) -> Iterator[tuple[str, str]]:
        if self._may_ring_at_more(contact, at):
            for agent in chooser.free_agents(self.state, contact, at):
                yield agent.id, f"{contact.id} rings, and {agent.id} is free to ring along"
        for rung in contact.offers:
            if contact.channel in self.state.agents[rung].unreachable:
                yield rung, f"{contact.id} rings at {rung}, who cannot be reached"
        rings = contact.state is ContactState.OFFERED
        if rings and 0 < contact.preferred_until <= at and not contact.parent:
            yield "", f"{contact.id} rings and is kept past its time"
        if not chooser.waits(contact):
            return
        for agent in chooser.free_agents(self.state, contact, at):
            yield agent.id, f"{contact.id} waits, and {agent.id} is free for it"
        if contact.preferred_until:
            if not staying.claim_stands(self.state, contact, at):
                yield "", f"{contact.id} is kept for agents none of whom will come"
        elif staying.step_is_hopeless(self.state, contact):
            yield "", f"{contact.id} waits in a step that nobody signed in can meet"


def judge_entry(before: State, entry: e.Entry) -> list[Disagreement]:
    """Judge one journal record on a copy of ``before``, the state in which it was decided."""
    return Judge(State.restore(before.snapshot())).judge(entry.events, entry.at)


def _names(ids: set[str]) -> str:
    return " or ".join(sorted(ids)) or "nobody"
