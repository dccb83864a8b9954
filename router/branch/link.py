"""One connection after another to the broker, for the two ends of a branch: hears topics, says."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from router.core.durations import SECOND
from router.edge.connection import BrokerLost, BrokerRefuses, Connection, all_of
from router.edge.messages import Outgoing
from router.edge.settings import EdgeSettings
from router.ports import Clock, EngineStopped, StillWrites, nobody_else_does

JSON: Final = "application/json; charset=utf-8"
FIRST_PAUSE: Final = 0.5  # seconds between two attempts …
LONGEST_PAUSE: Final = 5.0  # … doubled up to this
STEADY: Final = 30 * SECOND  # a connection that lasted so long was none of several failures
FAREWELL: Final = 2.0  # seconds
MOST_UNSENT: Final = 20_000  # messages; more are dropped, and what they said comes again

log = logging.getLogger(__name__)

Hear = Callable[[str, bytes], Awaitable[None]]
"""Told the topic and the payload, one message after another."""


def message(topic: str, payload: bytes) -> Outgoing:
    return Outgoing(topic=topic, payload=payload, content_type=JSON)


class Link:
    """``run`` it for as long as it is wanted. ``say`` never waits and never fails: what is said
    while there is no connection is dropped, because whoever says it begins anew with each.
    """

    def __init__(
        self,
        settings: EdgeSettings,
        client_id: str,
        topic: str,
        clock: Clock,
        *,
        hear: Hear,
        on_up: Callable[[], None],
        on_down: Callable[[], None],
        will: Callable[[], Outgoing | None] = lambda: None,
        still_writes: StillWrites = nobody_else_does,
    ) -> None:
        self.problem = "It was not connected yet."
        self.connected = False
        self._settings = settings
        self._client_id = client_id
        self._topic = topic
        self._clock = clock
        self._hear = hear
        self._on_up = on_up
        self._on_down = on_down
        self._will = will
        self._still_writes = still_writes
        self._unsent: asyncio.Queue[Outgoing] = asyncio.Queue(MOST_UNSENT)
        self._failed: asyncio.Future[None] | None = None

    def say(self, topic: str, payload: bytes) -> None:
        if self.connected:
            try:
                self._unsent.put_nowait(message(topic, payload))
            except asyncio.QueueFull:
                self._fail(BrokerLost("it takes messages too slowly"))

    @property
    def waiting(self) -> int:
        """Messages that are still to be sent."""
        return self._unsent.qsize()

    async def run(self) -> None:
        """Until it is cancelled, or another process decides."""
        failures = 0
        while True:
            began = self._clock.now()
            try:
                await self._once()
            except EngineStopped:
                return
            except (BrokerLost, BrokerRefuses) as problem:
                self._note(str(problem))
            except Exception:
                log.exception("the connection to the MQTT broker failed; it is made again")
                self.problem = "The connection to the MQTT broker failed: the log says why."
            lasted = self._clock.now() - began
            failures = 1 if lasted >= STEADY else failures + 1
            whole = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
            await asyncio.sleep(random.uniform(whole / 2, whole))  # noqa: S311 - no secret

    def _note(self, why: str) -> None:
        at = f"{self._settings.host}:{self._settings.port}"
        sentence = f"The MQTT broker {at} cannot be used: {why}."
        if self.problem != sentence:
            log.warning("%s", sentence)
        self.problem = sentence

    async def _once(self) -> None:
        await self._still_writes()
        connection = Connection(self._settings, self._client_id, self._will(), lasting=False)
        await connection.open()
        try:
            await connection.listen(self._topic)
            self._begin()
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.ends())
                group.create_task(self._fails())
                group.create_task(self._listen(connection))
                group.create_task(self._speak(connection))
        except BaseExceptionGroup as problems:
            raise _first(problems) from None
        finally:
            self.connected = False
            self._on_down()
            await self._say_goodbye(connection)
            await connection.close()

    def _begin(self) -> None:
        while not self._unsent.empty():
            self._unsent.get_nowait()
        self._failed = asyncio.get_running_loop().create_future()
        self.connected, self.problem = True, ""
        log.info("connected to the MQTT broker %s:%d", self._settings.host, self._settings.port)
        self._on_up()

    async def _say_goodbye(self, connection: Connection) -> None:
        """In order the broker says no will, so we say it."""
        will = self._will()
        if will is not None and not connection.lost:
            with suppress(BrokerLost, BrokerRefuses, TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await connection.told(will)

    async def _listen(self, connection: Connection) -> None:
        while True:
            received = await connection.receive()
            payload = received.payload
            if isinstance(payload, bytes):
                await self._hear(received.topic.value, payload)
            connection.confirm(received)

    async def _speak(self, connection: Connection) -> None:
        while True:
            sent = await connection.send(await self._unsent.get())
            sent.add_done_callback(self._sent)

    def _sent(self, done: asyncio.Future[None]) -> None:
        problem = None if done.cancelled() else done.exception()
        if problem is not None:
            self._fail(problem)

    def _fail(self, problem: BaseException) -> None:
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(problem)

    async def _fails(self) -> None:
        if self._failed is not None:
            await self._failed


def _first(problems: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one that says most about what happened: a fault of ours, a refusal, an end."""
    flat = all_of(problems)
    return min(flat, key=_rank)


def _rank(problem: BaseException) -> int:
    return 2 if isinstance(problem, BrokerLost) else int(isinstance(problem, BrokerRefuses))
