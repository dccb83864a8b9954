"""What a branch and the centre say to each other over MQTT, and how it is written: JSON. Pure.

Nothing of it is believed: what a branch says is bounded and read by type, and judged in
``judging``; what the centre says only Patchbay's user may write at the broker.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from router.core import commands as c
from router.core.events import SCHEMA
from router.edge.naming import ROOT, is_name
from router.ports import FlowPrompt

PROTOCOL: Final = 1
LARGEST_UP: Final = 64 * 1024  # bytes
LARGEST_PHONES: Final = 768 * 1024  # every telephone of a large centre may be out of reach
LARGEST_DOWN: Final = 768 * 1024
PIECE: Final = 256 * 1024  # bytes of a snapshot in one message
MOST_PIECES: Final = 1_024

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=1_000)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Attributes = Annotated[dict[Annotated[str, Meta(max_length=128)], Text], Meta(max_length=32)]

# -- requests: what waits in a branch's outbox ---------------------------------------------------


class Arrived(msgspec.Struct, frozen=True, kw_only=True, tag="arrived"):
    """A call, or what a caller left behind, for the centre's one door."""

    contact: Id
    channel: Literal["voice", "voicemail", "fax"]
    address: Annotated[str, Meta(max_length=320)] = ""
    entry_point: Annotated[str, Meta(max_length=128)] = ""
    attributes: Attributes = {}
    dialable: bool = True
    present: bool = True


OfContact = (
    c.Abandon
    | c.CancelConsult
    | c.CompleteTransfer
    | c.EditContact
    | c.EndContact
    | c.FailCallback
    | c.FailConnection
    | c.Hold
    | c.LeaveConference
    | c.PromiseCallback
    | c.Requeue
    | c.Retrieve
)
BranchCommand = OfContact | c.Accept | c.Reject | c.SetNotReady
"""What the telephone channel tells the router."""


class Commanded(msgspec.Struct, frozen=True, kw_only=True, tag="commanded"):
    command: BranchCommand


class Replied(msgspec.Struct, frozen=True, kw_only=True, tag="replied"):
    """What a caller did about the prompt of a turn of their flow."""

    contact: Id
    turn: Count
    outcome: Literal["answered", "silence", "heard"]
    text: Text = ""


Request = Arrived | Commanded | Replied

# -- up: from a branch ---------------------------------------------------------------------------


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """A session begins, which ends those with smaller numbers. The branch has the log up to
    ``position``, whose entry is of ``at``; 0: nothing. All requests below ``floor`` are answered.
    """

    session: Count
    position: Count
    at: Count
    floor: Count
    protocol: int = PROTOCOL
    schema: int = SCHEMA  # of the log, the newest that the branch reads


class Have(msgspec.Struct, frozen=True, kw_only=True, tag="have"):
    """A sign of life: the branch has the log up to ``position``; so many requests wait in its
    outbox, the oldest for so many microseconds, and so many calls are up there.
    """

    session: Count
    position: Count
    floor: Count
    waiting: Count = 0
    oldest: Count = 0
    calls: Count = 0


class Item(msgspec.Struct, frozen=True, kw_only=True, tag="item"):
    """One request of the outbox. Of one contact the next is sent when this one is answered."""

    session: Count
    number: Count
    request: Request


class Phones(msgspec.Struct, frozen=True, kw_only=True, tag="phones"):
    """Which telephones cannot be rung from the branch, and why; ``known``: whether its own
    telephone system can be asked.
    """

    session: Count
    known: bool
    out: dict[Id, Annotated[str, Meta(max_length=200)]] = {}


class Bye(msgspec.Struct, frozen=True, kw_only=True, tag="bye"):
    """The branch is gone; also its last will."""

    session: Count


Up = Hello | Have | Item | Phones | Bye

# -- down: to a branch ---------------------------------------------------------------------------

Prompts = dict[str, FlowPrompt | None]


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome"):
    """The session is known. The log stands at ``position``; a snapshot follows, or entries."""

    session: int
    position: int


class Piece(msgspec.Struct, frozen=True, kw_only=True, tag="piece"):
    """Part ``number`` (from 0) of ``of`` of the state after the entry at ``position``."""

    session: int
    position: int
    number: int
    of: int
    body: bytes


