"""Commands in: each is decided, answered, and only then confirmed to the broker.

So at least once: what was not confirmed comes again, with an id that the router knows. Commands of
one client are dealt with one after another, those of several at once; confirmations keep the order
in which they came, as MQTT wants it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import aiomqtt

from router.core.durations import SECOND
from router.core.events import Rejected
from router.edge.answers import AnswerTo, answer_to
from router.edge.connection import COMMANDS_AT_ONCE, BrokerRefuses, Connection
from router.edge.messages import Answer, answer
from router.edge.naming import Topics
from router.edge.payloads import CommandAccepted, CommandRejected
from router.edge.requests import Refused, read_request
from router.edge.settings import EdgeSettings
from router.insisting import submit_surely
from router.limits import Bucket, Rate
from router.ports import Accepted, Clock, CommandSink

STRANGERS: Final = Rate(burst=10, every=SECOND)  # answers to those who may send nothing

TOO_FAST: Final = "You send commands too fast: wait a second and send it again."

log = logging.getLogger(__name__)

Counted = Callable[[str], None]
"""Told how each command ended: ``accepted``, or the code with which it was rejected."""


class CommandDesk:
    """For one connection after another."""

    def __init__(
        self,
        sink: CommandSink,
        topics: Topics,
        settings: EdgeSettings,
        clock: Clock,
        counted: Counted = lambda _result: None,
    ) -> None:
        self._sink = sink
        self._topics = topics
        self._clients = settings.clients
        self._clock = clock
        self._counted = counted
        now = clock.now()
        self._buckets = {name: Bucket(one.rate, now) for name, one in self._clients.items()}
        self._strangers = Bucket(STRANGERS, now)

    async def listen(self, connection: Connection) -> None:
        """From when this returns no command is missed. Raises ``BrokerLost`` or
        ``BrokerRefuses``.
        """
        await connection.listen(self._topics.all_commands)

    async def run(self, connection: Connection) -> None:
        """Raises ``BrokerLost``, ``BrokerRefuses`` or ``EngineStopped``."""
        # As many as the broker sends unconfirmed; at QoS 0 it would send without end.
        in_order: asyncio.Queue[tuple[asyncio.Task[None], aiomqtt.Message]]
        in_order = asyncio.Queue(COMMANDS_AT_ONCE)
        last: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            group.create_task(_confirm(connection, in_order))
            while True:
                message = await connection.receive()
                client = self._topics.client_of(message.topic.value) or ""
                last = {name: one for name, one in last.items() if not one.done()}
                dealing = self._after(last.get(client), connection, client, message)
                last[client] = task = group.create_task(dealing)
                await in_order.put((task, message))

    async def _after(
        self,
        before: asyncio.Task[None] | None,
        connection: Connection,
        client: str,
        message: aiomqtt.Message,
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self._deal_with(connection, client, message)

    async def _deal_with(
        self, connection: Connection, client: str, message: aiomqtt.Message
    ) -> None:
        if not client or (client not in self._clients and not self._has_room(client)):
            self._counted("unauthorised")
            log.warning("a command on %r was passed over", message.topic.value[:100])
            return
        to = answer_to(client, *_wanted(message), self._topics)
        payload = await self._decided(client, message, to)
        if payload is None:
            self._counted("too_fast")
            return
        self._counted(payload.code if isinstance(payload, CommandRejected) else "accepted")
        try:
            said = answer(payload, to.topic, self._clock.now(), self._topics)
            await connection.told(said, to.correlation)
        except BrokerRefuses as problem:
            log.warning("an answer to %s was not taken by the broker: %s", client, problem)

    async def _decided(self, client: str, message: aiomqtt.Message, to: AnswerTo) -> Answer | None:
        """None for what comes too fast and has no id to be answered by."""
        allowed = self._clients.get(client)
        has_room = allowed is None or self._has_room(client)  # strangers have paid already
        request = read_request(message.payload, allowed, client)
        if not has_room and not request.id:
            return None
        if not has_room:
            return CommandRejected(command=request.id, code="too_fast", reason=TOO_FAST)
        if isinstance(request, Refused):
            return CommandRejected(command=request.id, code=request.code, reason=request.reason)
        if to.problem:
            return CommandRejected(command=request.id, code="malformed", reason=to.problem)
        outcome = await submit_surely(self._sink, request.command)
        match outcome:
            case Accepted():
                return CommandAccepted(command=request.id, position=outcome.position)
            case Rejected():
                return CommandRejected(command=request.id, code=outcome.code, reason=outcome.reason)

    def _has_room(self, client: str) -> bool:
        return self._buckets.get(client, self._strangers).take(self._clock.now())


async def _confirm(
    connection: Connection, in_order: asyncio.Queue[tuple[asyncio.Task[None], aiomqtt.Message]]
) -> None:
    while True:
        task, message = await in_order.get()
        await task
        connection.confirm(message)


def _wanted(message: aiomqtt.Message) -> tuple[str | None, bytes | None]:
    """Where the answer is wanted, and what is to be sent along."""
    topic = getattr(message.properties, "ResponseTopic", None)
    correlation = getattr(message.properties, "CorrelationData", None)
    return topic, correlation
