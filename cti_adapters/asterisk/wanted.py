"""What every party of a call should be doing on the telephone, from what the router has decided.

Pure, and from the router's state alone: whatever happened before, on whichever side, this is what
the legs are brought to. A party that is not named should not be on the telephone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

from cti_adapters.asterisk.legs import (
    CUSTOMER,
    QUIET,
    WAIT,
    Activity,
    Meet,
    Ring,
    Talk,
)
from router.core.model import TERMINAL, WITH_AGENT, Contact, ContactState

_ROOM = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,79}", re.ASCII)
NOBODY_ON_THE_LINE = TERMINAL | {ContactState.CALLBACK_PROMISED, ContactState.WRAPPING}


def wanted(contact: Contact | None, consult: Contact | None) -> Mapping[str, Activity]:
    """By agent, the customer under ``CUSTOMER``. ``consult`` is the contact's consultation."""
    if contact is None:
        return {}
    plan: dict[str, Activity] = {}
    if contact.state in WITH_AGENT:
        plan |= _conversation(contact, consult)
    elif contact.state not in NOBODY_ON_THE_LINE and contact.callback is None:
        plan[CUSTOMER] = WAIT
    for asked in (contact, consult):
        if asked is not None:
            plan |= {agent: Ring(offer) for agent, offer in asked.offers.items()}
    return plan


def _conversation(contact: Contact, consult: Contact | None) -> dict[str, Activity]:
    holder, others = contact.agent, contact.participants
    room = Meet(room_of(contact.id))
    together: dict[str, Activity] = dict.fromkeys(others, room)
    if consult is not None and consult.agent:
        if contact.state is ContactState.HELD:
            asking = Meet(room_of(consult.id))
            return together | {CUSTOMER: WAIT, holder: asking, consult.agent: asking}
        together[consult.agent] = QUIET  # the holder is back with the customer
    elif contact.state is ContactState.HELD:
        return together | {CUSTOMER: WAIT, holder: room if others else QUIET}
    if others:
        return together | {CUSTOMER: room, holder: room}
    return together | {CUSTOMER: Talk(holder), holder: Talk(CUSTOMER)}


def room_of(contact: str) -> str:
    """A name that a dialplan takes as a name: whoever begins a consultation chooses its id."""
    return contact if _ROOM.fullmatch(contact) else sha256(contact.encode()).hexdigest()
