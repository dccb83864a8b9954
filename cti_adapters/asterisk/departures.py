"""What it means for the contact that somebody's channel has gone. Pure.

Each command's id holds the contact's sequence number: said again before the router has acted on
it, it has one effect; said again because it came too early, it is judged anew.
"""

from __future__ import annotations

from typing import Literal

from cti_adapters.asterisk.settings import CHANNEL
from router.core.commands import (
    Abandon,
    CancelConsult,
    Command,
    CompleteTransfer,
    EndContact,
    FailCallback,
    FailConnection,
    LeaveConference,
    Reject,
    Requeue,
    Retrieve,
)
from router.core.model import WITH_AGENT, Contact, ContactState

HUNG_UP = "hung_up"
LOST = "lost"
NO_ANSWER = "no_answer"
UNREACHABLE = "unreachable"
AGENT_LEFT = "agent_left"
LED_AWAY = "led_away"

# Q.850 causes of a call that somebody ended, or did not take; who hangs up in a bridge gives none
_NORMAL = frozenset({"", "0", "16", "31"})
_WORDS = {
    "17": "busy",
    "18": NO_ANSWER,
    "19": NO_ANSWER,
    "21": "declined",
    "1": UNREACHABLE,
    "3": UNREACHABLE,
    "20": UNREACHABLE,
    "27": UNREACHABLE,
}
# reasons of AMI's OriginateResponse
_FAILURES = {"1": NO_ANSWER, "3": NO_ANSWER, "5": "busy", "8": "busy"}


def why_hung_up(cause: str, *, was_up: bool) -> str:
    """``hung_up`` when a party ended a conversation; ``lost`` when something broke it; for a call
    that was never answered why not.
    """
    if was_up:
        return HUNG_UP if cause in _NORMAL else LOST
    return _WORDS.get(cause, UNREACHABLE)


def why_failed(reason: str) -> str:
    return _FAILURES.get(reason, UNREACHABLE)


def customer_left(contact: Contact, why: str) -> Command | None:
    """The command for a contact whose customer is no longer on the telephone, or never was."""
    key = f"{contact.id}/left/{contact.sequence}"
    if contact.state in WITH_AGENT:
        if contact.callback is not None and why not in (HUNG_UP, LOST, LED_AWAY):
            return _not_reached(key, contact, why)
        by: Literal["customer", "system"] = "system" if why == LED_AWAY else "customer"
        return EndContact(id=key, by=CHANNEL, contact=contact.id, ended_by=by)
    if contact.state is ContactState.WRAPPING or contact.callback is not None:
        return None
    return Abandon(id=key, by=CHANNEL, contact=contact.id)


def _not_reached(key: str, contact: Contact, why: str) -> Command:
    """A callback came to nothing; step by step to where the router can be told so."""
    if contact.consult:
        return CancelConsult(id=key, by=CHANNEL, contact=contact.id)
    if contact.participants:
        return EndContact(id=key, by=CHANNEL, contact=contact.id, ended_by="system")
    if contact.state is ContactState.HELD:
        return Retrieve(id=key, by=CHANNEL, contact=contact.id)
    return FailCallback(id=key, by=CHANNEL, contact=contact.id, reason=why)


def agent_left(
    contact: Contact, consult: Contact | None, agent: str, why: str, *, reached: bool = True
) -> Command | None:
    """The command for an agent who is no longer on the telephone but should be.

    Hanging up in an answered consultation hands the customer over, as on every desk telephone;
    hanging up before a customer who is called back was ``reached`` ends no conversation.
    """
    key = f"{contact.id}/left/{agent}/{contact.sequence}"
    for asked in (contact, consult):
        offer = asked.offers.get(agent) if asked is not None else None
        if offer is not None:
            return Reject(id=f"{offer}/left", by=CHANNEL, offer=offer, reason=why)
    if consult is not None and agent == consult.agent:
        return EndContact(id=key, by=CHANNEL, contact=consult.id)
    if agent in contact.participants:
        return LeaveConference(id=key, by=CHANNEL, contact=contact.id, agent=agent)
    if contact.state not in WITH_AGENT or agent != contact.agent:
        return None
    if contact.callback is not None and not reached and why == HUNG_UP:
        return _not_reached(key, contact, AGENT_LEFT)
    return _holder_left(key, contact, consult, agent, why)


def _holder_left(
    key: str, contact: Contact, consult: Contact | None, agent: str, why: str
) -> Command:
    if consult is not None:
        handed_over = consult.agent and contact.state is ContactState.HELD
        if handed_over and not contact.participants:
            return CompleteTransfer(id=key, by=CHANNEL, contact=contact.id)
        return CancelConsult(id=key, by=CHANNEL, contact=contact.id)
    if contact.participants:
        return LeaveConference(id=key, by=CHANNEL, contact=contact.id, agent=agent)
    if why == HUNG_UP:
        return EndContact(id=key, by=CHANNEL, contact=contact.id, ended_by="agent")
    if contact.state is ContactState.HELD:
        return Requeue(id=key, by=CHANNEL, contact=contact.id, reason=why)
    return FailConnection(id=key, by=CHANNEL, contact=contact.id, reason=why)
