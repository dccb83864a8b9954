"""A small centre to try the core on: a catalog in a few words, and a caller who keeps its duties.

``Centre`` sends commands and ticks like the engine does, so a test reads as what people do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    SECOND,
    AgentDefinition,
    Catalog,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.machine import RoutingCore
from router.core.model import Agent, Contact, CustomerRef
from router.core.requirements import Condition, SkillAtLeast, Step, Traits
from router.core.state import State

START = 1_800_000_000 * SECOND
CAPACITY = {"voice": 1, "chat": 2, "email": 3}
GOLD = CustomerRef(id="g", name="Gold", tier="gold")

EventT = TypeVar("EventT", bound=e.EventBase)


def queue(name: str = "q", **rules: Any) -> Queue:
    """A queue without wrap-up, so that an agent is free when the contact ends."""
    return Queue(id=name, **{"label": name.title(), "wrap_up": 0, **rules})


def agent(name: str, profile: str = "p", **given: Any) -> AgentDefinition:
    """``skills`` is a dict; ``team``, ``site`` and ``attributes`` are traits as well."""
    skills = tuple(sorted(given.pop("skills", {}).items()))
    attributes = tuple(sorted(given.pop("attributes", {}).items()))
    traits = Traits(
        skills=skills,
        team=given.pop("team", ""),
        site=given.pop("site", ""),
        attributes=attributes,
    )
    return AgentDefinition(id=name, name=name.title(), profile=profile, traits=traits, **given)


def profile(
    name: str = "p", queues: Iterable[str | ProfileQueue] = ("q",), **given: Any
) -> Profile:
    terms = tuple(ProfileQueue(queue=one) if isinstance(one, str) else one for one in queues)
    return Profile(id=name, label=name, queues=terms, **{"capacity": CAPACITY, **given})


def skill(name: str, level: int = 1) -> Condition:
    return SkillAtLeast(skill=name, level=level)


def steps(*stages: Condition | tuple[Condition, int]) -> tuple[Step, ...]:
    """``(condition, seconds)`` or a condition that lasts until served."""
    return tuple(
        Step(condition=one[0], lasts=one[1] * SECOND)
        if isinstance(one, tuple)
        else Step(condition=one)
        for one in stages
    )


def catalog(*parts: Queue | Profile | AgentDefinition, **given: Any) -> Catalog:
    """From its parts; one profile ``p`` serves every queue unless profiles are given."""
    queues = [part for part in parts if isinstance(part, Queue)] or [queue()]
    profiles = [part for part in parts if isinstance(part, Profile)]
    agents = [part for part in parts if isinstance(part, AgentDefinition)]
    profiles = profiles or [profile(queues=[one.id for one in queues])]
    skills = {name for one in agents for name, _ in one.traits.skills}
    return Catalog(
        version=given.pop("version", 1),
        queues={one.id: one for one in queues},
        profiles={one.id: one for one in profiles},
        agents={one.id: one for one in agents},
        skills={name: name for name in sorted(skills | set(given.pop("skills", ())))},
        **given,
    )


class Centre:
    """The core, its clock and its log. Every agent named in ``ready`` is signed in and ready."""

    def __init__(
        self, *parts: Queue | Profile | AgentDefinition, seed: int = 7, **given: Any
    ) -> None:
        self.at = START
        self.core = RoutingCore(State(), seed=seed)
        self.log: list[e.Entry] = []
        self.numbers = 0
        self.do(c.PublishCatalog(id="", catalog=catalog(*parts, **given), replaces=0))

    @property
    def state(self) -> State:
        return self.core.state

    # -- commands and time -------------------------------------------------------------------

    def send(self, command: c.Command) -> list[e.Event] | e.Rejected:
        self._tick()
        if not command.id:
            self.numbers += 1
            command = msgspec.structs.replace(command, id=f"n{self.numbers}")
        return self._handle(command)

    def do(self, command: c.Command) -> list[e.Event]:
        """What the command caused; it must be accepted."""
        result = self.send(command)
        assert not isinstance(result, e.Rejected), result
        return result

    def refused(self, command: c.Command) -> str:
        """The code the command is refused with; nothing may have changed."""
        self._tick()
        before = self.state.snapshot()
        result = self.send(command)
        assert isinstance(result, e.Rejected), result
        assert self.state.snapshot() == before
        return result.code

    def wait(self, seconds: float) -> list[e.Event]:
        """Let time pass, waking the core at each deadline; what happened meanwhile."""
        until = self.at + round(seconds * SECOND)
        happened: list[e.Event] = []
        while (due := self.core.next_deadline()) is not None and due <= until:
            self.at = max(due, self.at)
            happened += self._tick()
        self.at = until
        return happened

    def _tick(self) -> list[e.Event]:
        happened: list[e.Event] = []
        for _ in range(100):
            due = self.core.next_deadline()
            if due is None or due > self.at:
                return happened
            happened += self._handle(c.Tick(id=""))
        raise AssertionError("the core asks to be woken for ever")

    def _handle(self, command: c.Command) -> list[e.Event] | e.Rejected:
        position = self.state.position
        result = self.core.handle(command, self.at)
        if isinstance(result, list) and result:
            self.log.append(
                e.Entry(
                    position=position + 1,
                    at=self.at,
                    cause=command.id,
                    by=command.by,
                    events=tuple(result),
                )
            )
        return result

    # -- what people do ----------------------------------------------------------------------

    def ready(self, *agents: str) -> None:
        """Sign in, where needed, and be ready: one after the other, a microsecond apart."""
        for name in agents:
            self.at += 1
            self.do(c.SignIn(id="", agent=name))
            self.do(c.SetReady(id="", agent=name))

    def arrive(self, contact: str, channel: str = "voice", **given: Any) -> list[e.Event]:
        """Come in and wait in queue ``q``, or where ``queue`` says; ``customer`` is identified."""
        address = given.pop("address", "+100")
        customer = given.pop("customer", None)
        self.do(c.Arrive(id="", contact=contact, channel=channel, address=address))
        if customer is not None:
            self.do(c.IdentifyCustomer(id="", contact=contact, customer=customer))
        given.setdefault("queue", "q")
        return self.do(c.Enqueue(id="", contact=contact, **given))

    def accept(self, contact: str, by: str = "") -> list[e.Event]:
        """The agent whom it rings at (the first, unless ``by`` says who) takes it."""
        offers = self.contact(contact).offers
        return self.do(c.Accept(id="", offer=offers[by] if by else next(iter(offers.values()))))

    def reject(self, contact: str, by: str = "") -> list[e.Event]:
        offers = self.contact(contact).offers
        return self.do(c.Reject(id="", offer=offers[by] if by else next(iter(offers.values()))))

    def talk(self, contact: str, channel: str = "voice", **given: Any) -> str:
        """Arrive and be accepted; the agent who has it."""
        self.arrive(contact, channel, **given)
        self.accept(contact)
        return self.contact(contact).agent

    def end(self, contact: str, ended_by: Any = "agent") -> list[e.Event]:
        return self.do(c.EndContact(id="", contact=contact, ended_by=ended_by))

    def publish(self, *parts: Queue | Profile | AgentDefinition, **given: Any) -> list[e.Event]:
        """Replace the catalog."""
        version = self.state.catalog.version
        made = catalog(*parts, version=version + 1, **given)
        return self.do(c.PublishCatalog(id="", catalog=made, replaces=version))

    # -- what a test looks at ----------------------------------------------------------------

    def contact(self, contact: str) -> Contact:
        return self.state.contacts[contact]

    def agent(self, name: str) -> Agent:
        return self.state.agents[name]

    def ringing(self, contact: str) -> list[str]:
        """The agents at whom it rings, in the order they were offered it."""
        return list(self.contact(contact).offers)

    def line(self, name: str = "q") -> list[str]:
        """Who waits in the queue, first first."""
        return [contact.id for contact in self.state.waiting(name)]

    def happened(self, kind: type[EventT]) -> list[EventT]:
        """Every event of ``kind`` so far."""
        return [event for entry in self.log for event in entry.events if isinstance(event, kind)]


def only(events: Iterable[e.Event], kind: type[EventT]) -> EventT:
    """The one event of ``kind``."""
    (found,) = (event for event in events if isinstance(event, kind))
    return found


def kinds(events: Iterable[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def offers_of(events: Iterable[e.Event]) -> list[tuple[str, str]]:
    """(contact, agent) of every offer, in order."""
    return [(event.contact, event.agent) for event in events if isinstance(event, e.Offered)]
