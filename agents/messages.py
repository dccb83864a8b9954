"""The desk websocket ``/ws/desk``: every message either side may send.

State is a snapshot followed by numbered changes: ``n`` counts the server's messages on one
connection from 1 without gaps, and a client that sees a gap sends ``resync``. Every act carries
an ``id`` that becomes the command id, so resending after a broken connection acts once.
Times are microseconds UTC; the client ticks from ``at``, the server's clock.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from router.core.commands import tag_of
from router.core.durations import SECOND
from router.core.model import Choice, CustomerRef, Message
from router.customers import ScreenPop

MAX_FRAME = 64 * 1024
MAX_TEXT = 4_000


# -- what is shown ----------------------------------------------------------------------------


class MyState(msgspec.Struct, frozen=True, kw_only=True):
    agent: str
    name: str
    state: str
    reason: str
    since: int
    next_state: str = ""
    next_reason: str = ""
    skills: tuple[tuple[str, int], ...] = ()
    unreachable: dict[str, str] = {}  # channel on which nothing is offered: why not


class OfferCard(msgspec.Struct, frozen=True, kw_only=True):
    offer: str
    contact: str
    channel: str
    direction: str
    queue: str
    queue_label: str
    address: str
    arrived_at: int
    offered_at: int
    expires_at: int
    attributes: dict[str, str]
    customer: CustomerRef | None
    asks_for: str  # the current step's condition in words
    why: Choice
    pop: ScreenPop
    callback: bool = False
    consult_of: str = ""
    said: str = ""  # what the customer has written so far, cut short


class ContactCard(msgspec.Struct, frozen=True, kw_only=True):
    contact: str
    channel: str
    direction: str
    state: str  # the contact's own state
    doing: str  # active | held | wrapping: this agent's share
    role: Literal["holder", "participant", "consulted"]
    queue: str
    queue_label: str
    address: str
    arrived_at: int
    started_at: int
    since: int
    attributes: dict[str, str]
    customer: CustomerRef | None
    pop: ScreenPop
    messages: tuple[Message, ...] = ()
    dispositions: tuple[str, ...] = ()
    wrap_until: int = 0
    wrap_limit: int = 0
    consult: str = ""
    consult_state: str = ""  # queued | offered | connected
    consult_agent: str = ""
    consult_of: str = ""
    participants: tuple[str, ...] = ()
    draft: str = ""  # the agent's note, autosaved
    callback_address: str = ""
    interrupted_by: str = ""  # the contact for which this one was put aside, while it is held
    away: int = 0  # microseconds of it that the agent was called away


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    queue: str
    label: str
    waiting: int
    longest_since: int = 0  # when the longest waiting entered the queue; 0: nobody waits


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    agent: str
    name: str
    state: str
    team: str = ""


class MyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Since sign-in: contacts handled, mean handling time (µs), share of time busy (0-1)."""

    handled: int = 0
    handle_time: int = 0
    occupancy: float = 0.0
    missed: int = 0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which line the customer's page has got the thread, and the customer has read it."""

    received: int
    read: int


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """What the pickers offer."""

    not_ready_reasons: tuple[str, ...] = ()
    queues: tuple[tuple[str, str], ...] = ()  # (id, label)
    colleagues: tuple[Colleague, ...] = ()
    catalog: int = 0  # the version in force: with another come other canned replies


# -- server to desk ---------------------------------------------------------------------------


class ToDesk(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of):
    n: int


class DeskSnapshot(ToDesk, frozen=True, kw_only=True):
    at: int
    me: MyState
    offers: tuple[OfferCard, ...]
    contacts: tuple[ContactCard, ...]
    directory: Directory
    waiting: tuple[Waiting, ...]
    figures: MyFigures
    seen: dict[str, Seen] = {}  # by contact, where there is anything to say
    away: tuple[str, ...] = ()  # contacts whose customer has left the page, perhaps to come back
    answer_soon: int = 30 * SECOND  # how long a chat's customer may go unanswered …
    answer_late: int = 60 * SECOND  # … until it is overdue


class MeChanged(ToDesk, frozen=True, kw_only=True):
    at: int
    me: MyState
    why: str = ""  # missed_offer | supervisor | desk_lost | …, when it was not the agent's own act


class OfferMade(ToDesk, frozen=True, kw_only=True):
    at: int
    offer: OfferCard


class OfferGone(ToDesk, frozen=True, kw_only=True):
    offer: str
    reason: str


class ContactChanged(ToDesk, frozen=True, kw_only=True):
    """The card without its thread: ``messages`` is empty and the client keeps its own."""

    at: int
    contact: ContactCard


class ContactGone(ToDesk, frozen=True, kw_only=True):
    contact: str


