"""Token buckets by key, in bounded memory. Time is an argument, in microseconds."""

from __future__ import annotations

from collections import OrderedDict

import msgspec


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """``burst`` at once, then one more every ``every`` microseconds."""

    burst: int
    every: int


class _Bucket(msgspec.Struct):
    tokens: float
    at: int


class RateLimiter:
    """One bucket for each key; the keys unused for longest are forgotten first."""

    def __init__(self, rate: Rate, *, max_keys: int = 10_000) -> None:
        self._rate = rate
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_for(self, key: str, at: int) -> int:
        """Microseconds until ``key`` may go on, 0 when it may now. Takes nothing."""
        bucket = self._refilled(key, at)
        if bucket.tokens >= 1:
            return 0
        return max(1, round((1 - bucket.tokens) * self._rate.every))

    def take(self, key: str, at: int) -> bool:
        """Use one token of ``key``; False when there is none."""
        bucket = self._refilled(key, at)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def forgive(self, key: str) -> None:
        """Start afresh: the holder of ``key`` proved who they are."""
        self._buckets.pop(key, None)

    def _refilled(self, key: str, at: int) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(float(self._rate.burst), at))
        self._buckets.move_to_end(key)
        passed = max(0, at - bucket.at)  # a clock that jumps back gives nothing and takes nothing
        bucket.tokens = min(float(self._rate.burst), bucket.tokens + passed / self._rate.every)
        bucket.at = at
        while len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
        return bucket
