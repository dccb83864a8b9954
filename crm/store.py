"""Customers in the database: who an address is, their record, and changing it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm import limits, lookup, past
from crm.customers import (
    CustomerFields,
    InvalidCustomer,
    UnknownCustomer,
    VersionConflict,
    checked,
    checked_identity,
    checked_note,
)
from crm.database import Database
from crm.identity import readings
from crm.models import CustomerRow, IdentityRow, NoteRow
from crm.search import search
from crm.words import fold, line
from router.core.model import Message
from router.customers import (
    Candidate,
    CustomerRecord,
    Identification,
    Identity,
    Note,
)
from router.ports import Clock, CustomerDirectory, CustomerRecords

SHOWN_NOTES: Final = 20
TIERS: Final = ("platinum", "gold", "silver")


class CustomerStore(CustomerDirectory, CustomerRecords):
    """``region`` is assumed for numbers without a country code; ``tiers`` go from best to least.

    Every method raises ``DatabaseUnavailable`` when the database does not answer.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        region: str = "US",
        tiers: Sequence[str] = TIERS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._region = region
        self._tiers = tuple(tiers)

    # -- finding ------------------------------------------------------------------------------

    async def identify(self, channel: str, address: str) -> Identification:
        """Customers with this address, best first; unreadable addresses belong to nobody."""
        meanings = readings(channel, address, self._region)
        if not meanings:
            return Identification()
        tiers, now = self._tiers, self._clock.now()
        found = await self._database.ask(lambda c: lookup.matches(c, meanings, tiers, now))
        return lookup.identification(channel, found)

    async def search(self, typed: str, limit: int = 20) -> tuple[Candidate, ...]:
        """Customers by name, number or mail address, or a part of one."""
        async with self._database.reading() as session:
            return await search(session, typed, self._region, limit)

    async def record(self, customer: str) -> CustomerRecord | None:
        """All the first screen needs, None when there is no such customer."""
        return await self._database.ask(lambda connection: _record(connection, customer))

    async def transcript(self, customer: str, contact: str) -> tuple[Message, ...] | None:
        """The thread of a customer's past contact, None when they have no such contact."""
        async with self._database.reading() as session:
            return await past.transcript(session, customer, contact)

    # -- changing -----------------------------------------------------------------------------

    async def create(
        self, fields: CustomerFields, identities: Sequence[Identity] = ()
    ) -> CustomerRecord:
        """A new customer. Raises ``InvalidCustomer``."""
        now = self._clock.now()
        values = checked(fields)
        if "name" not in values:
            raise InvalidCustomer("name", "Give the customer a name.")
        addresses = self._checked(identities)
        row = new_row(values, now)
        async with self._database.writing() as session:
            await _refuse_taken_external_id(session, row.external_id, row.id)
            session.add(row)
            await session.flush()
            session.add_all(
                IdentityRow(customer_id=row.id, kind=each.kind, value=each.value)
                for each in addresses
            )
            await session.flush()
            return await _record_in(session, row.id)

    async def update(self, customer: str, fields: CustomerFields, version: int) -> CustomerRecord:
        """Change the fields that are given, if ``version`` is still the customer's.

        Raises ``InvalidCustomer``, ``UnknownCustomer`` or ``VersionConflict``.
        """
        values = stored(checked(fields))
        async with self._database.writing() as session:
            await _refuse_taken_external_id(session, values.get("external_id"), customer)
            values |= {"version": version + 1, "updated_at": self._clock.now()}
            changed = await session.execute(
                update(CustomerRow)
                .where(CustomerRow.id == customer, CustomerRow.version == version)
                .values(values)
                .returning(CustomerRow.id)
            )
            if changed.first() is None:
                row = await _existing(session, customer)
                raise VersionConflict(row.version)
            return await _record_in(session, customer)

    async def link_identity(self, customer: str, kind: str, value: str) -> CustomerRecord:
        """Give the customer an address; one they have already changes nothing.

        Raises ``InvalidCustomer`` or ``UnknownCustomer``.
        """
        identity = checked_identity(kind, value, self._region)
        async with self._database.writing() as session:
            await self._link(session, customer, identity)
            return await _record_in(session, customer)

    async def remember(self, customer: str, channel: str, address: str) -> Identity | None:
        """Give the customer the address a contact of theirs came from, as it was linked.

        None when they have it already, or when it says nothing: a withheld number. Raises
        ``InvalidCustomer`` or ``UnknownCustomer``.
        """
        meanings = readings(channel, address, self._region)
        if not meanings:
            return None
        async with self._database.writing() as session:
            linked = await self._link(session, customer, meanings[0])
        return meanings[0] if linked else None

    async def unlink_identity(self, customer: str, kind: str, value: str) -> CustomerRecord:
        """Take an address away; one they do not have changes nothing.

        Raises ``InvalidCustomer`` or ``UnknownCustomer``.
        """
        identity = checked_identity(kind, value, self._region)
        async with self._database.writing() as session:
            row = await _existing(session, customer, alone=True)
            gone = await session.execute(
                delete(IdentityRow)
                .where(
                    IdentityRow.customer_id == customer,
                    IdentityRow.kind == identity.kind,
                    IdentityRow.value == identity.value,
                )
                .returning(IdentityRow.id)
            )
            if gone.first() is not None:
                await self._touch(session, row)
            return await _record_in(session, row.id)

    async def add_note(self, customer: str, text: str, by: str) -> Note:
        """Raises ``InvalidCustomer`` or ``UnknownCustomer``."""
        note = Note(text=checked_note(text), at=self._clock.now(), by=line(by)[: limits.MAX_ID])
        async with self._database.writing() as session:
            await _existing(session, customer)
            session.add(NoteRow(customer_id=customer, text=note.text, at=note.at, by=note.by))
        return note

    def _checked(self, identities: Sequence[Identity]) -> list[Identity]:
        if len(identities) > limits.MAX_IDENTITIES:
            raise InvalidCustomer("identities", _TOO_MANY)
        normal = (checked_identity(each.kind, each.value, self._region) for each in identities)
        return list({(each.kind, each.value): each for each in normal}.values())

    async def _link(self, session: AsyncSession, customer: str, identity: Identity) -> bool:
        """Whether the customer did not have it before."""
        row = await _existing(session, customer, alone=True)
        connection = await session.connection()
        theirs = await connection.run_sync(_identities, customer)
        if identity in theirs:
            return False
        if len(theirs) >= limits.MAX_IDENTITIES:
            raise InvalidCustomer("identities", _TOO_MANY)
        session.add(IdentityRow(customer_id=customer, kind=identity.kind, value=identity.value))
        await self._touch(session, row)
        return True

    async def _touch(self, session: AsyncSession, row: CustomerRow) -> None:
        row.version += 1
        row.updated_at = self._clock.now()
        await session.flush()


