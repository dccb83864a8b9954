"""A writer stopped past its lease while a thousand offers are being accepted, then continued.

``python -m tests.faults.stale --accepts 1000 --rounds 5``: in each round the writer gets all the
accepts at once and SIGSTOP while it works on them; another node takes over, and other agents' pages
accept half of what is open there; then the first gets SIGCONT and goes on where it was. What it
writes from then on Redis itself is asked about: each attempt as MONITOR saw it, each refusal as
INFO counted it. Every attempt must be refused and none may stand in the log; a round without an
attempt proves nothing and is a failure, too.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core.catalog import Catalog
from router.core.durations import MINUTE
from router.journal import redis_scripts as scripts
from router.journal.redis import Keys
from router.journal.redis_address import connect
from tests.faults.centre import CAPACITY, CHANNELS, catalog
from tests.faults.checker import judge, read_lines
from tests.faults.client import Commander, Observer
from tests.faults.exported import records
from tests.faults.history import History
from tests.faults.members import RECOVERED_WITHIN, Member
from tests.faults.node import TENANT, Life
from tests.faults.nursery import Nursery
from tests.redis.server import RedisServer

_PATIENCE: Final = 60.0  # seconds for anything to happen
_LINES: Final = 8
_LONGEST_LINE: Final = 1 << 26  # bytes of what MONITOR says of one command
_WRITES: Final = {
    hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest(): name
    for name, script in {
        "append": scripts.APPEND,
        "confirm": scripts.CONFIRM,
        "snapshot": scripts.SAVE_SNAPSHOT,
        "answers": scripts.ANSWER_COMMANDS,
    }.items()
}


class Round(msgspec.Struct, kw_only=True):
    """``in_flight`` accepts had no answer at SIGSTOP; ``tried`` are the writes after SIGCONT, by
    script, ``commands`` the entries in them, ``refused`` how many Redis refused, and ``stale`` the
    entries under the old token that stand behind those of the new one.
    """

    in_flight: int = 0
    accepted_elsewhere: int = 0
    tried: dict[str, int] = {}
    entries: int = 0
    refused: int = 0
    stale: int = 0
    problems: list[str] = []


def centre(agents: int) -> Catalog:
    """Everybody may be offered a call, and has time for it."""
    made = catalog(agents)
    queues = {
        name: msgspec.structs.replace(queue, offer_for=10 * MINUTE, steps=queue.steps[-1:])
        for name, queue in made.queues.items()
    }
    return msgspec.structs.replace(made, queues=queues)


class Monitor:
    """What Redis is told, from now on. ``tried``: writes with ``token``, by script."""

    def __init__(self, port: int, token: int) -> None:
        self._port = port
        self._token = str(token)
        self.tried: dict[str, int] = {}
        self.entries = 0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=_LONGEST_LINE)
        writer.write(b"MONITOR\r\n")
        await reader.readline()
        task = asyncio.create_task(self._read(reader))
        try:
            yield
        finally:
            task.cancel()
            writer.close()
            await asyncio.gather(task, return_exceptions=True)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            words = re.findall(rb'"((?:[^"\\]|\\.)*)"', line)
            if len(words) > 3 and words[0].upper() == b"EVALSHA":
                self._note([word.decode("latin-1") for word in words])

    def _note(self, words: list[str]) -> None:
        name = _WRITES.get(words[1])
        told = words[3 + int(words[2]) :] if name else []
        if name and told[0] == self._token:
            self.tried[name] = self.tried.get(name, 0) + 1
            self.entries += len(told) - 2 if name == "append" else 0


class Stale:
    """``run`` one round."""

    def __init__(
        self, accepts: int, folder: Path, seed: int, defect: str = "", drain: float = _PATIENCE
    ) -> None:
        self._drain = drain
        self._accepts = accepts
        self._folder = folder
        self._rng = random.Random(seed)
        self._defect = defect
        self._offers: dict[str, e.Offered] = {}
        self._taken: dict[str, e.OfferAccepted] = {}
        self._seen = 0  # the last entry that the observer was shown
        self._ended = 0
        self._histories: list[History] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self.found = Round()

    async def run(self) -> Round:
        with RedisServer() as self._redis:
            nursery = Nursery(self._folder)
            await nursery.open()
            members = [self._member(name, nursery) for name in ("n0", "n1")]
            living = [asyncio.create_task(member.live()) for member in members]
            try:
                await asyncio.gather(*(member.ready() for member in members))
                await self._played(members)
                for member in members:
                    member.end()
                await asyncio.wait(living, timeout=RECOVERED_WITHIN)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                for member in members:
                    member.kill()
                await asyncio.gather(*living, return_exceptions=True)
                await nursery.close()
                for history in self._histories:
                    history.close()
            await self._judge()
        return self.found

    def _member(self, name: str, nursery: Nursery) -> Member:
        socket = str(self._folder / f"{name}.sock")
        life = Life(url=self._redis.url, name=name, socket=socket, defect=self._defect)
        return Member(life, nursery)

    async def _played(self, members: list[Member]) -> None:
        await self._until(lambda: any(member.writes for member in members))
        old = next(member for member in members if member.writes)
        new = next(member for member in members if member is not old)
        self._observe([new.life.socket])
        first = self._commanders("page", [old.life.socket, new.life.socket])
        await self._set_up(first)
        second = self._commanders("desk", [new.life.socket])

        offers = list(self._offers)
        some = offers[: len(offers) // 2]
        asked = self._accepts_of(some, first)
        answered = self._rng.randint(1, len(some) // 2)
        await self._until(lambda: sum(task.done() for task in asked) >= answered)
        old.signal(signal.SIGSTOP)
        asked += self._accepts_of(offers[len(some) :], first)  # it finds them when it thaws
        token = int(await self._redis.asked("HGET", Keys.of(TENANT).head, "token"))
        await self._until(lambda: new.writes)
        last = int(await self._redis.asked("HGET", Keys.of(TENANT).head, "last"))
        await self._until(lambda: self._seen >= last)
        self.found.in_flight = sum(not task.done() for task in asked)

        open_there = [offer for offer in self._offers if offer not in self._taken]
        half = self._rng.sample(open_there, len(open_there) // 2)
        for answer in await asyncio.gather(
            *(second[n % _LINES].send(c.Accept, offer=offer) for n, offer in enumerate(half))
        ):
            self.found.accepted_elsewhere += answer.result == "accepted"

        refused = await self._refusals()
        monitor = Monitor(self._redis.port, token)
        async with monitor.watching():
            old.signal(signal.SIGCONT)
            await self._until(lambda: old.began_anew > 0)
            await asyncio.gather(*asked)
        self.found.tried, self.found.entries = monitor.tried, monitor.entries
        self.found.refused = await self._refusals() - refused
        with suppress(TimeoutError):  # then some have not ended, as the judge says
            await asyncio.wait_for(self._over(second), self._drain)

    def _accepts_of(self, offers: list[str], lines: list[Commander]) -> list[asyncio.Task[Any]]:
        return [
            self._spawn(lines[number % _LINES].send(c.Accept, offer=offer))
            for number, offer in enumerate(offers)
        ]

    async def _set_up(self, lines: list[Commander]) -> None:
        await lines[0].send(c.PublishCatalog, catalog=centre(self._accepts), replaces=0)

        async def agent(number: int) -> None:
            line = lines[number % _LINES]
            await line.send(c.SignIn, agent=f"agent{number}")
            await line.send(c.SetReady, agent=f"agent{number}")

        async def call(number: int) -> None:
            line = lines[number % _LINES]
            await line.send(c.Arrive, contact=f"call{number}", channel=CHANNELS["calls"])
            await line.send(c.Enqueue, contact=f"call{number}", queue="calls")

        await asyncio.gather(*map(agent, range(self._accepts)))
        await asyncio.gather(*map(call, range(self._accepts)))
        await self._until(lambda: len(self._offers) >= self._accepts)

    async def _over(self, lines: list[Commander]) -> None:
        """Everybody hangs up, so that each contact comes to its end."""
        await self._until(lambda: len(self._taken) >= self._accepts)

        async def hang_up(number: int, taken: e.OfferAccepted) -> None:
            await lines[number % _LINES].send(c.EndContact, contact=taken.contact)

        await asyncio.gather(*(hang_up(*one) for one in enumerate(self._taken.values())))
        await self._until(lambda: self._ended >= self._accepts)

    # -- clients --------------------------------------------------------------------------------

    def _observe(self, sockets: list[str]) -> None:
        observer = Observer("observer", sockets, self._history("observer"), self._see)
        self._spawn(observer.run())

    def _see(self, entry: e.Entry) -> None:
        self._seen = entry.position
        for event in entry.events:
            match event:
                case e.Offered():
                    self._offers[event.offer] = event
                case e.OfferAccepted():
                    self._taken[event.offer] = event
                case e.Completed():
                    self._ended += 1
                case _:
                    pass

    def _commanders(self, name: str, sockets: list[str]) -> list[Commander]:
        made = []
        for number in range(_LINES):
            history = self._history(f"{name}{number}")
            rng = random.Random(self._rng.random())
            line = Commander(f"{name}{number}", sockets, history, rng, doubled=0.0)
            self._spawn(line.run())
            made.append(line)
        return made

    def _history(self, name: str) -> History:
        history = History(self._folder / f"{name}.jsonl")
        self._histories.append(history)
        return history

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    async def _until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not there():  # noqa: ASYNC110 - nobody says when that is
                await asyncio.sleep(0.002)

    # -- the verdict ----------------------------------------------------------------------------

    async def _refusals(self) -> int:
        """So many times Redis has answered that the fence refuses."""
        words = await self._redis.asked("INFO", "errorstats")
        found = re.search(r"errorstat_FENCED:count=(\d+)", words)
        return int(found[1]) if found else 0

    async def _judge(self) -> None:
        async with connect(self._redis.url) as redis:
            entries = await records(redis, TENANT)
            tokens = [int(fields[b"t"]) for _, fields in await redis.xrange(Keys.of(TENANT).log)]
        found = self.found
        found.stale = sum(token < max(tokens[:at]) for at, token in enumerate(tokens) if at)
        histories = [read_lines(path) for path in sorted(self._folder.glob("*.jsonl"))]
        found.problems = [*self._of_the_fence(found), *judge(entries, histories, CAPACITY, {})]

    def _of_the_fence(self, found: Round) -> list[str]:
        problems = []
        if found.stale:
            problems.append(f"F: {found.stale} entries stand behind those of a newer token")
        if not found.tried.get("append"):
            problems.append("F: the old writer tried to write nothing: the round proves nothing")
        if found.refused < sum(found.tried.values()):
            problems.append(f"F: of {found.tried} writes {found.refused} were refused")
        return problems


async def _rounds(accepts: int, rounds: int, seed: int, defect: str) -> list[Round]:
    done = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            done.append(await Stale(accepts, Path(folder), seed + number, defect).run())
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accepts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--defect", default="")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    done = asyncio.run(_rounds(options.accepts, options.rounds, options.seed, options.defect))
    print(json.dumps({"seed": options.seed, "rounds": msgspec.to_builtins(done)}, indent=1))
    sys.exit(any(one.problems for one in done))


if __name__ == "__main__":
    main()
