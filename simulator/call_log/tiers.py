"""Tiers where the log wrote them down only for some.

A centre may look a caller up only when there is a wait to be shortened. Its log then gives whoever
was answered at once one and the same tier, and in a replay, where such a caller may have to wait,
that would be the wrong one. And the other way round: recorded and simulated figures by tier can
be compared only if the simulated calls are labelled as the log would have labelled them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

import numpy as np

from simulator.call_log.model import CallLog, RecordedCall


def tier_shares(calls: Iterable[RecordedCall]) -> dict[str, dict[str, float]]:
    """By type of call, the share of each tier among the calls whose tier is known."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for call in calls:
        if call.tier_known:
            counts[call.type][call.tier] += 1
    return {
        kind: {tier: n / tiers.total() for tier, n in sorted(tiers.items())}
        for kind, tiers in sorted(counts.items())
    }


def complete_tiers(log: CallLog, rng: np.random.Generator) -> list[str]:
    """The tier of each call of ``log.calls``, drawn by ``tier_shares`` where it is not known.

    One number is drawn for every call, known or not, so that equal seeds give equal customers.
    """
    shares = {kind: _Lot(of) for kind, of in tier_shares(log.calls).items()}
    return [
        call.tier if call.tier_known or call.type not in shares else shares[call.type].draw(luck)
        for call, luck in zip(log.calls, rng.random(len(log.calls)).tolist(), strict=True)
    ]


def served_tiers(log: CallLog, tiers: Sequence[str], rng: np.random.Generator) -> list[str]:
    """As which tier callers of ``tiers`` were served, by the shares that the mapping knows of.

    It decides the credit, not how a call is reported. One number is drawn for every call.
    """
    lots = {
        tier: _Lot({**others, tier: 1 - sum(others.values())})
        for tier, others in log.served_as.items()
    }
    lucks = rng.random(len(tiers)).tolist()
    return [
        lots[tier].draw(luck) if tier in lots else tier
        for tier, luck in zip(tiers, lucks, strict=True)
    ]


class _Lot:
    """Draws a tier by its share."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._tiers = list(shares)
        self._reached = list(accumulate(shares.values()))

    def draw(self, luck: float) -> str:
        return self._tiers[min(bisect_right(self._reached, luck), len(self._tiers) - 1)]


def tier_on_record(log: CallLog, call: RecordedCall, tier: str, waited: int) -> str:
    """What the log would have written had ``call``, of a caller of ``tier``, waited so long.

    Without a wait then and now that is what it did write.
    """
    if waited or not log.tier_without_wait:
        return tier
    return log.tier_without_wait if call.waited else call.tier
