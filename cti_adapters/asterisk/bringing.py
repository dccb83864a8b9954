"""Brings every leg of a call one step nearer to what it should be doing. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from cti_adapters.asterisk.calling import call_customer, ring_agent
from cti_adapters.asterisk.departures import (
    LOST,
    NO_ANSWER,
    agent_left,
    customer_left,
)
from cti_adapters.asterisk.endings import ending_step
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.legs import (
    ASKED,
    CUSTOMER,
    GONE,
    WAIT,
    Activity,
    Ask,
    Call,
    Leave,
    Leg,
    Record,
    Ring,
    TakeFax,
    Tell,
    unique_of,
)
from cti_adapters.asterisk.outbound import Refused, allowed
from cti_adapters.asterisk.recording import recording_steps
from cti_adapters.asterisk.settings import CHANNEL, PbxSettings
from cti_adapters.asterisk.steps import lead_back, next_step
from cti_adapters.asterisk.switchboard import Switchboard
from cti_adapters.asterisk.wanted import wanted
from router.core.commands import Accept, Command, FailConnection, SetNotReady
from router.core.durations import SECOND
from router.core.model import WITH_AGENT, Contact
from router.replica import Replica

COMES_BACK = SECOND  # sooner, a call would go to where the telephone was when its line broke
MISSED = "missed_offer"  # as the router calls it when an offer rings out
AFTER_OFFER = 2 * SECOND  # a phone rings longer than its offer: the router ends it


class Bringing:
    def __init__(self, settings: PbxSettings, replica: Replica, board: Switchboard) -> None:
        self._settings = settings
        self._replica = replica
        self._board = board

    def on(self, call: Call, at: int) -> None:
        """What has to be asked or said now that anything about ``call`` may have changed."""
        contact, consult = self._contacts(call)
        if _runs_ahead(call, contact):
            return
        plan = _plan(call, contact, consult)
        for agent in [agent for agent in call.legs if agent not in plan]:
            leg = call.legs.pop(agent)
            leg.asked = ""
            call.leaving.append(leg)
        call.left = {agent: why for agent, why in call.left.items() if agent in plan}
        call.broken = {agent: line for agent, line in call.broken.items() if agent in plan}
        for leg in call.leaving:
            self._step(call, leg, GONE, at)
        for agent, activity in plan.items():
            if agent in call.left:
                call.listeners.pop(agent, None)
                self._say_left(call, agent, contact, at)
            else:
                self._bring(call, agent, activity, contact, at)
        if contact is None and not plan and not call.legs and not call.leaving:
            del self._board.calls[call.contact]

    def give_up(self, call: Call, at: int) -> None:
        """On a phone that was not picked up though the desk said yes."""
        contact, _ = self._contacts(call)
        if contact is None or contact.state not in WITH_AGENT:
            return
        leg = call.legs.get(contact.agent)
        if leg is None or leg.was_up:
            return
        if at - max(contact.answered_at, leg.since) > self._settings.answer_within:
            self._agent_left(call, contact.agent, NO_ANSWER, at)

    def _contacts(self, call: Call) -> tuple[Contact | None, Contact | None]:
        """The call's contact, and the consultation about it."""
        contacts = self._replica.state.contacts
        contact = contacts.get(call.contact)
        return contact, contacts.get(contact.consult) if contact and contact.consult else None

    def _tell(self, call: Call, told: Command | None, at: int) -> None:
        if told is not None:
            self._board.tell(call, told, at)

    def _say_left(self, call: Call, agent: str, contact: Contact | None, at: int) -> None:
        why = call.left[agent]
        if agent == CUSTOMER and contact is not None:
            self._tell(call, customer_left(contact, why), at)
        elif agent != CUSTOMER:
            self._agent_left(call, agent, why, at)

    def _agent_left(self, call: Call, agent: str, why: str, at: int) -> None:
        """Who accepts calls on the desk, or has them accepted, and picks up no phone is away."""
        contact, consult = self._contacts(call)
        if contact is None:
            return
        reached = contact.callback is None or _is_up(call.legs.get(CUSTOMER))
        told = agent_left(contact, consult, agent, why, reached=reached)
        queue = self._replica.state.catalog.queues.get(contact.queue)
        not_ready = queue is not None and queue.missed_offer == "not_ready"
        if isinstance(told, FailConnection) and why == NO_ANSWER and not_ready:
            away = SetNotReady(id=f"{told.id}/missed", by=CHANNEL, agent=agent, reason=MISSED)
            self._tell(call, away, at)
        self._tell(call, told, at)

    def _bring(
        self, call: Call, agent: str, activity: Activity, contact: Contact | None, at: int
    ) -> None:
        leg = call.legs.get(agent)
        if leg is None:
            self._call_up(call, agent, activity, contact, at)
            return
        channel = self._board.channel_of(leg)
        if agent == CUSTOMER and channel is not None and contact is not None:
            for act in recording_steps(call, leg, channel, contact, self._settings):
                if isinstance(act, Ask):
                    self._board.add(act)
                else:
                    self._board.tell(call, act, at)
        if channel is not None and channel.controlled:
            match activity:
                case Ring(offer=offer) if offer:
                    told = Accept(id=f"{offer}/answered", by=CHANNEL, offer=offer)
                    self._board.tell(call, told, at)
                    return
                case Tell() | Record() | Leave() | TakeFax():
                    self._end(call, leg, channel, activity, at)
                    return
                case _:
                    pass
        self._step(call, leg, activity, at)

    def _end(self, call: Call, leg: Leg, channel: Channel, ending: Activity, at: int) -> None:
        """An announcement is broken off: who pressed a key has heard enough of it."""
        if leg.speaking:
            self._board.ask(leg, lead_back(leg, channel, self._settings), at)
        else:
            self._board.ask(leg, ending_step(call, leg, channel, ending, self._settings), at)

    def _step(self, call: Call, leg: Leg, activity: Activity, at: int) -> None:
        step = next_step(call, leg, activity, self._board.exchange, self._settings)
        self._board.ask(leg, step, at)

    # -- calling up -----------------------------------------------------------------------------

    def _call_up(
        self, call: Call, agent: str, activity: Activity, contact: Contact | None, at: int
    ) -> None:
        if contact is None:
            return
        if agent == CUSTOMER:
            self._call_back(call, contact, at)
            return
        broken = call.broken.get(agent)
        if broken is not None:
            if at - broken.tried < COMES_BACK:
                return  # the next sweep looks again
            broken.tried = at
        leg = self._new_leg(call, agent, at)
        rings_for = self._settings.answer_within
        if isinstance(activity, Ring) and activity.offer:
            offer = self._replica.state.offers[activity.offer]
            rings_for = max(offer.expires_at - at, 0) + AFTER_OFFER
        self._board.ask(leg, ring_agent(leg, contact, self._settings, rings_for), at)

    def _call_back(self, call: Call, contact: Contact, at: int) -> None:
        """The agent first: nobody is called before somebody is there to talk.

        It does not count among what the agent dials: the number is the customer's, who was promised
        a call, and an agent who refused it would cost them an attempt.
        """
        if contact.callback is None:
            self._left(call, contact, LOST, at)
            return
        holder = call.legs.get(contact.agent)
        if holder is None or not holder.was_up:
            return
        number = allowed(contact.callback.address, self._settings.outbound)
        if isinstance(number, Refused):
            self._left(call, contact, number.reason, at)
            return
        leg = self._new_leg(call, CUSTOMER, at)
        self._board.ask(leg, call_customer(leg, number, self._settings), at)

    def _left(self, call: Call, contact: Contact, why: str, at: int) -> None:
        call.left[CUSTOMER] = why
        self._say_left(call, CUSTOMER, contact, at)

    def _new_leg(self, call: Call, agent: str, at: int) -> Leg:
        unique = unique_of(agent, call.contact, at)
        while self._board.exchange.has_seen(unique):
            at += 1
            unique = unique_of(agent, call.contact, at)
        leg = Leg(unique=unique, agent=agent, since=at)
        self._board.join(call, leg)
        return leg


def _runs_ahead(call: Call, contact: Contact | None) -> bool:
    """Whether the replica has events that were not looked at yet: one of them may say what the
    customer still hears.
    """
    if contact is None:
        return call.taken and not call.over
    return contact.sequence > call.followed


def _plan(call: Call, contact: Contact | None, consult: Contact | None) -> Mapping[str, Activity]:
    """Agents first: it is they who are led out of bridges, and the customer who makes them."""
    if contact is None and not call.taken and not call.over:
        return {CUSTOMER: call.ending or WAIT} if call.ending != GONE else {}
    plan = dict(wanted(contact, consult))
    talking = {agent for agent, activity in plan.items() if not isinstance(activity, Ring)}
    call.listeners = {who: spy for who, spy in call.listeners.items() if spy.agent in talking}
    plan |= call.listeners
    customer = plan.pop(CUSTOMER, None)
    if customer == WAIT and call.question is not None and call.question.prompt.kind != "wait":
        customer = ASKED
    if customer is None and CUSTOMER in call.legs and call.ending != GONE:
        customer = call.ending
    return plan if customer is None else {**plan, CUSTOMER: customer}


def _is_up(leg: Leg | None) -> bool:
    return leg is not None and leg.was_up
