"""Agents see and change the contacts that are theirs, and no others."""

from __future__ import annotations

from fastapi import Request

from router.core.model import Contact
from server.errors import ApiError
from server.guard import identity_of, services_of
from server.roles import only_own


def must_own(request: Request, operation: str, contact: str) -> None:
    """Raises ``ApiError`` 403 when the asker may do this to their own contacts only.

    The same answer for a contact that does not exist: agents cannot find out which ids do.
    """
    identity = identity_of(request)
    if not only_own(operation, identity.roles):
        return
    live = services_of(request).state.contacts.get(contact)
    if live is None or not is_theirs(live, identity.user.agent):
        raise ApiError(403, "not_yours", "This contact is not yours.")


def is_theirs(contact: Contact, agent: str) -> bool:
    """Whether the contact is offered to ``agent``, in their hands or being written up by them."""
    return bool(agent) and (
        agent == contact.agent
        or agent in contact.offers
        or agent in contact.participants
        or agent in contact.wrapping
    )
