"""Contacts in their flows: every answer is a turn in the log, nothing is lost with the process."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import Any

import msgspec
import pytest

from ivr.core.document import decode
from ivr.core.library import Library
from ivr.core.session import LookedUp
from ivr.entry import route
from ivr.lookups import Connectors
from ivr.runner import FlowSessions
from router.clock import ManualClock
from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    AgentDefinition,
    Announcement,
    Catalog,
    EntryPoint,
    Profile,
    ProfileQueue,
    Queue,
    ToMessage,
    ToVoicemail,
)
from router.core.durations import SECOND
from router.core.model import ContactState, CustomerRef
from router.customers import CustomerRecord, Identification
from router.engine import Engine
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.ports import Accepted, Arrival, Overloaded

CATALOG = Catalog(
    version=1,
    queues={name: Queue(id=name, label=name.title()) for name in ("care", "sales", "gold")},
    profiles={
        "all": Profile(
            id="all", label="All", queues=(ProfileQueue(queue="care"),), capacity={"voice": 1}
        )
    },
    agents={"ann": AgentDefinition(id="ann", name="Ann", profile="all")},
    entry_points={"line": EntryPoint(id="line", channel="voice", queue="care", flow="main")},
)
MARIA = CustomerRef(id="c42", name="María", tier="gold")

MENU = {
    "kind": "menu",
    "say": {"en": "Sales, press 1. Your account, press 2. A message, press 3."},
    "choices": {str(key): {"en": f"Choice {key}"} for key in range(1, 7)},
    "exits": {
        "1": "sales",
        "2": "pin",
        "3": "box",
        "4": "out",
        "5": "bye",
        "6": "nowhere",
        "timeout": "care",
        "invalid": "care",
    },
}
FLOW = {
    "flow": "main",
    "languages": ["en"],
    "safe_queue": "care",
    "start": "menu",
    "nodes": {
        "menu": MENU,
        "pin": {
            "kind": "collect",
            "say": {"en": "Your PIN, please."},
            "into": "pin",
            "secret": True,
            "min_length": 4,
            "max_length": 4,
            "exits": {"collected": "bank", "timeout": "care", "invalid": "care"},
        },
        "bank": {
            "kind": "look_up",
            "connector": "bank",
            "parameters": {"pin": "{pin}", "from": "{address}"},
            "take": {"balance": "balance"},
            "within": "2s",
            "exits": {"found": "account", "not_found": "care", "failed": "care"},
        },
        "account": {
            "kind": "collect",
            "say": {"en": "Your account number."},
            "into": "account",
            "input": "text",
            "exits": {"collected": "who", "timeout": "care", "invalid": "care"},
        },
        "who": {
            "kind": "identify",
            "by": "account",
            "within": "1s",
            "exits": {"found": "gold", "several": "care", "not_found": "care"},
        },
        "gold": {"kind": "queue", "queue": "gold", "say": {"en": "Welcome back."}},
        "sales": {
            "kind": "queue",
            "queue": "sales",
            "announcements": [{"say": {"en": "Please hold, {address}."}, "after": "30s"}],
            "offer_callback": True,
        },
        "care": {"kind": "queue", "queue": "care"},
        "nowhere": {"kind": "queue", "queue": "closed-down"},
        "box": {"kind": "voicemail", "box": "box", "say": {"en": "After the tone."}},
        "out": {"kind": "transfer", "number": "+442079460002"},
        "bye": {"kind": "hang_up", "say": {"en": "Goodbye."}},
    },
}


class Shelf(Library):
    """Versions by number, and where the alias points."""

    def __init__(self) -> None:
        self.flows = {("main", 1): decode(FLOW).flow}
        self.live = 1

    def flow(self, flow: str, version: int):
        return self.flows.get((flow, version))

    def version(self, flow: str, alias: str):
        return self.live if (flow, alias) == ("main", "live") else None


class Bank(Connectors):
    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: LookedUp | Exception | None = LookedUp(
            turn=0, result="found", answer={"balance": "12"}
        )
        self.slow = False

    async def ask(self, connector: str, parameters):
        self.asked.append(dict(parameters))
        if self.slow:
            await asyncio.sleep(60)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class People:
    """One customer, found by number."""

    async def record(self, customer: str):
        known = customer == MARIA.id
        return CustomerRecord(id="c42", name="María", tier="gold") if known else None

    async def identify(self, channel: str, address: str) -> Identification:
        return Identification()


class Centre:
    def __init__(self) -> None:
        self.clock = ManualClock(1_700_000_000 * SECOND)
        self.journal = MemoryJournal()
        self.shelf, self.bank = Shelf(), Bank()

    async def start(self) -> None:
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        self.replica = self.engine.replica
        self.flows = FlowSessions(
            self.engine,
            self.replica,
            self.shelf,
            People(),
            self.clock,
            zone=UTC,
            connectors=self.bank,
        )
        self.intake = Intake(self.engine, self.replica, People(), flow=route, flows=self.flows)
        if not self.replica.state.catalog.version:
            await self.engine.submit(c.PublishCatalog(id="cat", catalog=CATALOG, replaces=0))
        await self.intake.recover()
        self.flows.start()

    async def stop(self) -> None:
        await self.flows.close()
        await self.intake.close()
        await self.engine.stop()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def call(self, contact: str = "k1") -> None:
        arrival = Arrival(contact=contact, channel="voice", address="+100", entry_point="line")
        assert isinstance(await self.intake.receive(arrival), Accepted)

    def contact(self, contact: str = "k1"):
        return self.replica.state.contacts.get(contact)

    def prompt(self, contact: str = "k1"):
        return self.flows.prompt(contact)

    async def answers(self, *texts: str, contact: str = "k1") -> None:
        for text in texts:
            await self.flows.answer(contact, self.prompt(contact).turn, text)
            await self.settled()

    async def settled(self) -> None:
        """Until nothing is being asked of other systems."""
        while self.flows._tasks:
            await asyncio.gather(*self.flows._tasks._under_way)

    async def log(self) -> list[e.Entry]:
        return [entry async for entry in self.journal.read()]

    async def events(self, kind: type[Any]) -> list[Any]:
        return [one for entry in await self.log() for one in entry.events if isinstance(one, kind)]


@pytest.fixture
async def centre():
    made = Centre()
    await made.start()
    yield made
    await made.stop()


# -- turns ------------------------------------------------------------------------------------


async def test_who_arrives_is_asked_the_first_question(centre):
    await centre.call()
    asked = centre.prompt()
    assert asked.kind == "choice"
    assert [button.key for button in asked.buttons] == list("123456")
    assert asked.say[0].text.startswith("Sales, press 1.")
    assert centre.contact().state is ContactState.IN_FLOW
    assert centre.contact().flow_node == "main/1/menu"


async def test_of_a_contact_that_is_not_there_nothing_is_asked(centre):
    arrival = Arrival(
        contact="k1", channel="voice", address="+100", entry_point="line", present=False
    )
    assert isinstance(await centre.intake.receive(arrival), Accepted)
    assert centre.prompt() is None
    assert (centre.contact().state, centre.contact().queue) == (ContactState.QUEUED, "care")


async def test_an_answer_leads_into_the_queue_with_what_is_known(centre):
    await centre.call()
    await centre.answers("1")
    contact = centre.contact()
    assert (contact.state, contact.queue) == (ContactState.QUEUED, "sales")
    assert contact.attributes["language"] == "en"
    assert centre.prompt() is None
    passed = [one.node for event in await centre.events(e.FlowAdvanced) for one in event.passed]
    assert passed == ["main/1/menu", "main/1/sales"]


async def test_what_the_flow_says_in_the_queue_goes_with_the_contact(centre):
    await centre.call()
    await centre.answers("1")
    words = Announcement(text="Please hold, +100.", after=30 * SECOND, language="en")
    assert centre.contact().announcements == (words,)
    assert centre.contact().offer_callback is True
    await centre.call("k2")
    await centre.answers("6", contact="k2")
    assert centre.contact("k2").announcements is None, "in the safe queue, that queue's"


async def test_without_the_safe_queue_the_doors_queue_takes_over(centre):
    await centre.call()
    queues = {key: one for key, one in CATALOG.queues.items() if key != "care"}
    door = EntryPoint(id="line", channel="voice", queue="sales", flow="main")
    catalog = msgspec.structs.replace(
        CATALOG, version=2, queues=queues, profiles={}, agents={}, entry_points={"line": door}
    )
    published = await centre.engine.submit(c.PublishCatalog(id="cat2", catalog=catalog, replaces=1))
    assert isinstance(published, Accepted), published
    await centre.answers("6")
    assert (centre.contact().state, centre.contact().queue) == (ContactState.QUEUED, "sales")


async def test_silence_and_wrong_keys_are_turns_as_well(centre):
    await centre.call()
    await centre.flows.silence("k1", centre.prompt().turn)
    assert centre.contact().flow_turn == 2
    await centre.answers("9")
    assert centre.contact().flow_turn == 3


async def test_what_comes_too_late_or_to_nobody_changes_nothing(centre):
    await centre.call()
    late = centre.prompt().turn
    await centre.answers("9")
    before = centre.contact().flow_turn
    await centre.flows.answer("k1", late, "1")
    await centre.flows.heard("k1", centre.prompt().turn)
    await centre.flows.answer("nobody", 1, "1")
    assert centre.contact().flow_turn == before


async def test_of_two_answers_at_once_one_counts(centre):
    await centre.call()
    turn = centre.prompt().turn
    await asyncio.gather(*(centre.flows.answer("k1", turn, key) for key in "13"))
    assert len(await centre.events(e.FlowAdvanced)) == 2
    assert centre.contact().queue == "sales"


async def test_a_busy_router_is_asked_until_it_takes_the_answer(centre, monkeypatch):
    await centre.call()
    submit, refusals = centre.engine.submit, [Overloaded("later"), Overloaded("later")]

    async def busy(command):
        if refusals:
            raise refusals.pop()
        return await submit(command)

    monkeypatch.setattr(centre.flows, "_sink", type("Sink", (), {"submit": staticmethod(busy)}))
    await centre.answers("1")
    assert centre.contact().queue == "sales"


# -- where it ends ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "kind", "to"),
    [
        ("3", e.Overflowed, ToVoicemail(box="box")),
        ("4", e.TransferredOut, "+442079460002"),
        ("5", e.Overflowed, ToMessage(text="Goodbye.")),
    ],
)
async def test_other_ends_of_a_flow(centre, key, kind, to):
    await centre.call()
    await centre.answers(key)
    (over,) = await centre.events(kind)
    assert to in (getattr(over, "to", None), getattr(over, "address", None))
    assert centre.contact() is None


async def test_the_last_words_are_known_from_the_turn_that_ended_it(centre):
    await centre.call()
    await centre.answers("3")
    *_, last = await centre.events(e.FlowAdvanced)
    assert [line.text for line in centre.flows.last_words(last.session)] == ["After the tone."]
    first, *_ = await centre.events(e.FlowAdvanced)
    assert centre.flows.last_words(first.session) == ()
    assert centre.flows.last_words(b"nonsense") == ()


async def test_where_a_flow_leads_nowhere_a_person_takes_over(centre):
    await centre.call()
    await centre.answers("6")
    assert centre.contact().queue == "care"


class Picky:
    """Refuses what leads into a queue, so many times."""

    def __init__(self, engine, times):
        self.engine, self.times = engine, times

    async def submit(self, command):
        queued = isinstance(command, c.AdvanceFlow) and isinstance(command.leads_to, c.IntoQueue)
        if queued and self.times:
            self.times -= 1
            return e.Rejected(code="invalid", reason="There is too much of it.")
        return await self.engine.submit(command)


@pytest.mark.parametrize("times", [1, 2])
async def test_who_may_not_go_on_with_what_the_flow_says_of_them_goes_on_without(centre, times):
    await centre.call()
    centre.flows._sink = Picky(centre.engine, times)
    await centre.answers("1")
    assert (centre.contact().state, centre.contact().queue) == (ContactState.QUEUED, "care")


async def test_without_the_flow_a_person_takes_over(centre):
    centre.shelf.live = 7
    await centre.call()
    assert centre.contact().queue == "care"


# -- other systems ----------------------------------------------------------------------------


async def test_a_secret_reaches_the_other_system_and_no_log(centre):
    await centre.call()
    await centre.answers("2", "4711")
    assert centre.bank.asked == [{"pin": "4711", "from": "+100"}]
    assert centre.prompt().kind == "text"
    log = msgspec.json.encode(await centre.log()) + msgspec.msgpack.encode(await centre.log())
    assert b"4711" not in log


async def test_the_customer_is_found_by_their_number_and_told_to_the_router(centre):
    await centre.call()
    await centre.answers("2", "4711", "c42")
    contact = centre.contact()
    assert contact.customer == MARIA
    assert (contact.queue, contact.attributes["balance"]) == ("gold", "12")


@pytest.mark.parametrize("answer", [None, RuntimeError("no"), "slow"])
async def test_a_system_that_fails_or_hangs_leads_to_its_own_exit(centre, answer, caplog):
    centre.bank.slow = answer == "slow"
    centre.bank.answer = None if answer == "slow" else answer
    await centre.call()
    await centre.answers("2", "4711")
    assert centre.contact().queue == "care"


# -- restarts ---------------------------------------------------------------------------------


async def test_after_a_restart_the_same_prompt_is_asked_and_nothing_is_lost(centre):
    await centre.call()
    await centre.answers("2")
    before, path = centre.prompt(), await centre.events(e.FlowAdvanced)
    await centre.restart()
    assert centre.prompt() == before
    assert await centre.events(e.FlowAdvanced) == path


async def test_a_look_up_that_a_restart_broke_off_fails_for_want_of_its_secret(centre):
    centre.bank.slow = True
    await centre.call()
    await centre.flows.answer("k1", centre.prompt().turn, "2")
    await centre.flows.answer("k1", centre.prompt().turn, "4711")
    assert centre.prompt().kind == "wait"
    centre.bank.slow = False
    await centre.restart()
    await centre.settled()
    assert len(centre.bank.asked) <= 1
    assert centre.contact().queue == "care"


async def test_a_flow_that_is_gone_after_a_restart_hands_over_to_a_person(centre):
    await centre.call()
    await centre.stop()
    centre.shelf.flows.clear()
    await centre.start()
    await centre.settled()
    assert centre.contact().queue == "care"


async def test_a_contact_that_never_began_its_flow_begins_it_after_a_restart(centre):
    await centre.engine.submit(
        c.Arrive(id="k1/arrive", contact="k1", channel="voice", address="+1", entry_point="line")
    )
    await centre.engine.submit(c.EnterFlow(id="k1/flow", contact="k1", flow="main"))
    await centre.restart()
    assert centre.prompt().kind == "choice"


async def test_contacts_stay_on_the_version_they_began_with(centre):
    await centre.call("old")
    swapped = {**FLOW, "nodes": {**FLOW["nodes"], "menu": {**MENU, "exits": {**MENU["exits"]}}}}
    swapped["nodes"]["menu"]["exits"]["1"] = "care"
    centre.shelf.flows["main", 2] = decode(swapped).flow
    centre.shelf.live = 2
    await centre.call("new")
    await centre.answers("1", contact="old")
    await centre.answers("1", contact="new")
    assert [centre.contact(one).queue for one in ("old", "new")] == ["sales", "care"]


async def test_what_was_known_of_a_contact_is_forgotten_with_it(centre):
    await centre.call()
    await centre.answers("2", "4711")
    assert centre.flows._secrets
    assert centre.prompt() is not None
    await centre.engine.submit(c.Abandon(id="gone", contact="k1"))
    for entry in await centre.log():
        centre.flows.handle(entry)
    assert centre.flows._secrets == {}
    assert centre.flows._prompts == {}
