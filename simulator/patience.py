"""How long callers are willing to wait, from what they did.

Whoever was answered would have waited longer by an unknown time: the wait is censored. Leaving
those out, or counting them as patience, would make everybody look impatient. The estimate that does
neither is Kaplan and Meier's (JASA 53:457, 1958).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.call_log import RecordedCall
from simulator.distributions import LONGEST, NEVER, Times

ENOUGH: Final = 100
"""Abandonments a group of callers must have for a curve of its own."""

Floats = NDArray[np.float64]


class Survival(msgspec.Struct, frozen=True, kw_only=True):
    """The share that lasts beyond each moment, in the unit of the durations it came from.

    ``survival[i]`` holds from ``times[i]``, the moments of events in ascending order, until the
    next one. Beyond ``longest``, the largest duration seen, nothing is known: there the tail is
    exponential at the overall ``hazard`` (events ÷ time watched). Without any event nobody ever
    leaves.
    """

    times: Floats
    survival: Floats
    standard_error: Floats
    longest: float
    hazard: float
    events: int
    censored: int

    def at(self, time: ArrayLike) -> Floats:
        """The share that lasts longer than ``time``, 0 to 1; an array of its shape."""
        moments = np.asarray(time, dtype=np.float64)
        known = np.concatenate([[1.0], self.survival])[
            np.searchsorted(self.times, moments, side="right")
        ]
        beyond = np.maximum(moments - self.longest, 0.0)
        return np.asarray(known * np.exp(-self.hazard * beyond), dtype=np.float64)

    def quantile(self, share: ArrayLike) -> Floats:
        """The earliest time by which ``share`` (0 to 1, not 1) have left; infinite if never."""
        remains = 1.0 - np.asarray(share, dtype=np.float64)
        place = np.searchsorted(-self.survival, -remains, side="left")
        known = np.concatenate([self.times, [np.inf]])[place]
        beyond = self._tail(remains)
        return np.where(np.isfinite(known), known, beyond)

    def quantile_beyond(self, share: ArrayLike, since: ArrayLike) -> Floats:
        """As ``quantile``, for somebody who has lasted for ``since`` already: never below it."""
        start = np.asarray(since, dtype=np.float64)
        left = 1.0 - (1.0 - np.asarray(share, dtype=np.float64)) * self.at(start)
        return np.maximum(self.quantile(left), start)

    def mean(self) -> float:
        """The mean duration, tail included: the area under the curve; infinite if nobody leaves."""
        steps = np.concatenate([[0.0], self.times, [self.longest]])
        area = float(np.diff(steps) @ np.concatenate([[1.0], self.survival]))
        rest = float(self.survival[-1]) if len(self.survival) else 1.0
        if rest <= 0:
            return area
        return area + rest / self.hazard if self.hazard else float("inf")

    def sample(self, rng: np.random.Generator, size: int) -> Times:
        """Durations drawn from the curve, as whole numbers."""
        return _whole(self.quantile(rng.random(size)))

    def _tail(self, remains: Floats) -> Floats:
        if not self.hazard:
            return np.full(remains.shape, np.inf)
        last = float(self.survival[-1]) if len(self.survival) else 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            later: Floats = np.log(last / remains) / self.hazard
        return self.longest + np.nan_to_num(np.maximum(later, 0.0), posinf=np.inf)


def kaplan_meier(durations: ArrayLike, observed: ArrayLike) -> Survival:
    """The estimate from ``durations`` (n,) of which those ``observed`` (n,) ended by an event.

    The others were cut short, at a moment that says nothing about when they would have ended;
    whoever was cut short at the moment of an event was still there. Errors are Greenwood's.
    Raises ``ValueError`` for negative durations or shapes that differ.
    """
    lasted = np.asarray(durations, dtype=np.float64)
    seen = np.asarray(observed, dtype=np.bool_)
    if lasted.shape != seen.shape or lasted.ndim != 1:
        raise ValueError("Durations and observations must be two rows of equal length.")
    if not np.all(np.isfinite(lasted)) or np.any(lasted < 0):
        raise ValueError("A duration must be a number and not negative.")
    times, events = np.unique(lasted[seen], return_counts=True)
    at_risk = len(lasted) - np.searchsorted(np.sort(lasted), times, side="left")
    survival: Floats = np.asarray(np.cumprod(1.0 - events / at_risk), dtype=np.float64)
    watched = float(lasted.sum())
    return Survival(
        times=times,
        survival=survival,
        standard_error=np.asarray(survival * np.sqrt(_greenwood(events, at_risk)), np.float64),
        longest=float(lasted.max(initial=0.0)),
        hazard=float(seen.sum()) / watched if watched else 0.0,
        events=int(seen.sum()),
        censored=int(len(lasted) - seen.sum()),
    )


def _greenwood(events: NDArray[np.int64], at_risk: NDArray[np.int64]) -> Floats:
    """The relative variance. Where nobody is left the curve is 0, without an error of its own."""
    stay = np.maximum(at_risk - events, 1)
    return np.asarray(np.cumsum(np.where(at_risk > events, events / (at_risk * stay), 0.0)))


def _whole(values: Floats) -> Times:
    """Microseconds; what is not finite is never."""
    finite = np.minimum(np.nan_to_num(np.rint(values), posinf=0.0), LONGEST).astype(np.int64)
    return np.where(np.isfinite(values), finite, NEVER)


Group = tuple[str, str]
"""A tier and a type of call; ``ANY`` stands for all of them."""

ANY: Final = "*"


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Curves by tier and type where there is enough to see, coarser ones elsewhere."""

    curves: dict[Group, Survival]

    def of(self, tier: str, kind: str) -> Survival:
        """The curve of the smallest group that these callers belong to and that has one."""
        return self.curves[self._group(tier, kind)]

    def beyond(
        self, calls: Sequence[RecordedCall], tiers: Sequence[str], rng: np.random.Generator
    ) -> Times:
        """A patience for each call that agrees with what is recorded, microseconds.

        Who abandoned had exactly that patience. Who was answered had more than the wait, by a draw
        from the curve of their tier (``tiers``, one for each call) and type.
        """
        groups: dict[Group, list[int]] = {}
        for i, (call, tier) in enumerate(zip(calls, tiers, strict=True)):
            groups.setdefault(self._group(tier, call.type), []).append(i)
        waited = np.array([call.waited for call in calls], dtype=np.int64)
        luck = rng.random(len(calls))
        patience = waited.copy()
        for group, members in groups.items():
            drawn = self.curves[group].quantile_beyond(luck[members], waited[members])
            patience[members] = _whole(drawn)
        gone = np.array([call.outcome == "abandoned" for call in calls], dtype=np.bool_)
        return np.where(gone, waited, patience)

    def _group(self, tier: str, kind: str) -> Group:
        finer = ((tier, kind), (tier, ANY), (ANY, kind), (ANY, ANY))
        return next(group for group in finer if group in self.curves)


def estimate_patience(calls: Iterable[RecordedCall], enough: int = ENOUGH) -> Patience:
    """Curves in microseconds from all who waited, where ``enough`` of a group abandoned.

    Calls answered at once tell nothing, and whoever left before there was a queue did not wait.
    """
    waits = [call for call in calls if call.outcome == "abandoned" or call.waited]
    waits = [call for call in waits if call.outcome != "left"]
    members: dict[Group, list[RecordedCall]] = {(ANY, ANY): waits}
    for call in waits:
        for group in ((call.tier, call.type), (call.tier, ANY), (ANY, call.type)):
            members.setdefault(group, []).append(call)
    lost = Counter(
        {group: sum(c.outcome == "abandoned" for c in of) for group, of in members.items()}
    )
    return Patience(
        curves={
            group: kaplan_meier(
                [call.waited for call in of], [call.outcome == "abandoned" for call in of]
            )
            for group, of in members.items()
            if lost[group] >= enough or group == (ANY, ANY)
        }
    )
