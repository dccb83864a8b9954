"""One command's turn: the state it decides on, and the events it decided.

``emit`` is the only way to change anything. It also notes what the event sets in motion (a
contact that now seeks an agent, an agent who is free again), so that a handler states what
happened and never has to remember who might be interested.
"""

from __future__ import annotations

from typing import Final, NoReturn

from router.core import events as e
from router.core.fold import FOLDS
from router.core.groups import Place
from router.core.model import Agent, Contact, Offer
from router.core.randomness import Rng
from router.core.state import State

ABOUT_CONTACTS: Final = frozenset(kind for kind in FOLDS if issubclass(kind, e.ContactEvent))
"""Events of one contact, after which its deadlines may have changed."""

SEEKING: Final = frozenset(
    {
        e.Enqueued,
        e.StepEntered,
        e.PreferenceEnded,
        e.RequirementsEdited,
        e.CreditChanged,
        e.Returned,
        e.CallbackPromised,
        e.CallbackResumed,
        e.CallbackDue,
    }
)
"""Events after which a contact may find an agent."""

FREEING: Final = frozenset(
    {
        e.OfferRejected,
        e.OfferTimedOut,
        e.OfferRescinded,
        e.AgentReleased,
        e.WrapUpFinished,
        e.AgentJoined,
        e.AgentReady,
        e.NextStateSet,
        e.ReachabilityChanged,
        e.SkillsLent,
    }
)
"""Events after which an agent may take a contact or a requested state may take effect."""

BUSYING: Final = frozenset({e.OfferAccepted, e.AgentReleased, e.WrapUpFinished})
"""Events after which an agent may have been called away from other work, or is back at it."""

STAFFING: Final = frozenset({e.AgentSignedIn, e.AgentSignedOut, e.SkillsLent, e.CatalogPublished})
"""Events that change who could ever serve whom."""


class Refusal(Exception):
    """Raised by a handler before it has emitted anything; becomes ``Rejected``."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def refuse(code: str, reason: str) -> NoReturn:
    raise Refusal(code, reason)


class Turn:
    __slots__ = (
        "at",
        "busied",
        "events",
        "freed",
        "line",
        "rearranged",
        "rng",
        "seeking",
        "staffing_changed",
        "state",
        "touched",
    )

    def __init__(self, state: State, rng: Rng, at: int) -> None:
        self.state = state
        self.rng = rng
        self.at = at
        self.events: list[e.Event] = []
        self.seeking: dict[str, None] = {}
        self.line: list[Place] = []  # a heap: those of ``seeking`` in the order they are served
        self.freed: dict[str, None] = {}
        self.touched: dict[str, None] = {}  # contacts whose deadlines may have changed
        self.busied: dict[str, list[str]] = {}  # agents in whose hands something changed, and
        # all that they took: a call may end and a mail be taken in the same turn
        self.staffing_changed = False  # and nobody has looked yet at what follows
        self.rearranged = False  # the staffing changed at any time of this turn

    @property
    def crowded(self) -> bool:
        """Whether more contacts or agents are looking for each other at this moment."""
        return bool(self.freed or self.seeking or self.line)

    def emit(self, event: e.Event) -> None:
        self.state.apply(event, self.at)
        self.events.append(event)
        kind = type(event)
        if kind in ABOUT_CONTACTS:
            contact = event.contact  # type: ignore[union-attr]  # these events have one
            self.touched[contact] = None
            if kind in SEEKING:
                self.seeking[contact] = None
        if kind in FREEING:
            self.freed[event.agent] = None  # type: ignore[union-attr]  # every freeing event has one
        if kind in BUSYING:
            taken = self.busied.setdefault(event.agent, [])  # type: ignore[union-attr]  # all have one
            if kind is e.OfferAccepted:
                taken.append(event.contact)  # type: ignore[union-attr]  # a contact's event
        if kind in STAFFING:
            self.staffing_changed = self.rearranged = True

    # -- looking things up, or refusing ------------------------------------------------------

    def contact(self, contact_id: str) -> Contact:
        return self.state.contacts.get(contact_id) or refuse(
            "unknown_contact", f"There is no contact {contact_id!r}; it may have ended."
        )

    def agent(self, agent_id: str) -> Agent:
        return self.state.agents.get(agent_id) or refuse(
            "unknown_agent", f"There is no agent {agent_id!r} in the catalog."
        )

    def signed_in_agent(self, agent_id: str) -> Agent:
        agent = self.agent(agent_id)
        if agent.state == "signed_out":
            refuse("signed_out", f"{agent.definition.name} is not signed in.")
        return agent

    def pending_offer(self, offer_id: str) -> Offer:
        offer = self.state.offers.get(offer_id)
        if offer is None or offer.state != "pending":
            refuse("offer_gone", "This offer is no longer open; the contact has moved on.")
        return offer

    def queue_exists(self, queue: str) -> None:
        if queue not in self.state.catalog.queues:
            refuse("unknown_queue", f"There is no queue {queue!r} in the catalog.")
