"""What one routing decision costs, against the size and shape of the centre.

``python -m benchmarks.core [--quick] [--json FILE]``. Three decisions are timed, each as the whole
command with its fold and deadlines. In a busy centre: a contact joins those who wait (arrival), and
an agent ends a call while contacts wait (freed). In a quiet one, where most agents are idle: a
contact comes in and is offered to one of them (chosen). The journal is not part of it, nor the time
that other processes take from this one. Beside them, in the same run: what it costs only to find
the agent in the quiet centre, or the contact in the busy one, by looking at each (scan).
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from router.core.durations import SECOND

sys.path.insert(0, str(Path(__file__).parents[1]))

from router.core import commands as c
from router.core import events as e
from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.machine import RoutingCore
from router.core.model import AgentState, ContactState
from router.core.requirements import AllOf, SkillAtLeast, Step, Traits, satisfies
from router.core.state import State

SKILLS = tuple(f"s{n}" for n in range(64))
START = 1_700_000_000 * SECOND


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """``profiles`` are different sets of skills, ``classes`` different demands; with ``timers``
    every waiting contact has a step that will be relaxed.
    """

    agents: int
    profiles: int
    classes: int
    waiting: int
    timers: bool = False


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Microseconds."""

    p50: float
    p99: float
    mean: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    sweep: str
    size: Size
    arrival: Cost
    freed: Cost
    chosen: Cost
    scan_agents: Cost
    scan_contacts: Cost


SWEEPS = {
    "whole centre": (
        Size(agents=100, profiles=30, classes=40, waiting=400),
        Size(agents=1_000, profiles=300, classes=200, waiting=2_000),
        Size(agents=10_000, profiles=1_000, classes=500, waiting=5_000),
    ),
    "agents": tuple(
        Size(agents=agents, profiles=100, classes=100, waiting=1_000)
        for agents in (100, 1_000, 10_000)
    ),
    "profiles": tuple(
        Size(agents=1_000, profiles=profiles, classes=100, waiting=1_000)
        for profiles in (10, 100, 1_000)
    ),
    "classes": tuple(
        Size(agents=1_000, profiles=100, classes=classes, waiting=1_000)
        for classes in (1, 20, 100, 500)
    ),
    "timers": tuple(
        Size(agents=1_000, profiles=100, classes=100, waiting=1_000, timers=timers)
        for timers in (False, True)
    ),
}


class Centre:
    """Busy, every agent has a call and ``size.waiting`` contacts wait; quiet, three quarters of the
    agents are idle and nobody waits.
    """

    def __init__(self, size: Size, seed: int, *, quiet: bool = False) -> None:
        self.random = random.Random(seed)
        self.core = RoutingCore(State())
        self.at = START
        self.numbers = 0
        traits = [self._traits() for _ in range(size.profiles)]
        self.timers = size.timers
        self.demands = [self._demand(traits) for _ in range(size.classes)]
        self.submit(c.PublishCatalog(id="catalog", catalog=catalog(size, traits), replaces=0))
        for n in range(size.agents):
            self.submit(c.SignIn(id="", agent=f"a{n}"))
            self.submit(c.SetReady(id="", agent=f"a{n}"))
        self.busy: list[str] = []
        if quiet:
            while len(self.busy) < size.agents // 4:
                self._come_and_stay()
            return
        while self.core.state.index.length("q") < size.waiting:
            self.arrive()

    def _traits(self) -> Traits:
        chosen = sorted(self.random.sample(SKILLS, 5))
        return Traits(skills=tuple((skill, self.random.randint(1, 9)) for skill in chosen))

    def _demand(self, traits: Sequence[Traits]) -> tuple[Step, ...]:
        wanted = self.random.sample(self.random.choice(traits).skills, 2)
        levels = tuple(
            SkillAtLeast(skill=skill, level=max(level - self.random.randint(0, 3), 1))
            for skill, level in wanted
        )
        asked = AllOf(of=levels)
        if self.timers:
            return (Step(condition=asked, lasts=24 * 3_600 * SECOND), Step())
        return (Step(condition=asked),)

    def submit(self, command: c.Command) -> list[e.Event]:
        self.at += 10
        due = self.core.next_deadline()
        if due is not None and due <= self.at:
            self.core.handle(c.Tick(id=""), self.at)
        events = self.core.handle(command, self.at)
        assert isinstance(events, list), events
        return events

    def arrive(self) -> float:
        """A contact comes in and is taken at once when somebody is free; microseconds."""
        self.numbers += 1
        contact = f"c{self.numbers}"
        self.submit(c.Arrive(id=f"{contact}-arrive", contact=contact, channel="voice"))
        steps = self.random.choice(self.demands)
        command = c.Enqueue(id=f"{contact}-queue", contact=contact, queue="q", steps=steps)
        started = time.thread_time()
        events = self.submit(command)
        took = time.thread_time() - started
        self._accept(events)
        return took * 1e6

    def choose(self) -> float | None:
        """A contact comes in, one of the idle agents takes it, and somebody else becomes free;
        microseconds, None when nobody idle had the skills.
        """
        took = self._come_and_stay()
        if took is not None:
            self.free_an_agent()
        return took

    def _come_and_stay(self) -> float | None:
        taken = len(self.busy)
        took = self.arrive()
        if len(self.busy) > taken:
            return took
        contact = f"c{self.numbers}"
        self.submit(c.Abandon(id=f"{contact}-leave", contact=contact))
        return None

    def free_an_agent(self) -> float:
        """One call ends and the agent is offered who waits first; microseconds."""
        place = self.random.randrange(len(self.busy))
        self.busy[place], self.busy[-1] = self.busy[-1], self.busy[place]
        command = c.EndContact(id=f"{self.numbers}-end-{self.at}", contact=self.busy.pop())
        started = time.thread_time()
        events = self.submit(command)
        took = time.thread_time() - started
        self._accept(events)
        return took * 1e6

    def _accept(self, events: list[e.Event]) -> None:
        for event in events:
            if isinstance(event, e.Offered):
                self.submit(c.Accept(id=f"{event.offer}-accept", offer=event.offer))
                contact = self.core.state.contacts[event.contact]
                assert contact.state is ContactState.CONNECTED
                self.busy.append(contact.id)

    def scan_agents(self) -> float:
        """Find the longest idle agent for a demand by looking at each; microseconds."""
        condition = self.random.choice(self.demands)[0].condition
        started = time.thread_time()
        min(
            (
                (agent.idle_since, agent.id)
                for agent in self.core.state.agents.values()
                if agent.state is AgentState.READY
                and not agent.slots
                and satisfies(condition, agent.traits)
            ),
            default=None,
        )
        return (time.thread_time() - started) * 1e6

    def scan_contacts(self) -> float:
        """Find the longest waiting contact an agent can serve by looking at each; microseconds."""
        traits = self.random.choice(list(self.core.state.agents.values())).traits
        started = time.thread_time()
        min(
            (
                (contact.waiting_since, contact.id)
                for contact in self.core.state.contacts.values()
                if contact.state is ContactState.QUEUED
                and satisfies(contact.steps[contact.step].condition, traits)
            ),
            default=None,
        )
        return (time.thread_time() - started) * 1e6


