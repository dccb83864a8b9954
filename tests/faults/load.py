"""Customers and agents who keep working while the service is killed and started again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core.model import CustomerRef
from tests.faults.centre import AGENTS, CHANNELS, catalog
from tests.faults.client import Commander, Observer
from tests.faults.history import History

AGENT_LINES = 4


class Haste(msgspec.Struct, frozen=True, kw_only=True):
    """``customers`` on each of the ``lines``; the rest but ``agents`` are shares: commands sent
    twice, offers accepted at two desks, contacts written up before their time is over. A customer
    comes back after ``pause`` seconds, half as much or half as much again.
    """

    lines: int = 8
    customers: int = 6
    agents: int = AGENTS
    doubled: float = 0.03
    accepted_twice: float = 0.03
    written_up: float = 0.7
    pause: float = 0.0


class Load:
    """``start``, let it run, ``finish``: then every contact should have come to its end."""

    def __init__(
        self, sockets: Sequence[str], histories: Path, seed: int, haste: Haste | None = None
    ) -> None:
        self._rng = random.Random(seed)
        self._haste = haste or Haste()
        self._catalog = catalog(self._haste.agents)
        self._sockets = sockets
        self._folder = histories
        self._tasks: set[asyncio.Task[None]] = set()
        self._customers: list[asyncio.Task[None]] = []
        self._ended: dict[str, asyncio.Event] = {}
        self._enough = False
        self._made = 0
        self.accepted = 0  # commands
        self.newest_accepted = 0.0  # when the youngest command that was accepted was sent …
        self.accepted_at = 0.0  # … and when that was known, by ``perf_counter``
        self.histories: list[History] = []
        self.observer = Observer("observer", sockets, self._history("observer"), self._see)
        self._agents = [self._commander(f"desk{n}") for n in range(AGENT_LINES)]
        self._lines = [self._commander(f"line{n}") for n in range(self._haste.lines)]
        self._setup = self._commander("setup")

    async def start(self) -> None:
        for client in (self.observer, self._setup, *self._agents, *self._lines):
            self._spawn(client.run())
        await self._setup.send(c.PublishCatalog, catalog=self._catalog, replaces=0)
        await asyncio.gather(*map(self._begin_work, self._catalog.agents))
        self._customers = [
            asyncio.create_task(self._customer(line, number))
            for line in self._lines
            for number in range(self._haste.customers)
        ]

    async def _begin_work(self, agent: str) -> None:
        await self._desk(agent).send(c.SignIn, agent=agent)
        await self._desk(agent).send(c.SetReady, agent=agent)

    async def finish(self, within: float) -> bool:
        """Let the last contacts end. False when some have not after ``within`` seconds."""
        self._enough = True
        _, unfinished = await asyncio.wait(self._customers, timeout=within)
        return not unfinished

    async def close(self) -> None:
        for task in (*self._tasks, *self._customers):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._customers, return_exceptions=True)
        for history in self.histories:
            history.close()

    # -- customers --------------------------------------------------------------------------

    async def _customer(self, line: Commander, number: int) -> None:
        count = 0
        while not self._enough:
            count += 1
            await self._contact(line, f"{line.name}-{number}-{count}")
            if not self._enough:
                await asyncio.sleep(self._haste.pause * line.rng.uniform(0.5, 1.5))

    async def _contact(self, line: Commander, contact: str) -> None:
        ended = self._ended[contact] = asyncio.Event()
        queue = line.rng.choice(list(CHANNELS))
        await line.send(c.Arrive, contact=contact, channel=CHANNELS[queue])
        if line.rng.random() < 0.5:
            customer = CustomerRef(id=f"customer of {contact}", tier="gold")
            await line.send(c.IdentifyCustomer, contact=contact, customer=customer)
        await line.send(c.Enqueue, contact=contact, queue=queue)
        if line.rng.random() < 0.15:
            await asyncio.sleep(line.rng.random() * 0.05)
            await line.send(c.Abandon, contact=contact)
        await ended.wait()
        del self._ended[contact]

    # -- agents -----------------------------------------------------------------------------

    def _see(self, entry: e.Entry) -> None:
        for event in entry.events:
            match event:
                case e.Offered():
                    self._spawn(self._answer(event))
                case e.AgentNotReady():
                    self._spawn(self._come_back(event.agent))
                case e.Completed() | e.Abandoned() | e.Overflowed() | e.TransferredOut():
                    if event.contact in self._ended:
                        self._ended[event.contact].set()
                case _:
                    pass

    async def _come_back(self, agent: str) -> None:
        await asyncio.sleep(0.02)
        await self._desk(agent).send(c.SetReady, agent=agent)

    async def _answer(self, offer: e.Offered) -> None:
        desk = self._desk(offer.agent)
        chance = desk.rng.random()
        await asyncio.sleep(desk.rng.random() * 0.02)
        if chance < 0.06:
            await desk.send(c.Reject, offer=offer.offer)
        elif chance > 0.10:  # between the two: never answered
            if desk.rng.random() < self._haste.accepted_twice:
                self._spawn(self._accept(desk, offer))  # at another page of theirs
                await asyncio.sleep(desk.rng.random() * 0.02)
            await self._accept(desk, offer)

    async def _accept(self, desk: Commander, offer: e.Offered) -> None:
        accepted = await desk.send(c.Accept, offer=offer.offer)
        if accepted.result == "accepted":
            await self._talk(desk, offer)

    async def _talk(self, desk: Commander, offer: e.Offered) -> None:
        contact = offer.contact
        await asyncio.sleep(desk.rng.random() * 0.02)
        if desk.rng.random() < 0.1:
            await desk.send(c.Hold, contact=contact)
            await desk.send(c.Retrieve, contact=contact)
        chance = desk.rng.random()
        if chance < 0.04:
            await desk.send(c.TransferToQueue, contact=contact, queue=desk.rng.choice([*CHANNELS]))
        elif chance < 0.08:
            await desk.send(c.Requeue, contact=contact)
        else:
            await desk.send(c.EndContact, contact=contact)
        if desk.rng.random() < self._haste.written_up:
            await desk.send(c.FinishWrapUp, contact=contact, agent=offer.agent)

    # -- clients ----------------------------------------------------------------------------

    def _desk(self, agent: str) -> Commander:
        return self._agents[int(agent.removeprefix("agent")) % AGENT_LINES]

    def _commander(self, name: str) -> Commander:
        rng = random.Random(self._rng.random())
        self._made += 1
        turned = [*self._sockets[self._made % len(self._sockets) :], *self._sockets]
        sockets = turned[: len(self._sockets)]
        doubled = self._haste.doubled
        return Commander(name, sockets, self._history(name), rng, self._accepted, doubled)

    def _accepted(self, sent: float) -> None:
        self.accepted += 1
        if sent > self.newest_accepted:
            self.newest_accepted, self.accepted_at = sent, time.perf_counter()

    def _history(self, name: str) -> History:
        history = History(self._folder / f"{name}.jsonl")
        self.histories.append(history)
        return history

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
