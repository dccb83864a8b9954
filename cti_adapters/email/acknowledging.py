"""Who gets an automatic acknowledgement, so that two machines never talk to each other.

Headers that say "a machine sent this" can be missing. What cannot be helped is that an answer comes
after what it answers: so what a sender sends within ``quiet`` after we acknowledged something of
theirs is not acknowledged, whatever its thread, subject and headers. Mails that they had sent
before may be, up to a limit.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from cti_adapters.email.loops import automatic
from cti_adapters.email.model import Mail
from cti_adapters.email.same_address import base_of, parts
from router.core.durations import HOUR

MAX_KEPT: Final = 10_000  # acknowledgements that are remembered, and the most in one ``quiet``


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Within ``quiet`` microseconds: one acknowledgement a thread, so many a sender and in all."""

    quiet: int = HOUR
    a_sender: int = 3
    in_all: int = 1_000


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """One that was sent, ``at`` microseconds UTC. ``senders`` as in the function of that name."""

    thread: str
    senders: tuple[str, ...]
    at: int


class Acknowledgements:
    """Those of the last while; see the module. Rebuilt from the records of those that were sent:
    what is older than ``limits.quiet`` does not matter.
    """

    def __init__(self, limits: Limits | None = None, sent: Iterable[Acknowledged] = ()) -> None:
        self._limits = limits or Limits()
        self._most = max(0, min(self._limits.in_all, MAX_KEPT))
        self._sent: deque[Acknowledged] = deque()
        self._threads: Counter[str] = Counter()
        self._senders: dict[str, deque[int]] = {}
        for one in sorted(sent, key=lambda one: one.at):
            self.note(one)

    def __len__(self) -> int:
        return len(self._sent)

    def refused(self, mail: Mail, thread: str, own: Iterable[str], came_at: int, at: int) -> str:
        """Why ``mail``, which came to us at ``came_at``, is not acknowledged now; empty when it may
        be: whoever then sends one tells it by ``note`` first. ``own`` are our mailboxes.
        """
        return automatic(mail, tuple(own)) or self._too_many(thread, senders(mail), came_at, at)

    def note(self, sent: Acknowledged) -> None:
        """One more was sent. Beyond the most that are kept the oldest is forgotten."""
        self._forget(sent.at - self._limits.quiet)
        if len(self._sent) >= max(1, self._most):
            self._drop()
        self._sent.append(sent)
        self._threads[sent.thread] += 1
        for one in sent.senders:
            self._senders.setdefault(one, deque()).append(sent.at)

    def _too_many(self, thread: str, senders: Collection[str], came_at: int, at: int) -> str:
        self._forget(at - self._limits.quiet)
        before = max((self._senders.get(one, ()) for one in senders), key=len, default=())
        if self._threads[thread]:
            return "its thread was acknowledged a short while ago"
        if any(self._senders[one][0] <= came_at for one in senders if one in self._senders):
            return "it may be a machine's answer to our last acknowledgement"
        if len(before) >= self._limits.a_sender:
            return "its sender got several acknowledgements a short while ago"
        if len(self._sent) >= self._most:
            return "very many mails are being acknowledged"
        return ""

    def _forget(self, until: int) -> None:
        while self._sent and self._sent[0].at <= until:
            self._drop()

    def _drop(self) -> None:
        oldest = self._sent.popleft()
        self._threads[oldest.thread] -= 1
        if not self._threads[oldest.thread]:
            del self._threads[oldest.thread]
        for sender in oldest.senders:
            self._senders[sender].popleft()
            if not self._senders[sender]:
                del self._senders[sender]


def senders(mail: Mail) -> tuple[str, ...]:
    """By what the sender of ``mail`` is known again: who it says it is from, and its envelope's."""
    given = (mail.sender.address, acknowledge_to(mail))
    return tuple(dict.fromkeys(base_of(one) for one in given))


def acknowledge_to(mail: Mail) -> str:
    """Where an acknowledgement of ``mail`` goes: the envelope's sender, which is harder to forge,
    else who it says it is from (RFC 3834, 4). Never to a Reply-To: anybody can stand there.
    """
    envelope = (mail.return_path or "").strip("<> ")
    return envelope if all(parts(envelope)) else mail.sender.address
