"""What an agent asks at the desk, as a command to the core, once it is clear that they may.

An agent may only touch offers made to them and contacts they have a share in; the core then
judges whether the act makes sense. Everything here is pure.
"""

from __future__ import annotations

import hashlib

import msgspec

from agents import messages as m
from router.core import commands as c
from router.core.events import Rejected
from router.core.model import Contact, SlotState
from router.core.state import State
from router.text import lines

MAX_ID = 128
MAX_REASON = 200
MAX_ADDRESS = 320

AgentAct = m.GoReady | m.GoNotReady | m.GoSignedOut
OfferAct = m.AcceptOffer | m.RejectOffer
ConversationAct = (
    m.HoldContact
    | m.RetrieveContact
    | m.EndContactNow
    | m.RequeueContact
    | m.TransferContact
    | m.ConsultColleague
    | m.CompleteConsultedTransfer
    | m.StartConference
    | m.CancelConsultation
    | m.CallbackUnreached
)
ShareAct = m.Say | m.LeaveContact | m.ExtendWrap | m.FinishWrap
RoutedAct = AgentAct | OfferAct | ConversationAct | ShareAct

_LIMITS = {"text": m.MAX_TEXT, "note": m.MAX_TEXT, "reason": MAX_REASON, "address": MAX_ADDRESS}

NOT_YOURS = Rejected(code="not_yours", reason="This contact is no longer with you.")
OFFER_GONE = Rejected(code="offer_gone", reason="This offer has gone to someone else or back.")
NOT_HOLDER = Rejected(
    code="not_holder", reason="Only the colleague who holds this contact can do that."
)
NOT_TALKING = Rejected(code="not_talking", reason="Your part in this conversation is over.")
NO_TARGET = Rejected(code="bad_target", reason="Choose one queue, one colleague or one address.")


def problem_with(act: m.ClientMessage) -> Rejected | None:
    """Why the act is refused before it is looked at: a field too long or not fit to be kept."""
    for field in act.__struct_fields__:
        value = getattr(act, field)
        if not isinstance(value, str):
            continue
        limit = _LIMITS.get(field, MAX_ID)
        if len(value) > limit:
            return Rejected(
                code="too_long", reason=f"The {field} may have {limit} characters at most."
            )
        if "\0" in value:  # no database would keep it
            return Rejected(code="bad_text", reason=f"The {field} has characters that are no text.")
    if not act.id:
        return Rejected(code="malformed", reason="Every message needs an id.")
    return None


def command_id(agent: str, act_id: str) -> str:
    """Prefixed with the agent, so that no agent can use up another's ids."""
    return f"desk:{agent}:{act_id}"


def command_for(act: RoutedAct, agent: str, state: State) -> c.Command | Rejected:
    """The command ``act`` stands for, or why ``agent`` may not ask it."""
    match act:
        case m.GoReady() | m.GoNotReady() | m.GoSignedOut():
            return _agent_command(act, agent)
        case m.AcceptOffer() | m.RejectOffer():
            return _offer_command(act, agent, state)
        case m.Say() | m.LeaveContact() | m.ExtendWrap() | m.FinishWrap():
            return _share_command(act, agent, state)
        case _:
            return _conversation_command(act, agent, state)


def _agent_command(act: AgentAct, agent: str) -> c.Command:
    key = command_id(agent, act.id)
    match act:
        case m.GoReady():
            return c.SetReady(id=key, by=agent, agent=agent)
        case m.GoNotReady():
            return c.SetNotReady(id=key, by=agent, agent=agent, reason=act.reason)
        case m.GoSignedOut():
            return c.SignOut(id=key, by=agent, agent=agent)


def _offer_command(act: OfferAct, agent: str, state: State) -> c.Command | Rejected:
    offer = state.offers.get(act.offer)
    if offer is None or offer.agent != agent:
        return OFFER_GONE
    key = command_id(agent, act.id)
    match act:
        case m.AcceptOffer():
            return c.Accept(id=key, by=agent, offer=offer.id)
        case m.RejectOffer():
            return c.Reject(id=key, by=agent, offer=offer.id, reason=act.reason)


def _share_command(act: ShareAct, agent: str, state: State) -> c.Command | Rejected:
    if not has_share(state, agent, act.contact):
        return NOT_YOURS
    if isinstance(act, m.Say) and not talks(state, agent, act.contact):
        return NOT_TALKING
    key, contact = command_id(agent, act.id), act.contact
    match act:
        case m.Say():
            return c.PostMessage(
                id=key,
                by=agent,
                contact=contact,
                message=f"{agent}:{act.id}",
                author="agent",
                text=lines(act.text),
                agent=agent,
            )
        case m.LeaveContact():
            return c.LeaveConference(id=key, by=agent, contact=contact, agent=agent)
        case m.ExtendWrap():
            return c.ExtendWrapUp(
                id=key, by=agent, contact=contact, agent=agent, extend_by=act.extend_by
            )
        case m.FinishWrap():
            return c.FinishWrapUp(
                id=key,
                by=agent,
                contact=contact,
                agent=agent,
                disposition=act.disposition,
                note=lines(act.note),
            )


