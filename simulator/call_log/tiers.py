"""Tiers where the log wrote them down only for some.

A centre may look a caller up only when there is a wait to be shortened. Its log then gives whoever
was answered at once one and the same tier, and in a replay, where such a caller may have to wait,
that would be the wrong one. And the other way round: recorded and simulated figures by tier can
be compared only if the simulated calls are labelled as the log would have labelled them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
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
    shares = tier_shares(log.calls)
    tables = {kind: (list(of), list(accumulate(of.values()))) for kind, of in shares.items()}
    return [
        call.tier if call.tier_known or call.type not in tables else _pick(*tables[call.type], luck)
        for call, luck in zip(log.calls, rng.random(len(log.calls)).tolist(), strict=True)
    ]


def _pick(tiers: list[str], reached: list[float], luck: float) -> str:
    return tiers[min(bisect_right(reached, luck), len(tiers) - 1)]


def tier_on_record(log: CallLog, tier: str, waited: int) -> str:
    """What the log would have written for a caller of ``tier`` who waited so long."""
    return tier if waited or not log.tier_without_wait else log.tier_without_wait
