"""What people call the customer of a contact, and customers an agent."""

from __future__ import annotations

import re

from router.core.catalog import AgentDefinition
from router.core.model import Contact

_READABLE = re.compile(r"[+0-9][0-9 ()-]+|[^\s@]+@[^\s@]+")


def called(contact: Contact) -> str:
    """The record's name, else the name they gave, else their number or mail address.

    Empty when there is nothing of that: a technical handle tells nobody anything.
    """
    if contact.customer is not None and contact.customer.name:
        return contact.customer.name
    given = contact.attributes.get("name", "")
    if given:
        return given
    return contact.address if _READABLE.fullmatch(contact.address) else ""


def told(agent: AgentDefinition) -> str:
    """What customers are told that the agent is called."""
    return agent.public_name or next(iter(agent.name.split()), "")
