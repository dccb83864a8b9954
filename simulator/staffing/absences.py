"""How long agents were out of reach between two calls.

When the next call had waited, its agent came free at the very moment it was answered: the time out
of reach is the whole gap. When the next caller was answered at once, the agent had been free for a
while, since some moment after the last one at which somebody waited whom they could have served.
So the time lies between two bounds. The distribution that fits all of them best is the
self-consistent one (Turnbull, JRSS B 38:290, 1976), and a time is drawn from it within its bounds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from router.core.catalog import HOUR, MINUTE, SECOND
from simulator.call_log import RecordedCall
from simulator.staffing.skills import Skills
from simulator.staffing.work import SETTLING, Work

LONG_GAP: Final = 30 * MINUTE
"""Nobody who is at work goes without a call for longer. At the Anonymous Bank, of the gaps of more
than 20 minutes, 93 % saw others answered at once who had been idle for less time."""

_ROUNDS: Final = 200
_EDGES: Final = np.concatenate(
    [
        np.arange(0, 60),
        np.arange(60, 120, 5),
        np.arange(120, 600, 20),
        np.arange(600, 3_600, 120),
        np.arange(3_600, 86_401, 3_600),
    ]
)  # seconds: finer where most of it happens

Interval = tuple[int, int]


class Gap(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The time of ``agent`` after the call in ``line``, from ``begins`` on, until the next call.

    They were out of reach for between ``least`` and ``most`` microseconds of it; ``most`` is all
    of it, and where both are equal that is known.
    """

    agent: str
    line: int
    begins: int
    least: int
    most: int


def find_gaps(calls: Sequence[RecordedCall], work: Work, skills: Skills) -> list[Gap]:
    """The gaps between calls of all agents, agent by agent in order of time."""
    queues = _queue_times(calls)
    return [
        _gap(agent, before, after, [queues[kind] for kind in sorted(kinds) if kind in queues])
        for agent, taken in work.items()
        for (before, after), kinds in zip(pairwise(taken), skills[agent][1:], strict=True)
        if after.answered_at > before.talk_ends
    ]


def _gap(
    agent: str, before: RecordedCall, after: RecordedCall, queues: Sequence[list[Interval]]
) -> Gap:
    begins, ends = before.talk_ends, after.answered_at
    most = ends - begins
    if after.waited > SETTLING or most > LONG_GAP:
        least = most
    else:
        seen = max((_last_wait(queue, ends) for queue in queues), default=0)
        least = min(max(seen - begins, 0), most) if seen > begins + SETTLING else 0
    return Gap(agent=agent, line=before.line, begins=begins, least=least, most=most)


def _queue_times(calls: Iterable[RecordedCall]) -> Mapping[str, list[Interval]]:
    """By type the times at which somebody waited, as intervals in order that do not overlap."""
    found: defaultdict[str, list[Interval]] = defaultdict(list)
    for call in calls:
        begins, ends = call.queued_at + SETTLING, call.wait_ends
        if begins >= ends or call.outcome == "left":
            continue
        of_type = found[call.type]
        if of_type and begins <= of_type[-1][1]:
            of_type[-1] = (of_type[-1][0], max(of_type[-1][1], ends))
        else:
            of_type.append((begins, ends))
    return found


def _last_wait(queue: Sequence[Interval], until: int) -> int:
    """The last moment before ``until`` at which somebody waited; 0 for never."""
    i = bisect_left(queue, (until, 0))
    return min(queue[i - 1][1], until) if i else 0


class OutOfReach:
    """The distribution of the times out of reach, fitted to the bounds of ``gaps``."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        least = np.array([gap.least for gap in gaps], dtype=np.int64) // SECOND
        most = np.array([gap.most for gap in gaps], dtype=np.int64) // SECOND
        self._shares = _self_consistent(_bin(least), _bin(most))
        self._below = np.concatenate([[0.0], np.cumsum(self._shares)])

    def share_beyond(self, time: int) -> float:
        """The share longer than ``time`` microseconds, as exactly as the bins are."""
        return float(1 - self._below[_bin(np.array([time // SECOND]))[0]])

    def draw(self, gaps: Sequence[Gap], rng: np.random.Generator) -> list[int]:
        """A time for each gap within its bounds, microseconds."""
        least = np.array([gap.least for gap in gaps], dtype=np.int64)
        most = np.array([gap.most for gap in gaps], dtype=np.int64)
        low, high = _bin(least // SECOND), _bin(most // SECOND) + 1
        luck = rng.random((2, len(gaps)))
        reached = self._below[low] + luck[0] * (self._below[high] - self._below[low])
        bins = np.clip(np.searchsorted(self._below, reached, side="right") - 1, low, high - 1)
        width = np.diff(_EDGES, append=_EDGES[-1] + HOUR // SECOND)
        inside = (_EDGES[bins] + luck[1] * width[bins]) * SECOND
        drawn: list[int] = np.clip(inside.astype(np.int64), least, most).tolist()
        return drawn


def _bin(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.clip(np.searchsorted(_EDGES, seconds, side="right") - 1, 0, len(_EDGES) - 1)


def _self_consistent(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.float64]:
    """The shares of the bins that reproduce themselves from intervals ``low`` to ``high``."""
    size = len(_EDGES)
    shares = np.full(size, 1 / size)
    if not len(low):
        return shares
    pairs, counts = np.unique(np.stack([low, high]), axis=1, return_counts=True)
    for _ in range(_ROUNDS):
        below = np.concatenate([[0.0], np.cumsum(shares)])
        mass = np.maximum(below[pairs[1] + 1] - below[pairs[0]], 1e-300)
        weights = np.zeros(size + 1)
        np.add.at(weights, pairs[0], counts / mass)
        np.add.at(weights, pairs[1] + 1, -counts / mass)
        shares = np.maximum(shares * np.cumsum(weights[:-1]), 0.0) / len(low)
        shares /= shares.sum()
    return np.asarray(shares, dtype=np.float64)
