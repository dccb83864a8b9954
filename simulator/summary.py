"""One run in figures: by queue, stream and tier, and through the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from router.core.catalog import Catalog
from router.core.durations import MINUTE, SECOND
from simulator.figures import Group, Objective, Tally, summarise
from simulator.ledger import Ledger, Outcome, Workload
from simulator.staff import Member

EVERYBODY: Final = "all"
NO_TIER: Final = "no tier"
SLICE: Final = 30 * MINUTE


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts that came from ``begins`` (microseconds UTC) for ``SLICE``, and what went on then:
    ``present`` is agent-seconds of their shifts, breaks not counted; ``talking`` is seconds of
    conversations, also of those that came earlier, each of several at once by itself.
    """

    begins: int
    tally: Tally
    present: float
    talking: float


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """``groups`` are named ``all``, ``queue sales``, ``tier gold``, ``stream …``; ``occupancy`` is
    the share of the time present that was spent on contacts, for all and by agent.
    """

    seed: int
    groups: dict[str, Group]
    slices: tuple[Slice, ...]
    occupancy: float | None
    occupancies: dict[str, float]
    longest_line: int


def sum_up(
    ledger: Ledger, catalog: Catalog, staff: Sequence[Member], *, seed: int, measured_from: int
) -> Summary:
    """Contacts that came before ``measured_from`` (microseconds UTC) are not counted."""

    def objective(queue: str) -> int:
        return catalog.queues[queue].service_within

    outcomes = [one for one in ledger.outcomes if one.contact.at >= measured_from]
    everybody = Workload(
        present=sum(work.present for work in ledger.workloads.values()),
        busy=sum(work.busy for work in ledger.workloads.values()),
    )
    shares = {agent: work.occupancy for agent, work in sorted(ledger.workloads.items())}
    return Summary(
        seed=seed,
        groups={name: summarise(some, objective) for name, some in _groups(outcomes).items()},
        slices=_slices(ledger, staff, measured_from, objective),
        occupancy=everybody.occupancy,
        occupancies={agent: share for agent, share in shares.items() if share is not None},
        longest_line=ledger.longest_line,
    )


def _groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    groups[EVERYBODY] = list(outcomes)
    for outcome in outcomes:
        contact = outcome.contact
        groups[f"queue {contact.queue}"].append(outcome)
        groups[f"tier {contact.tier or NO_TIER}"].append(outcome)
        groups[f"stream {contact.stream}"].append(outcome)
    return dict(sorted(groups.items()))


def _slices(
    ledger: Ledger, staff: Sequence[Member], begins: int, objective: Objective
) -> tuple[Slice, ...]:
    ends = ledger.ends
    count = max(-(-(ends - begins) // SLICE), 0)
    tallies = [Tally() for _ in range(count)]
    for outcome in ledger.outcomes:
        if outcome.contact.at >= begins:
            place = min((outcome.contact.at - begins) // SLICE, count - 1)
            tallies[place].add(outcome, objective(outcome.contact.queue))
    talking = _spread(
        ((one.answered_at, one.ended_at or ends) for one in ledger.outcomes if one.answered_at),
        begins,
        count,
    )
    present = _spread(_presence(staff), begins, count)
    return tuple(
        Slice(begins=begins + n * SLICE, tally=tally, present=present[n], talking=talking[n])
        for n, tally in enumerate(tallies)
    )


def _presence(staff: Iterable[Member]) -> Iterable[tuple[int, int]]:
    for member in staff:
        for shift in member.shifts:
            edge = shift.begins
            for pause in shift.pauses:
                yield edge, pause.begins
                edge = pause.ends
            yield edge, shift.ends


def _spread(spans: Iterable[tuple[int, int]], begins: int, count: int) -> list[float]:
    """Seconds of the spans that fall into each slice."""
    seconds = [0.0] * count
    for since, until in spans:
        first = max((since - begins) // SLICE, 0)
        last = min((until - begins) // SLICE, count - 1)
        for place in range(first, last + 1):
            edge = begins + place * SLICE
            overlap = min(until, edge + SLICE) - max(since, edge)
            seconds[place] += max(overlap, 0) / SECOND
    return seconds
