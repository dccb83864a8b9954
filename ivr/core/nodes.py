"""A flow: typed nodes, each with named exits that lead to other nodes.

The structs are the document as well: the reader follows them, the JSON Schema shows them, and
docstrings and descriptions are what an editor shows. Durations are microseconds; they are written
with units. What exits a node has is said by ``exits_of``.
"""

# ruff: noqa: RUF012 - defaults of structs are copied, and never changed

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta

from ivr.core.conditions import Test
from ivr.core.script import Conversation
from ivr.core.values import (
    MAX_LANGUAGES,
    Duration,
    ExitName,
    Field,
    Key,
    Label,
    Language,
    Name,
    Number,
    Part,
    Position,
    Prompt,
    Text,
    Words,
    kind,
)
from router.core.durations import SECOND
from router.core.requirements import Condition

MAX_NODES: Final = 10_000
MAX_TESTS: Final = 500
MAX_CASES: Final = 64
MAX_ANSWER: Final = 500  # characters of one typed answer
SCHEMA: Final = 1

Ask = Annotated[Condition, kind("demand")]
When = Annotated[Test, kind("condition")]
Minimum = Annotated[int, Meta(ge=-(10**15), le=10**15)]
Tries = Annotated[int, Meta(ge=0, le=10)]
Length = Annotated[int, Meta(ge=1, le=MAX_ANSWER)]
Check = Literal["any", "luhn", "date", "range", "email", "phone"]


class Again(Part, frozen=True, kw_only=True):
    """What happens when nothing fitting comes: say this and ask again, so many times."""

    times: Annotated[Tries, Meta(description="how often it is asked again")] = 2
    say: Annotated[Prompt, Meta(description="said before it is asked again")] = {}


class NodeBase(Part, frozen=True, kw_only=True, tag_field="kind"):
    label: Annotated[Label, Meta(description="what people read; left out: the id")] = ""
    note: Annotated[Text, Meta(description="for those who edit the flow")] = ""
    position: Annotated[Position | None, Meta(description="where it stands on the canvas")] = None
    exits: Annotated[
        dict[ExitName, Name],
        Meta(max_length=MAX_CASES + 4, description="the node that each exit leads to"),
    ] = {}


class Say(NodeBase, frozen=True, kw_only=True, tag="say"):
    """Play or show a prompt. Exit: next."""

    say: Prompt = {}
    barge_in: Annotated[
        bool, Meta(description="a key cuts it off and answers the question that follows")
    ] = True


class Menu(NodeBase, frozen=True, kw_only=True, tag="menu"):
    """Let the customer choose: keys on a telephone, buttons in a chat.

    Exits: every key, timeout, invalid.
    """

    say: Prompt = {}
    choices: Annotated[
        dict[Key, Words],
        Meta(max_length=12, description="each key with the words of its button"),
    ] = {}
    answer_within: Annotated[Duration, Meta(description="after the prompt")] = 5 * SECOND
    barge_in: bool = True
    on_silence: Again = Again()
    on_invalid: Again = Again()


class Collect(NodeBase, frozen=True, kw_only=True, tag="collect"):
    """Ask for digits or a text and keep it as an attribute. Exits: collected, timeout, invalid."""

    say: Prompt = {}
    into: Annotated[Field, Meta(description="the attribute that keeps it")] = "answer"
    input: Annotated[
        Literal["digits", "text"], Meta(description="a text can only be typed, not keyed")
    ] = "digits"
    min_length: Length = 1
    max_length: Length = 20
    check: Annotated[
        Check,
        Meta(
            description="luhn: check digit; date: YYYYMMDD; range: a number from least to most; "
            "email; phone: a telephone number"
        ),
    ] = "any"
    least: Minimum | None = None
    most: Minimum | None = None
    secret: Annotated[
        bool, Meta(description="never written down: only a look-up of the same call gets it")
    ] = False
    end_key: Annotated[
        Literal["#", "*", "none"], Meta(description="ends the digits before the time is up")
    ] = "#"
    answer_within: Annotated[Duration, Meta(description="after the prompt")] = 8 * SECOND
    between: Annotated[Duration, Meta(description="two digits, before they count as all")] = (
        4 * SECOND
    )
    barge_in: bool = True
    on_silence: Again = Again()
    on_invalid: Again = Again()


