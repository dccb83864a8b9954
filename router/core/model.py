"""Values and entities of the routing core: contacts, agents, offers, slots.

Values are frozen; entities (``Contact``, ``Agent``, ``Offer``, ``Slot``) change only inside
``State.apply``. Times are integer microseconds UTC, durations integer microseconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

import msgspec

from router.core.catalog import AgentDefinition, Announcement
from router.core.requirements import Step, Traits

Author = Literal["customer", "agent", "system"]
MonitorMode = Literal["listen", "whisper", "barge"]


class ContactState(StrEnum):
    ARRIVING = "arriving"
    IN_FLOW = "in_flow"
    QUEUED = "queued"
    OFFERED = "offered"
    CONNECTED = "connected"
    HELD = "held"
    WRAPPING = "wrapping"
    CALLBACK_PROMISED = "callback_promised"  # waiting, with nobody on the line
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    TRANSFERRED = "transferred"


TERMINAL = frozenset(
    {
        ContactState.COMPLETED,
        ContactState.ABANDONED,
        ContactState.OVERFLOWED,
        ContactState.TRANSFERRED,
    }
)


WITH_AGENT = frozenset({ContactState.CONNECTED, ContactState.HELD})


class AgentState(StrEnum):
    SIGNED_OUT = "signed_out"
    READY = "ready"
    NOT_READY = "not_ready"


class OfferState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    RESCINDED = "rescinded"


class SlotState(StrEnum):
    """What an agent is doing with one contact."""

    RESERVED = "reserved"  # offered, not yet accepted
    ACTIVE = "active"
    HELD = "held"
    WRAPPING = "wrapping"


# Members that are asked for with every command: CPython 3.11 takes ten times as long to find one
# through its class.
QUEUED: Final = ContactState.QUEUED
OFFERED: Final = ContactState.OFFERED
CONNECTED: Final = ContactState.CONNECTED
WRAPPING: Final = ContactState.WRAPPING
READY: Final = AgentState.READY
PENDING: Final = OfferState.PENDING
RESERVED: Final = SlotState.RESERVED


class CustomerRef(msgspec.Struct, frozen=True, kw_only=True):
    """The customer as routing sees them; the full record stays in the CRM."""

    id: str
    name: str = ""
    tier: str = ""
    value: int = 0  # worth per year in whole units of the centre's currency


class CreditPart(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for a head start, e.g. ``tier gold``, 90 s in microseconds."""

    source: str
    credit: int


class MessageFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was sent along; ``id`` is where its content is kept (``router.files``)."""

    id: str
    name: str
    content_type: str
    size: int  # bytes


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a contact's thread; with ``files`` its text says what they are."""

    id: str
    author: Author
    text: str
    at: int
    agent: str = ""
    files: tuple[MessageFile, ...] = ()


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A promise to call ``address``; ``not_before`` holds it back after a failed attempt."""

    address: str
    promised_at: int
    attempts: int = 0
    not_before: int = 0


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Why this agent: kept on the offer so that it can be explained later.

    ``reason``: ``strategy`` | ``preferred`` | ``next_waiting`` (the agent became free and took
    the first contact in order) | ``named`` (a person chose the agent).
    """

    reason: str
    strategy: str = ""
    free_agents: int = 0  # how many could have taken it
    idle_for: int = 0
    load: int = 0  # contacts the agent already had
    runner_up: str = ""
    band: int = 0
    waiting_contacts: int = 0  # how many classes of waiting contacts were compared


class Offer(msgspec.Struct, kw_only=True):
    id: str
    contact: str
    agent: str
    offered_at: int
    expires_at: int
    why: Choice
    state: OfferState = OfferState.PENDING


