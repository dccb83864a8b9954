"""A client of Asterisk's manager interface that is always connected, or about to be.

**Order.** Events are handled one after the other, in the order of the wire. When ``send`` or
``send_list`` returns (awaited directly, not through a task or ``gather``), every event that came
before the answer has been handled, and none that came after it.

**Taking stock.** ``on_up`` is awaited after each login. It begins before the first event of the
new connection is handled; events go on being handled, in order, while it runs. So a model that
is put aside in its first step, filled from the lists it asks for, and kept up by events that it
takes in any order, is right afterwards: what happens after a list was made comes as an event
after the list. An event after a list may still be older than the list, because Asterisk answers
at once but queues events. When ``on_up`` raises, the connection is given up and made anew.

**Tampering.** Callers can forge events (see ``tampering``). What may be forged is dropped, and with
it some that are not: then ``on_up`` is awaited again, on the same connection, once it has returned
and not more often than every ``STOCK_EVERY``. Whose text it was is hung up.

**Down.** ``on_down`` is called when a connection that was up is lost, after the last event that
came whole, and when there is none for another reason than before. It gets one sentence.
Connections that are up are lost on purpose, too: when nothing is heard, and when more events wait
than memory is set aside for. Nothing is called any more once ``stop`` has returned.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Iterable

from cti_adapters.asterisk.ami.backoff import Backoff
from cti_adapters.asterisk.ami.codec import Header, Message, UnsafeValue
from cti_adapters.asterisk.ami.connection import Answer, Connection, End
from cti_adapters.asterisk.ami.dialling import connect
from cti_adapters.asterisk.ami.errors import (
    ActionFailed,
    ActionTimedOut,
    AmiDown,
    Unreachable,
)
from cti_adapters.asterisk.ami.protocol import Believed, Tampered
from cti_adapters.asterisk.ami.settings import AmiSettings
from cti_adapters.asterisk.ami.suspects import Suspects
from router.clock import SystemClock
from router.core.durations import SECOND
from router.ports import Clock
from router.tasks import end

GOODBYE = 1.0  # seconds to hang up in an orderly way
STOCK_EVERY = SECOND  # at most, whatever callers do

DOUBT = (
    "a caller forges events of the PBX at %s: %d messages were dropped, and it is asked for all "
    "calls; let the trunk refuse numbers with line breaks"
)

log = logging.getLogger(__name__)

__all__ = ["ActionFailed", "ActionTimedOut", "AmiClient", "AmiDown", "AmiSettings", "UnsafeValue"]


class AmiClient:
    """See the module. Time-outs are microseconds; without one ``action_timeout`` counts."""

    def __init__(
        self,
        settings: AmiSettings,
        *,
        on_event: Callable[[Message], None],
        on_up: Callable[[], Awaitable[None]],
        on_down: Callable[[str], None],
        clock: Clock | None = None,
        chance: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._clock = clock or SystemClock()
        self._chance = chance or random.Random()  # noqa: S311 -- spreads attempts out
        self._sleep = sleep
        self._backoff = Backoff(settings.first_wait, settings.longest_wait, self._chance)
        self._connection: Connection | None = None
        self._running: asyncio.Task[None] | None = None
        self._stale = asyncio.Event()  # events were dropped since stock was taken
        self._suspects = Suspects()
        self.forged_at: int | None = None
        """When somebody last forged events; None when nobody did."""
        self._reason = "There is no connection to the PBX yet."

    @property
    def connected(self) -> bool:
        """Whether actions can be sent: from just before ``on_up`` to just before ``on_down``."""
        return self._connection is not None and self._connection.up

    async def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name=f"ami {self._settings.place}")

    async def stop(self) -> None:
        """Log off. Actions that wait for their answers raise ``AmiDown``."""
        running, self._running = self._running, None
        if running is not None:
            await end(running)

    # -- actions --------------------------------------------------------------------------------

    async def send(
        self,
        action: str,
        headers: Iterable[Header] = (),
        *,
        timeout: int | None = None,  # noqa: ASYNC109 -- kept by the protocol
    ) -> Message:
        """The response. Raises ``ActionFailed`` when it is an error, ``AmiDown`` when there is no
        connection or it is cut before the answer, ``ActionTimedOut``, and ``UnsafeValue`` when
        nothing was sent because of what is in ``headers``.
        """
        return (await self._ask(action, headers, timeout)).response

    async def send_list(
        self,
        action: str,
        headers: Iterable[Header] = (),
        *,
        timeout: int | None = None,  # noqa: ASYNC109 -- kept by the protocol
    ) -> list[Message]:
        """The entries of an action that is answered with a list; they are not handled as events.

        ``timeout`` counts between two entries. Raises what ``send`` raises.
        """
        return (await self._ask(action, headers, timeout, listing=True)).entries

    def post(self, action: str, headers: Iterable[Header] = ()) -> None:
        """Send without waiting. Never raises: what goes wrong is logged."""
        try:
            answer = self._ask(action, headers, None)
        except (AmiDown, UnsafeValue) as error:
            log.warning("the action %s was not sent to the PBX: %s", action, error)
        else:
            answer.add_done_callback(_log_failure)

    def _ask(
        self,
        action: str,
        headers: Iterable[Header],
        timeout: int | None,
        *,
        listing: bool = False,
    ) -> Answer:
        if self._connection is None:
            raise AmiDown(self._reason)
        return self._connection.ask(action, headers, timeout=timeout, listing=listing)

    # -- connections, one after the other -------------------------------------------------------

    async def _run(self) -> None:
        while True:
            began = self._clock.now()
            was_up, end = await self._live()
            if was_up or end.reason != self._reason:
                self._reason = end.reason
                self._tell_down()
            if was_up and self._clock.now() - began >= self._settings.longest_wait:
                self._backoff.reset()
            wait = self._backoff.longest() if end.refused else self._backoff.wait()
            await self._sleep(wait / SECOND)

    async def _live(self) -> tuple[bool, End]:
        """One connection from beginning to end, and whether it was up in between."""
        welcomes: list[asyncio.Task[None]] = []
        connection = Connection(
            self._settings,
            self._clock,
            mark=secrets.token_hex(16),  # nobody guesses 128 bits
            on_event=self._on_event,
            on_login=lambda: welcomes.append(self._welcome(connection)),
            on_tampering=self._tampered,
        )
        try:
            await connect(connection, self._settings)
            await asyncio.wait([connection.closed])
            return bool(welcomes), connection.closed.result()
        except Unreachable as error:
            return False, End(str(error))
        finally:
            await self._hang_up(connection)
            await _cancelled(welcomes)
            self._connection = None

    def _welcome(self, connection: Connection) -> asyncio.Task[None]:
        self._connection = connection
        self._suspects = Suspects()
        for one in self._settings.filters:
            self.post("Filter", one.headers)
        return asyncio.create_task(self._keep_stock(connection))

    async def _keep_stock(self, connection: Connection) -> None:
        """As long as the connection lives."""
        while True:
            self._stale.clear()
            began = self._clock.now()
            await self._take_stock(connection)
            await self._stale.wait()
            await self._sleep(max(0, began + STOCK_EVERY - self._clock.now()) / SECOND)

    async def _take_stock(self, connection: Connection) -> None:
        try:
            await self._on_up()
        except (ActionFailed, ActionTimedOut, AmiDown) as error:
            connection.give_up(f"Taking stock of the PBX failed. {error}")
        except Exception as error:
            log.exception("taking stock of the PBX at %s failed", self._settings.place)
            connection.give_up(f"Taking stock of the PBX failed: {type(error).__name__}.")

    def _tampered(self, news: Tampered | Believed) -> None:
        match news:
            case Believed(lost=lost, forged=forged):
                self._stale.set()
                if forged:
                    self.forged_at = self._clock.now()
                    log.warning(DOUBT, self._settings.place, lost)
            case Tampered(channel=channel) if self._suspects.is_to_go(news):
                log.warning("%s is hung up: its caller's text forges events", channel)
                self.post("Hangup", [("Channel", channel)])
            case Tampered():
                pass

    async def _hang_up(self, connection: Connection) -> None:
        """Only when the client is stopped is there anything left to do."""
        if not connection.closed.done():
            connection.leave()
            await asyncio.wait([connection.closed], timeout=GOODBYE)
            connection.give_up("The connection was closed here.")

    def _tell_down(self) -> None:
        try:
            self._on_down(self._reason)
        except Exception:
            log.exception("that the PBX is away could not be handled")


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _log_failure(answer: Answer) -> None:
    error = None if answer.cancelled() else answer.exception()
    if isinstance(error, AmiDown):
        log.info("an action's answer was lost: %s", error)
    elif error is not None:
        log.warning("%s", error)