class CheckHours(NodeBase, frozen=True, kw_only=True, tag="hours"):
    """Ask the opening hours. Exits: open, closed; holiday where it differs from closed."""

    hours: Name


class Case(Part, frozen=True, kw_only=True):
    """An exit of a branch, taken when its condition holds."""

    name: Name
    when: When


class Branch(NodeBase, frozen=True, kw_only=True, tag="branch"):
    """The first case that holds decides. Exits: every case by its name, otherwise."""

    cases: Annotated[tuple[Case, ...], Meta(max_length=MAX_CASES)] = ()


class Identify(NodeBase, frozen=True, kw_only=True, tag="identify"):
    """Find the customer. Exits: found, several, not_found."""

    by: Annotated[
        Field, Meta(description="address: where they call or write from; else an attribute")
    ] = "address"
    within: Annotated[Duration, Meta(description="else it is not_found")] = 2 * SECOND
    say: Annotated[Prompt, Meta(description="said while it takes time")] = {}


class LookUp(NodeBase, frozen=True, kw_only=True, tag="look_up"):
    """Ask another system by a connector. Exits: found, not_found, failed."""

    connector: Name
    parameters: Annotated[
        dict[Field, Text], Meta(max_length=20, description="texts with safe fields")
    ] = {}
    take: Annotated[
        dict[Field, Field],
        Meta(max_length=20, description="attribute: the field of the answer it is taken from"),
    ] = {}
    within: Annotated[Duration, Meta(description="else it failed")] = 3 * SECOND
    say: Annotated[Prompt, Meta(description="said while it takes time")] = {}


class Stage(Part, frozen=True, kw_only=True):
    """Whom a contact asks for, and for how long before it asks for less."""

    ask: Annotated[Ask | None, Meta(description="left out: anyone")] = None
    lasts: Annotated[Duration | None, Meta(description="left out in the last step only")] = (
        msgspec.field(name="for", default=None)
    )


Stages = Annotated[tuple[Stage, ...], Meta(max_length=20)]
Agents = Annotated[tuple[Text, ...], Meta(max_length=20)]
Credit = Annotated[int, kind("credit")]


class SetValues(NodeBase, frozen=True, kw_only=True, tag="set"):
    """Write down what is known. Exit: next."""

    attributes: Annotated[dict[Field, Text], Meta(max_length=32)] = {}
    language: Annotated[Language | None, Meta(description="from here on")] = None
    credit: Annotated[Credit | None, Meta(description="head start, or a handicap: -30s")] = None
    steps: Annotated[Stages | None, Meta(description="what is asked of an agent")] = None
    preferred: Annotated[Agents | None, Meta(description="agents to whom it is offered first")] = (
        None
    )


class Split(NodeBase, frozen=True, kw_only=True, tag="split"):
    """Send shares of the contacts different ways. Exits: every share by its name.

    The same contact always takes the same one.
    """

    shares: Annotated[
        dict[Name, Annotated[int, Meta(ge=0, le=100)]],
        Meta(max_length=MAX_CASES, description="percentages, 100 together"),
    ] = {}


class Announcement(Part, frozen=True, kw_only=True):
    """Said while the customer waits in the queue."""

    say: Prompt
    after: Duration = 30 * SECOND
    every: Annotated[Duration | None, Meta(description="left out: once")] = None


Announcements = Annotated[tuple[Announcement, ...], Meta(max_length=20)]


class ToQueue(NodeBase, frozen=True, kw_only=True, tag="queue"):
    """Let the contact wait for an agent. The flow ends here."""

    queue: Name
    steps: Annotated[Stages | None, Meta(description="left out: set before, or the queue's")] = None
    say: Prompt = {}
    announcements: Annotated[Announcements | None, Meta(description="left out: the queue's")] = None
    offer_callback: Annotated[
        bool | None, Meta(description="while waiting; left out: as the queue does")
    ] = None


