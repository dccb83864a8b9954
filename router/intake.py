"""The one door into routing: every channel's arrival becomes a contact here.

Arrive -> identify (bounded) -> IdentifyCustomer -> EnterFlow -> Enqueue. Command ids derive from
the contact's id, so repeating ``receive`` has one effect and carries on where a broken attempt
stopped. From the moment ``Arrive`` is durable the contact is ours: the rest is retried until it
is done or the customer has left, even when whoever called ``receive`` is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any

from router.core.commands import (
    Abandon,
    Arrive,
    Command,
    EditContact,
    Enqueue,
    EnterFlow,
    IdentifyCustomer,
)
from router.core.events import Rejected
from router.core.model import Contact, ContactState
from router.customers import VERIFIED, Identification
from router.insisting import submit_surely
from router.lookup import Lookups
from router.ports import (
    Accepted,
    Arrival,
    CommandSink,
    ContactIntake,
    CustomerDirectory,
    Flow,
    FlowStarter,
    JournalUnavailable,
    Outcome,
    Overloaded,
    Route,
    Through,
)
from router.replica import Replica
from router.tasks import Tasks
from router.text import one_line

LOOKUP_TIMEOUT = 300_000  # microseconds
MAX_ID = 128
MAX_ADDRESS = 320
MAX_ATTRIBUTES = 32
MAX_ATTRIBUTE = 1_000
ASKED_QUEUE = "asked_queue"  # attribute: where it goes past any flow, also after a restart

OnIdentified = Callable[[str, Identification], None]

log = logging.getLogger(__name__)


def _ignore(_contact: str, _identification: Identification) -> None:
    return None


class Intake(ContactIntake):
    """See the module. ``lookup_timeout`` is in microseconds.

    ``on_identified`` hears what the directory found, in time or late; ``flow`` decides the queue,
    or that ``flows`` find it out (without any, those contacts go to their safe queue);
    ``pause`` sleeps for the seconds it is given and exists to be replaced in tests.
    """

    def __init__(
        self,
        sink: CommandSink,
        replica: Replica,
        directory: CustomerDirectory,
        *,
        flow: Flow,
        flows: FlowStarter | None = None,
        on_identified: OnIdentified = _ignore,
        lookup_timeout: int = LOOKUP_TIMEOUT,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sink = sink
        self._replica = replica
        self._on_identified = on_identified
        self._flow = flow
        self._flows = flows or _ToSafety(self)
        self._pause = pause
        self._lookups = Lookups(directory, lookup_timeout)
        self._tasks = Tasks(_failed)

    async def receive(self, arrival: Arrival) -> Outcome:
        """Outcome of the contact's way in. A customer who leaves meanwhile is no failure.

        Raises ``Overloaded`` or ``JournalUnavailable`` when it has to be repeated.
        """
        problem = _problem_with(arrival)
        if problem:
            return Rejected(code="bad_arrival", reason=problem)
        known = self._replica.state.contacts.get(arrival.contact)
        if known is not None and not _at_the_door(known):
            return Accepted(position=self._replica.position)
        route = self._flow(self._replica.state.catalog, arrival)
        if isinstance(route, Rejected):
            return route
        return await asyncio.shield(self._tasks.start(self._bring_in(arrival, route)))

    async def recover(self, only: Container[str] | None = None) -> int:
        """Bring in the contacts a crash left at the door, all or some; how many there were. Who
        came by no entry point is brought on by whoever brought them, as over MQTT.
        """
        there = [c for c in self._replica.state.contacts.values() if c.entry_point]
        stranded = [c for c in there if _at_the_door(c) and (only is None or c.id in only)]
        for contact in stranded:
            outcome = await self.receive(_arrival_of(contact))
            if isinstance(outcome, Rejected):
                await self._send_away(contact.id)
        return len(stranded)

    async def close(self) -> None:
        """Stop what is under way; ``recover`` finishes it after the next start."""
        await self._tasks.close()
        await self._lookups.close()

    async def _bring_in(self, arrival: Arrival, route: Route | Through) -> Outcome:
        lookup = self._lookups.begin(*_asked(arrival))
        try:
            arrived = await self._sink.submit(_arrive(arrival, route))
        except BaseException:
            lookup.abandon()
            raise
        if isinstance(arrived, Rejected):
            lookup.abandon()
            return arrived
        found = await lookup.in_time()
        if found is None:
            self._tasks.start(self._identify_late(arrival, lookup.later()))
        else:
            self._tell(arrival, found)
        if isinstance(route, Through):
            outcome = await self._send_through(arrival, route, found or Identification())
        else:
            outcome = await self._let_in(arrival, route, found or Identification())
        return arrived if outcome is None else outcome

    async def _send_through(
        self, arrival: Arrival, through: Through, found: Identification
    ) -> Outcome | None:
        """None when the customer left meanwhile: who is in a flow is its own to look after."""
        contact, by = arrival.contact, arrival.channel
        enter = EnterFlow(id=f"{contact}/flow", by=by, contact=contact, flow=through.flow)
        commands = [*_post(arrival), *_identify(arrival, found), enter]
        *_, outcome = await asyncio.gather(*(self.surely(command) for command in commands))
        if isinstance(outcome, Rejected):
            return None
        await self._flows.begin(contact, through)
        return outcome

    async def _let_in(
        self, arrival: Arrival, route: Route, found: Identification
    ) -> Outcome | None:
        """The outcome of queueing; None when the customer left before it.

        The commands go in together, so that they share a commit; in any order they end the same.
        """
        contact, by = arrival.contact, arrival.channel
        commands: list[Command] = [
            *_post(arrival),
            *_identify(arrival, found),
            EnterFlow(id=f"{contact}/flow", by=by, contact=contact, flow=arrival.entry_point),
            Enqueue(
                id=f"{contact}/enqueue",
                by=by,
                contact=contact,
                queue=route.queue,
                steps=route.steps,
                preferred=self._known(found.preferred_agents),
            ),
        ]
        *_, outcome = await asyncio.gather(*(self.surely(command) for command in commands))
        if not isinstance(outcome, Rejected):
            return outcome
        live = self._replica.state.contacts.get(contact)
        if live is None or not _at_the_door(live):
            return None
        await self._send_away(contact)
        return outcome

    def _tell(self, arrival: Arrival, found: Identification) -> None:
        """Let the agent's page prepare, whether one was found, several or none."""
        try:
            self._on_identified(arrival.contact, found)
        except Exception:
            log.exception("a listener failed on the identification of a contact")

    async def _send_away(self, contact: str) -> None:
        """End a contact that has no queue to go to: nothing may stay at the door for ever."""
        await self.surely(Abandon(id=f"{contact}/no-entry", by="intake", contact=contact))

    async def _identify_late(
        self, arrival: Arrival, answer: Awaitable[Identification | None]
    ) -> None:
        found = await answer
        if found is None or arrival.contact not in self._replica.state.contacts:
            return
        self._tell(arrival, found)
        for command in _identify(arrival, found):
            await self.surely(command)
        preferred = self._known(found.preferred_agents)
        if preferred:
            await self.surely(
                EditContact(
                    id=f"{arrival.contact}/prefer",
                    by=arrival.channel,
                    contact=arrival.contact,
                    preferred=preferred,
                )
            )

    def _known(self, agents: tuple[str, ...]) -> tuple[str, ...]:
        known = self._replica.state.catalog.agents
        return tuple(dict.fromkeys(agent for agent in agents if agent in known))

    async def surely(self, command: Command) -> Outcome:
        """Submit until the engine takes it: the contact is already ours. Raises ``EngineStopped``;
        ``recover`` goes on after the next start.
        """
        return await submit_surely(self._sink, command, self._pause)


