"""A branch whose broker dies under calls: nothing lost, order kept per contact, copies harmless.

    python -m tests.faults.branch --seconds 60 --calls 10

A real Mosquitto is killed with SIGKILL and stays away; at the branch callers come in at an Asterisk
in memory, hang up, are answered and talk. A client of nobody's sends late copies of what the branch
says. Judged from histories alone: who called, what the branch told in which order, and the log.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from router.branch.messages import Arrived, Commanded, Request, id_of, up_topic
from router.core import commands as c
from router.core.events import ContactArrived, Terminal
from router.core.model import AgentState
from tests.asterisk.fake_channel import Channel
from tests.branch.world import AGENTS, BRANCH, SYSTEM, Branch, Centre, world
from tests.mqtt.centre import comes
from tests.mqtt.server import Mosquitto

LOOKS_EVERY = 0.1  # seconds, of callers and agents at what they hear
BEFORE, AFTER = 5.0, 5.0  # seconds of calls while the broker is there
PATIENCE = 600.0  # seconds for everything to come to its end


class Run(msgspec.Struct, kw_only=True):
    """What is asked for. Durations are seconds."""

    seconds: float  # without a broker
    calls: float  # per second
    seed: int = 1
    kill_branch: bool = False  # the process at the branch as well, in the middle of the outage


class Verdict(msgspec.Struct, kw_only=True):
    calls: int = 0
    ended: int = 0
    answered: int = 0
    abandoned: int = 0
    lost: list[str] = []
    twice: list[str] = []
    out_of_order: list[str] = []
    unheard: int = 0  # came and left while the process at the branch was dead
    copies: int = 0  # sent by somebody else
    most_waiting: int = 0  # requests in the outbox
    told: int = 0  # requests the branch made
    caught_up: float = 0.0  # seconds from the broker's return until the outbox was empty

    @property
    def good(self) -> bool:
        return bool(self.calls) and not (self.lost or self.twice or self.out_of_order)


class Copier:
    """An independent client that says again, later, some of what a branch said."""

    def __init__(self, port: int, chance: Random) -> None:
        self.copies = 0
        self._chance = chance
        self._kept: list[bytes] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(self._topic, 1)
        self._client.on_message = self._heard
        self._topic = up_topic("main", BRANCH)
        self._own: Counter[bytes] = Counter()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _heard(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        if self._own[message.payload]:
            self._own[message.payload] -= 1
            return
        if b'"item"' in message.payload and self._chance.random() < 0.2:
            self._kept.append(message.payload)
        if self._kept and self._chance.random() < 0.3:
            copy = self._kept.pop(self._chance.randrange(len(self._kept)))
            self._own[copy] += 1
            self.copies += 1
            self._client.publish(self._topic, copy, qos=1)

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Customers:
    """Who call the branch, and what they do. ``made`` are the ids of all calls, as contacts."""

    def __init__(self, branch: Branch, chance: Random, agents: tuple[str, ...] = AGENTS) -> None:
        self._agents = agents
        self.made: list[str] = []
        self._branch = branch
        self._chance = chance
        self._there: dict[str, tuple[Channel, float]] = {}  # until when they wait or talk
        self.talking: set[str] = set()
        self._came: dict[str, float] = {}
        self.unheard: set[str] = set()

    def call(self) -> None:
        asterisk = self._branch.asterisk
        number = f"+4420794{len(self.made):05d}"
        channel = asterisk.call(number)
        gives_up = self._chance.random() < 0.25
        patience = self._chance.uniform(0.05, 20.0) if gives_up else 3_600.0
        self.made.append(f"{SYSTEM.id}:{channel.unique}")
        self._came[channel.unique] = time.monotonic()
        self._there[channel.unique] = channel, time.monotonic() + patience

    def nobody_heard(self, since: float) -> None:
        """Who came and left while no process was at the branch: only the telephone system knows."""
        here = set(self._there) & set(self._branch.asterisk.channels)
        self.unheard |= {
            f"{SYSTEM.id}:{unique}"
            for unique, came in self._came.items()
            if came >= since and unique not in here
        }

    def look(self) -> None:
        asterisk, now = self._branch.asterisk, time.monotonic()
        for agent in self._agents:
            if asterisk.rings(agent):
                asterisk.answer(agent)
        for unique, (channel, until) in list(self._there.items()):
            if unique not in asterisk.channels:
                del self._there[unique]
            elif channel.bridge is not None and unique not in self.talking:
                self.talking.add(unique)
                self._there[unique] = channel, now + self._chance.uniform(0.3, 1.5)
            elif now >= until:
                asterisk.hang_up(channel)


class Told:
    """Every request the branch made, in its order, by contact."""

    def __init__(self) -> None:
        self.by_contact: defaultdict[str, list[str]] = defaultdict(list)
        self.count = 0

    def note(self, request: Request) -> None:
        id_ = id_of(request)
        self.count += 1
        if isinstance(request, Arrived):
            self.by_contact[request.contact].append(f"{request.contact}/arrive")
        elif isinstance(request, Commanded):
            contact = id_.partition("/")[0].rpartition(".")[0] if "." in id_ else id_
            self.by_contact[_contact_of(id_) or contact].append(id_)


def _contact_of(id_: str) -> str:
    """``lee:7`` of ``lee:7/left/3`` and of ``lee:7.1/answered``."""
    return id_.partition("/")[0].partition(".")[0]


async def run(asked: Run, broker: Mosquitto, folder: Path) -> Verdict:
    chance = Random(asked.seed)
    verdict = Verdict()
    async with world(broker.port, folder) as (centre, branch):
        told = Told()
        listen_in(branch, told)
        await branch.working()
        await centre.ready(*AGENTS)
        copier = Copier(broker.port, chance)
        customers = Customers(branch, chance)
        people = asyncio.create_task(_people(centre, customers))
        try:
            await _calls(customers, asked.calls, BEFORE)
            await asyncio.to_thread(broker.kill)
            watch = asyncio.create_task(_watch(branch, verdict))
            await _calls(customers, asked.calls, asked.seconds / 2)
            if asked.kill_branch:
                deaf_from = time.monotonic()
                await branch.die()
                await branch.start()
                listen_in(branch, told)
                hearing = asyncio.create_task(comes(lambda: branch.hears, PATIENCE))
                hearing.add_done_callback(lambda _: customers.nobody_heard(deaf_from))
            await _calls(customers, asked.calls, asked.seconds / 2)
            await asyncio.to_thread(broker.start)
            back = time.monotonic()
            await _calls(customers, asked.calls, AFTER)
            await comes(lambda: branch.process.site.connected, PATIENCE)
            await comes(lambda: branch.process.site.waiting == 0, PATIENCE)
            verdict.caught_up = time.monotonic() - back
            watch.cancel()
            await comes(lambda: not branch.asterisk.channels and not centre.contacts, PATIENCE)
            await comes(lambda: branch.process.site.waiting == 0, PATIENCE)
        finally:
            people.cancel()
            await asyncio.gather(people, return_exceptions=True)
            copier.end()
        verdict.copies, verdict.told = copier.copies, told.count
        _judge(centre, customers, told, verdict)
    return verdict


def listen_in(branch: Branch, told: Told) -> None:
    """Note what the channel gives to the outbox, before anybody acts on it."""
    asking = branch.process.site._asking
    make = asking._make

    async def noted(request: Request) -> int:
        told.note(request)
        return await make(request)

    asking._make = noted  # type: ignore[method-assign]


async def _calls(customers: Customers, per_second: float, seconds: float) -> None:
    begin = time.monotonic()
    for number in range(int(per_second * seconds)):
        customers.call()
        await asyncio.sleep(max(begin + (number + 1) / per_second - time.monotonic(), 0))


async def _people(centre: Centre, customers: Customers) -> None:
    """Callers, agents at their telephones, and agents who come back to their desks."""
    turn = 0
    while True:
        await asyncio.sleep(LOOKS_EVERY)
        customers.look()
        turn += 1
        if turn % 20 == 0:
            for agent in list(centre.replica.state.agents.values()):
                if agent.state is AgentState.NOT_READY:
                    key = f"desk/{agent.id}/{turn}"
                    await centre.engine.submit(c.SetReady(id=key, by="desk", agent=agent.id))


async def _watch(branch: Branch, verdict: Verdict) -> None:
    while True:
        verdict.most_waiting = max(verdict.most_waiting, branch.process.site.waiting)
        await asyncio.sleep(0.05)


def _judge(centre: Centre, customers: Customers, told: Told, verdict: Verdict) -> None:
    events = centre.events()
    arrived = Counter(one.contact for one in events if isinstance(one, ContactArrived))
    ended = Counter(one.contact for one in events if isinstance(one, Terminal))
    kinds = Counter(type(one).__name__ for one in events)
    verdict.calls = len(customers.made)
    verdict.answered, verdict.abandoned = kinds["OfferAccepted"], kinds["Abandoned"]
    unheard = {one for one in customers.unheard if not arrived[one]}
    verdict.unheard = len(unheard)
    made = [one for one in customers.made if one not in unheard]
    verdict.lost = [one for one in made if not arrived[one] or not ended[one]]
    verdict.twice = [one for one in {*arrived, *ended} if arrived[one] > 1 or ended[one] > 1]
    verdict.twice += [one for one in arrived if one not in customers.made]
    verdict.ended = sum(ended.values())
    causes = [one.cause for one in centre.said if one.cause.startswith(f"{SYSTEM.id}:")]
    doubled = {_contact_of(cause) for cause, times in Counter(causes).items() if times > 1}
    verdict.twice += sorted(doubled)
    verdict.out_of_order = [
        contact for contact, found, wanted in order_of(causes, told) if found != wanted
    ]


def order_of(causes: Sequence[str], told: Told) -> Iterator[tuple[str, list[str], list[str]]]:
    """Of each contact its requests as the log has them, and in the order they were made in."""
    by_contact: defaultdict[str, list[str]] = defaultdict(list)
    for cause in causes:
        by_contact[_contact_of(cause)].append(cause)
    for contact, found in by_contact.items():
        wanted = told.by_contact.get(contact, [])
        ours = [one for one in found if one in wanted]
        yield contact, ours, sorted(ours, key=wanted.index)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="without a broker")
    parser.add_argument("--calls", type=float, default=10.0, help="per second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill-branch", action="store_true", help="its process dies as well")
    given = parser.parse_args(arguments)
    asked = Run(
        seconds=given.seconds, calls=given.calls, seed=given.seed, kill_branch=given.kill_branch
    )
    with Mosquitto() as broker, tempfile.TemporaryDirectory(prefix="patchbay-branch-") as folder:
        verdict = asyncio.run(run(asked, broker, Path(folder)))
    found = msgspec.to_builtins(verdict)
    for name in ("lost", "twice", "out_of_order"):
        found[name] = {"count": len(found[name]), "first": found[name][:10]}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