class Slot(msgspec.Struct, kw_only=True):
    """An agent's share in one contact; while it exists it uses capacity of ``channel``."""

    contact: str
    channel: str
    state: SlotState
    since: int
    offer: str = ""
    queue: str = ""  # where it waited when it was offered
    started_at: int = 0  # when the agent accepted, 0 before
    wrap_until: int = 0
    wrap_limit: int = 0
    interrupted_by: str = ""  # the contact that came in between, while it is in hand
    away: int = 0  # microseconds that the agent was called away from it, up to ``since``


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A node that a contact passed in its flow: by which exit, what was answered there (a secret is
    masked); ``again``: asked again, not left.
    """

    node: str  # flow/version/node
    exit: str = ""
    heard: str = ""
    again: bool = False


class FlowVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Of one flow: versions are numbered from 1 to ``newest``; aliases point to some of them."""

    newest: int = 0
    aliases: dict[str, int] = {}


class Contact(msgspec.Struct, kw_only=True):
    id: str
    number: int  # counts arrivals: breaks ties between equal times
    channel: str
    direction: str  # inbound | outbound | internal
    arrived_at: int
    state: ContactState = ContactState.ARRIVING
    state_since: int = 0
    sequence: int = 0  # number of the last event about this contact
    address: str = ""
    dialable: bool = True  # False: nobody may call its address from here
    present: bool = True  # False: a message or a document, nobody is there who hears anything
    entry_point: str = ""
    parent: str = ""  # the contact a consultation is about
    flow: str = ""
    flow_turn: int = 0  # of it that was taken last
    flow_node: str = ""  # where it stands in it, or left it
    flow_session: bytes = b""  # what the flow remembers, while the contact is in it
    customer: CustomerRef | None = None
    attributes: dict[str, str] = {}
    queue: str = ""
    steps: tuple[Step, ...] = ()
    step: int = 0
    step_until: int = 0  # 0: this step does not end by time
    queued_at: int = 0
    waiting_since: int = 0  # queued_at − credit − waiting already done: what ordering uses
    waited: int = 0  # earlier waiting, in other queues, that counts in this one
    in_hand: int = 0  # of the time since queued_at: with agents who gave it back, not waiting
    credit: tuple[CreditPart, ...] = ()
    boost: int = 0  # credit given by a person
    preferred: tuple[str, ...] = ()
    preferred_for: int | None = None  # as it arrived: how long; None: what its queue says
    preferred_until: int = 0  # 0: preferred agents no longer have it to themselves
    named: str = ""  # only this agent may take it, until preferred_until
    excluded: dict[str, int] = {}  # agent to the time they may see it again
    offers: dict[str, str] = {}  # agent to pending offer id
    offer_count: int = 0
    agent: str = ""  # who holds it
    participants: tuple[str, ...] = ()  # others in a conference
    consult: str = ""  # the consultation under way about it
    callback: Callback | None = None
    announcements: tuple[Announcement, ...] | None = None  # while it waits; None: the queue's
    offer_callback: bool | None = None  # while it waits; None: as the queue does
    overflowed: tuple[str, ...] = ()  # queues it has already overflowed from
    unstaffed_since: int = 0
    connected_at: int = 0  # first connection; 0 before
    answered_at: int = 0  # last acceptance; 0 before
    ended_by: str = ""
    wrapping: tuple[str, ...] = ()  # agents still writing it up
    messages: list[Message] = []


class Agent(msgspec.Struct, kw_only=True):
    id: str
    number: int  # place in the catalog: breaks ties between equal times
    definition: AgentDefinition
    traits: Traits  # the definition's, unless skills were lent
    traits_until: int = 0  # when lent skills go back; 0: never
    state: AgentState = AgentState.SIGNED_OUT
    reason: str = ""
    state_since: int = 0
    next_state: AgentState | None = None
    next_reason: str = ""
    signed_in_at: int = 0
    idle_since: int = 0  # when their work last changed
    busy_since: int = 0  # 0 while nothing is in hand
    busy_total: int = 0  # since sign-in, finished work only
    handled: int = 0  # contacts accepted since sign-in
    offered: int = 0
    missed: int = 0
    turn: int = 0  # number of the last offer anywhere that went to them
    slots: dict[str, Slot] = {}
    unreachable: dict[str, str] = {}  # channel on which nothing can be offered: why not
