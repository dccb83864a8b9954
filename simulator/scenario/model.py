"""A scenario as it is run: everything checked, every name resolved, every moment in UTC."""

from __future__ import annotations

from typing import Literal

import msgspec

from router.core.catalog import Catalog
from simulator.contacts import Stream
from simulator.staff import Member

Figure = Literal["mean_wait", "service_level", "abandonment"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How often a scenario is run, each time with other luck.

    After ``at_least`` runs it stops as soon as the interval of ``figure`` at ``confidence`` is no
    wider than ``within`` to either side: seconds for ``mean_wait``, a share for the others. It
    never goes beyond ``at_most``; with ``within`` None it makes exactly ``at_most`` runs.
    """

    seed: int = 1
    at_least: int = 5
    at_most: int = 30
    figure: Figure = "mean_wait"
    within: float | None = None
    confidence: float = 0.95


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A centre, its customers and its staff from ``begins`` until ``ends``, microseconds UTC.

    ``warm_up`` (microseconds) at the beginning is simulated and not measured. ``zone`` is the
    time zone to show times in. ``staff`` has every agent once, in the catalog's order.
    """

    name: str
    catalog: Catalog
    begins: int
    ends: int
    streams: tuple[Stream, ...] = ()
    staff: tuple[Member, ...] = ()
    warm_up: int = 0
    zone: str = "UTC"
    plan: Plan = Plan()
