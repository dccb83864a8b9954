"""The catalog as an admin writes it: the model that the reader follows and the JSON Schema shows.

``None`` means "not written": the default of ``router.core.catalog`` applies. ``Meta.extra`` tells
the reader three things msgspec has no word for: ``kind`` (how the text is read, see ``values``),
``defines`` (a name given here) and ``refers`` (a name that must be given elsewhere).
Docstrings and descriptions are what an editor shows while typing.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from config.catalog.openings import Openings
from config.catalog.replies import MAX_REPLIES
from config.catalog.values import FLOW, MAX_NAME, MENU_KEY, NAME, Amount
from router.core.requirements import Condition


def _kind(kind: str) -> Meta:
    return Meta(extra={"kind": kind}, extra_json_schema={"kind": kind})


def _refers(kind: str) -> Meta:
    return Meta(extra={"refers": kind}, extra_json_schema={"kind": kind})


def _defines(kind: str) -> Meta:
    return Meta(pattern=NAME, max_length=MAX_NAME, extra={"defines": kind})


Label = Annotated[str, Meta(min_length=1, max_length=80)]
Text = Annotated[str, Meta(min_length=1, max_length=2_000)]
Name = Annotated[str, Meta(pattern=NAME, max_length=MAX_NAME)]
FlowRef = Annotated[str, Meta(pattern=FLOW, max_length=2 * MAX_NAME)]
MenuKey = Annotated[str, Meta(pattern=MENU_KEY, max_length=MAX_NAME)]
Level = Annotated[int, Meta(ge=1, le=10)]
Band = Annotated[int, Meta(ge=1, le=100)]
Count = Annotated[int, Meta(ge=0, le=1_000)]

ReplyText = Annotated[str, _kind("reply_text")]
Language = Annotated[str, _kind("language")]
Duration = Annotated[int, _kind("duration")]
Share = Annotated[float, _kind("share")]
Limit = Annotated[Amount, _kind("amount")]
Ask = Annotated[Condition, _kind("condition")]
Zone = Annotated[str, _kind("zone")]
Holidays = Annotated[str, _kind("holidays")]
Days = Annotated[str, _kind("weekdays")]
Date = Annotated[str, _kind("date")]
Open = Annotated[Openings, _kind("openings")]
Override = Annotated[Openings, _kind("override")]

SkillName = Annotated[str, _defines("skill")]
QueueName = Annotated[str, _defines("queue")]
ProfileName = Annotated[str, _defines("profile")]
AgentName = Annotated[str, _defines("agent")]
HoursName = Annotated[str, _defines("hours")]

SkillRef = Annotated[str, _refers("skill")]
QueueRef = Annotated[str, _refers("queue")]
ProfileRef = Annotated[str, _refers("profile")]
HoursRef = Annotated[str, _refers("hours")]
ChannelRef = Annotated[str, _refers("channel")]
StrategyRef = Annotated[str, _refers("strategy")]


class Source(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    pass


class StepSource(Source, frozen=True, kw_only=True):
    """Whom a contact asks for, and for how long before it asks for less."""

    ask: Annotated[Ask | None, Meta(description="what the agent must meet; left out: anyone")] = (
        None
    )
    lasts: Annotated[
        Duration | None, Meta(description="how long; left out in the last step only")
    ] = msgspec.field(name="for", default=None)


class ToSource(Source, frozen=True, kw_only=True):
    """Where an overflowing contact goes: exactly one of these."""

    queue: QueueRef | None = None
    voicemail: Annotated[Label | None, Meta(description="the voicemail box")] = None
    message: Annotated[Text | None, Meta(description="tell the customer this and end")] = None


class OverflowSource(Source, frozen=True, kw_only=True):
    """When a contact stops waiting here. The first rule that holds decides."""

    when: Literal["wait", "length", "estimated_wait", "unstaffed", "closed"]
    to: Literal["callback"] | ToSource
    at: Annotated[
        Limit | None,
        Meta(description="a duration for wait, estimated_wait and unstaffed; a number for length"),
    ] = None


class AnnouncementSource(Source, frozen=True, kw_only=True):
    """Spoken or shown while a customer waits."""

    text: Text
    after: Duration | None = None
    every: Annotated[Duration | None, Meta(description="left out: said once")] = None


class CallbackSource(Source, frozen=True, kw_only=True):
    """Whether and how a waiting customer may ask to be called back, keeping the place."""

    after: Annotated[Duration | None, Meta(description="how long they wait before the offer")] = (
        None
    )
    attempts: Annotated[int, Meta(ge=1, le=20)] | None = None
    retry_after: Duration | None = None


class QueueSource(Source, frozen=True, kw_only=True):
    """A line of waiting contacts and the rules it is served by."""

    label: Annotated[Label | None, Meta(description="what people read; left out: the id")] = None
    steps: Annotated[
        tuple[StepSource, ...] | None,
        Meta(description="what is asked of an agent, relaxed in time"),
    ] = None
    strategy: Annotated[StrategyRef | None, Meta(description="which free agent is chosen")] = None
    service_within: Annotated[Duration | None, Meta(description="objective: answered within")] = (
        None
    )
    service_target: Annotated[Share | None, Meta(description="objective: share of contacts")] = None
    objective_hours: Annotated[
        HoursRef | None, Meta(description="waiting counts to the objective in these only")
    ] = None
    credit: Annotated[Duration | None, Meta(description="head start of every contact here")] = None
    offer_for: Annotated[Duration | None, Meta(description="how long an agent may answer")] = None
    auto_accept: Annotated[bool | None, Meta(description="connect without asking")] = None
    missed_offer: Annotated[
        Literal["not_ready", "ready"] | None, Meta(description="the agent's state after a miss")
    ] = None
    reoffer_after: Annotated[
        Duration | None, Meta(description="before an agent who missed it is offered it again")
    ] = None
    ring_all_limit: Annotated[int, Meta(ge=1, le=100)] | None = None
    wrap_up: Annotated[Duration | None, Meta(description="0: no wrap-up")] = None
    wrap_up_limit: Annotated[Duration | None, Meta(description="with every extension")] = None
    hours: Annotated[HoursRef | None, Meta(description="left out: always open")] = None
    overflow: tuple[OverflowSource, ...] | None = None
    announcements: tuple[AnnouncementSource, ...] | None = None
    callback: bool | CallbackSource | None = None
    dispositions: tuple[Label, ...] | None = None
    preferred_for: Annotated[
        Duration | None, Meta(description="how long preferred agents have it to themselves")
    ] = None


class ProfileQueueSource(Source, frozen=True, kw_only=True):
    """A queue in a profile."""

    queue: QueueRef
    band: Annotated[Band | None, Meta(description="lower is served first")] = None
    delay: Annotated[
        Duration | None, Meta(description="least wait, credit included, before it is seen")
    ] = None


class ProfileSource(Source, frozen=True, kw_only=True):
    """Which queues and channels an agent serves, and how much at once."""

    label: Label | None = None
    queues: tuple[QueueRef | ProfileQueueSource, ...]
    capacity: Annotated[dict[ChannelRef, Count], Meta(description="contacts at a time, by channel")]
    alone: Annotated[
        tuple[ChannelRef, ...] | None, Meta(description="channels handled with nothing beside")
    ] = None
    interruptible: Annotated[
        tuple[ChannelRef, ...] | None, Meta(description="channels that may be interrupted")
    ] = None
    order: Literal["wait", "objective"] | None = None


class AgentSource(Source, frozen=True, kw_only=True):
    """A person who answers contacts."""

    name: Label
    profile: ProfileRef
    public_name: Annotated[Label | None, Meta(description="what customers are told")] = None
    team: Name | None = None
    site: Name | None = None
    skills: Annotated[dict[SkillRef, Level] | None, Meta(description="levels 1-10")] = None
    attributes: dict[Name, Label] | None = None
    weight: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    order: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class HoursSource(Source, frozen=True, kw_only=True):
    """When something is open, by the clock on the wall in its time zone."""

    time_zone: Zone | None = None
    open: dict[Days, Open]
    holidays: Annotated[
        Holidays | None, Meta(description="public holidays, closed: a country or its part")
    ] = None
    dates: Annotated[
        dict[Date, Override] | None, Meta(description="days that differ, holidays included")
    ] = None


class ValueSource(Source, frozen=True, kw_only=True):
    """Customers worth this much get this head start."""

    at_least: Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
    credit: Duration


class CreditsSource(Source, frozen=True, kw_only=True):
    """Head starts by the customer's tier and value; they add up with the queue's."""

    tiers: dict[Name, Duration] | None = None
    values: tuple[ValueSource, ...] | None = None


class ChoiceSource(Source, frozen=True, kw_only=True):
    queue: QueueRef
    label: Annotated[Label | None, Meta(description="what the customer reads")] = None


class EntryPointSource(Source, frozen=True, kw_only=True):
    """Where contacts come in: a number, a mailbox, a chat form."""

    channel: ChannelRef
    queue: QueueRef
    label: Annotated[Label | None, Meta(description="what the customer reads")] = None
    choices: dict[MenuKey, QueueRef | ChoiceSource] | None = None
    flow: Annotated[
        FlowRef | None,
        Meta(description="gone through first, 'name' or 'name@alias'; queue is then the safe one"),
    ] = None
    steps: tuple[StepSource, ...] | None = None


class CannedReplySource(Source, frozen=True, kw_only=True):
    """Words that agents use again and again, chosen by typing / and its shortcut."""

    text: Annotated[
        ReplyText, Meta(description="fields in braces are filled in: {customer.first_name|there}")
    ]
    label: Annotated[Label | None, Meta(description="what agents read; left out: the id")] = None
    shortcut: Annotated[
        Name | None, Meta(description="typed after /; several languages may share it; left out: id")
    ] = None
    queues: Annotated[tuple[QueueRef, ...] | None, Meta(description="left out: all")] = None
    channels: Annotated[tuple[ChannelRef, ...] | None, Meta(description="left out: all")] = None
    language: Annotated[Language | None, Meta(description="en, es, zh …; left out: any")] = None


class CatalogSource(Source, frozen=True, kw_only=True):
    """Queues, skills, profiles, agents, hours and credits of one contact centre."""

    time_zone: Annotated[Zone | None, Meta(description="for hours that name none")] = None
    skills: Annotated[dict[SkillName, Label | None], Meta(max_length=5_000)] | None = None
    queue_defaults: Annotated[
        QueueSource | None, Meta(description="for every queue that does not say otherwise")
    ] = None
    queues: Annotated[dict[QueueName, QueueSource], Meta(max_length=2_000)] | None = None
    profiles: Annotated[dict[ProfileName, ProfileSource], Meta(max_length=1_000)] | None = None
    agents: Annotated[dict[AgentName, AgentSource], Meta(max_length=50_000)] | None = None
    hours: Annotated[dict[HoursName, HoursSource], Meta(max_length=100)] | None = None
    credits: CreditsSource | None = None
    not_ready_reasons: tuple[Label, ...] | None = None
    entry_points: dict[Name, EntryPointSource] | None = None
    canned_replies: (
        Annotated[dict[Name, CannedReplySource], Meta(max_length=MAX_REPLIES)] | None
    ) = None
