"""Commands of the other nodes, at the one that writes: decided in their order, then answered.

A command leaves the stream with its answer, in one script that the token guards. A writer that dies
before leaves no answer, and its successor decides again: what took effect is known by its id, and
what was refused by ``Refusals``. What nobody waits for any more is not done.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from router.cluster.forwarding import GIVEN_UP_AFTER
from router.cluster.messages import UNREADABLE, read_command, write_answer
from router.cluster.outage import Outage
from router.core.commands import Command
from router.core.events import Rejected
from router.insisting import submit_surely
from router.journal import redis_scripts as scripts
from router.journal.redis import Keys, as_bytes, evaluate, refused, rows_of, unavailable
from router.journal.redis_refusals import Refusals, milliseconds
from router.ports import CommandSink, EngineStopped, Outcome

AT_ONCE: Final = 256  # commands
REMEMBERED: Final = 20_000  # outcomes, for commands that are sent again
BLOCK: Final = 150  # milliseconds: so long an orderly end may take
PAUSE: Final = 0.2  # seconds, while Redis is out of reach
LAPSES: Final = GIVEN_UP_AFTER + 0.5  # seconds after it was sent first
KEPT: Final = 60_000  # milliseconds: answers to a node that is gone

LAPSED: Final = Rejected(
    code="lapsed",
    reason="This was decided too late, when nobody waited for it any more: nothing was done.",
)

_log = logging.getLogger(__name__)


class Sent:
    """One message of the stream; ``asked`` for when it was sent first, by Redis's clock, in
    milliseconds. It ``lapses`` at a moment of the loop's clock.
    """

    def __init__(self, name: str, fields: dict[bytes, bytes], now: int) -> None:
        self.id = name
        self.asked = milliseconds(as_bytes(fields.get(b"f") or name).decode(errors="replace"))
        self.lapses = asyncio.get_running_loop().time() + LAPSES - (now - self.asked) / 1_000
        self.node = as_bytes(fields.get(b"n")).decode(errors="replace")
        self.number = _number(fields.get(b"i"))
        self.command: Command | None = read_command(as_bytes(fields.get(b"c")))

    def check(self) -> None:
        """Raises ``_Lapsed``."""
        if asyncio.get_running_loop().time() >= self.lapses:
            raise _Lapsed

    async def pause(self, seconds: float) -> None:
        """Raises ``_Lapsed``."""
        self.check()
        await asyncio.sleep(seconds)


class CommandService:
    """``run`` it while this node writes. ``sink`` is the engine."""

    def __init__(
        self, redis: Redis, tenant: str, token: int, sink: CommandSink, refusals: Refusals
    ) -> None:
        self._redis = redis
        self._keys = Keys.of(tenant)
        self._token = token
        self._sink = sink
        self._refusals = refusals
        self._stopped = False
        self._waits = Outage(_log, "the command stream waits: %s", "the command stream goes on")
        self._answered: OrderedDict[tuple[str, int], Outcome] = OrderedDict()

    def stop(self) -> None:
        """After the commands in hand."""
        self._stopped = True

    async def run(self) -> None:
        """Until ``stop``, or until this node writes no more: then it raises ``EngineStopped``."""
        while not self._stopped:
            sent = await self._insist(self._read)
            if sent:
                outcomes = await asyncio.gather(*(self._decided(one) for one in sent))
                self._remember(sent, outcomes)
                await self._insist(partial(self._answer, sent, outcomes))

    async def _decided(self, sent: Sent) -> Outcome:
        """One sent again, though it was refused, is not asked for anew: its page was told no."""
        if (known := self._answered.get((sent.node, sent.number))) is not None:
            return known
        if sent.command is None:
            _log.error("a command of node %r cannot be read", sent.node[:100])
            return UNREADABLE
        sink = _Unrefused(self._sink, self._refusals, sent.asked)
        try:
            sent.check()
            return await submit_surely(sink, sent.command, sent.pause)
        except _Lapsed:
            return LAPSED

    def _remember(self, sent: Sequence[Sent], outcomes: Sequence[Outcome]) -> None:
        for one, outcome in zip(sent, outcomes, strict=True):
            self._answered[one.node, one.number] = outcome
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)

    async def _insist(self, ask: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what it asks
        while True:
            try:
                answer = await ask()
            except ResponseError as error:
                problem = refused(error)
                if isinstance(problem, EngineStopped):
                    raise problem from error
                self._waits.goes_on(problem)
            except RedisError as error:
                self._waits.goes_on(unavailable(error))
            else:
                self._waits.is_over()
                return answer
            if self._stopped:
                raise EngineStopped("This node is stopping.")
            await asyncio.sleep(PAUSE)

    async def _read(self) -> list[Sent]:
        """From the beginning: what was answered is no longer there."""
        asking = self._redis.pipeline(transaction=False)
        asking.xread({self._keys.commands: "0-0"}, count=AT_ONCE, block=BLOCK)
        asking.time()
        found, (seconds, rest) = await asking.execute()
        now = seconds * 1_000 + rest // 1_000
        return [Sent(name, fields, now) for name, fields in rows_of(found)]

    async def _answer(self, sent: Sequence[Sent], outcomes: Sequence[Outcome]) -> None:
        nodes = sorted({one.node for one in sent})
        place = {node: number for number, node in enumerate(nodes, start=3)}
        keys = [self._keys.head, self._keys.commands, *(self._keys.answers + n for n in nodes)]
        told: list[Any] = [self._token, KEPT]
        for one, outcome in zip(sent, outcomes, strict=True):
            told += [one.id, place[one.node], write_answer(one.number, outcome)]
        await evaluate(self._redis, scripts.ANSWER_COMMANDS, keys, told)


class _Unrefused:
    """The engine for who ``asked`` at that moment, in milliseconds: what was told to somebody who
    asked the same holds for them, also when they are told while these wait.
    """

    def __init__(self, sink: CommandSink, refusals: Refusals, asked: int) -> None:
        self._sink = sink
        self._refusals = refusals
        self._asked = asked

    async def submit(self, command: Command) -> Outcome:
        """See ``CommandSink``."""
        known = self._refusals.of(command.id, self._asked)
        return known if known is not None else await self._sink.submit(command)


class _Lapsed(Exception):
    """Nobody waits for it any more."""


def _number(text: bytes | None) -> int:
    return int(text) if text is not None and text.isdigit() and len(text) < 20 else 0
