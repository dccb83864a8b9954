"""Colleagues who work by themselves: they sign in, accept, talk, write, wrap up and take breaks.

Pure: time is an argument, chance is seeded, and what they do comes out as commands. An agent
whom a person has claimed is left alone until released.
"""

from __future__ import annotations

import msgspec

from cti_adapters.simulated.agenda import Agenda
from cti_adapters.simulated.chance import Chance
from cti_adapters.simulated.scripts import answer_to, is_thanks
from cti_adapters.simulated.settings import SimulationSettings
from router.core import commands as c
from router.core import events as e
from router.core.durations import SECOND
from router.core.model import AgentState, Contact, SlotState
from router.core.state import State

BY = "simulation"
HIMSELF = ""  # the contact of plans that concern the agent alone
REJECTS = 0.3  # share of the offers they do not take that are rejected, not just missed
TRIES_AGAIN = 10 * SECOND


class Typing(msgspec.Struct, frozen=True, kw_only=True):
    """An agent begins to type in a chat."""

    contact: str


Key = tuple[str, str]  # agent, contact
Act = c.Command | Typing
AboutContact = (
    e.Offered
    | e.OfferAccepted
    | e.OfferRejected
    | e.OfferTimedOut
    | e.OfferRescinded
    | e.AgentJoined
    | e.AgentReleased
    | e.WrapUpFinished
)