def catalog(size: Size, traits: Sequence[Traits]) -> Catalog:
    queue = Queue(id="q", label="Q", wrap_up=0, offer_for=3_600 * SECOND)
    profile = Profile(id="p", label="P", queues=(ProfileQueue(queue="q"),), capacity={"voice": 1})
    agents = {
        f"a{n}": AgentDefinition(
            id=f"a{n}", name=f"Agent {n}", profile="p", traits=traits[n % size.profiles]
        )
        for n in range(size.agents)
    }
    return Catalog(
        version=1,
        queues={"q": queue},
        profiles={"p": profile},
        agents=agents,
        skills={skill: skill for skill in SKILLS},
    )


def cost(samples: list[float]) -> Cost:
    samples.sort()
    return Cost(
        p50=round(samples[len(samples) // 2], 1),
        p99=round(samples[len(samples) * 99 // 100], 1),
        mean=round(sum(samples) / len(samples), 1),
    )


def measure(sweep: str, size: Size, rounds: int) -> Row:
    busy, quiet = Centre(size, seed=1), Centre(size, seed=1, quiet=True)
    gc.collect()
    gc.freeze()  # the state is long-lived; what is timed is the decision
    arrival: list[float] = []
    freed: list[float] = []
    chosen: list[float] = []
    scans: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        arrival.append(busy.arrive())
        freed.append(busy.free_an_agent())
        if (took := quiet.choose()) is not None:
            chosen.append(took)
        if number % 50 == 0:
            scans[0].append(quiet.scan_agents())
            scans[1].append(busy.scan_contacts())
    gc.unfreeze()
    return Row(
        sweep=sweep,
        size=size,
        arrival=cost(arrival),
        freed=cost(freed),
        chosen=cost(chosen),
        scan_agents=cost(scans[0]),
        scan_contacts=cost(scans[1]),
    )


def told(row: Row) -> str:
    size = row.size
    return (
        f"{row.sweep:12} {size.agents:>6,} {size.profiles:>8,}"
        f" {size.classes:>7,} {size.waiting:>7,}"
        f" {'yes' if size.timers else 'no':>6}"
        f" {row.arrival.p50:>9.1f} {row.arrival.p99:>8.1f}"
        f" {row.freed.p50:>8.1f} {row.freed.p99:>8.1f}"
        f" {row.chosen.p50:>8.1f} {row.chosen.p99:>8.1f}"
        f" {row.scan_agents.p50:>11.1f} {row.scan_contacts.p50:>13.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    rounds = 1_000 if options.quick else 10_000
    print("microseconds of processor time")
    print(
        "sweep        agents profiles classes waiting timers"
        "   arrival      p99    freed      p99   chosen      p99 scan agents scan contacts"
    )
    rows = []
    for sweep, sizes in SWEEPS.items():
        for size in sizes:
            rows.append(measure(sweep, size, rounds))
            print(told(rows[-1]), flush=True)
    small, large = rows[0], rows[len(SWEEPS["whole centre"]) - 1]
    print(
        f"100 to 10,000 agents: arrival {large.arrival.p50 / small.arrival.p50:.2f}x,"
        f" freed {large.freed.p50 / small.freed.p50:.2f}x,"
        f" chosen {large.chosen.p50 / small.chosen.p50:.2f}x,"
        f" scan agents {large.scan_agents.p50 / small.scan_agents.p50:.0f}x"
    )
    if options.json:
        options.json.write_text(json.dumps(msgspec.to_builtins(rows), indent=1))


if __name__ == "__main__":
    main()
