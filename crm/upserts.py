"""One batch of imported rows against what the database has: new, changed or as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from crm.database import insert_missing
from crm.import_rows import ImportRow
from crm.models import CustomerRow, IdentityRow, NoteRow
from crm.store import new_columns, stored
from crm.words import fold
from router.customers import Identity

IMPORTED: Final = "import"  # who wrote an imported note
_AT_ONCE: Final = 5_000  # databases bound the parameters of a query

Outcome = Literal["created", "updated", "unchanged"]
Address = tuple[str, str]


class _Customer(msgspec.Struct, kw_only=True):
    """A customer as it will be; ``had`` names what the database has already."""

    columns: dict[str, Any]
    is_new: bool = False
    is_changed: bool = False
    addresses: dict[Address, None] = {}
    new_addresses: list[Address] = []
    notes: set[str] = set()
    new_notes: list[str] = []


class Upserts:
    """Made by ``prepare``; ``add`` every row in order, then ``write`` within the same change."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._customers: dict[str, _Customer] = {}
        self._by_external_id: dict[str, _Customer] = {}
        self._by_address: defaultdict[Address, list[_Customer]] = defaultdict(list)

    @classmethod
    def prepare(cls, connection: Connection, rows: Sequence[ImportRow], now: int) -> Upserts:
        """Read the customers these rows may mean."""
        upserts = cls(now)
        for some in _chunks({row.fields["external_id"] for row in rows if _has_id(row)}):
            upserts._load(connection, CustomerRow.external_id.in_(some))
        names = {fold(str(row.fields["name"])) for row in rows}
        by_kind: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            for each in row.identities:
                by_kind[each.kind].add(each.value)
        for kind, values in by_kind.items():
            for some in _chunks(values):
                theirs = select(IdentityRow.customer_id).where(
                    IdentityRow.kind == kind, IdentityRow.value.in_(some)
                )
                upserts._load(
                    connection, CustomerRow.id.in_(theirs) & CustomerRow.name_key.in_(names)
                )
        upserts._load_belongings(connection)
        return upserts

    def add(self, row: ImportRow) -> Outcome:
        """Fold one row in."""
        customer = self._find(row)
        if customer is None:
            customer = self._create(row)
            outcome: Outcome = "created"
        else:
            outcome = "updated" if self._change(customer, row) else "unchanged"
        if external_id := customer.columns["external_id"]:
            self._by_external_id[external_id] = customer
        return outcome

    def write(self, connection: Connection) -> None:
        """Everything that is new or different, in a few statements."""
        customers = self._customers.values()
        new = [each.columns for each in customers if each.is_new]
        if new:
            connection.execute(insert(CustomerRow), new)
        changed = [each.columns for each in customers if each.is_changed and not each.is_new]
        if changed:
            connection.execute(_UPDATE, [_as_parameters(each, self._now) for each in changed])
        addresses = [
            {"customer_id": id_, "kind": kind, "value": value}
            for id_, each in self._customers.items()
            for kind, value in each.new_addresses
        ]
        if addresses:
            key = ("customer_id", "kind", "value")
            connection.execute(insert_missing(connection, IdentityRow, key=key), addresses)
        notes = [
            {"customer_id": id_, "text": text, "at": self._now, "by": IMPORTED}
            for id_, each in self._customers.items()
            for text in each.new_notes
        ]
        if notes:
            connection.execute(insert(NoteRow), notes)

    def _find(self, row: ImportRow) -> _Customer | None:
        external_id = row.fields.get("external_id") or None
        if external_id and external_id in self._by_external_id:
            return self._by_external_id[str(external_id)]
        name = fold(str(row.fields["name"]))
        for each in row.identities:
            for customer in self._by_address[each.kind, each.value]:
                # Under another external id the same name and number are another person.
                free = external_id is None or customer.columns["external_id"] is None
                if free and customer.columns["name_key"] == name:
                    return customer
        return None

    def _create(self, row: ImportRow) -> _Customer:
        customer = _Customer(columns=new_columns(row.fields, self._now), is_new=True)
        self._know(customer)
        self._add_belongings(customer, row)
        return customer

    def _change(self, customer: _Customer, row: ImportRow) -> bool:
        fields = stored(row.fields)
        different = {k: v for k, v in fields.items() if customer.columns[k] != v}
        if not row.fields.get("external_id"):
            different.pop("external_id", None)
        customer.columns |= different
        belongs = self._add_belongings(customer, row)
        customer.is_changed |= bool(different) or belongs
        return bool(different) or belongs

    def _add_belongings(self, customer: _Customer, row: ImportRow) -> bool:
        """Addresses and notes are added, never taken away: people add them too."""
        before = len(customer.new_addresses) + len(customer.new_notes)
        for each in row.identities:
            if (each.kind, each.value) not in customer.addresses:
                self._give(customer, each)
                customer.new_addresses.append((each.kind, each.value))
        if row.note and row.note not in customer.notes:
            customer.notes.add(row.note)
            customer.new_notes.append(row.note)
        return len(customer.new_addresses) + len(customer.new_notes) > before

    def _give(self, customer: _Customer, identity: Identity) -> None:
        address = (identity.kind, identity.value)
        customer.addresses[address] = None
        self._by_address[address].append(customer)

    def _know(self, customer: _Customer) -> None:
        self._customers[customer.columns["id"]] = customer
        if external_id := customer.columns["external_id"]:
            self._by_external_id[external_id] = customer

    def _load(self, connection: Connection, condition: ColumnElement[bool]) -> None:
        table = CustomerRow.__table__
        query = select(table).where(condition).order_by(CustomerRow.id)
        for row in connection.execute(query).mappings():
            if row["id"] not in self._customers:
                self._know(_Customer(columns=dict(row)))

    def _load_belongings(self, connection: Connection) -> None:
        for some in _chunks(self._customers):
            addresses = select(IdentityRow.customer_id, IdentityRow.kind, IdentityRow.value).where(
                IdentityRow.customer_id.in_(some)
            )
            for id_, kind, value in connection.execute(addresses):
                self._give(self._customers[id_], Identity(kind=kind, value=value))
            notes = select(NoteRow.customer_id, NoteRow.text).where(
                NoteRow.customer_id.in_(some), NoteRow.by == IMPORTED
            )
            for id_, text in connection.execute(notes):
                self._customers[id_].notes.add(text)


_COLUMNS: Final = (
    *("name", "name_key", "tier", "value", "why_valued", "language", "account_manager"),
    *("watch_out", "external_id"),
)
_UPDATE: Final = (
    update(CustomerRow.__table__)  # type: ignore[arg-type] # declared as any selectable
    .where(CustomerRow.id == bindparam("its_id"))
    .values(
        {name: bindparam(f"new_{name}") for name in _COLUMNS}
        | {"version": CustomerRow.version + 1, "updated_at": bindparam("new_updated_at")}
    )
)


def _as_parameters(columns: dict[str, Any], now: int) -> dict[str, Any]:
    changes = {f"new_{name}": columns[name] for name in _COLUMNS}
    return changes | {"its_id": columns["id"], "new_updated_at": now}


def _has_id(row: ImportRow) -> bool:
    return bool(row.fields.get("external_id"))


def _chunks(values: Iterable[object]) -> list[list[Any]]:
    ordered = sorted(values, key=str)
    return [ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE)]
