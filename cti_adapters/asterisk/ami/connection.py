"""One connection's life on asyncio: the socket is always read at once, events wait their turn.

Asterisk drops a client that does not read for a tenth of a second. So what comes in is only put
aside; it is decoded and handled in small slices between which the loop does other work. When more
waits than ``waiting_bytes``, the connection is given up rather than an event lost unnoticed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, cast

import msgspec

from cti_adapters.asterisk.ami.codec import Header, Message, ProtocolError
from cti_adapters.asterisk.ami.errors import ActionFailed, ActionTimedOut, AmiDown, LoginRefused
from cti_adapters.asterisk.ami.pending import Answered, Reply, Unanswered
from cti_adapters.asterisk.ami.protocol import (
    AmiProtocol,
    Believed,
    LoggedIn,
    Outcome,
    Tampered,
)
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.core.durations import SECOND
from router.ports import Clock

SLICE: Final = 8_192  # bytes: some twenty events
_TIME: Final = b""  # among what waits: look whether anything is late

Answer = asyncio.Future[Reply]
_Settled = LoggedIn | Answered[Answer] | Unanswered[Answer] | Tampered | Believed

log = logging.getLogger(__name__)


class End(msgspec.Struct, frozen=True):
    """Why a connection is over, in one sentence."""

    reason: str
    refused: bool = False  # the login: to try again at once is pointless


class Connection(asyncio.Protocol):
    """``closed`` is done when it is over and every event that came whole has been handled (those
    excepted that wait when it is given up).

    The code after ``await connection.ask(...)`` runs when every event that came before the answer
    has been handled, and none that came after it.
    """

    def __init__(
        self,
        settings: AmiSettings,
        clock: Clock,
        mark: str,
        *,
        on_event: Callable[[Message], None],
        on_login: Callable[[], None],
        on_tampering: Callable[[Tampered | Believed], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[End] = self._loop.create_future()
        self._settings = settings
        self._clock = clock
        self._on_event = on_event
        self._on_login = on_login
        self._on_tampering = on_tampering
        self._protocol: AmiProtocol[Answer] = AmiProtocol(settings, mark, clock.now())
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._outcomes: deque[Outcome[Answer]] = deque()
        self._slicing = False  # a slice is to come
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0
        self._end: End | None = None  # known as soon as nothing can be sent any more

    # -- for the client -------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether actions can be sent."""
        return self._protocol.logged_in and self._end is None

    def ask(
        self,
        action: str,
        headers: Iterable[Header] = (),
        *,
        timeout: int | None = None,
        listing: bool = False,
    ) -> Answer:
        """Send an action. The future ends in the reply, or raises ``ActionFailed``,
        ``ActionTimedOut`` or ``AmiDown``. Raises ``AmiDown`` and ``UnsafeValue``.
        """
        if not self.up:
            raise AmiDown(self._end.reason if self._end else "The PBX has not let us in yet.")
        answer: Answer = self._loop.create_future()
        at = self._clock.now()
        try:
            self._protocol.request(action, headers, answer, at, timeout=timeout, listing=listing)
        except ProtocolError as error:
            self.give_up(str(error))
            raise AmiDown(str(error)) from None
        self._after_protocol()
        return answer

    def leave(self) -> None:
        """Say good-bye and hang up; no event is handled after this."""
        if self.up:
            self.ask("Logoff").cancel()
        self._forget(End("The connection was closed here."))
        if self._transport is None:
            self._finish()
        else:
            self._transport.close()

    def give_up(self, reason: str, *, refused: bool = False) -> None:
        """Cut the connection; what still waits is not handled."""
        self._forget(End(reason, refused))
        if self._transport is not None:
            self._transport.abort()
        self._finish()

    # -- for asyncio ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._set_timer()

    def data_received(self, data: bytes) -> None:
        if self._end is not None:
            return
        self._waiting.extend(data[n : n + SLICE] for n in range(0, len(data), SLICE))
        self._waiting_bytes += len(data)
        if self._waiting_bytes > self._settings.waiting_bytes:
            self.give_up(
                f"The PBX at {self._settings.place} sends events faster than they are handled: "
                f"{self._waiting_bytes} bytes were waiting."
            )
        elif not self._slicing:
            self._slice()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._end is None:
            why = f"was lost: {exc}" if exc else "was closed by the PBX"
            self._end = End(f"The connection to {self._settings.place} {why}.")
        if not self._slicing:
            self._finish()

    # -- what came in, a slice at a time --------------------------------------------------------

    def _slice(self) -> None:
        self._slicing = False
        if not self._outcomes and self._waiting:
            self._decode(self._waiting.popleft())
        self._handle()
        if self._outcomes or self._waiting:
            self._slicing = True
            self._loop.call_soon(self._slice)
        elif self._end is not None:
            self._finish()

    def _decode(self, data: bytes) -> None:
        self._waiting_bytes -= len(data)
        at = self._clock.now()
        try:
            if data == _TIME:
                self._outcomes.extend(self._protocol.tick(at))
            else:
                self._outcomes.extend(self._protocol.receive(data, at))
        except ProtocolError as error:
            self.give_up(str(error))
        except LoginRefused as error:
            self.give_up(str(error), refused=True)
        self._after_protocol()

    def _handle(self) -> None:
        """Events up to the first outcome somebody waits for: who waits goes on before the rest."""
        while self._outcomes:
            outcome = self._outcomes.popleft()
            if not isinstance(outcome, Message):
                self._settle(outcome)
                return
            try:
                self._on_event(outcome)
            except Exception:
                log.exception("the event %s of the PBX could not be handled", outcome.name)

    def _settle(self, outcome: _Settled) -> None:
        match outcome:
            case LoggedIn():
                self._on_login()
            case Tampered() | Believed():
                self._on_tampering(outcome)
            case Answered(token=token, reply=reply):
                _answer(token, reply)
            case Unanswered(token=token, action=action):
                _fail(token, ActionTimedOut(f"Asterisk does not answer {action}."))

    def _on_timer(self) -> None:
        """What has come in is heard before anything counts as late."""
        self._timer = None
        self._waiting.append(_TIME)
        if not self._slicing:
            self._slice()

    # -- what goes out, and the end -------------------------------------------------------------

    def _after_protocol(self) -> None:
        data = self._protocol.data_to_send()
        if data and self._transport is not None and self._end is None:
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > self._settings.unsent_bytes:
                self.give_up(f"The PBX at {self._settings.place} does not read what it is sent.")
        self._set_timer()

    def _set_timer(self) -> None:
        if self._end is not None:
            return
        deadline = self._protocol.next_deadline()
        if self._timer is not None:
            if self._timer_at <= deadline:
                return
            self._timer.cancel()
        self._timer_at = deadline
        wait = max(0, deadline - self._clock.now()) / SECOND
        self._timer = self._loop.call_later(wait, self._on_timer)

    def _forget(self, end: End) -> None:
        self._end = self._end or end
        self._waiting.clear()
        self._waiting_bytes = 0
        self._outcomes.clear()

    def _finish(self) -> None:
        if self.closed.done() or self._end is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        for answer in self._protocol.waiting():
            _fail(answer, AmiDown(self._end.reason))
        self.closed.set_result(self._end)


def _answer(answer: Answer, reply: Reply) -> None:
    if reply.response.name == "Error":
        _fail(answer, ActionFailed(reply.action, reply.response))
    elif not answer.done():
        answer.set_result(reply)


def _fail(answer: Answer, error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
