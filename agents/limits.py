"""How much one desk connection may send: a steady rate with bursts, and few offences.

Time is an argument, microseconds.
"""

from __future__ import annotations

from router.core.durations import SECOND


class TokenBucket:
    """``burst`` at once, refilled at ``rate`` a second. A clock that goes back refills nothing."""

    def __init__(self, *, rate: float, burst: int, at: int) -> None:
        self._rate = rate / SECOND
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at = at

    def take(self, at: int) -> bool:
        """Use one; False when there is none."""
        elapsed = max(at - self._at, 0)
        self._at = at
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Conduct:
    """Judges one connection: what is sent too fast or cannot be read is an offence.

    The burst leaves room for a desk that comes back and sends everything still unanswered.
    """

    def __init__(self, at: int, *, rate: float = 20, burst: int = 240, offences: int = 20) -> None:
        self._frames = TokenBucket(rate=rate, burst=burst, at=at)
        self._patience = TokenBucket(rate=0.1, burst=offences, at=at)

    def may_send(self, at: int) -> bool:
        return self._frames.take(at)

    def tolerates_offence(self, at: int) -> bool:
        """Note an offence; False when there were too many and the connection should close."""
        return self._patience.take(at)
