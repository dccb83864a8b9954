"""Callers who hang up anywhere in the example flow, alone or while they answer: each ends once."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.core.nodes import Flow
from ivr.entry import route
from ivr.flow_files import read_flow_file
from ivr.runner import FlowSessions
from router.clock import ManualClock
from router.core import commands as c
from router.core import events as e
from router.core.catalog import CallbackOffer, Catalog, EntryPoint, Hours, Queue
from router.core.durations import SECOND
from router.core.model import ContactState, CustomerRef
from router.customers import CustomerRecord, Identification
from router.engine import Engine
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.ports import Arrival, FlowPrompt

EXAMPLES = int(os.environ.get("PATCHBAY_FLOWS", "25"))
FILE = Path(__file__).parents[2] / "config" / "flows" / "main_line.yaml"
CALLER = "+442079460018"


def example() -> Flow:
    """Who finds nobody there is offered a callback instead of a message: one more end."""
    flow = read_flow_file(FILE).flow
    assert flow is not None
    busy = flow.nodes["busy"]
    busy = replace(busy, exits={**busy.exits, "nobody": "call_back"})
    return replace(flow, nodes={**flow.nodes, "busy": busy})


FLOW = example()
START = 1_700_000_000 * SECOND
NAMES = ("support_en", "support_zh", "business")
CATALOG = Catalog(
    version=1,
    queues={name: Queue(id=name, label=name, callback=CallbackOffer()) for name in NAMES},
    hours={"office": Hours(id="office", spans=((START, 2 * START),), until=2 * START)},
    entry_points={"line": EntryPoint(id="line", channel="voice", queue="support_en", flow=FLOW.id)},
)


class Shelf:
    def flow(self, flow: str, version: int) -> Flow | None:
        return FLOW if (flow, version) == (FLOW.id, 1) else None

    def version(self, flow: str, alias: str) -> int | None:
        return 1 if flow == FLOW.id else None


class People:
    """Everybody is found after a moment; some are gold."""

    def __init__(self, tier: str) -> None:
        self.tier = tier

    async def record(self, customer: str) -> CustomerRecord | None:
        await asyncio.sleep(0)
        return CustomerRecord(id=customer, name="María", tier=self.tier)

    async def identify(self, channel: str, address: str) -> Identification:
        await asyncio.sleep(0)
        return Identification(customers=(CustomerRef(id="c1", name="María", tier=self.tier),))


class Centre:
    async def start(self, *, is_open: bool, tier: str) -> None:
        self.clock = ManualClock(START if is_open else START - SECOND)
        self.journal = MemoryJournal()
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        people, replica = People(tier), self.engine.replica
        self.flows = FlowSessions(self.engine, replica, Shelf(), people, self.clock, zone=UTC)
        self.intake = Intake(self.engine, replica, people, flow=route, flows=self.flows)
        await self.engine.submit(c.PublishCatalog(id="cat", catalog=CATALOG, replaces=0))
        arrival = Arrival(contact="k", channel="voice", address=CALLER, entry_point="line")
        await self.intake.receive(arrival)

    async def stop(self) -> None:
        await self.flows.close()
        await self.intake.close()
        await self.engine.stop()

    @property
    def in_flow(self) -> bool:
        contact = self.engine.replica.state.contacts.get("k")
        return contact is not None and contact.state is ContactState.IN_FLOW

    async def act(self, prompt: FlowPrompt, pick: int) -> None:
        """Something that a caller may do at this prompt."""
        turn = prompt.turn
        match prompt.kind:
            case "play":
                await self.flows.heard("k", turn)
            case "choice":
                keys = [button.key for button in prompt.buttons]
                if pick % 7 == 6:
                    await self.flows.silence("k", turn)
                else:
                    await self.flows.answer("k", turn, [*keys, "9"][pick % (len(keys) + 1)])
            case "text":
                typed = ("12345678", "79927398713", "4539578763621486", "7")[pick % 4]
                await self.flows.answer("k", turn, typed)
            case "wait":
                await asyncio.sleep(0)

    async def hang_up(self) -> None:
        await self.engine.submit(c.Abandon(id="gone", contact="k"))

    async def terminals(self) -> list[str]:
        events = [one for entry in [x async for x in self.journal.read()] for one in entry.events]
        return [type(one).__name__ for one in events if isinstance(one, e.Terminal)]


async def lived(
    picks: list[int], *, at_once: bool, is_open: bool, tier: str
) -> tuple[bool, list[str], bool]:
    """Whether they hung up in the flow, how the contact ended, and whether a trace was left."""
    centre = Centre()
    await centre.start(is_open=is_open, tier=tier)
    try:
        for number, pick in enumerate(picks):
            prompt = centre.flows.prompt("k")
            if prompt is None:
                break
            last = number == len(picks) - 1
            if last and at_once:
                await asyncio.gather(centre.act(prompt, pick), centre.hang_up())
            elif not last:
                await centre.act(prompt, pick)
        in_flow = centre.in_flow
        await centre.hang_up()
        for _ in range(50):
            await asyncio.sleep(0)
        left = centre.flows.prompt("k") is not None or "k" in centre.engine.replica.state.contacts
        return in_flow, await centre.terminals(), left
    finally:
        await centre.stop()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=14),
    st.booleans(),
    st.sampled_from([True, True, True, False]),
    st.sampled_from(["gold", ""]),
)
def test_who_hangs_up_at_any_step_ends_once(
    picks: list[int],
    at_once: bool,
    is_open: bool,
    tier: str,
) -> None:
    hung_up = asyncio.run(lived(picks, at_once=at_once, is_open=is_open, tier=tier))
    in_flow, ended, left = hung_up
    if in_flow:
        assert ended == ["Abandoned"]
    assert len(ended) == 1
    assert not left
