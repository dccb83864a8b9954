"""When a mail becomes a contact: a flood of mails waits its turn, and others do not wait for it.

Every mail is kept before it comes here and has its time at once; none is turned away. A sender has
a few at once and then one every so often, ever less often while more come. All who write for the
first time share so many a minute, and once more come than that, one every ten until it is over:
whoever floods under many names delays strangers only. Agents have to deal with what is let in: so
the contacts of a flood go ``BEHIND`` all others, also those that were made before it showed.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import islice
from typing import Final, Literal

import msgspec

from cti_adapters.email.same_address import base_of
from router.core.durations import DAY, HOUR, MINUTE
from router.limits import MAX_KEYS, Rate

LATEST: Final = 30 * DAY  # that anything waits
LULL: Final = 10 * MINUTE  # without too many of them, and strangers' flood is over
BEHIND: Final = -12 * HOUR  # a boost: whoever comes in these hours goes first
SHOWS_WITHIN: Final = 10 * MINUTE  # what was made a contact so long before is of the flood too
MOST_RECENT: Final = 2_000  # contacts that are remembered for that

Flood = Literal["", "sender", "strangers", "known"]


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast contacts are made: of one sender, and a minute of strangers and of all others. The
    pause between a sender's doubles up to ``slowest``, microseconds, while there are too many.
    """

    a_sender: Rate = Rate(burst=5, every=2 * MINUTE)
    slowest: int = HOUR
    strangers: int = 30
    in_flood: int = 10 * MINUTE  # between two strangers' then
    known: int = 600


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """When a mail becomes a contact, and of what there were too many if it has to wait."""

    due: int
    flood: Flood = ""


class _Debt(msgspec.Struct):
    """A sender's time is used up ``until`` then; the next mail adds ``pause`` to it."""

    until: int
    pause: int


class Turns:
    """The times that were given; see the module. Times are microseconds UTC."""

    def __init__(self, pace: Pace | None = None, *, max_keys: int = MAX_KEYS) -> None:
        self._pace = pace or Pace()
        self._max_keys = max_keys
        self._owed: OrderedDict[str, _Debt] = OrderedDict()
        self._strangers = _Spans(self._pace.strangers)
        self._in_flood = _Spans(1, self._pace.in_flood)
        self._flood_until = 0
        self._known = _Spans(self._pace.known)

    def turn(self, sender: str, at: int, *, known: bool = False) -> Turn:
        """When a mail that is there at ``at`` becomes a contact; its place is taken with that.
        ``known``: its sender has been dealt with before.
        """
        own = min(self._of_sender(base_of(sender), at), at + LATEST)
        due = self._known.take(own, at) if known else self._of_strangers(own, at)
        if own > at:
            return Turn(due=due, flood="sender")
        shared: Flood = "known" if known else "strangers"
        return Turn(due=due, flood=shared if due > at else "")

    def _of_strangers(self, due: int, at: int) -> int:
        """During a flood nobody can say who is of it; who comes later waits behind none of it."""
        if not self._strangers.has_room(due, at):
            self._flood_until = at + LULL
        if at < self._flood_until:
            return self._in_flood.take(max(due, at + 1), at)
        return self._strangers.take(due, at)

    def remember(self, sender: str, due: int, at: int, *, known: bool = False) -> None:
        """After a restart: a mail that still waits had been given this time."""
        rate, name = self._pace.a_sender, base_of(sender)
        debt = self._owed.get(name) or _Debt(until=at, pause=rate.every)
        debt.until = max(debt.until, due + (rate.burst - 1) * rate.every + debt.pause)
        debt.pause = self._longer(debt.pause)
        self._write(name, debt, at)
        (self._known if known else self._in_flood).take(due, at)

    def __len__(self) -> int:
        return len(self._owed)

    def _of_sender(self, sender: str, at: int) -> int:
        """A bucket of ``burst``, whose holes are promised before they are there."""
        rate = self._pace.a_sender
        debt = self._owed.get(sender)
        if debt is None or debt.until <= at:
            debt = _Debt(until=at, pause=rate.every)
        due = max(at, debt.until - (rate.burst - 1) * rate.every)
        debt.until += debt.pause
        if due > at:
            debt.pause = self._longer(debt.pause)
        self._write(sender, debt, at)
        return due

    def _longer(self, pause: int) -> int:
        return max(min(2 * pause, self._pace.slowest), self._pace.a_sender.every)

    def _write(self, sender: str, debt: _Debt, at: int) -> None:
        self._owed[sender] = debt
        self._owed.move_to_end(sender)
        for _ in range(2):  # it shrinks, and nobody pays for a flood at once
            oldest, first = next(iter(self._owed.items()))
            if len(self._owed) > self._max_keys or (first.until <= at and oldest != sender):
                del self._owed[oldest]


class Recent:
    """Contacts that were made of late: when a flood shows, it has begun with some of them."""

    def __init__(self) -> None:
        self._made: deque[tuple[int, str, str, bool]] = deque(maxlen=MOST_RECENT)

    def made(self, contact: str, sender: str, at: int, *, known: bool) -> None:
        self._made.append((at, contact, base_of(sender), known))

    def of_flood(self, flood: Flood, sender: str, at: int) -> list[str]:
        """The contacts that are of it, each told once. Customers' are of no flood but their own."""
        while self._made and self._made[0][0] <= at - SHOWS_WITHIN:
            self._made.popleft()
        if flood not in {"sender", "strangers"}:
            return []
        name = base_of(sender)
        of_it = {
            contact
            for _, contact, of, known in self._made
            if (of == name if flood == "sender" else not known)
        }
        kept = [one for one in self._made if one[1] not in of_it] if of_it else self._made
        found = [contact for _, contact, _, _ in self._made if contact in of_it]
        self._made = deque(kept, maxlen=MOST_RECENT)
        return found


class _Spans:
    """So many in every span of ``every`` microseconds that comes."""

    def __init__(self, most: int, every: int = MINUTE) -> None:
        self._every = every
        self._most = max(1, most)
        self._taken: dict[int, int] = {}
        self._full_from = self._full_to = 0  # [from, to) are full: a flood looks there once

    def take(self, due: int, at: int) -> int:
        """The first time from ``due`` on at which there is room."""
        last = (at + LATEST) // self._every
        span = self._free(due // self._every)
        if span > last:
            return max(due, at + LATEST)
        self._forget(at // self._every)
        taken = self._taken[span] = self._taken.get(span, 0) + 1
        if taken >= self._most:
            self._close(span)
        return max(due, span * self._every)

    def has_room(self, due: int, at: int) -> bool:
        """At ``due``; what comes later than the horizon has some."""
        return self._free(due // self._every) == due // self._every or due >= at + LATEST

    def _free(self, span: int) -> int:
        while self._taken.get(span, 0) >= self._most:
            inside = self._full_from <= span < self._full_to
            span = self._full_to if inside else span + 1
        return span

    def _close(self, span: int) -> None:
        if span == self._full_to:
            self._full_to += 1
        else:
            self._full_from, self._full_to = span, span + 1

    def _forget(self, now: int) -> None:
        for span in list(islice(self._taken, 2)):
            if span < now:
                del self._taken[span]
