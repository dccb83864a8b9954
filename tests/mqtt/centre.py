"""A routing core with an edge, small and in memory, and a client that is not ours."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from router.clock import SystemClock
from router.core import commands as c
from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.requirements import Traits
from router.edge.edge import Edge, EdgeParts
from router.edge.payloads import QueueFigures
from router.edge.pump import MemoryPosition, PositionStore
from router.edge.settings import EdgeClient, EdgeSettings
from router.engine import Engine
from router.journal.memory import MemoryJournal
from router.ports import Accepted

PATIENCE = 30  # seconds; the machine may be busy
LEEDS = EdgeClient(
    name="leeds",
    commands=frozenset({"arrive", "enqueue", "abandon", "sign_in", "set_ready", "set_not_ready"}),
)


def catalog(version: int, agents: tuple[str, ...] = ("ann", "ben")) -> Catalog:
    room = {"voice": 1}
    served = (ProfileQueue(queue="help"),)
    return Catalog(
        version=version,
        queues={"help": Queue(id="help", label="Help")},
        profiles={"all": Profile(id="all", label="All", queues=served, capacity=room)},
        agents={
            one: AgentDefinition(id=one, name=one, profile="all", traits=Traits(team="one"))
            for one in agents
        },
    )


class Centre:
    """``edge`` is there once it was started."""

    def __init__(self, engine: Engine, clock: SystemClock) -> None:
        self.engine = engine
        self.clock = clock
        self.position = MemoryPosition()
        self.counted: Counter[str] = Counter()
        self.waiting = 0
        self.edges: list[Edge] = []
        self._commands = 0

    @property
    def journaled(self) -> int:
        return self.engine.replica.position

    async def do(self, command: Callable[..., c.Command], **fields: Any) -> Accepted:
        self._commands += 1
        outcome = await self.engine.submit(command(id=f"test-{self._commands}", **fields))
        assert isinstance(outcome, Accepted), outcome
        return outcome

    async def start(
        self, settings: EdgeSettings, store: PositionStore | None = None, *, connected: bool = True
    ) -> Edge:
        parts = EdgeParts(
            replica=self.engine.replica,
            follow=self.engine.follow,
            sink=self.engine,
            store=store or self.position,
            clock=self.clock,
            figures=self._figures,
            counted=lambda result: self.counted.update([result]),
        )
        edge = Edge(settings, parts)
        self.edges.append(edge)
        await edge.start()
        if connected:
            await comes(lambda: edge.connected)
        return edge

    def _figures(self, queue: str) -> QueueFigures | None:
        plain = dict.fromkeys(QueueFigures.__struct_fields__, 0)
        named = {"label": "Help", "open": True, "service_now": None, "service_today": None}
        known = {"position": self.journaled, "waiting": self.waiting}
        return QueueFigures(**(plain | named | known | {"queue": queue}))


@asynccontextmanager
async def centre() -> AsyncIterator[Centre]:
    clock = SystemClock()
    engine = await Engine.open(MemoryJournal(), clock)
    await engine.start()
    made = Centre(engine, clock)
    await made.do(c.PublishCatalog, catalog=catalog(1), replaces=0)
    try:
        yield made
    finally:
        for edge in made.edges:
            async with asyncio.timeout(PATIENCE):
                await edge.stop()
        await engine.stop()


class Peer:
    """An independent client: paho's own, with its own thread. ``heard`` grows in its order."""

    def __init__(self, name: str, port: int, *, lasting: bool = False, version: int = 5) -> None:
        self.name = name
        self.heard: list[paho.MQTTMessage] = []
        self.refused: list[str] = []
        self.connected = False
        self._port = port
        self._lasting = lasting
        self._topics: list[str] = []
        self._asked = 0
        self._said = 0
        self._v5 = version == 5
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=paho.MQTTv5 if self._v5 else paho.MQTTv311,
            **({} if self._v5 else {"clean_session": not lasting}),
        )
        self.client.reconnect_delay_set(1, 1)
        self.client.on_message = lambda _client, _data, message: self.heard.append(message)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_publish = self._on_publish

    async def begin(self, *topics: str, ready: bool = True) -> Peer:
        self._topics = list(topics)
        options: dict[str, Any] = {}
        if self._v5:
            options["properties"] = Properties(PacketTypes.CONNECT)
            options["properties"].SessionExpiryInterval = 600 if self._lasting else 0
            options["clean_start"] = not self._lasting
        self.client.connect("127.0.0.1", self._port, keepalive=60, **options)
        self.client.loop_start()
        if ready:
            await comes(lambda: self.connected)
        return self

    def end(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def of(self, part: str) -> list[dict[str, Any]]:
        """What was said on topics with ``part`` in them."""
        return [json.loads(one.payload) for one in list(self.heard) if part in one.topic]

    def ask(
        self, kind: str, data: object, *, client: str = "leeds", to: str = "", **envelope: object
    ) -> bytes:
        """Send a command; what correlates its answer."""
        self._asked += 1
        whole = {"specversion": "1.0", "id": f"{self.name}-{self._asked}", "source": "/test"}
        whole |= {"type": kind, "data": data} | envelope
        return self.say(json.dumps(whole).encode(), client=client, to=to)

    def say(
        self, payload: bytes, *, client: str = "leeds", to: str = "", retain: bool = False
    ) -> bytes:
        properties = Properties(PacketTypes.PUBLISH)
        self._said += 1
        properties.CorrelationData = correlation = f"{self.name}/{self._said}".encode()
        if to:
            properties.ResponseTopic = to
        self.client.publish(
            f"patchbay/main/commands/{client}",
            payload,
            qos=1,
            retain=retain,
            properties=properties if self._v5 else None,
        )
        return correlation

    async def answer(self, correlation: bytes) -> dict[str, Any]:
        def answers() -> list[paho.MQTTMessage]:
            return [
                one
                for one in list(self.heard)
                if one.properties is not None
                and getattr(one.properties, "CorrelationData", None) == correlation
                and "/answers/" in one.topic
            ]

        await comes(answers)
        found: dict[str, Any] = json.loads(answers()[0].payload)["data"]
        return found

    def _on_connect(self, client: Any, _data: Any, _flags: Any, code: Any, _more: Any) -> None:
        if code.is_failure:
            self.refused.append(str(code))
            return
        if self._topics:
            client.subscribe([(topic, 1) for topic in self._topics])
            client.on_subscribe = self._on_subscribe
        else:
            self.connected = True

    def _on_subscribe(self, _client: Any, _data: Any, _mid: Any, codes: Any, _more: Any) -> None:
        self.refused += [str(code) for code in codes if code.is_failure]
        self.connected = True

    def _on_disconnect(self, *_given: Any) -> None:
        self.connected = False

    def _on_publish(self, _client: Any, _data: Any, _mid: Any, code: Any, _more: Any) -> None:
        if code.is_failure:
            self.refused.append(str(code))


async def comes(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return when ``true()`` is; nobody says when that is."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