class Asks(msgspec.Struct, frozen=True, kw_only=True, tag="asks"):
    """What flows ask callers of the branch now; None: nothing."""

    session: int
    prompts: Prompts


class Told(msgspec.Struct, frozen=True, kw_only=True, tag="told"):
    """The next entry of the log, sealed as in the journal, with what flows ask by it."""

    session: int
    position: int
    record: bytes
    prompts: Prompts = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """What became of a request; with a ``code`` it was refused, and nothing changed."""

    session: int
    number: int
    position: int = 0
    code: str = ""
    reason: str = ""


class Alive(msgspec.Struct, frozen=True, kw_only=True, tag="alive"):
    """To ``have``: everything up to ``position`` was sent."""

    session: int
    position: int


class Again(msgspec.Struct, frozen=True, kw_only=True, tag="again"):
    """Say hello with a new session: this one is not known here."""


class Unfit(msgspec.Struct, frozen=True, kw_only=True, tag="unfit"):
    """The two cannot work together; ``reason`` is a sentence for the operator."""

    reason: str


Down = Welcome | Piece | Asks | Told | Answer | Alive | Again | Unfit


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """Of a request that cannot be read otherwise."""

    session: Count
    number: Count


_numbered: Final = msgspec.json.Decoder(Numbered)
_up: Final[msgspec.json.Decoder[Up]] = msgspec.json.Decoder(Up)
_down: Final[msgspec.json.Decoder[Down]] = msgspec.json.Decoder(Down)
_request: Final[msgspec.json.Decoder[Request]] = msgspec.json.Decoder(Request)
_encoder: Final = msgspec.json.Encoder()
_FAULTS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


def write(message: Up | Down | Request) -> bytes:
    return _encoder.encode(message)


def read_up(payload: bytes) -> Up | None:
    """None when it is no such message, or too large."""
    if len(payload) > LARGEST_PHONES:
        return None
    try:
        found = _up.decode(payload)
    except _FAULTS:
        return None
    return found if len(payload) <= LARGEST_UP or isinstance(found, Phones) else None


def read_number(payload: bytes) -> Numbered | None:
    """Which request it is that ``read_up`` cannot read."""
    try:
        return _numbered.decode(payload[:LARGEST_UP])
    except _FAULTS:
        return None


def read_down(payload: bytes) -> Down | None:
    """None when it is none that this version knows."""
    if len(payload) > LARGEST_DOWN:
        return None
    try:
        return _down.decode(payload)
    except _FAULTS:
        return None


def read_request(record: bytes) -> Request | None:
    """One of the outbox as it was kept."""
    try:
        return _request.decode(record)
    except _FAULTS:
        return None


def subject_of(request: Request) -> str:
    """Requests with the same are sent one after another: the contact's id, of an offer its
    contact's, of an agent's absence that of the contact they missed.
    """
    match request:
        case Arrived(contact=contact) | Replied(contact=contact):
            return contact
        case Commanded(command=command):
            return _subject_of(command)


def _subject_of(command: BranchCommand) -> str:
    match command:
        case c.SetNotReady(id=id_):
            return id_.partition("/")[0]
        case c.Accept(offer=offer) | c.Reject(offer=offer):
            return offer.rpartition(".")[0]
        case _:
            return command.contact


def id_of(request: Request) -> str:
    """The same for the same request made again."""
    match request:
        case Arrived(contact=contact):
            return f"{contact}/arrived"
        case Replied(contact=contact, turn=turn):
            return f"{contact}/turn/{turn}"
        case Commanded(command=command):
            return command.id


# -- topics --------------------------------------------------------------------------------------


def up_topic(tenant: str, branch: str) -> str:
    return f"{ROOT}/{tenant}/branches/{branch}/up"


def down_topic(tenant: str, branch: str) -> str:
    return f"{ROOT}/{tenant}/branches/{branch}/down"


def branch_of(topic: str, tenant: str) -> str:
    """Which branch speaks on ``topic``; empty when it is no such topic."""
    head, tail = f"{ROOT}/{tenant}/branches/", "/up"
    name = topic.removeprefix(head).removesuffix(tail)
    fits = topic == f"{head}{name}{tail}" and is_name(name)
    return name if fits else ""
