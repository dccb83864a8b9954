"""Requests to the core. Every command carries an ``id`` chosen by the sender: sending the same
id twice has one effect. ``by`` names who asks (an agent, a supervisor, a channel) for the audit.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from router.core.catalog import Announcement, Catalog
from router.core.model import Author, CustomerRef, MessageFile, MonitorMode, Passed
from router.core.requirements import Step


def tag_of(name: str) -> str:
    """``ContactArrived`` as ``contact_arrived``: the wire name of a command or event."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class CommandBase(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of):
    id: str
    by: str = ""


class Tick(CommandBase, frozen=True, kw_only=True):
    """Time has passed; the caller sends it when ``next_deadline()`` is reached."""


# -- contacts: from arrival to queue ---------------------------------------------------------


class Arrive(CommandBase, frozen=True, kw_only=True):
    """``dialable``: whether ``address`` may be called back, as its channel knows. ``present``:
    whether a customer is there, on the telephone or in a chat; nobody is with a message.
    ``preferred`` agents know the matter: they come first in the queue it goes to, for
    ``preferred_for`` microseconds.
    """

    contact: str
    channel: str
    direction: str = "inbound"
    address: str = ""
    entry_point: str = ""
    attributes: dict[str, str] = {}
    dialable: bool = True
    present: bool = True
    preferred: tuple[str, ...] = ()
    preferred_for: int | None = None  # None: the queue's own


class EnterFlow(CommandBase, frozen=True, kw_only=True):
    contact: str
    flow: str


class IntoQueue(msgspec.Struct, frozen=True, kw_only=True, tag="queue"):
    """``steps``, ``preferred``, ``boost`` and ``attributes`` as in ``Enqueue``; ``call_back`` is a
    number: the contact waits without its customer, who was promised a call. ``announcements`` and
    ``offer_callback`` stand in for the queue's own while it waits there; None: as the queue does.
    """

    queue: str
    steps: tuple[Step, ...] = ()
    preferred: tuple[str, ...] = ()
    boost: int = 0
    attributes: dict[str, str] = {}
    call_back: str = ""
    announcements: tuple[Announcement, ...] | None = None
    offer_callback: bool | None = None


class IntoVoicemail(msgspec.Struct, frozen=True, kw_only=True, tag="voicemail"):
    box: str


class OutTo(msgspec.Struct, frozen=True, kw_only=True, tag="outside"):
    address: str


class SaidGoodbye(msgspec.Struct, frozen=True, kw_only=True, tag="goodbye"):
    """The flow has done all there was to do; ``text`` is what the customer was told last."""

    text: str = ""


FlowEnd = IntoQueue | IntoVoicemail | OutTo | SaidGoodbye


class AdvanceFlow(CommandBase, frozen=True, kw_only=True):
    """Turn ``turn`` (from 1) of a contact in its flow: the nodes it passed, where it stands, and
    what has to be remembered to go on (opaque here). The last one says where the flow leads.
    """

    contact: str
    turn: int
    node: str
    session: bytes
    passed: tuple[Passed, ...] = ()
    leads_to: FlowEnd | None = None


class IdentifyCustomer(CommandBase, frozen=True, kw_only=True):
    """Say who it is (or None: take the identification back); credit follows at once."""

    contact: str
    customer: CustomerRef | None


class Enqueue(CommandBase, frozen=True, kw_only=True):
    """Into a queue. Empty ``steps`` means the queue's own; ``preferred`` agents come first."""

    contact: str
    queue: str
    steps: tuple[Step, ...] = ()
    preferred: tuple[str, ...] = ()
    preferred_for: int | None = None  # None: the queue's own
    boost: int = 0
    attributes: dict[str, str] = {}


class EditContact(CommandBase, frozen=True, kw_only=True):
    """Change a live contact; None leaves a part alone. New steps start from the first."""

    contact: str
    steps: tuple[Step, ...] | None = None
    preferred: tuple[str, ...] | None = None
    attributes: dict[str, str] | None = None


class PostMessage(CommandBase, frozen=True, kw_only=True):
    contact: str
    message: str  # the sender's id of the message
    author: Author
    text: str
    agent: str = ""
    files: tuple[MessageFile, ...] = ()


class Abandon(CommandBase, frozen=True, kw_only=True):
    """The customer left before an agent answered."""

    contact: str


class PromiseCallback(CommandBase, frozen=True, kw_only=True):
    """The customer asks to be called back; the contact keeps its place."""

    contact: str
    address: str


class FailCallback(CommandBase, frozen=True, kw_only=True):
    """The agent was there, the customer could not be reached."""

    contact: str
    reason: str = "no_answer"


# -- offers and conversations -----------------------------------------------------------------


class Accept(CommandBase, frozen=True, kw_only=True):
    offer: str


class Reject(CommandBase, frozen=True, kw_only=True):
    offer: str
    reason: str = ""


class FailConnection(CommandBase, frozen=True, kw_only=True):
    """The channel could not join customer and agent; the contact goes back to its place."""

    contact: str
    reason: str = ""


class Hold(CommandBase, frozen=True, kw_only=True):
    contact: str


class Retrieve(CommandBase, frozen=True, kw_only=True):
    contact: str


class EndContact(CommandBase, frozen=True, kw_only=True):
    """``seen``: the id of the last line that who ends it has read, empty for none; refused when
    the customer has written after it. None: whatever has been written, it is over.
    """

    contact: str
    ended_by: Literal["customer", "agent", "system"] = "agent"
    seen: str | None = None


class Requeue(CommandBase, frozen=True, kw_only=True):
    """Give a contact in hand back to its queue, in its old place."""

    contact: str
    reason: str = ""


