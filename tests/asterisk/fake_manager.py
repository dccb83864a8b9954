"""A connection to the Asterisk in memory, in the place of ``ami.client.AmiClient``.

It keeps the client's word about order: when an answer is awaited, every event that was on the wire
before it has been handled and none that came after. As in Asterisk, answers overtake events.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from cti_adapters.asterisk.ami.client import ActionFailed, AmiDown
from cti_adapters.asterisk.ami.codec import Header, Message, encode

Entries = list[Message]
AWAY = "There is no connection to the PBX."


class Answer:
    """What is under way for one action."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.future: asyncio.Future[tuple[Message, Entries]] = (
            asyncio.get_running_loop().create_future()
        )

    def give(self, response: Message, entries: Entries) -> None:
        if self.future.done():
            return
        if response.name == "Error":
            self.future.set_exception(ActionFailed(self.action, response))
        else:
            self.future.set_result((response, entries))

    def lose(self) -> None:
        if not self.future.done():
            self.future.set_exception(AmiDown(AWAY))


class World(Protocol):
    def join(self, manager: FakeManager) -> None: ...

    def leave(self, manager: FakeManager) -> None: ...

    def act(self, action: str, headers: Iterable[Header]) -> tuple[Message, Entries]: ...


class FakeManager:
    """``asked``: every action that was sent, with its headers."""

    def __init__(
        self,
        world: World,
        *,
        on_event: Callable[[Message], None],
        on_up: Callable[[], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> None:
        self.connected = False
        self.forged_at: int | None = None
        self.asked: list[tuple[str, tuple[Header, ...]]] = []
        self._world = world
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._answers: list[Answer] = []
        self._ready: deque[tuple[Answer, Message, Entries]] = deque()
        self._events: deque[Message] = deque()
        self._pumping = False
        self._welcome: asyncio.Task[None] | None = None

    # -- the port ---------------------------------------------------------------------------------

    async def start(self) -> None:
        self._world.join(self)

    async def stop(self) -> None:
        self._world.leave(self)
        self._drop()
        if self._welcome is not None:
            await asyncio.gather(self._welcome, return_exceptions=True)

    async def send(self, action: str, headers: Iterable[Header] = ()) -> Message:
        response, _ = await self._ask(action, headers)
        return response

    async def send_list(self, action: str, headers: Iterable[Header] = ()) -> list[Message]:
        _, entries = await self._ask(action, headers)
        return entries

    async def _ask(self, action: str, headers: Iterable[Header]) -> tuple[Message, Entries]:
        given = tuple(headers)
        encode(action, given)  # refuses what the client refuses
        if not self.connected:
            raise AmiDown(AWAY)
        self.asked.append((action, given))
        answer = Answer(action)
        self._answers.append(answer)
        asyncio.get_running_loop().call_soon(self._act, answer, given)
        return await answer.future

    def _act(self, answer: Answer, headers: tuple[Header, ...]) -> None:
        """Asterisk reads what was written, even when its answer is lost."""
        response, entries = self._world.act(answer.action, headers)
        if answer in self._answers:
            self._answers.remove(answer)
            self._ready.append((answer, response, entries))
            self._pump_soon()

    # -- the world's side -------------------------------------------------------------------------

    def connect(self) -> None:
        if not self.connected:
            self.connected = True
            self._welcome = asyncio.get_running_loop().create_task(self._take_stock())

    async def _take_stock(self) -> None:
        try:
            await self._on_up()
        except AmiDown:
            return  # cut meanwhile: the next connection begins anew

    def cut(self) -> None:
        if self.connected:
            self._drop()
            self._on_down(AWAY)

    def hear(self, event: Message) -> None:
        if self.connected:
            self._events.append(event)
            self._pump_soon()

    def _drop(self) -> None:
        self.connected = False
        self._events.clear()
        if self._welcome is not None:
            self._welcome.cancel()
        for answer in (*self._answers, *(ready[0] for ready in self._ready)):
            answer.lose()
        self._answers.clear()
        self._ready.clear()

    # -- the wire: one message after the other ----------------------------------------------------

    def _pump_soon(self) -> None:
        if not self._pumping:
            self._pumping = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        """Who awaits an answer goes on before the next message: its wake-up is queued first."""
        self._pumping = False
        if self._ready:
            answer, response, entries = self._ready.popleft()
            answer.give(response, entries)
        elif self._events:
            self._on_event(self._events.popleft())
        if self._ready or self._events:
            self._pump_soon()
