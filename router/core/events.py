"""Facts the core has decided. ``State.apply`` folds them; everything else reads them.

Events about a contact carry its id and ``sequence``, numbered per contact from 1 without gaps.
A journal ``Entry`` holds all events one command caused, with its time: ``at`` applies to each.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from router.core.catalog import Announcement, Catalog, Destination
from router.core.commands import tag_of
from router.core.model import (
    Callback,
    Choice,
    CreditPart,
    CustomerRef,
    Message,
    MonitorMode,
    Passed,
)
from router.core.requirements import Step, Traits

SCHEMA = 1


class Rejected(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of):
    """The command was refused and nothing changed. ``code`` is stable, ``reason`` for people."""

    code: str
    reason: str


class EventBase(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of):
    pass


class ContactEvent(EventBase, frozen=True, kw_only=True):
    contact: str
    sequence: int


# -- arrival to queue -------------------------------------------------------------------------


class ContactArrived(ContactEvent, frozen=True, kw_only=True):
    channel: str
    direction: str
    address: str = ""
    entry_point: str = ""
    attributes: dict[str, str] = {}
    parent: str = ""
    dialable: bool = True
    present: bool = True
    preferred: tuple[str, ...] = ()
    preferred_for: int | None = None


class FlowEntered(ContactEvent, frozen=True, kw_only=True):
    flow: str


class FlowAdvanced(ContactEvent, frozen=True, kw_only=True):
    """One turn in the flow: the nodes passed, where it stands now, what the flow remembers."""

    turn: int
    node: str
    passed: tuple[Passed, ...]
    session: bytes


class CustomerIdentified(ContactEvent, frozen=True, kw_only=True):
    customer: CustomerRef | None


class Enqueued(ContactEvent, frozen=True, kw_only=True):
    """Waits in ``queue`` from now. ``reason``: arrival | transfer | overflow | consult."""

    queue: str
    steps: tuple[Step, ...]
    step_until: int
    waiting_since: int
    credit: tuple[CreditPart, ...]
    waited: int
    boost: int = 0
    preferred: tuple[str, ...] = ()
    preferred_until: int = 0
    named: str = ""
    excluded: dict[str, int] = {}  # agents who may not see it before these times
    reason: str = "arrival"
    attributes: dict[str, str] = {}
    announcements: tuple[Announcement, ...] | None = None  # its own, in place of the queue's
    offer_callback: bool | None = None  # None: as the queue does


class StepEntered(ContactEvent, frozen=True, kw_only=True):
    """The demands were relaxed. ``reason``: elapsed | nobody_signed_in."""

    step: int
    step_until: int
    reason: str


class PreferenceEnded(ContactEvent, frozen=True, kw_only=True):
    """Preferred (or named) agents no longer have it to themselves. ``reason``: elapsed |
    nobody_signed_in | edited | rejected.
    """

    reason: str


class RequirementsEdited(ContactEvent, frozen=True, kw_only=True):
    steps: tuple[Step, ...]
    step_until: int
    preferred: tuple[str, ...]
    preferred_until: int
    step: int = 0


class AttributesEdited(ContactEvent, frozen=True, kw_only=True):
    attributes: dict[str, str]


class CreditChanged(ContactEvent, frozen=True, kw_only=True):
    credit: tuple[CreditPart, ...]
    boost: int
    waiting_since: int


class StaffingChanged(ContactEvent, frozen=True, kw_only=True):
    """Whether anybody signed in could serve the contact in its last step; starts the clock of
    ``unstaffed`` overflow rules, and only queues that have one see this event.
    """

    staffed: bool


class MessagePosted(ContactEvent, frozen=True, kw_only=True):
    message: Message


class Abandoned(ContactEvent, frozen=True, kw_only=True):
    """Terminal: the customer left. ``waited`` is microseconds since arrival."""

    waited: int
    queue: str = ""


class CallbackPromised(ContactEvent, frozen=True, kw_only=True):
    callback: Callback
    cause: str = ""  # flow: it was the flow that offered it


class CallbackResumed(ContactEvent, frozen=True, kw_only=True):
    """Back to waiting as a promised callback; ``callback.not_before`` may hold it back."""

    callback: Callback
    reason: str
    excluded: dict[str, int] = {}


class Overflowed(ContactEvent, frozen=True, kw_only=True):
    """Terminal for routing: the channel now plays ``to`` (voicemail or a message)."""

    to: Destination
    cause: str
    queue: str


class CallbackDue(ContactEvent, frozen=True, kw_only=True):
    """The pause after a failed attempt is over: the callback waits in its place again."""


# -- offers and conversations -----------------------------------------------------------------


class Offered(ContactEvent, frozen=True, kw_only=True):
    offer: str
    agent: str
    expires_at: int
    why: Choice
    auto_accept: bool = False


class OfferAccepted(ContactEvent, frozen=True, kw_only=True):
    offer: str
    agent: str
    waited: int  # since arrival
    waited_in_queue: int


class OfferRejected(ContactEvent, frozen=True, kw_only=True):
    offer: str
    agent: str
    reason: str
    excluded_until: int


class OfferTimedOut(ContactEvent, frozen=True, kw_only=True):
    offer: str
    agent: str
    excluded_until: int


class OfferRescinded(ContactEvent, frozen=True, kw_only=True):
    """Taken back. ``reason``: accepted_elsewhere | abandoned | agent_lost | agent_forced |
    reassigned | pulled | requeued | overflowed | ended | unreachable.
    """

    offer: str
    agent: str
    reason: str


class Returned(ContactEvent, frozen=True, kw_only=True):
    """Waits again in its old place. ``reason``: rejected | missed | agent_lost | requeued |
    connection_failed | reassigned | unreachable.
    """

    reason: str
    waiting_since: int
    excluded: dict[str, int] = {}


class Held(ContactEvent, frozen=True, kw_only=True):
    """``interrupted_by`` is the contact that took its agent away, empty when they held it."""

    interrupted_by: str = ""


class Retrieved(ContactEvent, frozen=True, kw_only=True):
    pass


class ContactEnded(ContactEvent, frozen=True, kw_only=True):
    """The conversation is over; agents may still be writing it up."""

    ended_by: str


class TransferredOut(ContactEvent, frozen=True, kw_only=True):
    """Terminal: handed to an address outside."""

    address: str
    agent: str


class AgentReleased(ContactEvent, frozen=True, kw_only=True):
    """The agent's share in the contact is over; ``wrap_until`` 0 means no wrap-up."""

    agent: str
    wrap_until: int = 0
    wrap_limit: int = 0


