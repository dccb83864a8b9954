"""Flood limits: token buckets, one per visitor, connection and source address. Time is given."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network

from cti_adapters.webchat.settings import Allowance

MICROSECONDS = 1_000_000
MAX_SOURCES = 50_000
SWEEP_EVERY = 30 * MICROSECONDS


class Bucket:
    """Refills steadily; a clock that steps back refills nothing and takes nothing away."""

    __slots__ = ("_allowance", "_at", "_left")

    def __init__(self, allowance: Allowance, at: int) -> None:
        self._allowance = allowance
        self._left = allowance.burst
        self._at = at

    def take(self, at: int) -> bool:
        """Whether one more is allowed at ``at`` (microseconds); a refusal costs nothing."""
        self._refill(at)
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def is_full(self, at: int) -> bool:
        """Whether it has forgotten everything, and so may be forgotten."""
        self._refill(at)
        return self._left >= self._allowance.burst

    def _refill(self, at: int) -> None:
        passed = max(0, at - self._at)
        self._at = at
        gained = passed * self._allowance.per_second / MICROSECONDS
        self._left = min(self._allowance.burst, self._left + gained)


class Buckets:
    """A bucket for each source address, forgotten when full; bounded in number."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._buckets: dict[str, Bucket] = {}
        self._swept_at = 0

    def take(self, source: str, at: int) -> bool:
        bucket = self._buckets.get(source)
        if bucket is None:
            bucket = self._buckets[source] = Bucket(self._allowance, at)
            if len(self._buckets) > MAX_SOURCES:
                self._buckets.pop(next(iter(self._buckets)))
        return bucket.take(at)

    def sweep(self, at: int) -> None:
        if at - self._swept_at < SWEEP_EVERY:
            return
        self._swept_at = at
        for source in [s for s, bucket in self._buckets.items() if bucket.is_full(at)]:
            del self._buckets[source]

    def __len__(self) -> int:
        return len(self._buckets)


class Tally:
    """How many there are now, of each source and in all."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.total = 0

    def of(self, source: str) -> int:
        return self._counts[source]

    def add(self, source: str) -> None:
        self._counts[source] += 1
        self.total += 1

    def remove(self, source: str) -> None:
        self._counts[source] -= 1
        self.total -= 1
        if not self._counts[source]:
            del self._counts[source]


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or an IPv6 network of one household (/64)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False))