_TOO_MANY: Final = f"A customer has {limits.MAX_IDENTITIES} addresses at most."


def new_id(at: int) -> str:
    """Ids grow with time, so that new rows land at the end of the index."""
    return f"{at // 1000:011x}{secrets.token_hex(5)}"


def stored(values: dict[str, object]) -> dict[str, Any]:
    """Checked fields as columns."""
    columns: dict[str, Any] = dict(values)
    if "name" in columns:
        columns["name_key"] = fold(columns["name"])
    if "external_id" in columns:
        columns["external_id"] = columns["external_id"] or None
    return columns


def new_row(values: dict[str, object], at: int) -> CustomerRow:
    return CustomerRow(**new_columns(values, at))


def new_columns(values: dict[str, object], at: int) -> dict[str, Any]:
    """Every column of a new customer with the given checked fields."""
    defaults: dict[str, Any] = {
        "tier": "",
        "value": 0,
        "why_valued": "",
        "language": "",
        "account_manager": "",
        "watch_out": "",
        "external_id": None,
        "attributes": {},
    }
    own = {"id": new_id(at), "version": 1, "created_at": at, "updated_at": at}
    return defaults | stored(values) | own


async def _existing(session: AsyncSession, customer: str, *, alone: bool = False) -> CustomerRow:
    """``alone``: nobody else changes the customer before this session ends."""
    row = await session.get(CustomerRow, customer, with_for_update=alone or None)
    if row is None:
        raise _unknown(customer)
    return row


def _unknown(customer: str) -> UnknownCustomer:
    return UnknownCustomer(f"There is no customer {customer[:80]!r}.")


async def _refuse_taken_external_id(
    session: AsyncSession, external_id: str | None, customer: str
) -> None:
    if not external_id:
        return
    owner = await session.scalar(
        select(CustomerRow.name).where(
            CustomerRow.external_id == external_id, CustomerRow.id != customer
        )
    )
    if owner is not None:
        raise InvalidCustomer(
            "external_id", f"{owner} has the external id {external_id!r} already: use another."
        )


# Built once: building a query costs more than asking it. All read columns, on a connection: made
# into objects that follow changes, a record would cost twice as much.
_THEIRS: Final[BindParameter[str]] = bindparam("customer")
_ABOUT: Final = select(
    CustomerRow.id,
    CustomerRow.name,
    CustomerRow.tier,
    CustomerRow.value,
    CustomerRow.why_valued,
    CustomerRow.language,
    CustomerRow.account_manager,
    CustomerRow.watch_out,
    CustomerRow.external_id,
    CustomerRow.attributes,
    CustomerRow.version,
).where(CustomerRow.id == _THEIRS)
_ADDRESSES: Final = (
    select(IdentityRow.kind, IdentityRow.value)
    .where(IdentityRow.customer_id == _THEIRS)
    .order_by(IdentityRow.id)
)
_NOTES: Final = (
    select(NoteRow.text, NoteRow.at, NoteRow.by)
    .where(NoteRow.customer_id == _THEIRS)
    .order_by(NoteRow.at.desc(), NoteRow.id.desc())
    .limit(SHOWN_NOTES)
)


def _identities(connection: Connection, customer: str) -> list[Identity]:
    rows = connection.execute(_ADDRESSES, {"customer": customer})
    return [Identity(kind=kind, value=value) for kind, value in rows]


def _notes(connection: Connection, customer: str) -> list[Note]:
    rows = connection.execute(_NOTES, {"customer": customer})
    return [Note(text=text, at=at, by=by) for text, at, by in rows]


def _record(connection: Connection, customer: str) -> CustomerRecord | None:
    row = connection.execute(_ABOUT, {"customer": customer}).mappings().first()
    if row is None:
        return None
    about = {**row, "external_id": row["external_id"] or ""}
    return CustomerRecord(
        **about,
        identities=tuple(_identities(connection, customer)),
        notes=tuple(_notes(connection, customer)),
        history=past.latest(connection, customer),
    )


async def _record_in(session: AsyncSession, customer: str) -> CustomerRecord:
    """The record as ``session`` has changed it. Raises ``UnknownCustomer``."""
    await session.flush()
    connection = await session.connection()
    record = await connection.run_sync(_record, customer)
    if record is None:
        raise _unknown(customer)
    return record
