"""The calls each agent took, and who else was waiting when they took them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

from router.core.catalog import SECOND
from simulator.call_log import RecordedCall

SETTLING: Final = 2 * SECOND
"""Logs are written in whole seconds by clocks that differ: who joined or left the queue so shortly
before is not counted as waiting."""

Work = dict[str, list[RecordedCall]]
"""By agent the calls they took, in the order in which they took them."""


def work_of(calls: Iterable[RecordedCall]) -> Work:
    """The work of all agents whose names are known, in order of names."""
    taken: defaultdict[str, list[RecordedCall]] = defaultdict(list)
    for call in calls:
        if call.outcome == "answered" and call.agent:
            taken[call.agent].append(call)
    for of_one in taken.values():
        of_one.sort(key=lambda call: (call.answered_at, call.line))
    return dict(sorted(taken.items()))


def place_of(call: RecordedCall, credit: Mapping[str, int]) -> int:
    """What orders the call: since when it waits, its head start included, microseconds."""
    return call.queued_at - credit.get(call.tier, 0)


def first_others(
    calls: Sequence[RecordedCall], credit: Mapping[str, int]
) -> Iterator[tuple[RecordedCall, dict[str, int]]]:
    """For each call that waited and was answered, the first place by type among the others.

    ``calls`` come in order of ``queued_at``; the result is in order of ``answered_at``.
    """
    waits = [call for call in calls if call.waited > 2 * SETTLING and call.outcome != "left"]
    answered = sorted(
        (call for call in waits if call.outcome == "answered"),
        key=lambda call: (call.answered_at, call.line),
    )
    lines: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    joined = 0
    for call in answered:
        at = call.answered_at
        while joined < len(waits) and waits[joined].queued_at + SETTLING <= at:
            one = waits[joined]
            heappush(lines[one.type], (place_of(one, credit), one.wait_ends - SETTLING, joined))
            joined += 1
        for line in lines.values():
            while line and line[0][1] <= at:
                heappop(line)
        yield call, {kind: line[0][0] for kind, line in lines.items() if line}
