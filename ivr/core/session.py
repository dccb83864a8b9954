"""What goes in and out of the interpreter, and what it remembers in between.

A ``Session`` is all there is to remember: it is written down after every turn and taken up again
after a restart. Secrets are not in it, and neither are they in a path.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ivr.core.facts import Customer
from router.core.requirements import Step


class Value(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Line(Value, frozen=True, kw_only=True):
    """One prompt as it is said now: the fields are filled in. ``audio`` names a recording of it."""

    text: str = ""
    audio: str = ""
    language: str = ""


# -- in: what happened ------------------------------------------------------------------------


class Input(Value, frozen=True, kw_only=True):
    """``turn`` is the session's when the input was asked for: late ones change nothing."""

    turn: int


class Answered(Input, frozen=True, kw_only=True, tag="answered"):
    """Keys pressed, a text typed, a button clicked (its key)."""

    text: str


class TimedOut(Input, frozen=True, kw_only=True, tag="timed_out"):
    """No answer, or no result, within the time that was given."""


class Played(Input, frozen=True, kw_only=True, tag="played"):
    """The prompt has come to its end, or could not be played."""


class Identified(Input, frozen=True, kw_only=True, tag="identified"):
    customers: tuple[Customer, ...] = ()


class LookedUp(Input, frozen=True, kw_only=True, tag="looked_up"):
    result: Literal["found", "not_found", "failed"]
    answer: dict[str, str] = {}


class HungUp(Value, frozen=True, kw_only=True, tag="hung_up"):
    """The customer has gone. It needs no turn: it is true whenever it comes."""


Event = Answered | TimedOut | Played | Identified | LookedUp | HungUp


# -- out: what is to be done now --------------------------------------------------------------


class Play(Value, frozen=True, kw_only=True, tag="play"):
    """Answer with ``Played``; ``barge_in``: with ``Answered`` as soon as a key is pressed."""

    say: tuple[Line, ...]
    barge_in: bool = False


class Button(Value, frozen=True, kw_only=True):
    key: str
    text: str


class AskChoice(Value, frozen=True, kw_only=True, tag="ask_choice"):
    """One of the buttons' keys. ``within`` counts from the end of what is said, microseconds."""

    say: tuple[Line, ...]
    buttons: tuple[Button, ...]
    within: int
    barge_in: bool = True


class AskText(Value, frozen=True, kw_only=True, tag="ask_text"):
    """Digits or a text. ``end_key`` is not part of the answer and may be empty; ``between`` is how
    long after one digit the next is waited for. A ``secret`` is shown and logged nowhere. ``begun``
    are digits that were keyed before it was asked: they begin the answer, and who keyed them need
    not hear what is said.
    """

    say: tuple[Line, ...]
    digits: bool
    longest: int
    within: int
    between: int
    end_key: str = ""
    secret: bool = False
    barge_in: bool = True
    begun: str = ""


class FindCustomer(Value, frozen=True, kw_only=True, tag="find_customer"):
    """Answer with ``Identified``, or ``TimedOut`` after ``within``. ``by_address``: ``wanted`` is
    where the contact comes from, else what the customer gave.
    """

    by_address: bool
    wanted: str
    within: int
    say: tuple[Line, ...] = ()


class AskSystem(Value, frozen=True, kw_only=True, tag="ask_system"):
    """Answer with ``LookedUp``, or ``TimedOut`` after ``within``. ``secrets`` names, for further
    parameters, the secret in each: one that is no longer there (a restart) is a failure.
    """

    connector: str
    parameters: dict[str, str]
    secrets: dict[str, str]
    within: int
    say: tuple[Line, ...] = ()


Instruction = Play | AskChoice | AskText | FindCustomer | AskSystem


# -- out: how it ended ------------------------------------------------------------------------

Because = Literal[
    "",
    "too_many_steps",
    "too_many_turns",
    "missing_exit",
    "missing_node",
    "missing_flow",
    "missing_queue",
    "returned_at_the_top",
]


