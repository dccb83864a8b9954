"""What one tenant may ask of a process at once and in a second, so that the others have theirs.

Time is an argument, microseconds.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from config.tenants import Limits
from router.core.durations import SECOND
from router.limits import Pace, Rate

AGAIN: Final = 1  # seconds, after which to come back
PATIENCE: Final = 2 * SECOND  # that a request or a new socket waits for its turn
LONGEST_WAIT: Final = 30 * SECOND  # of one message of a socket
AT_ONCE: Final = 4  # a quarter of a second's worth may come at once: more would be felt by others


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """``status`` is HTTP's; try again after ``AGAIN``."""

    status: int
    code: str
    message: str


class Limiter:
    """Of one tenant. What is admitted comes in at the tenant's rate, each when its turn has come;
    that it has ended must be told.
    """

    def __init__(self, limits: Limits, at: int) -> None:
        self._limits = limits
        self._requests = Pace(rate_of(limits.requests_per_second), at)
        self._sockets = Pace(rate_of(limits.sockets_per_second), at)
        self._messages = Pace(rate_of(limits.messages_per_second), at)
        self.requests = 0  # waiting, or being answered
        self.sockets = 0  # waiting, or open
        self.refused: Counter[str] = Counter()  # by code

    def request(self, at: int) -> int | Refusal:
        """One more; when it is admitted, the microseconds until its turn."""
        most = self._limits.requests_at_once
        if self.requests >= most:
            return self._refuse(503, "too_much_at_once", "requests are being answered")
        wait = self._requests.turn(at, within=PATIENCE)
        if wait is None:
            return self._refuse(429, "too_many_requests", "requests came")
        self.requests += 1
        return wait

    def socket(self, at: int) -> int | Refusal:
        """As ``request``."""
        if self.sockets >= self._limits.sockets:
            return self._refuse(503, "too_many_sockets", "pages are connected")
        wait = self._sockets.turn(at, within=PATIENCE)
        if wait is None:
            return self._refuse(429, "too_many_new_sockets", "pages connected")
        self.sockets += 1
        return wait

    def message(self, at: int) -> int:
        """Microseconds that a message of a socket has to wait for its turn."""
        wait = self._messages.turn(at, within=LONGEST_WAIT)
        return LONGEST_WAIT if wait is None else wait

    def request_ended(self) -> None:
        self.requests -= 1

    def socket_ended(self) -> None:
        self.sockets -= 1

    def _refuse(self, status: int, code: str, what: str) -> Refusal:
        self.refused[code] += 1
        message = f"Too many {what}: try again in a moment."
        return Refusal(status=status, code=code, message=message)


def rate_of(per_second: int) -> Rate:
    """A burst of a second's worth would be felt by the other tenants."""
    return Rate(burst=max(AT_ONCE, per_second // AT_ONCE), every=SECOND // per_second)
