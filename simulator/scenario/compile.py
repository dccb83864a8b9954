"""From the checked document to the scenario that is run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

import msgspec

from config.catalog.compile import compile_steps
from config.catalog.document import Source
from config.catalog.openings import ALL_DAY
from config.catalog.wall_clock import DAY, Interval
from router.core.catalog import Catalog
from simulator.contacts import Rate, Stream
from simulator.distributions import Constant
from simulator.scenario.clock import every_day, moment
from simulator.scenario.document import (
    RunsSource,
    ScenarioSource,
    StaffSource,
    StreamSource,
)
from simulator.scenario.kinds import parse_half_width
from simulator.scenario.model import Plan, Scenario
from simulator.staff import Behaviour, Member, Pause, Shift


def compile_scenario(document: ScenarioSource, catalog: Catalog, name: str) -> Scenario:
    """``document`` must have passed the checks; ``name`` is for one that has none."""
    zone = document.time_zone or "UTC"
    begins = begins_of(document)
    ends = begins + document.lasts
    return Scenario(
        name=document.name or name,
        catalog=catalog,
        begins=begins,
        ends=ends,
        warm_up=document.warm_up or 0,
        zone=zone,
        streams=tuple(
            _stream(key, stream, catalog, (zone, begins, ends))
            for key, stream in (document.arrivals or {}).items()
        ),
        staff=_staff(document.staff or {}, catalog, (zone, begins, ends)),
        plan=_plan(document.runs or RunsSource()),
    )


When = tuple[str, int, int]
"""Time zone, beginning and end of the scenario."""


def begins_of(document: ScenarioSource) -> int:
    """Microseconds UTC. Raises ValueError for an hour that the clocks skip."""
    begins = moment(document.starts, document.time_zone or "UTC")
    if begins is None:
        raise ValueError("the scenario starts in an hour that the clocks skip")
    return begins


def days_of(lasts: int) -> int:
    """How many days of the calendar ``lasts`` microseconds can touch."""
    return lasts // DAY + 2


def _given(source: Source, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}


# -- arrivals ---------------------------------------------------------------------------------


def _stream(name: str, source: StreamSource, catalog: Catalog, when: When) -> Stream:
    return Stream(
        name=name,
        channel=source.channel,
        queue=source.queue,
        rates=_rates(source, when),
        handling=source.handling,
        wrap_up=source.wrap_up or Constant(value=catalog.queues[source.queue].wrap_up),
        steps=compile_steps(source.steps or ()),
        **_given(source, "patience", "tiers", "value", "attributes"),
    )


def _rates(source: StreamSource, when: When) -> tuple[Rate, ...]:
    """In order of time. A stretch without a rate has no arrivals."""
    rates = [
        Rate(begins=begins, ends=ends, per_hour=one.per_hour)
        for one in source.per_hour
        if one.per_hour
        for begins, ends in every_day((one.span,), *when)
    ]
    return tuple(sorted(rates, key=lambda rate: rate.begins))


# -- staff ------------------------------------------------------------------------------------


def people_in(group: StaffSource, catalog: Catalog | None) -> tuple[str, ...]:
    """The agents of ``group``; of everybody, those who are known."""
    if isinstance(group.agents, tuple):
        return group.agents
    return tuple(catalog.agents) if catalog is not None else ()


def behaviour_of(group: StaffSource) -> Behaviour:
    return Behaviour(**_given(group, "accepts_after", "misses", "returns_after", "pace", "fatigue"))


def _staff(groups: dict[str, StaffSource], catalog: Catalog, when: When) -> tuple[Member, ...]:
    """Every agent once, with the shifts of all their groups, in the catalog's order."""
    members: dict[str, Member] = {}
    for group in groups.values():
        shifts = _shifts(group, when)
        for agent in people_in(group, catalog):
            known = members.get(agent)
            members[agent] = (
                Member(agent=agent, shifts=shifts, behaviour=behaviour_of(group))
                if known is None
                else msgspec.structs.replace(known, shifts=_in_order(known.shifts + shifts))
            )
    return tuple(members[agent] for agent in catalog.agents if agent in members)


def _in_order(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    return tuple(sorted(shifts, key=lambda shift: shift.begins))


def _shifts(group: StaffSource, when: When) -> tuple[Shift, ...]:
    breaks = every_day(group.breaks or (), *when)
    leaves, returns = [away for away, _ in breaks], [back for _, back in breaks]
    made = [
        _shift(begins, ends, breaks[bisect_right(returns, begins) : bisect_left(leaves, ends)])
        for begins, ends in every_day(group.shifts or (ALL_DAY,), *when)
    ]
    return tuple(shift for shift in made if shift.begins < shift.ends)


def _shift(begins: int, ends: int, breaks: Iterable[Interval]) -> Shift:
    """A break at the very beginning or end makes the shift shorter instead."""
    pauses = []
    for away, back in breaks:
        if away <= begins:
            begins = min(back, ends)
        elif ends <= back:
            ends = away
        else:
            pauses.append(Pause(begins=away, ends=back))
    return Shift(begins=begins, ends=ends, pauses=tuple(pauses))


# -- runs -------------------------------------------------------------------------------------


def _plan(runs: RunsSource) -> Plan:
    plan = Plan(**_given(runs, "seed", "at_least", "at_most", "confidence"))
    if runs.until is not None:
        plan = msgspec.structs.replace(
            plan,
            within=parse_half_width(runs.until.within),
            **_given(runs.until, "figure"),
        )
    least = max(plan.at_least, 2) if plan.within is not None else plan.at_least
    return msgspec.structs.replace(plan, at_least=min(least, plan.at_most))
