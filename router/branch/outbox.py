"""What a branch wants of the centre and has no answer to: the order in which it is sent. Pure.

Of one subject (a contact) one request is under way at a time, and the next goes when that one is
answered: whatever is lost, doubled or late on the way, each contact's are decided in their order.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Final

import msgspec

from router.branch.messages import Request, id_of, subject_of
from router.core.durations import MINUTE, SECOND

MOST: Final = 100_000  # requests
AT_ONCE: Final = 64  # under way
SENT_AGAIN: Final = 10 * SECOND  # without an answer, on a connection that works
OLD: Final = 5 * MINUTE  # a request that waits longer is worth a warning
_NEARLY_FULL: Final = 0.8


class OutboxFull(Exception):
    """Nothing more is taken until the centre answers; the text is a sentence."""


class Waiting(msgspec.Struct, kw_only=True):
    """``number`` counts requests of this branch from 1, for ever. Times are microseconds UTC."""

    number: int
    request: Request
    since: int
    sent_at: int = 0  # in this session, 0: not yet

    @property
    def id(self) -> str:
        return id_of(self.request)


class Outbox:
    """``add`` what is durable already; send what is ``due``; tell it what was ``answered``."""

    def __init__(self, waiting: Iterable[Waiting] = (), *, next_number: int = 1) -> None:
        self._waiting: OrderedDict[int, Waiting] = OrderedDict()
        self._lines: dict[str, deque[int]] = {}  # by subject, oldest first
        self._numbers: dict[str, int] = {}  # by id
        self._ready: OrderedDict[int, None] = OrderedDict()  # first of their line, not sent
        self._under_way: OrderedDict[int, None] = OrderedDict()  # oldest first
        self._next = next_number
        self._last = next_number - 1  # that was added
        for one in waiting:
            self.add(one)

    def __len__(self) -> int:
        return len(self._waiting)

    def check_room(self, more: int = 1) -> None:
        """Raises ``OutboxFull``."""
        if len(self._waiting) + more > MOST:
            raise OutboxFull(
                f"{MOST:,} requests wait for the centre: let the MQTT broker be reached again."
            )

    def take_number(self) -> int:
        number, self._next = self._next, self._next + 1
        return number

    def number_of(self, id_: str) -> int | None:
        """Of the request with this id that waits, None when none does."""
        return self._numbers.get(id_)

    def add(self, one: Waiting) -> None:
        """In the order in which numbers were taken."""
        self._last = max(self._last, one.number)
        self._waiting[one.number] = one
        self._numbers[one.id] = one.number
        self._next = max(self._next, one.number + 1)
        line = self._lines.setdefault(subject_of(one.request), deque())
        line.append(one.number)
        if len(line) == 1:
            self._ready[one.number] = None

    def begin(self) -> None:
        """A session begins: what has no answer is sent again, in its order."""
        for one in self._waiting.values():
            one.sent_at = 0
        self._under_way.clear()
        self._ready = OrderedDict.fromkeys(sorted(line[0] for line in self._lines.values()))

    def due(self, at: int) -> list[Waiting]:
        """What is to be sent now, and counts as sent with that."""
        for number in list(self._under_way):
            if at - self._waiting[number].sent_at < SENT_AGAIN:
                break
            del self._under_way[number]
            self._ready[number] = None
        found: list[Waiting] = []
        while self._ready and len(self._under_way) < AT_ONCE:
            number, _ = self._ready.popitem(last=False)
            one = self._waiting[number]
            one.sent_at = at
            self._under_way[number] = None
            found.append(one)
        return found

    def answered(self, number: int) -> Waiting | None:
        """Forget it, and let the next of its subject go; None when it was answered before."""
        one = self._waiting.pop(number, None)
        if one is None:
            return None
        self._ready.pop(number, None)
        self._under_way.pop(number, None)
        if self._numbers.get(one.id) == number:
            del self._numbers[one.id]
        subject = subject_of(one.request)
        line = self._lines[subject]
        line.remove(number)
        if not line:
            del self._lines[subject]
        elif line[0] not in self._under_way:
            self._ready[line[0]] = None
        return one

    @property
    def floor(self) -> int:
        """All requests below it are answered. One whose number was taken is not yet made."""
        return min(self._waiting, default=self._last + 1)

    def oldest(self, at: int) -> int:
        """How long the oldest has waited, microseconds."""
        first = next(iter(self._waiting.values()), None)
        return 0 if first is None else max(at - first.since, 0)

    def problem(self, at: int) -> str:
        """A sentence for the operator; empty when all is well."""
        if len(self) >= _NEARLY_FULL * MOST:
            return f"{len(self):,} requests wait for the centre, of {MOST:,} there is room for."
        if self.oldest(at) >= OLD:
            minutes = self.oldest(at) // MINUTE
            return f"{len(self):,} requests wait for the centre, the oldest for {minutes} minutes."
        return ""
