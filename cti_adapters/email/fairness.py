"""In which order a folder's mails are fetched: a flood of one sender holds up nobody else.

The first mail of every sender comes before any sender's second, the second before any third; where
that says nothing the folder's own order does. Customers' first mails come before all of those: a
flood of many senders has a first mail of each.
"""

from __future__ import annotations

from collections import Counter
from email.utils import parseaddr
from heapq import heappop, heappush
from typing import Final

from cti_adapters.email.same_address import base_of

CUSTOMERS_AHEAD: Final = 10  # mails of one, before anybody else's first


class FairLine:
    """Mails that are to be fetched, from the one after UID ``done`` on.

    ``seen`` is the highest UID that is known here; up to ``done`` each was passed.
    """

    def __init__(self, done: int) -> None:
        self.done = self.seen = done
        self._turns: list[tuple[int, int]] = []  # how many of its sender's were before it, UID
        self._in_order: list[int] = []  # UIDs that are not passed, and some that are
        self._passed: set[int] = set()  # of those
        self._of_sender: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._turns)

    def add(self, uid: int, sender: str, *, our_own: bool = False, customer: bool = False) -> None:
        """UIDs come in ascending order. ``sender`` tells senders apart, see ``sender_of``. Copies
        of ``our_own`` are never too many: they tell whether mails have left.
        """
        if not self._turns:
            self._of_sender.clear()  # the flood is over
        ahead = CUSTOMERS_AHEAD if customer or our_own else 0
        heappush(self._turns, (self._of_sender[sender] - ahead, uid))
        heappush(self._in_order, uid)
        self._of_sender[sender] += not our_own
        self.seen = max(self.seen, uid)

    def take(self) -> int | None:
        """The UID whose turn it is; None when there is none."""
        return heappop(self._turns)[1] if self._turns else None

    def passed(self, uid: int) -> None:
        """One that was taken needs not be fetched any more."""
        self._passed.add(uid)
        while self._in_order and self._in_order[0] in self._passed:
            self._passed.remove(heappop(self._in_order))
        self.done = self._in_order[0] - 1 if self._in_order else self.seen


def sender_of(field: bytes) -> str:
    """From a header field ``From: …``, cut anywhere; what cannot be read is one sender."""
    value = field.decode("utf-8", "replace").partition(":")[2]
    address = parseaddr(" ".join(value.split()))[1]
    return base_of(address) if "@" in address else ""
