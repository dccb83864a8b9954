"""Contacts in the states that the telephone channel looks at."""

from __future__ import annotations

from router.core.model import Callback, Contact, ContactState

CALLBACK = Callback(address="+442079460001", promised_at=1)


def a_contact(state: ContactState, name: str = "main:1.0", **more: object) -> Contact:
    contact = Contact(
        id=name,
        number=1,
        channel="voice",
        direction="inbound",
        arrived_at=0,
        sequence=7,
        state=state,
    )
    for field, value in more.items():
        setattr(contact, field, value)
    return contact
