"""A log made by the real core, from commands given one by one or at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from router.clock import ManualClock
from router.core import commands as c
from router.core.catalog import (
    MINUTE,
    SECOND,
    AgentDefinition,
    CallbackOffer,
    Catalog,
    Hours,
    OverflowRule,
    Profile,
    ProfileQueue,
    Queue,
    ToQueue,
)
from router.core.events import Entry, Event, Rejected
from router.core.machine import RoutingCore
from router.core.model import CustomerRef
from router.core.requirements import SkillAtLeast, Step, Traits
from router.core.state import State
from router.replica import Replica

# A Tuesday, 12:00 UTC, on the boundary of an interval.
NOON = 1_799_928_000 * SECOND

MARIA = CustomerRef(id="7", name="María Díaz", tier="gold", value=3_200)

SPANISH_3, SPANISH_1 = SkillAtLeast(skill="es", level=3), SkillAtLeast(skill="es", level=1)

CATALOG = Catalog(
    version=1,
    queues={
        "billing": Queue(
            id="billing",
            label="Billing",
            steps=(Step(condition=SPANISH_3, lasts=MINUTE), Step(condition=SPANISH_1)),
            reoffer_after=5 * SECOND,
        ),
        "support": Queue(
            id="support",
            label="Support",
            overflow=(OverflowRule(when="wait", at=3 * MINUTE, to=ToQueue(queue="billing")),),
            callback=CallbackOffer(),
        ),
        "night": Queue(id="night", label="Night", hours="never"),
    },
    hours={
        "never": Hours(
            id="never", spans=((NOON + 3600 * SECOND, NOON + 7200 * SECOND),), until=1 << 60
        )
    },
    profiles={
        "all": Profile(
            id="all",
            label="All",
            queues=(ProfileQueue(queue="billing"), ProfileQueue(queue="support", band=2)),
            capacity={"voice": 1, "chat": 2},
            alone=(),
        ),
    },
    agents={
        agent: AgentDefinition(
            id=agent, name=agent.title(), profile="all", traits=Traits(skills=skills)
        )
        for agent, skills in (
            ("ann", (("es", 5),)),
            ("ben", (("es", 2),)),
            ("chi", ()),
        )
    },
    skills={"es": "Spanish"},
)


class Log:
    """``entries`` is what the journal would hold; ``listeners`` hear each as it is made."""

    def __init__(self, catalog: Catalog = CATALOG, at: int = NOON) -> None:
        self.clock = ManualClock(at)
        self.core = RoutingCore(State())
        self.replica = Replica(State())
        self.entries: list[Entry] = []
        self.listeners: list[Callable[[Entry], None]] = []
        self.ids = 0
        self.say(c.PublishCatalog, catalog=catalog, replaces=0)

    @property
    def now(self) -> int:
        return self.clock.now()

    def say(self, kind: type[c.CommandBase], **fields: Any) -> list[Event] | Rejected:
        self.ids += 1
        return self._do(kind(id=f"t{self.ids}", **fields))

    def _do(self, command: c.Command) -> list[Event] | Rejected:
        due = self.core.next_deadline()
        if due is not None and due <= self.now and not isinstance(command, c.Tick):
            self._do(c.Tick(id=""))
        events = self.core.handle(command, self.now)
        if events and not isinstance(events, Rejected):
            entry = Entry(
                position=len(self.entries) + 1,
                at=self.now,
                cause=command.id,
                by=command.by,
                events=tuple(events),
            )
            self.entries.append(entry)
            self.replica.feed(entry)
            for listener in self.listeners:
                listener(entry)
        return events

    def advance(self, by: int) -> None:
        until = self.now + by
        while (due := self.core.next_deadline()) is not None and due <= until:
            self.clock.set(max(due, self.now))
            self._do(c.Tick(id=""))
        self.clock.set(until)

    def arrive(self, contact: str, queue: str = "support", channel: str = "chat") -> None:
        self.say(c.Arrive, contact=contact, channel=channel, address="+34600000000")
        self.say(c.Enqueue, contact=contact, queue=queue)

    def ready(self, *agents: str) -> None:
        for agent in agents:
            self.say(c.SignIn, agent=agent, by=agent)
            self.say(c.SetReady, agent=agent, by=agent)

    def accept(self, contact: str) -> None:
        for offer in list(self.replica.state.contacts[contact].offers.values()):
            self.say(c.Accept, offer=offer)

    def play(self, seed: int, steps: int) -> None:
        """A random but repeatable piece of a day."""
        chance = random.Random(seed)
        for _ in range(steps):
            self._random_step(chance)

    def _random_step(self, chance: random.Random) -> None:
        state = self.replica.state
        contact = chance.choice(list(state.contacts) or ["none"])
        agent = chance.choice(sorted(state.agents))
        offers = [o.id for o in state.offers.values() if o.state == "pending"]
        queue = chance.choice(("billing", "support"))
        acts: list[Callable[[], object]] = [
            lambda: self.arrive(f"k{self.ids}", queue, chance.choice(("chat", "voice"))),
            lambda: self.ready(agent),
            lambda: self.say(c.SetNotReady, agent=agent, reason="break"),
            lambda: self.say(c.SignOut, agent=agent),
            lambda: self.say(c.LoseAgent, agent=agent),
            lambda: self.say(
                c.SetReachable, agent=agent, channel="voice", reachable=chance.random() < 0.5
            ),
            lambda: self.say(c.Abandon, contact=contact),
            lambda: self.say(c.EndContact, contact=contact),
            lambda: self.say(c.Requeue, contact=contact),
            lambda: self.say(c.TransferToQueue, contact=contact, queue=queue),
            lambda: self.say(c.TransferToAgent, contact=contact, agent=agent),
            lambda: self.say(c.TransferOut, contact=contact, address="+34"),
            lambda: self.say(c.PromiseCallback, contact=contact, address="+34"),
            lambda: self.say(c.FailCallback, contact=contact),
            lambda: self.say(c.FailConnection, contact=contact),
            lambda: self.say(c.Reassign, contact=contact, agent=agent),
            lambda: self.say(c.Pull, contact=contact, agent=agent),
            lambda: self.say(c.Consult, contact=contact, consult=f"q{self.ids}", agent=agent),
            lambda: self.say(c.CompleteTransfer, contact=contact),
            lambda: self.say(c.Conference, contact=contact),
            lambda: self.say(c.LeaveConference, contact=contact, agent=agent),
            lambda: self.say(c.FinishWrapUp, contact=contact, agent=agent),
            lambda: self.advance(chance.choice((1, 4, 9, 40, 200)) * SECOND),
        ]
        often = [acts[0], acts[1], acts[-1], acts[6]]
        if offers:
            offer = chance.choice(offers)
            often += [lambda: self.say(c.Accept, offer=offer)] * 3
            acts.append(lambda: self.say(c.Reject, offer=offer))
        chance.choice(often if chance.random() < 0.5 else acts)()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture(scope="session")
def new_log() -> type[Log]:
    return Log