class MessageAdded(ToDesk, frozen=True, kw_only=True):
    contact: str
    message: Message


class CustomerTyping(ToDesk, frozen=True, kw_only=True):
    contact: str
    typing: bool


class CustomerSeen(ToDesk, frozen=True, kw_only=True):
    """Up to which line the customer's page has got the thread, and the customer has read it."""

    contact: str
    received: int
    read: int


class CustomerAway(ToDesk, frozen=True, kw_only=True):
    """The customer has left the page for a while, or is back."""

    contact: str
    away: bool


class ColleaguesChanged(ToDesk, frozen=True, kw_only=True):
    """Only the colleagues whose row changed; the client merges them into its directory. It may
    find itself among them: the message is the same for everybody.
    """

    colleagues: tuple[Colleague, ...]


class WaitingChanged(ToDesk, frozen=True, kw_only=True):
    at: int
    waiting: tuple[Waiting, ...]


class FiguresChanged(ToDesk, frozen=True, kw_only=True):
    figures: MyFigures


class Reply(ToDesk, frozen=True, kw_only=True):
    """The outcome of the act ``to``; when it failed, ``reason`` is one sentence for the agent."""

    to: str
    ok: bool
    code: str = ""
    reason: str = ""


class Pong(ToDesk, frozen=True, kw_only=True):
    at: int


ServerMessage = (
    DeskSnapshot
    | MeChanged
    | OfferMade
    | OfferGone
    | ContactChanged
    | ContactGone
    | MessageAdded
    | CustomerTyping
    | CustomerSeen
    | CustomerAway
    | ColleaguesChanged
    | WaitingChanged
    | FiguresChanged
    | Reply
    | Pong
)


# -- desk to server ---------------------------------------------------------------------------


class DeskAct(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of, forbid_unknown_fields=True):
    id: str


class ContactAct(DeskAct, frozen=True, kw_only=True):
    contact: str


class GoReady(DeskAct, frozen=True, kw_only=True):
    pass


class GoNotReady(DeskAct, frozen=True, kw_only=True):
    reason: str


class GoSignedOut(DeskAct, frozen=True, kw_only=True):
    pass


class AcceptOffer(DeskAct, frozen=True, kw_only=True):
    offer: str


class RejectOffer(DeskAct, frozen=True, kw_only=True):
    offer: str
    reason: str = ""


class Say(ContactAct, frozen=True, kw_only=True):
    text: str


class Typing(ContactAct, frozen=True, kw_only=True):
    typing: bool


class MarkRead(ContactAct, frozen=True, kw_only=True):
    """The agent has read the thread up to the line of this time."""

    until: int


class HoldContact(ContactAct, frozen=True, kw_only=True):
    pass


class RetrieveContact(ContactAct, frozen=True, kw_only=True):
    pass


class EndContactNow(ContactAct, frozen=True, kw_only=True):
    """``seen``: the id of the last line on the page, when the agent chose to end; refused when the
    customer has written since.
    """

    seen: str | None = None


class RequeueContact(ContactAct, frozen=True, kw_only=True):
    pass


class TransferContact(ContactAct, frozen=True, kw_only=True):
    """Exactly one of the three is given."""

    queue: str = ""
    agent: str = ""
    address: str = ""


class ConsultColleague(ContactAct, frozen=True, kw_only=True):
    queue: str = ""
    agent: str = ""


class CompleteConsultedTransfer(ContactAct, frozen=True, kw_only=True):
    pass


class StartConference(ContactAct, frozen=True, kw_only=True):
    pass


class CancelConsultation(ContactAct, frozen=True, kw_only=True):
    pass


class LeaveContact(ContactAct, frozen=True, kw_only=True):
    pass


class ExtendWrap(ContactAct, frozen=True, kw_only=True):
    extend_by: int


class FinishWrap(ContactAct, frozen=True, kw_only=True):
    disposition: str = ""
    note: str = ""


class SaveDraft(ContactAct, frozen=True, kw_only=True):
    text: str


class CallbackUnreached(ContactAct, frozen=True, kw_only=True):
    reason: str = "no_answer"


class Resync(DeskAct, frozen=True, kw_only=True):
    pass


class Ping(DeskAct, frozen=True, kw_only=True):
    pass


ClientMessage = (
    GoReady
    | GoNotReady
    | GoSignedOut
    | AcceptOffer
    | RejectOffer
    | Say
    | Typing
    | MarkRead
    | HoldContact
    | RetrieveContact
    | EndContactNow
    | RequeueContact
    | TransferContact
    | ConsultColleague
    | CompleteConsultedTransfer
    | StartConference
    | CancelConsultation
    | LeaveContact
    | ExtendWrap
    | FinishWrap
    | SaveDraft
    | CallbackUnreached
    | Resync
    | Ping
)
