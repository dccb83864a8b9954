"""What the centre has learnt from its own contacts: how long they take, how soon callers leave.

Folded from the log like everything else, in whole numbers, so that every replica learns the same.
"""

from __future__ import annotations

from typing import Final

import msgspec

_MEMORY: Final = 64  # contacts: how far back a service time looks
_FORGETTING: Final = 512  # waits: how far back impatience looks
_ONE: Final = 1_000_000  # one lost contact, so that fractions of it can be forgotten


class ServiceTime(msgspec.Struct, kw_only=True):
    """Mean time an agent is taken by one contact, wrap-up included, microseconds.

    An exponentially weighted mean over roughly the last 64 contacts of a queue and channel.
    """

    mean: int = 0
    count: int = 0

    def add(self, duration: int) -> None:
        self.count += 1
        self.mean += (duration - self.mean) // min(self.count, _MEMORY)


class Impatience(msgspec.Struct, kw_only=True):
    """How often waiting contacts are lost: customers who left ÷ time that all have waited.

    That is the estimate of an exponential patience from waits most of which were cut short by an
    answer. Both sums forget, so that roughly the last 512 waits count.
    """

    lost: int = 0  # in millionths of a contact
    waited: int = 0  # microseconds

    def add(self, waited: int, *, left: bool) -> None:
        self.lost += left * _ONE - self.lost // _FORGETTING
        self.waited += waited - self.waited // _FORGETTING

    @property
    def rate(self) -> float:
        """Contacts lost for each microsecond one of them waits."""
        return self.lost / _ONE / self.waited if self.waited else 0.0
