"""The people of the desk benchmark: agents at real websocket desks and visitors who chat.

Contacts come in by ``/ws/chat``, the one door of the product that needs nothing but the product:
a visitor's message travels through the socket, intake, the customer database, routing and the
journal, and comes out at a desk. Every visitor has an address of their own (127.x.y.z), so the
chat's limits for one source hold as they do for real visitors.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from agents import messages as m
from benchmarks.desk_service import ENTRY, REASON, Data, Service, address, queue
from cti_adapters.webchat.messages import LeaveChat, StartChat
from router.tasks import Tasks
from server.guard import COOKIE

HEARTBEAT = 10.0  # seconds, as the desk page does
AHEAD = 1.0  # seconds a visitor has the chat open before writing
CONNECTING_AT_ONCE = 16
TEXT = "Good morning, my parcel has not come yet and the page says it was delivered yesterday."

_encode = msgspec.json.Encoder().encode
_OFFER = b'{"type":"offer_made"'
_CONTACT = b'{"type":"contact_changed"'
_REPLY = b'{"type":"reply"'


class Record(msgspec.Struct):
    identities: tuple[Any, ...]


class Pop(msgspec.Struct):
    customer: Record | None


class Card(msgspec.Struct):
    """What of an offer or a contact is looked at; ``arrived_at`` is microseconds."""

    contact: str
    address: str
    arrived_at: int
    pop: Pop
    offer: str = ""

    @property
    def complete(self) -> bool:
        """Whether the customer's record is there, not only what routing knew of them."""
        return self.pop.customer is not None and bool(self.pop.customer.identities)


class _Offered(msgspec.Struct):
    offer: Card


class _Changed(msgspec.Struct):
    contact: Card


class _Reply(msgspec.Struct):
    reason: str


_offered = msgspec.json.Decoder(_Offered)
_changed = msgspec.json.Decoder(_Changed)
_reply = msgspec.json.Decoder(_Reply)


class Floor:
    """All the desks and what they see, at one service or spread over several. ``talk`` gives the
    seconds of the next conversation.
    """

    def __init__(self, services: Service | Sequence[Service], data: Data) -> None:
        self.talk: Callable[[], float] = lambda: 2.0
        self.timing_pops = False
        self.timing_offers = False
        self.pops: list[float] = []  # seconds from a visitor's first message to the record
        self.next_offers: list[float] = []  # seconds from ending a contact to the next offer
        self.problems: Counter[str] = Counter()  # what was refused or broke, by its sentence
        self.desks: list[Desk] = []
        given = [services] if isinstance(services, Service) else services
        self._services = itertools.cycle(given)
        self._data = data
        self._written: dict[str, float] = {}  # address to when its visitor wrote
        self._visitors = 0
        self._tasks = Tasks(self._failed)
        self._gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

    # -- desks --------------------------------------------------------------------------------

    async def open_desks(self, agents: Iterable[str]) -> None:
        """Connect desks and wait until each shows its snapshot."""
        new = [Desk(self, agent) for agent in agents]
        self.desks += new
        await asyncio.gather(*(self._open(desk) for desk in new))

    async def _open(self, desk: Desk) -> None:
        async with self._gate:
            await desk.open(await self.desk_socket(desk.agent))

    async def desk_socket(self, agent: str) -> ClientConnection:
        """A connection of the agent's, at the next service."""
        return await self._socket("/ws/desk", cookie=f"{COOKIE}={self._data.sessions[agent]}")

    async def close(self) -> None:
        await self._tasks.close()
        await asyncio.gather(*(desk.close() for desk in self.desks))

    # -- visitors -----------------------------------------------------------------------------

    async def visitor(self) -> Visitor:
        """One more visitor who has the chat open and has not written yet."""
        number = self._visitors
        self._visitors += 1
        if number >= self._data.customers:
            raise RuntimeError("more visitors than customers were made")
        source = f"127.{1 + number // 60_000}.{number // 250 % 240}.{1 + number % 250}"
        async with self._gate:
            socket = await self._socket("/ws/chat", source=source)
        return Visitor(number, socket)

    async def arrivals(self, per_second: float, seconds: float, rng: random.Random) -> None:
        """Visitors who come at random, ``per_second`` on average, for so long."""
        due = time.perf_counter()
        end = due + seconds
        while due < end:
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            self.spawn(self.visit(due + AHEAD))
            due += rng.expovariate(per_second)
        await asyncio.sleep(AHEAD)

    async def visit(self, writes_at: float) -> None:
        """One whole visit; the visitor writes at that moment of ``time.perf_counter``."""
        visitor = await self.visitor()
        await asyncio.sleep(max(writes_at - time.perf_counter(), 0))
        if self.timing_pops:
            self._written[address(visitor.number)] = time.perf_counter()
        await visitor.write()
        await visitor.until_over()

    @property
    def without_pop(self) -> int:
        """Contacts whose record has not been seen at a desk."""
        return len(self._written)

    # -- what desks tell ----------------------------------------------------------------------

    def seen(self, card: Card, at: float) -> None:
        """A desk shows the contact."""
        if card.complete and card.address in self._written:
            self.pops.append(at - self._written.pop(card.address))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(work)

    def _failed(self, task: asyncio.Task[Any]) -> None:
        problem = task.exception()
        self.problems[f"{type(problem).__name__}: {problem}"] += 1

    async def _socket(self, path: str, *, cookie: str = "", source: str = "") -> ClientConnection:
        origin = next(self._services).origin
        return await connect(
            f"ws{origin.removeprefix('http')}{path}",
            origin=Origin(origin),
            additional_headers={"Cookie": cookie} if cookie else None,
            local_addr=(source, 0) if source else None,
            compression=None,
            ping_interval=None,
            max_size=None,
            proxy=None,
            open_timeout=60,
        )


