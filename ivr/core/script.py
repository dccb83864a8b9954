"""A flow's test as data: what is given, what the customer does, what has to come of it."""

# ruff: noqa: RUF012 - defaults of structs are copied, and never changed

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

from ivr.core.facts import Customer, LocalTime, Opening, QueueState
from ivr.core.values import Field, Label, Language, Name, Part, Text, kind

MAX_ACTS: Final = 500

Moment = Annotated[LocalTime, kind("moment")]
Result = Literal["queue", "callback", "voicemail", "transfer", "hang_up", "left", "waiting"]


class SystemAnswer(Part, frozen=True, kw_only=True):
    """What a connector answers to every look-up."""

    result: Literal["found", "not_found", "failed"] = "found"
    answer: Annotated[dict[Field, Text], Meta(max_length=64)] = {}


class Given(Part, frozen=True, kw_only=True):
    """The world of a test. Queues that are not named are staffed and empty, hours open."""

    time: Annotated[Moment | None, Meta(description="sun 10:00; left out: Monday noon")] = None
    hours: dict[Name, Opening] = {}
    queues: dict[Name, QueueState] = {}
    identified: Annotated[
        tuple[Customer, ...], Meta(max_length=20, description="whom looking for them finds")
    ] = ()
    systems: Annotated[
        dict[Name, SystemAnswer], Meta(description="by connector; others do not answer in time")
    ] = {}
    may_call: bool = True


class Caller(Part, frozen=True, kw_only=True):
    """Who comes, and how."""

    channel: Name = "voice"
    address: Text = "+15550100"
    contact: Annotated[Label, Meta(description="decides percentage splits")] = "test"
    language: Language | None = None
    customer: Annotated[Customer | None, Meta(description="known before the flow begins")] = None
    subject: Annotated[Text, Meta(description="of a mail: the attribute subject")] = ""
    said: Annotated[
        tuple[Text, ...], Meta(max_length=50, description="written before the flow begins")
    ] = ()
    present: Annotated[
        bool | None, Meta(description="left out: nobody is, with email, voicemail and fax")
    ] = None
    attributes: dict[Field, Text] = {}


class Act(Part, frozen=True, kw_only=True):
    """One thing that happens: exactly one of these."""

    answer: Annotated[Text | None, Meta(description="keys, a text, a button's key")] = None
    silence: Annotated[bool, Meta(description="nothing comes in time")] = False
    hang_up: bool = False
    meanwhile: Annotated[Given | None, Meta(description="from here on the world is this")] = None


Nodes = Annotated[tuple[Name, ...], Meta(max_length=5_000)]


class Expected(Part, frozen=True, kw_only=True):
    """What is not named is not looked at."""

    ends: Result | None = None
    at: Annotated[
        Text | None, Meta(description="the queue, box or number; where it waits: the node")
    ] = None
    path: Annotated[
        Nodes | None, Meta(description="the nodes in order, those of sub-flows left out")
    ] = None
    attributes: dict[Field, Text] = {}
    language: Language | None = None
    hears: Annotated[
        tuple[Text, ...], Meta(max_length=50, description="parts of what is said, in order")
    ] = ()


class Conversation(Part, frozen=True, kw_only=True):
    """One caller or visitor, from the first prompt to the end of the script."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    caller: Caller = Caller()
    given: Given = Given()
    acts: Annotated[tuple[Act, ...], Meta(max_length=MAX_ACTS)] = ()
    expect: Expected = Expected()