def _failed(task: asyncio.Task[Any]) -> None:
    """Nobody may be waiting for it any more, so what went wrong is looked at here."""
    problem = task.exception()
    if not isinstance(problem, Overloaded | JournalUnavailable):
        log.error("bringing in a contact failed", exc_info=problem)


class _ToSafety(FlowStarter):
    """There are no flows: whoever should go through one waits for an agent."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def begin(self, contact: str, through: Through) -> None:
        queue = Enqueue(
            id=f"{contact}/enqueue", by="intake", contact=contact, queue=through.safe_queue
        )
        await self._intake.surely(queue)


def _asked(arrival: Arrival) -> tuple[str, str]:
    """What the directory is asked about: who is vouched for, else whom the address belongs to."""
    if arrival.verified:
        return VERIFIED, arrival.verified
    return arrival.channel, arrival.address


def _at_the_door(contact: Contact) -> bool:
    """Not who is being asked by a flow: that one goes on by itself."""
    in_flow = contact.state is ContactState.IN_FLOW
    return contact.state is ContactState.ARRIVING or (in_flow and not contact.flow_turn)


def _problem_with(arrival: Arrival) -> str | None:
    if not 0 < len(arrival.contact) <= MAX_ID or not arrival.contact.isprintable():
        return f"A contact needs an id of 1 to {MAX_ID} printable characters."
    if not 0 < len(arrival.channel) <= MAX_ID:
        return "A contact needs the name of its channel."
    return None


def _arrive(arrival: Arrival, route: Route | Through) -> Arrive:
    """Too much is cut off, never refused: a person is waiting behind it."""
    own = {VERIFIED: arrival.verified, ASKED_QUEUE: arrival.queue}
    own = {name: value for name, value in own.items() if value}
    attributes = {**own, **arrival.attributes, **route.attributes, **own}
    return Arrive(
        id=f"{arrival.contact}/arrive",
        by=arrival.channel,
        contact=arrival.contact,
        channel=arrival.channel,
        address=one_line(arrival.address)[:MAX_ADDRESS],
        entry_point=arrival.entry_point,
        attributes=_bounded(attributes),
        dialable=arrival.dialable,
        present=arrival.present,
        preferred=arrival.preferred,
        preferred_for=arrival.preferred_for,
    )


def _post(arrival: Arrival) -> list[Command]:
    """What the customer wrote stands in the thread before a flow looks at it."""
    if arrival.said is None:
        return []
    return [arrival.said.posted(arrival.contact, by=arrival.channel)]


def _identify(arrival: Arrival, found: Identification) -> list[Command]:
    """Only who is certain is told to the router; several are for the agent to choose from."""
    if found.certain is None:
        return []
    return [
        IdentifyCustomer(
            id=f"{arrival.contact}/identify",
            by=arrival.channel,
            contact=arrival.contact,
            customer=found.certain,
        )
    ]


def _bounded(attributes: Mapping[str, str]) -> dict[str, str]:
    named = ((one_line(str(name))[:MAX_ID], value) for name, value in attributes.items())
    kept = [(name, one_line(str(value))[:MAX_ATTRIBUTE]) for name, value in named if name]
    return dict(kept[:MAX_ATTRIBUTES])


def _arrival_of(contact: Contact) -> Arrival:
    return Arrival(
        contact=contact.id,
        channel=contact.channel,
        address=contact.address,
        entry_point=contact.entry_point,
        choice=contact.attributes.get("choice", ""),
        attributes=contact.attributes,
        verified=contact.attributes.get(VERIFIED, ""),
        queue=contact.attributes.get(ASKED_QUEUE, ""),
        dialable=contact.dialable,
        present=contact.present,
        preferred=contact.preferred,
        preferred_for=contact.preferred_for,
    )