class Desk:
    """An agent who accepts at once, talks and ends."""

    def __init__(self, floor: Floor, agent: str) -> None:
        self.agent = agent
        self._floor = floor
        self._acts = 0
        self._offer = ""
        self._freed: tuple[float, int] | None = None  # when, also as microseconds UTC
        self._socket: ClientConnection | None = None

    async def open(self, socket: ClientConnection) -> None:
        self._socket = socket
        await socket.recv()
        self._floor.spawn(self._read(socket))
        self._floor.spawn(self._beat())

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def ready(self) -> None:
        await self.act(m.GoReady(id=self._id()))

    async def on_break(self) -> None:
        await self.act(m.GoNotReady(id=self._id(), reason=REASON))

    async def act(self, act: m.ClientMessage) -> None:
        if self._socket is not None:
            await self._socket.send(_encode(act), text=True)

    async def _beat(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(HEARTBEAT)
                await self.act(m.Ping(id="beat"))

    def _id(self) -> str:
        self._acts += 1
        return f"act{self._acts}"

    async def _read(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                frame = await socket.recv(decode=False)
                at = time.perf_counter()
                if frame.startswith(_OFFER):
                    self._offered(_offered.decode(frame).offer, at)
                elif frame.startswith(_CONTACT):
                    self._floor.seen(_changed.decode(frame).contact, at)
                elif frame.startswith(_REPLY) and b'"ok":false' in frame:
                    self._floor.problems[_reply.decode(frame).reason] += 1

    def _offered(self, card: Card, at: float) -> None:
        self._floor.seen(card, at)
        if card.offer == self._offer:
            return  # known already: its record was filled in
        self._offer = card.offer
        freed, self._freed = self._freed, None
        # Who came after the agent was free has not been waiting: that is the other figure.
        if freed is not None and card.arrived_at < freed[1]:
            self._floor.next_offers.append(at - freed[0])
        self._floor.spawn(self._serve(card))

    async def _serve(self, card: Card) -> None:
        await self.act(m.AcceptOffer(id=self._id(), offer=card.offer))
        await asyncio.sleep(self._floor.talk())
        if self._floor.timing_offers:
            self._freed = (time.perf_counter(), time.time_ns() // 1_000 - 20_000)
        await self.act(m.EndContactNow(id=self._id(), contact=card.contact))


class Visitor:
    """A customer with the chat open."""

    def __init__(self, number: int, socket: ClientConnection) -> None:
        self.number = number
        self._socket = socket

    async def write(self) -> None:
        """Start the chat: this is the arrival."""
        start = StartChat(
            id=f"start-of-visitor-{self.number:024}",
            entry_point=ENTRY,
            name=f"Customer {self.number}",
            text=TEXT,
            choice=queue(self.number),
            address=address(self.number),
        )
        await self._socket.send(_encode(start), text=True)

    async def until_waiting(self) -> None:
        """Until the chat is shown with its first line."""
        while b'"state":"waiting"' not in await self._socket.recv(decode=False):
            pass

    async def until_over(self) -> None:
        with suppress(ConnectionClosed):
            while b'"state":"ended"' not in (frame := await self._socket.recv(decode=False)):
                if b'"ok":false' in frame:
                    raise RuntimeError(_reply.decode(frame).reason)
        await self._socket.close()

    async def leave(self) -> None:
        await self._socket.send(_encode(LeaveChat(id="leave")), text=True)
        await self.until_over()


class Punctuality:
    """How late this process itself notices things: part of every latency it measures."""

    def __init__(self) -> None:
        self.late: list[float] = []  # seconds

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self) -> None:
        while True:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            self.late.append(time.perf_counter() - due)
