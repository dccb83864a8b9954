"""How long things took, as counts in logarithmic buckets: small, mergeable, accurate to 2.5 %.

The buckets are those of DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable
quantile sketch with relative-error guarantees", VLDB 2019) with fixed bounds.
"""

from __future__ import annotations

import math

import msgspec

_GROWTH = math.log(1.05)
_UNIT = 1_000  # microseconds: what is shorter than a millisecond counts as nothing


class Durations(msgspec.Struct, kw_only=True):
    """``counts`` by bucket: bucket b holds durations in (1.05^(b-1), 1.05^b] milliseconds."""

    counts: dict[int, int] = {}
    total: int = 0  # microseconds
    longest: int = 0
    number: int = 0

    def add(self, duration: int) -> None:
        """Count one duration, microseconds."""
        bucket = _bucket(duration)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.total += duration
        self.longest = max(self.longest, duration)
        self.number += 1

    def merge(self, other: Durations) -> None:
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count
        self.total += other.total
        self.longest = max(self.longest, other.longest)
        self.number += other.number

    @property
    def mean(self) -> int | None:
        """Microseconds; None when nothing was counted."""
        return self.total // self.number if self.number else None

    def percentile(self, share: float) -> int | None:
        """The duration that ``share`` (0-1) of those counted do not exceed, to within 2.5 %."""
        rank = math.ceil(share * self.number)
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return min(_middle(bucket), self.longest)
        return None


def _bucket(duration: int) -> int:
    return 0 if duration <= _UNIT else math.ceil(math.log(duration / _UNIT) / _GROWTH)


def _middle(bucket: int) -> int:
    return 0 if bucket <= 0 else round(_UNIT * math.exp(_GROWTH * (bucket - 0.5)))