class Outcome(Value, frozen=True, kw_only=True):
    """``because`` says why the flow could not go on, where that is what ended it. To a customer who
    is not present, ``say`` is all that was said on the way.
    """

    say: tuple[Line, ...] = ()
    because: Because = ""


class Announced(Value, frozen=True, kw_only=True):
    """Said while the customer waits: first after ``after``, then ``every`` (0: once),
    microseconds.
    """

    say: Line
    after: int
    every: int = 0


class Queued(Outcome, frozen=True, kw_only=True, tag="queued"):
    """Into ``queue``. None: as the queue does."""

    queue: str
    steps: tuple[Step, ...] = ()
    announced: tuple[Announced, ...] | None = None
    offer_callback: bool | None = None


class CallBack(Outcome, frozen=True, kw_only=True, tag="call_back"):
    """Into ``queue`` with the promise to call ``number``; ``say`` is said before hanging up."""

    queue: str
    number: str
    steps: tuple[Step, ...] = ()


class TakeMessage(Outcome, frozen=True, kw_only=True, tag="take_message"):
    box: str


class ConnectTo(Outcome, frozen=True, kw_only=True, tag="connect_to"):
    number: str


class Finished(Outcome, frozen=True, kw_only=True, tag="finished"):
    """Say it and hang up."""


class Left(Outcome, frozen=True, kw_only=True, tag="left"):
    """The customer has hung up in the middle."""


Ended = Queued | CallBack | TakeMessage | ConnectTo | Finished | Left


# -- what is remembered -----------------------------------------------------------------------


class Frame(Value, frozen=True, kw_only=True):
    """Where a flow stands; the one that called it is before it."""

    flow: str
    version: int
    node: str


class Session(Value, frozen=True, kw_only=True):
    """One contact in its flow. ``attributes``, ``steps``, ``boost`` and ``preferred`` are for
    routing; a secret attribute shows its mask. ``boost`` is microseconds.
    """

    contact: str
    channel: str
    address: str
    safe_queue: str
    frames: tuple[Frame, ...]
    language: str
    attributes: dict[str, str] = {}
    secrets: tuple[str, ...] = ()
    customer: Customer | None = None
    steps: tuple[Step, ...] = ()
    boost: int = 0
    preferred: tuple[str, ...] = ()
    turn: int = 0
    walked: int = 0  # nodes since the customer last answered something that fits
    silences: int = 0  # at this question
    mistakes: int = 0  # at this question
    since: int = 0  # when this node was entered, microseconds UTC
    present: bool = True  # False: a mail or a document, nobody hears or answers anything
    unheard: tuple[Line, ...] = ()  # what was said to nobody; it comes with the outcome's words
    outcome: Ended | None = None

    @property
    def for_routing(self) -> dict[str, str]:
        """The attributes with which the contact goes on; the language is one of them."""
        return {**self.attributes, "language": self.language}

    @property
    def node(self) -> str:
        """The node where it stands or ended."""
        return self.frames[-1].node


class Passed(Value, frozen=True, kw_only=True):
    """One entry of a path: by which exit a node was left. ``again``: asked again, not left.

    ``heard`` is the answer, masked when it is a secret; ``exit`` is empty where the flow ended.
    """

    flow: str
    version: int
    node: str
    exit: str = ""
    heard: str = ""
    again: bool = False
    depth: int = 1  # 2 and more: in a flow that another called
    at: int = 0


class Turn(Value, frozen=True, kw_only=True):
    """The answer to one input. Without ``does`` and with the session as it was, the input did not
    fit and changed nothing. ``secrets`` are for the memory of the caller, never to be written down.
    """

    session: Session
    does: tuple[Instruction, ...] = ()
    path: tuple[Passed, ...] = ()
    secrets: dict[str, str] = {}
