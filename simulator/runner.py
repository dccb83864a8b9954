"""Virtual time: the production core, driven by simulated customers and agents.

The core that decides here is the one that serves live contacts, command by command; only time,
customers and agents are made up. A run is a function of its setup and seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import Any, Final

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core.catalog import Catalog
from router.core.machine import RoutingCore
from router.core.model import CONNECTED, PENDING
from router.core.state import UNANSWERED, State
from simulator.bookkeeping import Bookkeeper
from simulator.contacts import SimulatedContact
from simulator.distributions import NEVER
from simulator.ledger import Ledger, Outcome, Result
from simulator.staff import AtWork, Member, moves

Observer = Callable[["Run", Sequence[e.Event]], None]
"""Called after every command with what it caused."""

Reaction = Callable[["Run", Any], None]

ADDRESS: Final = "+15550100"
"""Where everybody can be called back, and answers: a number that is nobody's."""


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """A centre, its customers and its staff, from ``begins`` until ``ends`` (microseconds UTC).

    ``lines`` is how many contacts there can be at once, waiting or with an agent, as a trunk has
    so many channels; whoever finds them all taken is blocked. None is no limit.
    """

    catalog: Catalog
    contacts: Sequence[SimulatedContact]  # in order of arrival
    staff: tuple[Member, ...]
    begins: int
    ends: int
    lines: int | None = None
    supervision: Sequence[tuple[int, c.Command]] = ()
    measured_from: int = 0


class CoreRefused(AssertionError):
    """The core refused what the simulator asked for: one of them has a bug."""


