"""A contact as the simulator knows it: with everything about it that chance decides.

All of it is drawn before the contact arrives, from generators that depend on the seed and the
stream alone. However the centre is then arranged, the same customers come at the same moments,
with the same patience and the same questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec
import numpy as np
from numpy.typing import NDArray

from router.core.catalog import HOUR
from router.core.model import CustomerRef
from router.core.requirements import Step
from simulator.distributions import NOTHING, Distribution, Never, Times, luck

MAX_CONTACTS = 5_000_000


class SimulatedContact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Times are microseconds UTC, durations microseconds.

    ``patience`` counts from ``at``; ``handling`` is the conversation, ``wrap_up`` what the agent
    writes afterwards. ``stream`` and ``tier`` are what reports group by.
    """

    id: str
    at: int
    stream: str
    channel: str
    queue: str
    patience: int
    handling: int
    wrap_up: int = 0
    tier: str = ""
    customer: CustomerRef | None = None
    steps: tuple[Step, ...] = ()
    attributes: dict[str, str] = {}


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """``per_hour`` contacts from ``begins`` until ``ends``, microseconds UTC."""

    begins: int
    ends: int
    per_hour: float

    @property
    def expected(self) -> float:
        return self.per_hour * (self.ends - self.begins) / HOUR


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts of one kind: Poisson arrivals at a rate that may change through the day.

    ``tiers`` gives the share of customers of each tier; what is missing to 1 has no tier.
    """

    name: str
    channel: str
    queue: str
    rates: tuple[Rate, ...]
    handling: Distribution
    patience: Distribution = Never()
    wrap_up: Distribution = NOTHING
    tiers: dict[str, float] = {}
    value: int = 0
    steps: tuple[Step, ...] = ()
    attributes: dict[str, str] = {}

    @property
    def expected(self) -> float:
        """Contacts to expect in all."""
        return sum(rate.expected for rate in self.rates)


class TooManyContacts(ValueError):
    """The scenario asks for more contacts than one run may hold."""


def draw_contacts(streams: Sequence[Stream], seed: int) -> list[SimulatedContact]:
    """All contacts of all streams in order of arrival. Raises ``TooManyContacts``."""
    expected = sum(stream.expected for stream in streams)
    if expected > MAX_CONTACTS:
        raise TooManyContacts(
            f"The scenario expects {expected:,.0f} contacts and a run holds {MAX_CONTACTS:,}:"
            " shorten it or lower its rates."
        )
    drawn = [
        contact
        for number, stream in enumerate(streams)
        for contact in _draw_stream(stream, number, seed)
    ]
    drawn.sort(key=lambda contact: contact.at)
    return drawn


def _draw_stream(stream: Stream, number: int, seed: int) -> Iterable[SimulatedContact]:
    purposes = luck(seed, "stream", stream.name).spawn(5)
    arrivals, handling, patience, wrap_up, tiers = map(np.random.default_rng, purposes)
    times = _arrival_times(stream.rates, arrivals)
    size = len(times)
    columns = zip(
        times.tolist(),
        stream.handling.sample(handling, size).tolist(),
        stream.patience.sample(patience, size).tolist(),
        stream.wrap_up.sample(wrap_up, size).tolist(),
        _draw_tiers(stream, tiers, size),
        strict=True,
    )
    customers = {tier: _customer(stream, tier) for tier in ("", *stream.tiers)}
    for n, (at, talk, waits, writes, tier) in enumerate(columns, 1):
        yield SimulatedContact(
            id=f"{number}-{n}",
            at=at,
            stream=stream.name,
            channel=stream.channel,
            queue=stream.queue,
            patience=waits,
            handling=talk,
            wrap_up=writes,
            tier=tier,
            customer=customers[tier],
            steps=stream.steps,
            attributes=stream.attributes,
        )


def _arrival_times(rates: Sequence[Rate], rng: np.random.Generator) -> Times:
    """A Poisson number in each span, spread evenly over it: the Poisson process exactly."""
    spans: list[NDArray[np.int64]] = [
        np.sort(rng.integers(rate.begins, rate.ends, size=rng.poisson(rate.expected)))
        for rate in rates
        if rate.ends > rate.begins
    ]
    return np.concatenate(spans) if spans else np.empty(0, dtype=np.int64)


def _draw_tiers(stream: Stream, rng: np.random.Generator, size: int) -> list[str]:
    uniform = rng.random(size)
    if not stream.tiers:
        return [""] * size
    names = [*stream.tiers, ""]
    edges = np.fromiter(accumulate(stream.tiers.values()), dtype=np.float64)
    return [names[place] for place in np.searchsorted(edges, uniform, side="right").tolist()]


def _customer(stream: Stream, tier: str) -> CustomerRef | None:
    """One customer stands for all of a tier: routing looks at tier and value alone."""
    if not tier and not stream.value:
        return None
    return CustomerRef(id=f"{stream.name}/{tier or 'any'}", tier=tier, value=stream.value)
