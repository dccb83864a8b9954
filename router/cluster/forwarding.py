"""Commands of a node that does not write: sent to the one that does, until it answers.

What was sent may be sent again: the core knows a command by its id. So neither a dead writer nor
a lost answer loses a command or doubles it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from router.cluster.messages import read_answer, write_command
from router.core.commands import Command
from router.core.events import Entry
from router.journal import redis_scripts as scripts
from router.journal.redis import Keys, as_bytes, evaluate, refused, rows_of, unavailable
from router.ports import Accepted, JournalUnavailable, Outcome, OutcomeUnknown, Overloaded

MOST_WAITING: Final = 10_000  # commands in the stream
AGAIN_AFTER: Final = 2.5  # seconds without an answer: a take-over may be under way
GIVEN_UP_AFTER: Final = 10.0  # seconds
BLOCK: Final = 150  # milliseconds: so long an orderly end may take
PAUSE: Final = 0.2  # seconds, while Redis is out of reach

UNKNOWN: Final = (
    "No node of the cluster has answered yet: what was asked may still be done;"
    " look, and try again."
)

_log = logging.getLogger(__name__)


class Forwarding:
    """Tell it with ``reached`` what this node's replica holds; ``entry`` is one that it has."""

    def __init__(
        self, redis: Redis, tenant: str, node: str, entry: Callable[[int], Entry | None]
    ) -> None:
        self._redis = redis
        self._node = node
        self._keys = Keys.of(tenant)
        self._entry = entry
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Outcome]] = {}
        self._at: dict[int, Command] = {}
        self._accepted: dict[int, list[int]] = {}  # position to numbers whose entry is to come
        self._position = 0
        self._stopped = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def send(self, command: Command) -> Outcome:
        """As ``CommandSink.submit``; ``OutcomeUnknown`` from the moment it may stand in the
        stream.
        """
        number = next(self._numbers)
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting[number], self._at[number] = answer, command
        try:
            async with asyncio.timeout(GIVEN_UP_AFTER):
                first = await self._put(number, command)
                while not await _soon(answer):
                    _log.warning("a command is sent again: nobody has answered")
                    await self._put_again(number, command, first)
                return answer.result()
        except TimeoutError:
            raise OutcomeUnknown(UNKNOWN) from None
        finally:
            del self._waiting[number], self._at[number]

    async def _put(self, number: int, command: Command, first: bytes = b"") -> bytes:
        """Its id in the stream. A copy carries that of the ``first``: it is no younger."""
        told = (MOST_WAITING, self._node, number, write_command(command), first)
        try:
            taken = await evaluate(self._redis, scripts.SEND_COMMAND, [self._keys.commands], told)
        except ResponseError as error:
            raise refused(error) from error
        except RedisError as error:  # it may have arrived, and only the answer been lost
            raise OutcomeUnknown(str(unavailable(error))) from error
        if not taken:
            raise Overloaded("The cluster has too much to do: try again in a second.")
        return as_bytes(taken)

    async def _put_again(self, number: int, command: Command, first: bytes) -> None:
        try:
            await self._put(number, command, first)
        except (Overloaded, JournalUnavailable) as problem:  # it stands there from before
            raise OutcomeUnknown(str(problem)) from problem

    # -- answers ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read answers until ``stop``."""
        stream = self._keys.answers + self._node
        while not self._stopped:
            try:
                rows = rows_of(await self._redis.xread({stream: "0-0"}, count=1_000, block=BLOCK))
                for _, fields in rows:
                    self._answered(as_bytes(fields.get(b"a")))
                if rows:  # ids may begin again after a failover: what was read goes, none is kept
                    await self._redis.xdel(stream, *(name for name, _ in rows))
            except RedisError:
                await asyncio.sleep(PAUSE)
            except Exception:  # noqa: BLE001 - nobody awaits this task, and all commands wait for it
                _log.exception("answers of other nodes are read again")
                await asyncio.sleep(PAUSE)

    def stop(self) -> None:
        self._stopped = True

    def _answered(self, record: bytes) -> None:
        answer = read_answer(record)
        if answer is None:
            _log.error("an answer of another node cannot be read; its command is sent again")
        elif answer.refused is not None:
            self._settle(answer.number, answer.refused)
        elif answer.position <= self._position:
            self._settle_at(answer.number, answer.position)
        elif answer.number in self._waiting:
            self._accepted.setdefault(answer.position, []).append(answer.number)

    def reached(self, position: int) -> None:
        """The replica holds everything up to ``position`` now: who asked may look."""
        self._position = position
        for due in [at for at in self._accepted if at <= position]:
            for number in self._accepted.pop(due):
                self._settle_at(number, due)

    def _settle_at(self, number: int, position: int) -> None:
        command, entry = self._at.get(number), self._entry(position)
        caused = command is not None and entry is not None and entry.cause == command.id
        events = entry.events if caused and entry is not None else ()
        self._settle(number, Accepted(position=position, events=events))

    def _settle(self, number: int, outcome: Outcome) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)


async def _soon(answer: asyncio.Future[Outcome]) -> bool:
    await asyncio.wait({answer}, timeout=AGAIN_AFTER)
    return answer.done()
