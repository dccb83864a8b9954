"""Where a scenario asks for more work than its staff can do: its lines then grow.

What counts is the offered load (Erlang): contacts per hour × mean hours each takes. One contact of
a channel keeps 1 ÷ capacity of an agent busy. It is a lower bound: ringing, missed offers and
fatigue come on top, and contacts that overflow into another queue are not counted there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from router.core.catalog import HOUR
from simulator.contacts import Stream
from simulator.scenario.amounts import Amounts, Edges, offered_load, people_present
from simulator.scenario.crews import Crew, crews_of, exclusive_channels
from simulator.scenario.flow import Excess, excesses
from simulator.scenario.model import Scenario

SLACK: Final = 1e-6  # of the people there: as good as exactly enough


class Overload(msgspec.Struct, frozen=True, kw_only=True):
    """From ``begins`` until ``ends`` (microseconds UTC) ``streams`` together ask for more than
    those who can serve any of them can do.

    ``offered`` is the work in agents who would have nothing else to do, ``present`` how many are
    there; both in the worst hour.
    """

    begins: int
    ends: int
    streams: tuple[str, ...]
    offered: float
    present: float


def overloads(scenario: Scenario) -> list[Overload]:
    """Hour by hour from the beginning; hours that follow each other are told of together."""
    edges = np.append(np.arange(scenario.begins, scenario.ends, HOUR), scenario.ends)
    streams = [one for one in scenario.streams if one.expected > 0]
    crews = crews_of(scenario, streams)
    found: list[Overload] = []
    for channels in exclusive_channels(scenario, streams):
        chosen = [n for n, stream in enumerate(streams) if stream.channel in channels]
        found += _joined(_overloaded_hours(scenario, streams, chosen, crews, edges))
    return sorted(dict.fromkeys(found), key=lambda one: (one.begins, one.streams))


def _overloaded_hours(
    scenario: Scenario,
    streams: Sequence[Stream],
    chosen: Sequence[int],
    crews: Sequence[Crew],
    edges: Edges,
) -> Iterable[Overload]:
    """Of the ``chosen`` streams, whose contacts exclude each other in an agent's hands."""
    able = [[m for m, crew in enumerate(crews) if n in crew.shares] for n in chosen]
    offered = np.array([_agents_wanted(scenario, streams, n, crews, edges) for n in chosen])
    present = np.array([people_present(crew.members, edges) for crew in crews])
    present = present.reshape(len(crews), len(edges) - 1)

    @cache
    def judge(demand: tuple[float, ...], supply: tuple[float, ...]) -> list[Excess]:
        return excesses(demand, supply, able)

    hours = zip(pairwise(edges.tolist()), offered.T.tolist(), present.T.tolist(), strict=True)
    for (begins, ends), demand, supply in hours:
        for excess in judge(tuple(demand), tuple(supply)):
            if excess.demand > excess.supply * (1 + SLACK):
                yield Overload(
                    begins=begins,
                    ends=ends,
                    streams=tuple(streams[chosen[place]].name for place in excess.work),
                    offered=excess.demand,
                    present=excess.supply,
                )


def _agents_wanted(
    scenario: Scenario, streams: Sequence[Stream], n: int, crews: Sequence[Crew], edges: Edges
) -> Amounts:
    """The load of stream ``n`` in agents, as if the quickest who can serve it did all of it."""
    share = min((crew.shares[n] for crew in crews if n in crew.shares), default=1.0)
    return offered_load(scenario.catalog, streams[n], edges) * share


def _joined(hours: Iterable[Overload]) -> list[Overload]:
    """Hours of the same streams that follow each other become one."""
    going_on: dict[tuple[str, ...], Overload] = {}
    over: list[Overload] = []
    for hour in hours:
        before = going_on.get(hour.streams)
        if before is not None and before.ends == hour.begins:
            worst = max(before, hour, key=lambda one: one.offered - one.present)
            hour = msgspec.structs.replace(worst, begins=before.begins, ends=hour.ends)  # noqa: PLW2901
        elif before is not None:
            over.append(before)
        going_on[hour.streams] = hour
    return over + list(going_on.values())