class Run:
    """One run. ``observers`` may read ``core.state`` and ``at``, and must change nothing."""

    def __init__(self, setup: Setup, *, seed: int = 0, observers: Sequence[Observer] = ()) -> None:
        self.core = RoutingCore(State(), seed=seed)
        self.at = setup.begins
        self.books = Bookkeeper(setup.begins, setup.ends, setup.measured_from)
        self._setup = setup
        self._observers = observers
        self._crew = {member.agent: AtWork(member, seed) for member in setup.staff}
        self._live: dict[str, SimulatedContact] = {}  # arrived and not answered
        self._held: dict[str, Outcome] = {}  # answered and not over
        self._count = 0
        self._agenda: list[tuple[int, int, Callable[[Any], None], Any]] = []

    def run(self) -> Ledger:
        """To the end. Raises ``CoreRefused`` or ``BooksDisagree`` for a bug of ours."""
        self._open()
        agenda, core, ends = self._agenda, self.core, self._setup.ends
        arrivals = iter(self._setup.contacts)
        coming = next(arrivals, None)
        while True:
            arrives = coming.at if coming is not None else NEVER
            happens = agenda[0][0] if agenda else NEVER
            at = min(arrives, happens, ends)
            due = core.next_deadline()
            if due is not None and due <= at:
                self.at = max(due, self.at)
                self._do(c.Tick(id=""))
            elif happens <= arrives and happens <= ends:
                self.at = at
                _, _, act, subject = heappop(agenda)
                act(subject)
            elif coming is not None and arrives <= ends:
                self.at = at
                if self._has_line():
                    self._arrive(coming)
                else:
                    self.books.blocked(coming, at)
                coming = next(arrivals, None)
            else:
                break
        self.at = ends
        return self.books.close(self._live.values())

    def _open(self) -> None:
        catalog = msgspec.structs.replace(self._setup.catalog, version=1)
        self._do(c.PublishCatalog(id="", catalog=catalog, replaces=0))
        planned = [self._setup.supervision, *map(moves, self._setup.staff)]
        for at, command in chain.from_iterable(planned):
            self._count += 1
            self._agenda.append((max(at, self.at), self._count, self._do, command))
        heapify(self._agenda)

    # -- what people do ----------------------------------------------------------------------

    def _later(self, after: int, act: Callable[[Any], None], subject: object) -> None:
        self._count += 1
        heappush(self._agenda, (self.at + after, self._count, act, subject))

    def _do(self, command: c.Command) -> None:
        events = self.core.handle(command, self.at)
        if not isinstance(events, list):
            raise CoreRefused(f"{type(command).__name__}: {events.reason}")
        for event in events:
            reaction = REACTIONS.get(type(event))
            if reaction is not None:
                reaction(self, event)
        for observe in self._observers:
            observe(self, events)

    def _has_line(self) -> bool:
        lines = self._setup.lines
        return lines is None or len(self._live) + len(self._held) < lines

    def _arrive(self, contact: SimulatedContact) -> None:
        self._live[contact.id] = contact
        self._do(
            c.Arrive(
                id="",
                contact=contact.id,
                channel=contact.channel,
                address=ADDRESS,
                attributes=contact.attributes,
            )
        )
        if contact.customer is not None:
            self._do(c.IdentifyCustomer(id="", contact=contact.id, customer=contact.customer))
        self.books.arrived(self.at)
        self._do(c.Enqueue(id="", contact=contact.id, queue=contact.queue, steps=contact.steps))
        if contact.patience < NEVER and contact.id in self._live:
            self._later(contact.patience, self._lose_patience, contact.id)

    def _lose_patience(self, contact_id: str) -> None:
        """The customer hangs up, unless somebody answered or has promised to call back."""
        contact = self.core.state.contacts.get(contact_id)
        if (
            contact is not None
            and contact_id in self._live
            and contact.state in UNANSWERED
            and contact.callback is None
        ):
            self._do(c.Abandon(id="", contact=contact_id))

    def _answer(self, offer_id: str) -> None:
        offer = self.core.state.offers.get(offer_id)
        if offer is not None and offer.state is PENDING:
            self._do(c.Accept(id="", offer=offer_id))

    def _hang_up(self, contact_id: str) -> None:
        contact = self.core.state.contacts.get(contact_id)
        if contact is not None and contact.state is CONNECTED:
            self._do(c.EndContact(id="", contact=contact_id))

    def _finish_wrap_up(self, command: c.FinishWrapUp) -> None:
        contact = self.core.state.contacts.get(command.contact)
        if contact is not None and command.agent in contact.wrapping:
            self._do(command)

    def _return_to_work(self, agent: str) -> None:
        if self._crew[agent].at_work(self.at):
            self._do(c.SetReady(id="", agent=agent))

    # -- what the core has decided -----------------------------------------------------------

    def _offered(self, event: e.Offered) -> None:
        agent = self._crew[event.agent]
        if not event.auto_accept and not agent.misses():
            self._later(agent.accepts_after(), self._answer, event.offer)

    def _accepted(self, event: e.OfferAccepted) -> None:
        contact = self._live.pop(event.contact)
        promised = self.core.state.contacts[contact.id].callback is not None
        self._held[contact.id] = self.books.answered(
            contact, event.agent, event.waited, self.at, called_back=promised
        )
        handling = self._crew[event.agent].works(contact.handling, self.at)
        self._later(handling, self._hang_up, contact.id)

    def _left(self, event: e.Abandoned | e.Overflowed) -> None:
        contact = self._live.pop(event.contact)
        result: Result = "abandoned" if isinstance(event, e.Abandoned) else "overflowed"
        self.books.left(contact, result, self.at)

    def _released(self, event: e.AgentReleased) -> None:
        outcome = self._held.pop(event.contact)
        outcome.ended_at = self.at
        if not event.wrap_until:
            self.books.put_down(event.agent, self.at)
            return
        takes = self._crew[event.agent].works(outcome.contact.wrap_up, self.at)
        finish = c.FinishWrapUp(id="", contact=event.contact, agent=event.agent)
        self._later(takes, self._finish_wrap_up, finish)
        missing = self.at + takes - event.wrap_until
        if missing > 0 and event.wrap_until < event.wrap_limit:
            self._later(0, self._extend_wrap_up, (event.contact, event.agent, missing + 1))

    def _extend_wrap_up(self, wanted: tuple[str, str, int]) -> None:
        contact, agent, extend_by = wanted
        self._do(c.ExtendWrapUp(id="", contact=contact, agent=agent, extend_by=extend_by))

    def _written_up(self, event: e.WrapUpFinished) -> None:
        self.books.put_down(event.agent, self.at)

    def _ready(self, event: e.AgentReady) -> None:
        self._crew[event.agent].comes_back(self.at)
        self.books.comes(event.agent, self.at)

    def _not_ready(self, event: e.AgentNotReady | e.AgentSignedOut) -> None:
        self.books.leaves(event.agent, self.at)
        agent = self._crew[event.agent]
        if isinstance(event, e.AgentNotReady) and event.reason == "missed_offer":
            self._later(agent.returns_after(), self._return_to_work, event.agent)
        else:
            agent.rests()


REACTIONS: Final[dict[type[e.EventBase], Reaction]] = {
    e.Offered: Run._offered,  # noqa: SLF001 - the table is part of the class
    e.OfferAccepted: Run._accepted,  # noqa: SLF001
    e.Abandoned: Run._left,  # noqa: SLF001
    e.Overflowed: Run._left,  # noqa: SLF001
    e.AgentReleased: Run._released,  # noqa: SLF001
    e.WrapUpFinished: Run._written_up,  # noqa: SLF001
    e.AgentReady: Run._ready,  # noqa: SLF001
    e.AgentNotReady: Run._not_ready,  # noqa: SLF001
    e.AgentSignedOut: Run._not_ready,  # noqa: SLF001
}
