"""How fast flows go on: from a customer's answer to the next prompt, durable in between.

``python -m benchmarks.flow [--quick] [--sessions N] [--rate N] [--json FILE]``. Every turn goes
through the interpreter, the router's core and the SQLite journal (WAL, synchronous=FULL). The flow
is the example of the guide; customers answer, keep silent and make mistakes as people do, and the
next one comes when one is through.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from datetime import UTC
from pathlib import Path

import msgspec

from ivr.core.document import encode
from ivr.core.nodes import Flow
from ivr.entry import route
from ivr.flow_files import read_flow_file
from ivr.published import PublishedFlows
from ivr.runner import FlowSessions
from router.clock import SystemClock
from router.core import commands as c
from router.core.catalog import CallbackOffer, Catalog, EntryPoint, Hours, Queue
from router.core.durations import DAY
from router.customers import CustomerRecord, Identification
from router.engine import Engine
from router.intake import Intake
from router.journal.sqlite import SqliteJournal
from router.ports import Arrival, FlowPrompt
from router.replica import Replica

EXAMPLE = Path(__file__).parent.parent / "config" / "flows" / "main_line.yaml"
TARGET = 20  # milliseconds, p99


class Figures(msgspec.Struct, kw_only=True):
    """Latencies are milliseconds."""

    sessions: int
    steps_per_second: float
    steps: int
    step_p50: float
    step_p90: float
    step_p99: float
    step_max: float
    machine_woken_late_p99: float  # of the event loop, while it measured


class Shelf:
    def __init__(self, source: str) -> None:
        self._source = source

    async def source(self, _flow: str, _version: int) -> str | None:
        return self._source


class People:
    """Every second account number is somebody's."""

    async def record(self, customer: str) -> CustomerRecord | None:
        found = customer.endswith(("1", "3", "5", "7", "9"))
        return CustomerRecord(id=customer, name="Ann Lee", tier="gold") if found else None

    async def identify(self, _channel: str, _address: str) -> Identification:
        return Identification()


def catalog(flow: Flow) -> Catalog:
    queues = ("support_en", "support_zh", "business")
    now = SystemClock().now()
    office = Hours(id="office", spans=((now - DAY, now + DAY),), until=now + DAY)
    line = EntryPoint(id="line", channel="voice", queue="support_en", flow=flow.id)
    return Catalog(
        version=1,
        queues={name: Queue(id=name, label=name, callback=CallbackOffer()) for name in queues},
        hours={"office": office},
        entry_points={"line": line},
    )


class Customers:
    """``sessions`` of them in the flow at any time."""

    def __init__(self, flows: FlowSessions, intake: Intake, replica: Replica, seed: int) -> None:
        self._flows, self._intake, self._replica = flows, intake, replica
        self._chance = random.Random(seed)
        self._numbers = 0
        self.took: list[float] = []

    async def enter(self) -> str:
        self._numbers += 1
        contact = f"k{self._numbers}"
        await self._intake.receive(
            Arrival(contact=contact, channel="voice", address="+442079460018", entry_point="line")
        )
        return contact

    async def step(self, contact: str) -> str:
        """One answer; the contact that comes next."""
        prompt = self._flows.prompt(contact)
        if prompt is None:
            return await self.enter()
        began = time.perf_counter()
        await self._answer(contact, prompt)
        self._flows.prompt(contact)
        self.took.append((time.perf_counter() - began) * 1_000)
        return contact

    async def _answer(self, contact: str, prompt: FlowPrompt) -> None:
        luck = self._chance.random()
        if prompt.kind == "play":
            await self._flows.heard(contact, prompt.turn)
        elif luck < 0.15:
            await self._flows.silence(contact, prompt.turn)
        elif prompt.kind == "choice":
            keys = [button.key for button in prompt.buttons]
            await self._flows.answer(contact, prompt.turn, self._chance.choice([*keys, "9"]))
        elif prompt.kind == "text":
            number = "79927398713" if luck > 0.4 else "12345678"
            await self._flows.answer(contact, prompt.turn, number)
        else:
            await asyncio.sleep(0)  # another system is being asked

    async def go_on(self, contact: str, pause: float, until: float) -> None:
        """Think about each answer for ``pause`` seconds, more or less."""
        await asyncio.sleep(self._chance.uniform(0, pause))
        while time.perf_counter() < until:
            contact = await self.step(contact)
            await asyncio.sleep(self._chance.expovariate(1 / pause))


async def woken_late(until: float) -> list[float]:
    late = []
    while time.perf_counter() < until:
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        late.append((time.perf_counter() - began - 0.01) * 1_000)
    return late


async def measure(folder: Path, sessions: int, rate: int, seconds: float) -> Figures:
    flow = read_flow_file(EXAMPLE).flow
    assert flow is not None
    source = msgspec.json.encode(encode(flow)).decode()
    clock = SystemClock()
    journal = await SqliteJournal.open(folder / "flow.db")
    engine = await Engine.open(journal, clock)
    await engine.start()
    await engine.submit(c.PublishCatalog(id="catalog", catalog=catalog(flow), replaces=0))
    library = PublishedFlows(engine.replica, Shelf(source))
    flows = FlowSessions(engine, engine.replica, library, People(), clock, zone=UTC)
    intake = Intake(engine, engine.replica, People(), flow=route, flows=flows)
    following = asyncio.create_task(follow(engine, library, flows))
    await engine.submit(c.PublishFlow(id="publish", flow=flow.id, source=source, replaces=0))
    await engine.submit(c.PointAlias(id="live", flow=flow.id, alias="live", version=1, replaces=0))
    await library.load()
    customers = Customers(flows, intake, engine.replica, seed=5)
    contacts = [await customers.enter() for _ in range(sessions)]
    until = time.perf_counter() + seconds
    late, *_ = await asyncio.gather(
        woken_late(until),
        *(customers.go_on(contact, sessions / rate, until) for contact in contacts),
    )
    await flows.close()
    await intake.close()
    await engine.stop()
    await following
    await journal.close()
    return figures(customers.took, late, sessions, seconds)


async def follow(engine: Engine, library: PublishedFlows, flows: FlowSessions) -> None:
    async for entry in engine.follow(after=0):
        if (left := library.handle(entry)) is not None:
            await left
        flows.handle(entry)


def figures(took: list[float], late: list[float], sessions: int, seconds: float) -> Figures:
    took.sort()
    late.sort()
    return Figures(
        sessions=sessions,
        steps=len(took),
        steps_per_second=round(len(took) / seconds, 1),
        step_p50=round(quantile(took, 0.5), 2),
        step_p90=round(quantile(took, 0.9), 2),
        step_p99=round(quantile(took, 0.99), 2),
        step_max=round(took[-1], 2),
        machine_woken_late_p99=round(quantile(late, 0.99), 2),
    )


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sessions", type=int, default=1_000, help="at the same time")
    parser.add_argument("--rate", type=int, default=200, help="answers a second, of all together")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = measure(Path(folder), given.sessions, given.rate, 5 if given.quick else 30)
        found = asyncio.run(work)
    print(f"{found.sessions} contacts in the flow, {found.steps_per_second} answers a second")
    print(
        f"answer to next prompt, durable: p50 {found.step_p50} ms, p90 {found.step_p90} ms, "
        f"p99 {found.step_p99} ms (target {TARGET}), most {found.step_max} ms"
    )
    print(f"the machine: woken late p99 {found.machine_woken_late_p99} ms")
    if given.json:
        given.json.write_text(json.dumps(msgspec.to_builtins(found), indent=2) + "\n")


if __name__ == "__main__":
    main()