class TransferToQueue(CommandBase, frozen=True, kw_only=True):
    """Blind transfer. With ``keep_wait`` the time already waited counts in the new queue."""

    contact: str
    queue: str
    steps: tuple[Step, ...] = ()
    keep_wait: bool = True


class TransferToAgent(CommandBase, frozen=True, kw_only=True):
    """Blind transfer to one agent; when they do not take it in time, it goes to ``queue``."""

    contact: str
    agent: str
    queue: str = ""  # empty: the contact's own


class TransferOut(CommandBase, frozen=True, kw_only=True):
    """Blind transfer to an address outside; ends the contact here."""

    contact: str
    address: str


class Consult(CommandBase, frozen=True, kw_only=True):
    """Ask a colleague while the customer holds; ``consult`` is the id of the new contact.

    Exactly one of ``queue`` and ``agent`` is given.
    """

    contact: str
    consult: str
    queue: str = ""
    agent: str = ""


class CompleteTransfer(CommandBase, frozen=True, kw_only=True):
    """Warm transfer: the consulted colleague takes the customer over."""

    contact: str


class Conference(CommandBase, frozen=True, kw_only=True):
    """Bring the consulted colleague and the customer together."""

    contact: str


class CancelConsult(CommandBase, frozen=True, kw_only=True):
    contact: str


class LeaveConference(CommandBase, frozen=True, kw_only=True):
    """One agent leaves; when it is the holder, the next participant becomes the holder."""

    contact: str
    agent: str


class ExtendWrapUp(CommandBase, frozen=True, kw_only=True):
    contact: str
    agent: str
    extend_by: int


class FinishWrapUp(CommandBase, frozen=True, kw_only=True):
    contact: str
    agent: str
    disposition: str = ""
    note: str = ""


# -- agents -----------------------------------------------------------------------------------


class SignIn(CommandBase, frozen=True, kw_only=True):
    """Comes in not ready with reason ``signed_in``; being ready is said separately."""

    agent: str


class SignOut(CommandBase, frozen=True, kw_only=True):
    """With contacts in hand it takes effect when the last one ends."""

    agent: str


class SetReady(CommandBase, frozen=True, kw_only=True):
    agent: str


class SetNotReady(CommandBase, frozen=True, kw_only=True):
    """With contacts in hand it takes effect when the last one ends; no more are offered."""

    agent: str
    reason: str


class LoseAgent(CommandBase, frozen=True, kw_only=True):
    """The agent's desk is gone: not ready at once, their offers go back, their contacts stay."""

    agent: str


class SetReachable(CommandBase, frozen=True, kw_only=True):
    """Whether the agent can be reached on ``channel``, said by that channel: a phone that is not
    registered, or busy with a private call, is offered nothing. ``reason`` says why not.
    """

    agent: str
    channel: str
    reachable: bool
    reason: str = ""


class LendSkills(CommandBase, frozen=True, kw_only=True):
    """Give an agent other skill levels until ``until`` (0: until changed again)."""

    agent: str
    skills: dict[str, int]
    until: int = 0


# -- supervisors ------------------------------------------------------------------------------


class ForceState(CommandBase, frozen=True, kw_only=True):
    """Set an agent's state now, whatever they have in hand; contacts in hand stay."""

    agent: str
    state: Literal["ready", "not_ready", "signed_out"]
    reason: str = "supervisor"


class Reassign(CommandBase, frozen=True, kw_only=True):
    """Give a waiting or held contact to a named agent: it is offered to them alone."""

    contact: str
    agent: str


class Pull(CommandBase, frozen=True, kw_only=True):
    """An agent or supervisor takes one waiting contact out of order, at once."""

    contact: str
    agent: str


class Monitor(CommandBase, frozen=True, kw_only=True):
    """The supervisor ``by`` joins a conversation: heard by nobody, by its agent, or by both."""

    contact: str
    mode: MonitorMode


class Reprioritise(CommandBase, frozen=True, kw_only=True):
    """Set a person's boost on a waiting contact, microseconds of head start (may be negative)."""

    contact: str
    boost: int


class PublishCatalog(CommandBase, frozen=True, kw_only=True):
    """Replace the catalog. ``replaces`` must be the version in force: two admins cannot collide."""

    catalog: Catalog
    replaces: int
    note: str = ""


class PublishFlow(CommandBase, frozen=True, kw_only=True):
    """A new version of a flow; ``replaces`` is the newest there is, 0 for a new flow."""

    flow: str
    source: str
    replaces: int
    note: str = ""


class PointAlias(CommandBase, frozen=True, kw_only=True):
    """Let an alias point to a version, also to an earlier one; ``replaces`` is where it points."""

    flow: str
    alias: str
    version: int
    replaces: int


Command = (
    Tick
    | Arrive
    | EnterFlow
    | AdvanceFlow
    | IdentifyCustomer
    | Enqueue
    | EditContact
    | PostMessage
    | Abandon
    | PromiseCallback
    | FailCallback
    | Accept
    | Reject
    | FailConnection
    | Hold
    | Retrieve
    | EndContact
    | Requeue
    | TransferToQueue
    | TransferToAgent
    | TransferOut
    | Consult
    | CompleteTransfer
    | Conference
    | CancelConsult
    | LeaveConference
    | ExtendWrapUp
    | FinishWrapUp
    | SignIn
    | SignOut
    | SetReady
    | SetNotReady
    | LoseAgent
    | SetReachable
    | LendSkills
    | ForceState
    | Reassign
    | Pull
    | Reprioritise
    | Monitor
    | PublishCatalog
    | PublishFlow
    | PointAlias
)
