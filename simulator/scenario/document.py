"""A scenario as people write it: the model that the reader follows and the JSON Schema shows.

As in ``config.catalog.document``: ``None`` means "not written", and ``Meta.extra`` tells the
reader how a text is read and which names it refers to.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from config.catalog.document import (
    ChannelRef,
    Duration,
    Label,
    Name,
    QueueRef,
    Share,
    Source,
    StepSource,
    Zone,
)
from config.catalog.openings import Span
from simulator.distributions import Distribution
from simulator.scenario.kinds import HourlyRate
from simulator.scenario.model import Figure


def _kind(kind: str) -> Meta:
    return Meta(extra={"kind": kind}, extra_json_schema={"kind": kind})


FileName = Annotated[str, Meta(min_length=1, max_length=1_000)]
Drawn = Annotated[Distribution, _kind("distribution")]
Patience = Annotated[Distribution, _kind("patience")]
Rates = Annotated[tuple[HourlyRate, ...], _kind("rates")]
Spans = Annotated[tuple[Span, ...], _kind("spans")]
Starts = Annotated[datetime, _kind("starts")]
HalfWidth = Annotated[str, _kind("half_width")]
AgentRef = Annotated[str, Meta(extra={"refers": "agent"}, extra_json_schema={"kind": "agent"})]
Runs = Annotated[int, Meta(ge=1, le=10_000)]

MAX_STREAMS = 100
MAX_GROUPS = 200


class StreamSource(Source, frozen=True, kw_only=True):
    """Contacts of one kind, arriving by chance at a rate."""

    channel: ChannelRef
    queue: QueueRef
    per_hour: Annotated[
        Rates, Meta(description="contacts per hour; by span of the day: {08:00-12:00: 40}")
    ]
    handling: Annotated[Drawn, Meta(description="how long the conversation takes")]
    patience: Annotated[
        Patience | None, Meta(description="how long a customer waits; left out: for ever")
    ] = None
    wrap_up: Annotated[
        Drawn | None, Meta(description="writing up afterwards; left out: the queue's wrap_up")
    ] = None
    tiers: Annotated[
        dict[Name, Share] | None, Meta(description="share of customers; the rest has no tier")
    ] = None
    value: Annotated[
        Annotated[int, Meta(ge=0, le=1_000_000_000_000)] | None,
        Meta(description="worth per year of each customer"),
    ] = None
    steps: Annotated[
        tuple[StepSource, ...] | None, Meta(description="left out: the queue's own steps")
    ] = None
    attributes: Annotated[dict[Name, Label], Meta(max_length=64)] | None = None


class StaffSource(Source, frozen=True, kw_only=True):
    """Agents of the catalog who work the same hours in the same way."""

    agents: Literal["all"] | tuple[AgentRef, ...]
    shifts: Annotated[
        Spans | None, Meta(description="every day; left out: all the time of the scenario")
    ] = None
    breaks: Annotated[Spans | None, Meta(description="every day, within the shifts")] = None
    accepts_after: Annotated[
        Drawn | None, Meta(description="from the ring to the answer; left out: at once")
    ] = None
    misses: Annotated[Share | None, Meta(description="share of offers left to ring out")] = None
    returns_after: Annotated[
        Drawn | None, Meta(description="ready again after a missed offer; left out: 1m")
    ] = None
    pace: Annotated[
        Annotated[float, Meta(ge=0.1, le=10)] | None,
        Meta(description="times the usual length of conversations and wrap-up"),
    ] = None
    fatigue: Annotated[
        Share | None, Meta(description="longer by this share for each hour since the last break")
    ] = None


class UntilSource(Source, frozen=True, kw_only=True):
    """Runs go on until a figure is known this well."""

    within: Annotated[
        HalfWidth, Meta(description="to either side: 2s for mean_wait, 1% for the others")
    ]
    figure: Figure | None = None


class RunsSource(Source, frozen=True, kw_only=True):
    """How often the scenario is run, each time with other luck."""

    seed: Annotated[int, Meta(ge=0, le=999_999_999)] | None = None
    at_least: Runs | None = None
    at_most: Runs | None = None
    confidence: Annotated[Share | None, Meta(description="of every interval; left out: 95%")] = None
    until: UntilSource | None = None


class HeadSource(Source, frozen=True, kw_only=True):
    """What must be known before the rest can be read: the catalog, and when it is."""

    catalog: FileName | None = None
    starts: Starts | None = None
    time_zone: Zone | None = None


class ScenarioSource(Source, frozen=True, kw_only=True):
    """Customers and staff of a contact centre for a while, to be simulated."""

    catalog: Annotated[FileName, Meta(description="the catalog's file, as seen from this one")]
    starts: Annotated[Starts, Meta(description="2026-03-02 08:00, by the clock of time_zone")]
    lasts: Annotated[Duration, Meta(description="92 days at most")]
    name: Annotated[Label | None, Meta(description="left out: the file's name")] = None
    time_zone: Annotated[Zone | None, Meta(description="left out: UTC")] = None
    warm_up: Annotated[
        Duration | None, Meta(description="simulated at the beginning and not measured")
    ] = None
    arrivals: Annotated[dict[Label, StreamSource], Meta(max_length=MAX_STREAMS)] | None = None
    staff: Annotated[dict[Label, StaffSource], Meta(max_length=MAX_GROUPS)] | None = None
    runs: RunsSource | None = None
