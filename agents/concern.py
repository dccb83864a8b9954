"""Whom an entry concerns: the few desks that must look again, and what the events say of why.

The cost of an entry is proportional to the agents on the contacts it is about, however many
desks are connected.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from router.core import events as e
from router.core.model import Contact
from router.core.state import State

PRESENCE = "presence"  # signs the commands that take agents without a desk out of the line


class About(msgspec.Struct):
    """What one agent's desk must look at again. ``me``: their own state; ``why`` when it was not
    their own doing. ``gone``: why offers ended, by offer id.
    """

    contacts: dict[str, None] = {}
    gone: dict[str, str] = {}
    me: bool = False
    why: str = ""


class Concern(msgspec.Struct):
    agents: dict[str, About] = {}
    colleagues: tuple[str, ...] = ()  # whose row in the directory may differ now
    catalog: bool = False

    def about(self, agent: str) -> About:
        return self.agents.setdefault(agent, About())


_COLLEAGUE = (e.AgentSignedIn, e.AgentReady, e.AgentNotReady, e.AgentSignedOut)
_OFFER_GONE = (e.OfferAccepted, e.OfferRejected, e.OfferTimedOut, e.OfferRescinded)


def concern_of(entry: e.Entry, state: State) -> Concern:
    """``state`` must include ``entry``; it may be ahead of it."""
    concern = Concern()
    colleagues: dict[str, None] = {}
    for event in entry.events:
        if isinstance(event, e.ContactEvent):
            _note_contact(concern, event, state)
        elif isinstance(event, e.AgentEvent):
            _note_agent(concern, event, entry)
            if isinstance(event, _COLLEAGUE):
                colleagues[event.agent] = None
        elif isinstance(event, e.CatalogPublished):
            concern.catalog = True
    concern.colleagues = tuple(colleagues)
    return concern


def _note_contact(concern: Concern, event: e.ContactEvent, state: State) -> None:
    contact = state.contacts.get(event.contact)
    for agent in involved(contact):
        concern.about(agent).contacts[event.contact] = None
    named = getattr(event, "agent", "")
    if named:
        about = concern.about(named)
        about.contacts[event.contact] = None
        about.me = True
    if isinstance(event, _OFFER_GONE):
        concern.about(event.agent).gone[event.offer] = _gone_reason(event)
    if isinstance(event, e.AgentJoined):
        concern.about(event.agent).contacts[event.consult] = None
    if contact is not None and contact.parent:
        for agent in involved(state.contacts.get(contact.parent)):
            concern.about(agent).contacts[contact.parent] = None


def involved(contact: Contact | None) -> Iterator[str]:
    """Everyone with a share in the contact or an offer of it."""
    if contact is not None:
        if contact.agent:
            yield contact.agent
        yield from contact.participants
        yield from contact.wrapping
        yield from contact.offers


def _gone_reason(
    event: e.OfferAccepted | e.OfferRejected | e.OfferTimedOut | e.OfferRescinded,
) -> str:
    match event:
        case e.OfferAccepted():
            return "accepted"
        case e.OfferRejected():
            return "rejected"
        case e.OfferTimedOut():
            return "missed"
        case e.OfferRescinded():
            return event.reason


def _note_agent(concern: Concern, event: e.AgentEvent, entry: e.Entry) -> None:
    about = concern.about(event.agent)
    about.me = True
    why = _why(event, entry)
    about.why = why or about.why


def _why(event: e.AgentEvent, entry: e.Entry) -> str:
    """Why the agent's state changed, empty when it was their own act or their plan."""
    if any(isinstance(o, e.OfferTimedOut) and o.agent == event.agent for o in entry.events):
        return "missed_offer" if isinstance(event, e.AgentNotReady) else ""
    if entry.by == PRESENCE:
        return "desk_lost"
    if isinstance(event, e.SkillsLent):
        return "skills_lent"
    if isinstance(event, e.ReachabilityChanged):
        return ""  # their phone's doing; their state is what it was
    return "" if entry.by in ("", event.agent) or _planned(event, entry) else "supervisor"


def _planned(event: e.AgentEvent, entry: e.Entry) -> bool:
    """Whether a state asked for earlier took effect because the last contact in hand ended."""
    ended = (e.AgentReleased, e.WrapUpFinished)
    return any(isinstance(o, ended) and o.agent == event.agent for o in entry.events)
