"""What a branch may ask for: what concerns calls of its own telephone systems. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from router.branch.messages import Arrived, BranchCommand, Commanded, Replied, Request, id_of
from router.core import commands as c
from router.core.events import Rejected
from router.core.state import State

LONGEST_ID: Final = 256  # characters; the core remembers 65,536 of them
_TOO_LONG: Final = Rejected(
    code="malformed", reason=f"The id of a request has {LONGEST_ID} characters at most."
)
_FOREIGN: Final = Rejected(
    code="unauthorised",
    reason="This is no call of the branch's telephone systems: its id would begin with theirs.",
)


def is_own(contact: str, systems: Collection[str]) -> bool:
    """Whether it is a contact of one of the telephone ``systems``: its id begins with theirs."""
    system, colon, rest = contact.partition(":")
    return system in systems and bool(colon) and bool(rest)


def refusal(request: Request, systems: Collection[str], state: State) -> Rejected | None:
    """Why the branch with these ``systems`` may not ask for it; None when it may."""
    if len(id_of(request)) > LONGEST_ID:
        return _TOO_LONG
    if not is_own(id_of(request), systems):
        return _FOREIGN
    match request:
        case Arrived(contact=contact) | Replied(contact=contact):
            return None if is_own(contact, systems) else _FOREIGN
        case Commanded(command=command):
            return _of_command(command, systems, state)


def _of_command(command: BranchCommand, systems: Collection[str], state: State) -> Rejected | None:
    match command:
        case c.SetNotReady():
            return _of_absence(command, systems, state)
        case c.Accept(offer=offer) | c.Reject(offer=offer):
            known = state.offers.get(offer)
            return _of_contact(offer if known is None else known.contact, systems, state)
        case _:
            return _of_contact(command.contact, systems, state)


def _of_contact(contact: str, systems: Collection[str], state: State) -> Rejected | None:
    """A consultation about a call of the branch's is its own as well."""
    known = state.contacts.get(contact)
    about = known.parent if known is not None and known.parent else contact
    return None if is_own(about, systems) else _FOREIGN


def _of_absence(command: c.SetNotReady, systems: Collection[str], state: State) -> Rejected | None:
    """An agent who has a call of the branch's and did not pick up the telephone."""
    agent = state.agents.get(command.agent)
    contacts = () if agent is None else (slot.contact for slot in agent.slots.values())
    theirs = any(_of_contact(one, systems, state) is None for one in contacts)
    return None if theirs else _FOREIGN
