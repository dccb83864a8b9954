"""Customers in the database: who an address is, their record, and changing it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

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
from crm.past import EndedContact
from crm.search import search
from crm.words import fold, line
from router.core.model import Message
from router.customers import (
    VERIFIED,
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
        if channel == VERIFIED and (known := await self._verified(address)) is not None:
            return known
        meanings = readings(channel, address, self._region)
        if not meanings:
            return Identification()
        tiers, now = self._tiers, self._clock.now()
        found = await self._database.ask(lambda c: lookup.matches(c, meanings, tiers, now))
        return lookup.identification(channel, found)

    async def _verified(self, external_id: str) -> Identification | None:
        """The customer with this id in another system, None when there is none."""
        if len(external_id) > limits.MAX_EXTERNAL_ID:
            return None
        now = self._clock.now()
        found = await self._database.ask(lambda c: lookup.by_external_id(c, external_id, now))
        return lookup.identification(VERIFIED, found) if found else None

    async def search(self, typed: str, limit: int = 20) -> tuple[Candidate, ...]:
        """Customers by name, number or mail address, or a part of one."""
        return await self._database.ask(lambda it: search(it, typed, self._region, limit))

    async def record(self, customer: str) -> CustomerRecord | None:
        """All the first screen needs, None when there is no such customer."""
        return await self._database.ask(lambda connection: _record(connection, customer))

    async def transcript(self, customer: str, contact: str) -> tuple[Message, ...] | None:
        """The thread of a customer's past contact, None when they have no such contact."""
        return await self._database.ask(lambda it: past.transcript(it, customer, contact))

    async def latest_of(self, channel: str, limit: int) -> list[EndedContact]:
        """The last contacts of one channel, newest first, with their threads."""
        return await self._database.ask(lambda it: past.latest_of(it, channel, limit))

    # -- changing -----------------------------------------------------------------------------

    async def create(
        self, fields: CustomerFields, identities: Sequence[Identity] = ()
    ) -> CustomerRecord:
        """A new customer. Raises ``InvalidCustomer``."""
        now = self._clock.now()
        values = checked(fields)
        if "name" not in values:
            raise InvalidCustomer("name", "Give the customer a name.")
        row = new_columns(values, now)
        addresses = [_address(row["id"], each) for each in self._checked(identities)]

        def create(connection: Connection) -> CustomerRecord:
            _refuse_taken_external_id(connection, row["external_id"], row["id"])
            connection.execute(insert(CustomerRow), row)
            if addresses:
                connection.execute(insert(IdentityRow), addresses)
            return _record_in(connection, row["id"])

        return await self._database.change(create)

    async def update(self, customer: str, fields: CustomerFields, version: int) -> CustomerRecord:
        """Change the fields that are given, if ``version`` is still the customer's.

        Raises ``InvalidCustomer``, ``UnknownCustomer`` or ``VersionConflict``.
        """
        values = stored(checked(fields))
        own = {"version": version + 1, "updated_at": self._clock.now()}
        change = (
            update(CustomerRow)
            .where(CustomerRow.id == customer, CustomerRow.version == version)
            .values(values | own)
        )

        def renew(connection: Connection) -> CustomerRecord:
            _refuse_taken_external_id(connection, values.get("external_id"), customer)
            if connection.execute(change).rowcount == 0:
                raise VersionConflict(_version(connection, customer))
            return _record_in(connection, customer)

        return await self._database.change(renew)

    async def link_identity(self, customer: str, kind: str, value: str) -> CustomerRecord:
        """Give the customer an address; one they have already changes nothing.

        Raises ``InvalidCustomer`` or ``UnknownCustomer``.
        """
        identity, now = checked_identity(kind, value, self._region), self._clock.now()

        def link(connection: Connection) -> CustomerRecord:
            _link(connection, customer, identity, now)
            return _record_in(connection, customer)

        return await self._database.change(link)

    async def remember(self, customer: str, channel: str, address: str) -> Identity | None:
        """Give the customer the address a contact of theirs came from, as it was linked.

        None when they have it already, or when it says nothing: a withheld number. Raises
        ``InvalidCustomer`` or ``UnknownCustomer``.
        """
        meanings = readings(channel, address, self._region)
        if not meanings:
            return None
        identity, now = meanings[0], self._clock.now()
        linked = await self._database.change(lambda it: _link(it, customer, identity, now))
        return identity if linked else None

    async def unlink_identity(self, customer: str, kind: str, value: str) -> CustomerRecord:
        """Take an address away; one they do not have changes nothing.

        Raises ``InvalidCustomer`` or ``UnknownCustomer``.
        """
        identity, now = checked_identity(kind, value, self._region), self._clock.now()
        gone = delete(IdentityRow).where(
            IdentityRow.customer_id == customer,
            IdentityRow.kind == identity.kind,
            IdentityRow.value == identity.value,
        )

        def unlink(connection: Connection) -> CustomerRecord:
            _version(connection, customer, alone=True)
            if connection.execute(gone).rowcount:
                _touch(connection, customer, now)
            return _record_in(connection, customer)

        return await self._database.change(unlink)

    async def add_note(self, customer: str, text: str, by: str) -> Note:
        """Raises ``InvalidCustomer`` or ``UnknownCustomer``."""
        note = Note(text=checked_note(text), at=self._clock.now(), by=line(by)[: limits.MAX_ID])
        row = {"customer_id": customer, **msgspec.structs.asdict(note)}

        def add(connection: Connection) -> None:
            _version(connection, customer)
            connection.execute(insert(NoteRow), row)

        await self._database.change(add)
        return note

    def _checked(self, identities: Sequence[Identity]) -> list[Identity]:
        if len(identities) > limits.MAX_IDENTITIES:
            raise InvalidCustomer("identities", _TOO_MANY)
        normal = (checked_identity(each.kind, each.value, self._region) for each in identities)
        return list({(each.kind, each.value): each for each in normal}.values())


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


