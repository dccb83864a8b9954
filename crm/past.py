"""Contacts that ended: what the customer's timeline is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, select

from crm.database import upsert
from crm.models import CustomerRow, PastContactRow
from router.core.model import Message
from router.customers import PastContact

SHOWN: Final = 20  # contacts of one customer on the first screen


class EndedContact(msgspec.Struct, frozen=True, kw_only=True):
    """One past contact; ``outcome`` is handled, abandoned, overflowed or transferred …."""

    contact: str
    channel: str
    arrived_at: int
    ended_at: int
    customer: str = ""  # empty: nobody found out who it was
    address: str = ""
    queue: str = ""
    agent: str = ""
    outcome: str = ""
    disposition: str = ""
    summary: str = ""
    transcript: tuple[Message, ...] = ()


def store(connection: Connection, contacts: Sequence[EndedContact]) -> None:
    """Insert or replace by contact id; a customer that is gone leaves the contact without one."""
    if not contacts:
        return
    wanted = {contact.customer for contact in contacts if contact.customer}
    known = set(connection.scalars(select(CustomerRow.id).where(CustomerRow.id.in_(wanted))))
    rows = [_row(contact, known) for contact in contacts]
    connection.execute(upsert(connection, PastContactRow, key=("contact",)), rows)


def _row(contact: EndedContact, known: set[str]) -> dict[str, object]:
    row = msgspec.structs.asdict(contact)
    customer = row.pop("customer")
    row["customer_id"] = customer if customer in known else None
    row["transcript"] = msgspec.to_builtins(contact.transcript)
    return row


_LATEST: Final = (  # built once: building a query costs more than asking it
    select(
        PastContactRow.contact,
        PastContactRow.channel,
        PastContactRow.arrived_at.label("at"),
        PastContactRow.queue,
        PastContactRow.agent,
        PastContactRow.outcome,
        PastContactRow.disposition,
        PastContactRow.summary,
    )
    .where(PastContactRow.customer_id == bindparam("customer"))
    .order_by(PastContactRow.ended_at.desc())
    .limit(SHOWN)
)


def latest(connection: Connection, customer: str) -> tuple[PastContact, ...]:
    """The customer's last contacts, newest first, without their threads."""
    rows = connection.execute(_LATEST, {"customer": customer})
    names = tuple(rows.keys())  # looked up once: a mapping for each row costs more than the query
    return tuple(PastContact(**dict(zip(names, row, strict=True))) for row in rows)


def latest_of(connection: Connection, channel: str, limit: int) -> list[EndedContact]:
    """Newest first, with their threads."""
    query = (
        select(PastContactRow.__table__)
        .where(PastContactRow.channel == channel)
        .order_by(PastContactRow.ended_at.desc())
        .limit(limit)
    )
    return [_ended(row) for row in connection.execute(query)]


def _ended(row: Row[*tuple[Any, ...]]) -> EndedContact:
    return EndedContact(
        contact=row.contact,
        channel=row.channel,
        arrived_at=row.arrived_at,
        ended_at=row.ended_at,
        customer=row.customer_id or "",
        address=row.address,
        queue=row.queue,
        agent=row.agent,
        outcome=row.outcome,
        transcript=msgspec.convert(row.transcript, tuple[Message, ...]),
    )


def transcript(connection: Connection, customer: str, contact: str) -> tuple[Message, ...] | None:
    """The thread of a customer's past contact, None when they have no such contact."""
    theirs = (PastContactRow.customer_id == customer, PastContactRow.contact == contact)
    lines = connection.scalar(select(PastContactRow.transcript).where(*theirs))
    return None if lines is None else msgspec.convert(lines, tuple[Message, ...])