class OfferCallback(NodeBase, frozen=True, kw_only=True, tag="callback"):
    """Offer to call back without losing the place. Who accepts is promised it, and the flow ends.

    Exits: declined, also for silence; impossible: no number to call, or the queue calls nobody.
    """

    queue: Name
    say: Prompt = {}
    number: Annotated[
        Field, Meta(description="address: where they call from; else an attribute")
    ] = "address"
    accept: Key = "1"
    decline: Key = "2"
    accept_words: Words = {}
    decline_words: Words = {}
    promised: Annotated[Prompt, Meta(description="said when it is promised")] = {}
    answer_within: Duration = 5 * SECOND
    on_silence: Again = Again(times=1)
    on_invalid: Again = Again(times=1)


class Voicemail(NodeBase, frozen=True, kw_only=True, tag="voicemail"):
    """Take a message. The flow ends here."""

    box: Name
    say: Prompt = {}


class TransferOut(NodeBase, frozen=True, kw_only=True, tag="transfer"):
    """Connect the call to a number outside. The flow ends here."""

    number: Number
    say: Prompt = {}


class SubFlow(NodeBase, frozen=True, kw_only=True, tag="flow"):
    """Go through another flow and come back.

    Exits: each that its return nodes name; failed: it is not there, nested too deep, or came back
    by an exit that leads nowhere.
    """

    flow: Name
    alias: Annotated[Name, Meta(description="which version")] = "live"
    version: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(description="exactly this version, whatever the alias"),
    ] = None


class Return(NodeBase, frozen=True, kw_only=True, tag="return"):
    """Go back to the flow that this one is a part of, by one of its exits."""

    by: Name = "done"


class HangUp(NodeBase, frozen=True, kw_only=True, tag="hang_up"):
    """Say something and end the contact."""

    say: Prompt = {}


Node = (
    Say
    | Menu
    | Collect
    | CheckHours
    | Branch
    | Identify
    | LookUp
    | SetValues
    | Split
    | ToQueue
    | OfferCallback
    | Voicemail
    | TransferOut
    | SubFlow
    | Return
    | HangUp
)
Question = Menu | Collect | OfferCallback
Ending = ToQueue | Voicemail | TransferOut | HangUp
QUESTIONS: Final = get_args(Question)
N = TypeVar("N", bound=NodeBase)


class Flow(Part, frozen=True, kw_only=True):
    """What happens to a contact from the door to a queue. The first language is spoken to those
    who speak none of the others; who cannot go on in the flow is put into ``safe_queue``.
    """

    schema: Annotated[int, Meta(ge=1, le=SCHEMA)] = SCHEMA
    id: Name = msgspec.field(name="flow")
    label: Label = ""
    languages: Annotated[tuple[Language, ...], Meta(min_length=1, max_length=MAX_LANGUAGES)] = (
        "en",
    )
    safe_queue: Annotated[Name | None, Meta(description="where who cannot go on is put")] = None
    start: Annotated[Name | None, Meta(description="the first node")] = None
    nodes: Annotated[dict[Name, Node], Meta(max_length=MAX_NODES)] = {}
    tests: Annotated[tuple[Conversation, ...], Meta(max_length=MAX_TESTS)] = ()


def exits_of(node: Node) -> tuple[str, ...]:
    """The exits that must lead somewhere. Those of a sub-flow's return nodes come on top."""
    match node:
        case Say() | SetValues():
            return ("next",)
        case Menu():
            return (*node.choices, "timeout", "invalid")
        case Collect():
            return ("collected", "timeout", "invalid")
        case CheckHours():
            return ("open", "closed")
        case Branch():
            return (*dict.fromkeys(case.name for case in node.cases), "otherwise")
        case Identify():
            return ("found", "several", "not_found")
        case LookUp():
            return ("found", "not_found", "failed")
        case Split():
            return tuple(node.shares)
        case OfferCallback():
            return ("declined", "impossible")
        case SubFlow():
            return ("failed",)
        case ToQueue() | Voicemail() | TransferOut() | Return() | HangUp():
            return ()


def may_have(node: Node) -> tuple[str, ...]:
    """Exits that ``node`` can do without; a sub-flow may have any."""
    return ("holiday",) if isinstance(node, CheckHours) else ()


def name_of(key: str, node: Node) -> str:
    """How people call the node with this id."""
    return node.label or key
