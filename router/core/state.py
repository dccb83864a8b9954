"""Everything the core knows, and the only way it changes: ``State.apply``.

The live core, its replicas and recovery run this same fold over the same events. What is derived
(the matching index) is rebuilt, never stored: a snapshot holds the entities alone.
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from router.core.catalog import Catalog
from router.core.events import SCHEMA, Entry, Event
from router.core.experience import Impatience, ServiceTime
from router.core.fold import FOLDS
from router.core.matching import Index, IndexSetAside
from router.core.model import OFFERED, Agent, Contact, ContactState, FlowVersions, Offer
from router.core.strategies.ring_all import RING_ALL

REMEMBERED_COMMANDS = 65_536

_OPEN = frozenset({"strategy", "next_waiting"})  # offers made because nobody had a claim

WAITING = frozenset({ContactState.QUEUED, ContactState.CALLBACK_PROMISED})
UNANSWERED = WAITING | {ContactState.OFFERED}  # who rings at a desk still waits


class Image(msgspec.Struct, kw_only=True):
    """A snapshot: the entities, without what can be derived from them."""

    catalog: Catalog
    contacts: list[Contact]
    agents: list[Agent]
    offers: list[Offer]
    position: int
    at: int
    arrivals: int
    turn: int
    commands: list[str]
    service: dict[str, ServiceTime]
    impatience: dict[str, Impatience] = {}
    flows: dict[str, FlowVersions] = {}
    schema: int = SCHEMA


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Image)


class State:
    """The entities, and what holds of them after every entry.

    - It depends on the entries alone: folded live, on a replica, in recovery, or from a snapshot
      on, the same entries give an equal state.
    - ``position`` counts the entries and ``at`` is the time of the last; within an entry, until
      ``close_entry``, both are still those of the entry before.
    - ``contacts`` are those with work left: one that has ended stays until everybody has written
      it up, and takes its ``offers`` with it. Those in ``WAITING`` have a queue of the catalog.
    - ``agents`` are those of the catalog in force, in its order, signed in or not.
    - ``index`` says what ``reindex`` would, unless it is set aside: a fold that moves a contact
      ends in ``place`` (or out of the index, when it waits no more), one that changes an agent in
      ``index.set_agent`` or, when only what they have in hand changed, ``set_load``.
    """

    def __init__(self, catalog: Catalog | None = None) -> None:
        self.catalog = catalog or Catalog()
        self.contacts: dict[str, Contact] = {}
        self.agents: dict[str, Agent] = {}
        self.offers: dict[str, Offer] = {}  # pending, and past ones while their contact lives
        self.position = 0
        self.at = 0
        self.arrivals = 0
        self.turn = 0  # offers made so far: what round robin goes by
        # Ids that took effect, oldest first; a dict would search for its oldest from the beginning.
        self.commands: OrderedDict[str, None] = OrderedDict()
        self.service: dict[str, ServiceTime] = {}  # "queue channel"
        self.impatience: dict[str, Impatience] = {}  # "queue channel"
        self.flows: dict[str, FlowVersions] = {}
        self.index = Index(self.catalog)

    def apply(self, event: Event, at: int) -> None:
        """Fold one event. Raises ``IllegalTransition`` for what the tables do not allow."""
        FOLDS[type(event)](self, event, at)

    def apply_entry(self, entry: Entry) -> None:
        """Fold one journal record."""
        for event in entry.events:
            self.apply(event, entry.at)
        self.close_entry(entry.cause, entry.at)

    def close_entry(self, cause: str, at: int) -> None:
        """Count the record and remember the command, so that its repetition has no effect."""
        self.position += 1
        self.at = at
        if cause:
            self.commands[cause] = None
            if len(self.commands) > REMEMBERED_COMMANDS:
                self.commands.popitem(last=False)

    def observe_service(self, key: str, duration: int) -> None:
        """Learn how long one contact of ``key`` ("queue channel") took an agent."""
        known = self.service.get(key)
        if known is None:
            known = self.service[key] = ServiceTime()
        known.add(duration)

    def observe_wait(self, contact: Contact, waited: int, *, left: bool) -> None:
        """Learn that a contact waited so long for an agent, or until its customer ``left``."""
        if waited > 0:
            key = f"{contact.queue} {contact.channel}"
            known = self.impatience.get(key)
            if known is None:
                known = self.impatience[key] = Impatience()
            known.add(waited, left=left)

    def waiting(self, queue: str) -> list[Contact]:
        """Contacts waiting in ``queue``, in the order that waiting time gives them."""
        found = [c for c in self.contacts.values() if c.queue == queue and c.state in WAITING]
        found.sort(key=lambda contact: (contact.waiting_since, contact.number))
        return found

    def image(self) -> Image:
        """The entities as they are now; shared, not copied: encode it before going on."""
        return Image(
            catalog=self.catalog,
            contacts=list(self.contacts.values()),
            agents=list(self.agents.values()),
            offers=list(self.offers.values()),
            position=self.position,
            at=self.at,
            arrivals=self.arrivals,
            turn=self.turn,
            commands=list(self.commands),
            service=self.service,
            impatience=self.impatience,
            flows=self.flows,
        )

    def snapshot(self) -> bytes:
        return _ENCODER.encode(self.image())

    @staticmethod
    def restore(body: bytes) -> State:
        """The state a snapshot was taken of. Raises ``msgspec.DecodeError`` for other bytes."""
        image = _DECODER.decode(body)
        state = State(image.catalog)
        state.contacts = {contact.id: contact for contact in image.contacts}
        state.agents = {agent.id: agent for agent in image.agents}
        state.offers = {offer.id: offer for offer in image.offers}
        state.position = image.position
        state.at = image.at
        state.arrivals = image.arrivals
        state.turn = image.turn
        state.commands = OrderedDict.fromkeys(image.commands)
        state.service = image.service
        state.impatience = image.impatience
        state.flows = image.flows
        state.reindex(image.at)
        return state

    def set_index_aside(self) -> None:
        """Fold on without the matching index: it is nearly half of the work, and only decisions
        ask it. ``reindex`` before there are any.
        """
        self.index = IndexSetAside(self.catalog)

    def reindex_for_catalog(self, at: int) -> None:
        """Another catalog is in force; an index that is set aside stays so."""
        if not isinstance(self.index, IndexSetAside):
            self.reindex(at)

    def reindex(self, at: int) -> None:
        """Build the matching index anew from the entities."""
        self.index = Index(self.catalog)
        for agent in self.agents.values():
            self.index.set_agent(agent, at)
        for contact in self.contacts.values():
            self.place(contact)

    def place(self, contact: Contact) -> None:
        """Put the contact where its state says it waits or rings, or nowhere."""
        self.index.remove_contact(contact.id)
        if contact.state in WAITING:
            if not held_back(contact):
                self.index.add_contact(contact)
        elif contact.state is OFFERED and self._may_ring_at_more(contact):
            self.index.add_ringing(contact)

    def _may_ring_at_more(self, contact: Contact) -> bool:
        """Whether it rings at several together and not yet at as many as its queue allows."""
        queue = self.catalog.queues[contact.queue]
        if queue.strategy != RING_ALL.name or contact.preferred_until:
            return False
        if not 0 < len(contact.offers) < queue.ring_all_limit:
            return False
        return all(self.offers[one].why.reason in _OPEN for one in contact.offers.values())


def held_back(contact: Contact) -> bool:
    """Whether the contact is a callback that must not be tried again yet."""
    return contact.callback is not None and contact.callback.not_before > 0
