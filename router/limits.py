"""How much somebody may send, and who counts as one sender: token buckets and tallies.

Time is an argument, microseconds. A clock that goes back gives nothing and takes nothing away.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network

import msgspec

MAX_KEYS = 50_000


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """``burst`` at once, then one more every ``every`` microseconds."""

    burst: int
    every: int


class Bucket:
    """Whole numbers only: what was taken is owed, and paid off as time passes."""

    __slots__ = ("_at", "_owed", "_rate")

    def __init__(self, rate: Rate, at: int) -> None:
        self._rate = rate
        self._owed = 0
        self._at = at

    def take(self, at: int) -> bool:
        """Use one; False when there is none, and a refusal costs nothing."""
        if self.wait(at):
            return False
        self._owed += self._rate.every
        return True

    def give_back(self) -> None:
        """What was taken was not used."""
        self._owed = max(0, self._owed - self._rate.every)

    def wait(self, at: int) -> int:
        """Microseconds until there is one, 0 when there is one now."""
        self._pay(at)
        return max(0, self._owed - (self._rate.burst - 1) * self._rate.every)

    def is_full(self, at: int) -> bool:
        """Whether it has forgotten everything, and so may be forgotten."""
        self._pay(at)
        return self._owed == 0

    def _pay(self, at: int) -> None:
        self._owed = max(0, self._owed - max(0, at - self._at))
        self._at = at


class Pace:
    """Turns at a rate: whoever comes is told how long to wait, first come, first served."""

    def __init__(self, rate: Rate, at: int) -> None:
        self._rate = rate
        self._next = at - rate.burst * rate.every  # when the next turn would be, all saved up

    def turn(self, at: int, within: int) -> int | None:
        """Microseconds until the turn of who comes at ``at``; None, and no turn is taken, when
        that is more than ``within``.
        """
        saved_up = at - (self._rate.burst - 1) * self._rate.every
        turn = max(self._next, saved_up)
        if turn - at > within:
            return None
        self._next = turn + self._rate.every
        return max(0, turn - at)


class Buckets:
    """A bucket for each key; those that are full again are forgotten, and at ``max_keys`` the one
    unused for longest.
    """

    def __init__(self, rate: Rate, *, max_keys: int = MAX_KEYS) -> None:
        self._rate = rate
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str, at: int) -> bool:
        """Use one of ``key``; False when there is none."""
        bucket = self._buckets.get(key)
        if bucket is not None:
            self._buckets.move_to_end(key)
            return bucket.take(at)
        bucket = self._buckets[key] = Bucket(self._rate, at)
        taken = bucket.take(at)
        self._tidy(at)
        return taken

    def wait_for(self, key: str, at: int) -> int:
        """Microseconds until ``key`` may go on, 0 when it may now. Takes nothing."""
        bucket = self._buckets.get(key)
        return 0 if bucket is None else bucket.wait(at)

    def give_back(self, key: str) -> None:
        """One of ``key`` that was taken was not used."""
        bucket = self._buckets.get(key)
        if bucket is not None:
            bucket.give_back()

    def forgive(self, key: str) -> None:
        """Start afresh: the holder of ``key`` proved who they are."""
        self._buckets.pop(key, None)

    def __len__(self) -> int:
        return len(self._buckets)

    def _tidy(self, at: int) -> None:
        """Two at most for each that comes: it shrinks, and nobody pays for a flood at once."""
        for _ in range(2):
            key, oldest = next(iter(self._buckets.items()))
            if len(self._buckets) > self._max_keys or oldest.is_full(at):
                del self._buckets[key]


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