class Staff:
    """``agents`` are driven from the start; ids carry ``at``, so that a later run reuses none."""

    def __init__(self, settings: SimulationSettings, agents: tuple[str, ...], at: int) -> None:
        self._behaviour = settings.colleague
        self._chance = Chance(f"staff {settings.seed}")
        self._driven = dict.fromkeys(agents)
        self._agenda: Agenda[Key, str] = Agenda()
        self._asked: dict[Key, str] = {}  # the customer's last line in a chat
        self._run = f"sim-{at:x}"
        self._acts = 0

    def __contains__(self, agent: str) -> bool:
        return agent in self._driven

    def next_deadline(self) -> int | None:
        return self._agenda.next_deadline()

    def claim(self, agent: str) -> None:
        """A person is the agent now: nothing is done in their name any more."""
        self._driven.pop(agent, None)
        for key in [key for key in self._agenda if key[0] == agent]:
            self._drop(*key)

    def release(self, agent: str, state: State, at: int) -> None:
        """The person has gone: go on with whatever the agent has in hand."""
        self._driven[agent] = None
        self.adopt(agent, state, at)

    def adopt(self, agent: str, state: State, at: int) -> None:
        """Take up an agent as they are."""
        found = state.agents.get(agent)
        if found is None or agent not in self._driven:
            return
        if found.state is AgentState.SIGNED_OUT:
            self._plan(agent, HIMSELF, at + self._soon(), "sign in")
        elif found.state is AgentState.NOT_READY:
            self._plan(agent, HIMSELF, at + self._soon(), "ready")
        else:
            self._plan_break(agent, at)
        doing = {SlotState.RESERVED: "accept", SlotState.WRAPPING: "wrap up"}
        for slot in found.slots.values():
            what = doing.get(slot.state, "end")
            wait = self._soon() if what == "accept" else self._talk()
            self._plan(agent, slot.contact, at + wait, what)

    def due(self, at: int, state: State) -> list[Act]:
        """What they do by ``at``."""
        acts: list[Act] = []
        for (agent, contact), what in self._agenda.due(at):
            if contact == HIMSELF:
                acts.extend(self._for_himself(agent, what, state))
            else:
                acts.extend(self._for_contact(agent, contact, what, at, state))
        return acts

    def failed(self, act: Act, at: int) -> None:
        """The router did not take it. What no event will follow up is tried again."""
        match act:
            case c.EndContact() if act.by.startswith(BY):
                self._plan(act.by.removeprefix(BY + " "), act.contact, at + TRIES_AGAIN, "end")
            case c.FinishWrapUp():
                self._plan(act.agent, act.contact, at + TRIES_AGAIN, "wrap up")
            case c.SetReady():
                self._plan(act.agent, HIMSELF, at + TRIES_AGAIN, "ready")
            case _:
                pass

    def observe(self, event: e.Event, at: int, state: State) -> None:
        """See what happened to them and their contacts."""
        match event:
            case e.MessagePosted() if event.message.author == "customer":
                self._asked_in(event, at, state)
            case e.ContactEnded() | e.Completed() | e.Abandoned() | e.TransferredOut():
                self._over(event.contact, wrapping=isinstance(event, e.ContactEnded))
            case (
                e.Offered()
                | e.OfferAccepted()
                | e.OfferRejected()
                | e.OfferTimedOut()
                | e.OfferRescinded()
                | e.AgentJoined()
                | e.AgentReleased()
                | e.WrapUpFinished()
            ) if event.agent in self._driven:
                self._with_contact(event, at, state)
            case e.AgentSignedIn() | e.AgentReady() | e.AgentNotReady() if (
                event.agent in self._driven
            ):
                self._with_himself(event, at)
            case _:
                pass

    # -- what happened ------------------------------------------------------------------------

    def _with_contact(self, event: AboutContact, at: int, state: State) -> None:
        agent, contact = event.agent, event.contact
        match event:
            case e.Offered():
                misses = self._chance.happens(self._behaviour.misses)
                if not misses:
                    self._plan(agent, contact, at + self._soon(), "accept")
                elif self._chance.happens(REJECTS):
                    self._plan(agent, contact, at + self._soon(), "reject")
            case e.OfferAccepted() | e.AgentJoined():
                self._begin(agent, contact, at, state)
            case e.AgentReleased() if event.wrap_until:
                self._asked.pop((agent, contact), None)
                wrap_up = self._chance.around(self._behaviour.wrap_up)
                self._plan(agent, contact, at + wrap_up, "wrap up")
            case _:
                self._drop(agent, contact)

    def _with_himself(
        self, event: e.AgentSignedIn | e.AgentReady | e.AgentNotReady, at: int
    ) -> None:
        match event:
            case e.AgentReady():
                self._plan_break(event.agent, at)
            case e.AgentSignedIn():
                self._plan(event.agent, HIMSELF, at + self._soon(), "ready")
            case e.AgentNotReady():
                rests = event.reason == "break"
                away = self._behaviour.break_for if rests else self._behaviour.back_after
                self._plan(event.agent, HIMSELF, at + self._chance.around(away), "ready")

    def _begin(self, agent: str, contact: str, at: int, state: State) -> None:
        live = state.contacts.get(contact)
        if live is not None and live.channel == "chat":
            asked = [m.text for m in live.messages if m.author == "customer"]
            self._asked[agent, contact] = asked[-1] if asked else ""
            self._plan(agent, contact, at + self._soon(), "type")
        else:
            self._plan(agent, contact, at + self._talk(), "end")

    def _asked_in(self, event: e.MessagePosted, at: int, state: State) -> None:
        live = state.contacts.get(event.contact)
        if live is None or (live.agent, live.id) not in self._asked:
            return
        self._asked[live.agent, live.id] = event.message.text
        self._plan(live.agent, live.id, at + self._soon(), "type")

    def _over(self, contact: str, *, wrapping: bool) -> None:
        for key in [key for key in self._agenda if key[1] == contact]:
            if not (wrapping and self._agenda.planned(key) == "wrap up"):
                self._drop(*key)

    # -- what they do -------------------------------------------------------------------------

    def _for_himself(self, agent: str, what: str, state: State) -> list[Act]:
        match what:
            case "sign in":
                return [c.SignIn(id=self._id(agent), by=BY, agent=agent)]
            case "break":
                reasons = state.catalog.not_ready_reasons
                reason = "break" if "break" in reasons or not reasons else reasons[0]
                return [c.SetNotReady(id=self._id(agent), by=BY, agent=agent, reason=reason)]
            case _:
                return [c.SetReady(id=self._id(agent), by=BY, agent=agent)]

    def _for_contact(self, agent: str, contact: str, what: str, at: int, state: State) -> list[Act]:
        live = state.contacts.get(contact)
        if live is None:
            return []
        ident, by = self._id(agent), f"{BY} {agent}"
        match what:
            case "accept" | "reject":
                offer = live.offers.get(agent)
                answer = c.Accept if what == "accept" else c.Reject
                return [answer(id=ident, by=by, offer=offer)] if offer else []
            case "wrap up":
                return [self._wrapped_up(ident, agent, live, state)]
            case "type":
                self._plan(agent, contact, at + self._chance.around(self._behaviour.typing), "say")
                return [Typing(contact=contact)]
            case "say":
                return self._say(ident, agent, live, at)
            case _:
                return [c.EndContact(id=ident, by=by, contact=contact, ended_by="agent")]

    def _say(self, ident: str, agent: str, live: Contact, at: int) -> list[Act]:
        asked = self._asked.get((agent, live.id), "")
        self._plan(agent, live.id, at + self._behaviour.idle_chat, "end")
        if is_thanks(asked):
            return []
        turn = sum(message.author == "agent" for message in live.messages)
        return [
            c.PostMessage(
                id=ident,
                by=f"{BY} {agent}",
                contact=live.id,
                message=ident,
                author="agent",
                agent=agent,
                text=answer_to(asked, turn),
            )
        ]

    def _wrapped_up(self, ident: str, agent: str, live: Contact, state: State) -> Act:
        queue = state.catalog.queues.get(live.queue)
        choices = queue.dispositions if queue else ()
        return c.FinishWrapUp(
            id=ident,
            by=f"{BY} {agent}",
            contact=live.id,
            agent=agent,
            disposition=self._chance.one_of(choices) if choices else "",
        )

    def _plan(self, agent: str, contact: str, at: int, what: str) -> None:
        if agent in self._driven:
            self._agenda.plan((agent, contact), at, what)

    def _plan_break(self, agent: str, at: int) -> None:
        wait = self._chance.memoryless(self._behaviour.between_breaks)
        self._plan(agent, HIMSELF, at + wait, "break")

    def _drop(self, agent: str, contact: str) -> None:
        self._agenda.cancel((agent, contact))
        self._asked.pop((agent, contact), None)

    def _soon(self) -> int:
        return self._chance.between(SECOND, max(SECOND, self._behaviour.accepts_within))

    def _talk(self) -> int:
        return self._chance.around(self._behaviour.talk)

    def _id(self, agent: str) -> str:
        self._acts += 1
        return f"{self._run}-{agent}-{self._acts}"