def _conversation_command(act: ConversationAct, agent: str, state: State) -> c.Command | Rejected:
    contact = state.contacts.get(act.contact)
    if contact is None or not has_share(state, agent, act.contact):
        return NOT_YOURS
    if contact.agent != agent:
        return NOT_HOLDER
    match act:
        case m.TransferContact():
            return _transfer(act, agent)
        case m.ConsultColleague():
            return _consult(act, agent, contact)
        case _:
            return _plain_command(act, agent)


def _plain_command(
    act: m.HoldContact
    | m.RetrieveContact
    | m.EndContactNow
    | m.RequeueContact
    | m.CompleteConsultedTransfer
    | m.StartConference
    | m.CancelConsultation
    | m.CallbackUnreached,
    agent: str,
) -> c.Command:
    key, contact = command_id(agent, act.id), act.contact
    match act:
        case m.HoldContact():
            return c.Hold(id=key, by=agent, contact=contact)
        case m.RetrieveContact():
            return c.Retrieve(id=key, by=agent, contact=contact)
        case m.EndContactNow():
            return c.EndContact(id=key, by=agent, contact=contact, ended_by="agent", seen=act.seen)
        case m.RequeueContact():
            return c.Requeue(id=key, by=agent, contact=contact)
        case m.CompleteConsultedTransfer():
            return c.CompleteTransfer(id=key, by=agent, contact=contact)
        case m.StartConference():
            return c.Conference(id=key, by=agent, contact=contact)
        case m.CancelConsultation():
            return c.CancelConsult(id=key, by=agent, contact=contact)
        case m.CallbackUnreached():
            return c.FailCallback(id=key, by=agent, contact=contact, reason=act.reason)


def _transfer(act: m.TransferContact, agent: str) -> c.Command | Rejected:
    key, contact = command_id(agent, act.id), act.contact
    match (act.queue, act.agent, act.address):
        case (queue, "", "") if queue:
            return c.TransferToQueue(id=key, by=agent, contact=contact, queue=queue)
        case ("", colleague, "") if colleague:
            return c.TransferToAgent(id=key, by=agent, contact=contact, agent=colleague)
        case ("", "", address) if address:
            return c.TransferOut(id=key, by=agent, contact=contact, address=address)
        case _:
            return NO_TARGET


def _consult(act: m.ConsultColleague, agent: str, contact: Contact) -> c.Command | Rejected:
    if bool(act.queue) == bool(act.agent):
        return NO_TARGET
    key = command_id(agent, act.id)
    return c.Consult(
        id=key,
        by=agent,
        contact=contact.id,
        consult=f"consult-{hashlib.sha256(key.encode()).hexdigest()[:20]}",
        queue=act.queue,
        agent=act.agent,
    )


def has_share(state: State, agent: str, contact: str) -> bool:
    """Whether the agent has the contact in hand or is writing it up (an offer is no share)."""
    known = state.agents.get(agent)
    slot = known.slots.get(contact) if known else None
    return slot is not None and slot.started_at > 0


def talks(state: State, agent: str, contact: str) -> bool:
    """Whether the agent is in the conversation, on hold or not, rather than writing it up."""
    known = state.agents.get(agent)
    slot = known.slots.get(contact) if known else None
    return slot is not None and slot.state in (SlotState.ACTIVE, SlotState.HELD)


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that is no message; ``to`` is its id when that much could be read."""

    problem: Rejected
    to: str = ""


class _Envelope(msgspec.Struct):
    id: str = ""


_DECODER = msgspec.json.Decoder(m.ClientMessage)
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def read(frame: bytes | str) -> m.ClientMessage | Unreadable:
    """The message in ``frame``, checked; never raises, whatever was sent."""
    if len(frame) > m.MAX_FRAME:
        reason = f"A message may have {m.MAX_FRAME // 1024} kB at most."
        return Unreadable(problem=Rejected(code="too_large", reason=reason))
    try:
        act = _DECODER.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        reason = "The message could not be read; reload the page."
        return Unreadable(problem=Rejected(code="malformed", reason=reason), to=_id_in(frame))
    problem = problem_with(act)
    return act if problem is None else Unreadable(problem=problem, to=act.id[:MAX_ID])


def _id_in(frame: bytes | str) -> str:
    try:
        return _ENVELOPE.decode(frame).id[:MAX_ID]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