class WrapUpExtended(ContactEvent, frozen=True, kw_only=True):
    agent: str
    wrap_until: int


class WrapUpFinished(ContactEvent, frozen=True, kw_only=True):
    """``reason``: done | elapsed | forced."""

    agent: str
    disposition: str = ""
    note: str = ""
    reason: str = "done"


class Completed(ContactEvent, frozen=True, kw_only=True):
    """Terminal. ``reason``: handled | callback_failed | consult_ended | merged."""

    reason: str = "handled"


class ConsultStarted(ContactEvent, frozen=True, kw_only=True):
    consult: str
    agent: str


class ConsultEnded(ContactEvent, frozen=True, kw_only=True):
    """``reason``: cancelled | refused | transferred | conferenced | ended."""

    consult: str
    reason: str


class AgentJoined(ContactEvent, frozen=True, kw_only=True):
    """The consulted agent is now on the contact itself: as ``holder`` or as ``participant``."""

    agent: str
    role: Literal["holder", "participant"]
    consult: str


class HolderChanged(ContactEvent, frozen=True, kw_only=True):
    """A participant became the holder when the holder left."""

    agent: str


class Monitored(ContactEvent, frozen=True, kw_only=True):
    """A supervisor joined the conversation; whether its sound reached them, their phone says."""

    supervisor: str
    mode: MonitorMode


# -- agents -----------------------------------------------------------------------------------


class AgentEvent(EventBase, frozen=True, kw_only=True):
    agent: str


class AgentSignedIn(AgentEvent, frozen=True, kw_only=True):
    pass


class AgentReady(AgentEvent, frozen=True, kw_only=True):
    pass


class AgentNotReady(AgentEvent, frozen=True, kw_only=True):
    reason: str


class AgentSignedOut(AgentEvent, frozen=True, kw_only=True):
    pass


class NextStateSet(AgentEvent, frozen=True, kw_only=True):
    """What the agent becomes when the last contact in hand ends; None takes it back."""

    state: str | None
    reason: str = ""


class ReachabilityChanged(AgentEvent, frozen=True, kw_only=True):
    """The agent can, or cannot, be offered contacts of ``channel``. ``reason``: why not, e.g.
    ``phone not registered``; empty when they can.
    """

    channel: str
    reachable: bool
    reason: str = ""


class SkillsLent(AgentEvent, frozen=True, kw_only=True):
    """The agent's traits until ``until`` (0: until changed again)."""

    traits: Traits
    until: int


class CatalogPublished(EventBase, frozen=True, kw_only=True):
    catalog: Catalog
    note: str = ""


class FlowPublished(EventBase, frozen=True, kw_only=True):
    """Another version of a flow is there; ``source`` is its document."""

    flow: str
    version: int
    source: str
    note: str = ""


class FlowAliasPointed(EventBase, frozen=True, kw_only=True):
    """Contacts that name this alias take this version from now on."""

    flow: str
    alias: str
    version: int


Event = (
    ContactArrived
    | FlowEntered
    | FlowAdvanced
    | CustomerIdentified
    | Enqueued
    | StepEntered
    | PreferenceEnded
    | RequirementsEdited
    | AttributesEdited
    | CreditChanged
    | StaffingChanged
    | MessagePosted
    | Abandoned
    | CallbackPromised
    | CallbackResumed
    | CallbackDue
    | Overflowed
    | Offered
    | OfferAccepted
    | OfferRejected
    | OfferTimedOut
    | OfferRescinded
    | Returned
    | Held
    | Retrieved
    | ContactEnded
    | TransferredOut
    | AgentReleased
    | WrapUpExtended
    | WrapUpFinished
    | Completed
    | ConsultStarted
    | ConsultEnded
    | AgentJoined
    | HolderChanged
    | Monitored
    | AgentSignedIn
    | AgentReady
    | AgentNotReady
    | AgentSignedOut
    | NextStateSet
    | ReachabilityChanged
    | SkillsLent
    | CatalogPublished
    | FlowPublished
    | FlowAliasPointed
)

Terminal = Abandoned | Overflowed | TransferredOut | Completed


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One journal record: what one command caused. ``position`` counts records from 1."""

    position: int
    at: int
    cause: str  # the command's id
    by: str
    events: tuple[Event, ...]
    schema: int = SCHEMA