def _address(customer: str, identity: Identity) -> dict[str, str]:
    return {"customer_id": customer, "kind": identity.kind, "value": identity.value}


def _link(connection: Connection, customer: str, identity: Identity, now: int) -> bool:
    """Whether the customer did not have it before."""
    _version(connection, customer, alone=True)
    theirs = _identities(connection, customer)
    if identity in theirs:
        return False
    if len(theirs) >= limits.MAX_IDENTITIES:
        raise InvalidCustomer("identities", _TOO_MANY)
    connection.execute(insert(IdentityRow), _address(customer, identity))
    _touch(connection, customer, now)
    return True


def _touch(connection: Connection, customer: str, now: int) -> None:
    changed = {"version": CustomerRow.version + 1, "updated_at": now}
    connection.execute(update(CustomerRow).where(CustomerRow.id == customer).values(changed))


def _version(connection: Connection, customer: str, *, alone: bool = False) -> int:
    """The customer's version; ``alone``: nobody else changes the customer before this change is
    done. Raises ``UnknownCustomer``.
    """
    query = select(CustomerRow.version).where(CustomerRow.id == customer)
    version = connection.scalar(query.with_for_update() if alone else query)
    if version is None:
        raise _unknown(customer)
    return version


def _unknown(customer: str) -> UnknownCustomer:
    return UnknownCustomer(f"There is no customer {customer[:80]!r}.")


def _refuse_taken_external_id(
    connection: Connection, external_id: str | None, customer: str
) -> None:
    if not external_id:
        return
    owner = connection.scalar(
        select(CustomerRow.name).where(
            CustomerRow.external_id == external_id, CustomerRow.id != customer
        )
    )
    if owner is not None:
        raise InvalidCustomer(
            "external_id", f"{owner} has the external id {external_id!r} already: use another."
        )


# Built once: building a query costs more than asking it.
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


def _record_in(connection: Connection, customer: str) -> CustomerRecord:
    """The record as it is in the change under way. Raises ``UnknownCustomer``."""
    record = _record(connection, customer)
    if record is None:
        raise _unknown(customer)
    return record
