"""Finding a customer by what a person types: a name, a number, a mail address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from crm import words
from crm.identity import EMAIL, PHONE, readings
from crm.models import CustomerRow, IdentityRow
from router.core.model import CustomerRef
from router.customers import Candidate

MAX_QUERY: Final = 100
MAX_FOUND: Final = 50
MIN_DIGITS: Final = 4
_LAST_CHARACTER: Final = "\U0010ffff"
_PART_OF_NUMBER: Final = re.compile(r"\+?[0-9 ().\-/]+")


def search(connection: Connection, typed: str, region: str, limit: int) -> tuple[Candidate, ...]:
    """Customers the text may mean: whole addresses, names that begin so, parts of either."""
    typed = words.line(typed[:MAX_QUERY])
    limit = min(limit, MAX_FOUND)
    found: dict[str, Candidate] = {}
    for condition in _by_address(typed, region):
        if len(found) < limit:
            _add(found, _addresses(connection, condition, limit), limit)
    for condition in _by_name(words.fold(typed)):
        if len(found) < limit:
            _add(found, _names(connection, condition, limit), limit)
    return tuple(found.values())


def _add(found: dict[str, Candidate], more: Sequence[Candidate], limit: int) -> None:
    for candidate in more:
        if len(found) < limit:
            found.setdefault(candidate.customer.id, candidate)


def _by_address(typed: str, region: str) -> list[ColumnElement[bool]]:
    conditions = []
    if whole := readings("", typed, region):
        same = [(IdentityRow.kind == r.kind) & (IdentityRow.value == r.value) for r in whole]
        conditions.append(or_(*same))
    if _PART_OF_NUMBER.fullmatch(typed):
        # Written nationally a number begins with a 0 that the stored form does not have.
        digits = re.sub(r"[^0-9]", "", typed).lstrip("0")
        if len(digits) >= MIN_DIGITS:
            conditions.append(
                (IdentityRow.kind == PHONE) & IdentityRow.value.contains(digits, autoescape=True)
            )
    elif len(typed) >= MIN_DIGITS and " " not in typed:
        conditions.append((IdentityRow.kind == EMAIL) & _begins(IdentityRow.value, typed.lower()))
    return conditions


def _by_name(key: str) -> list[ColumnElement[bool]]:
    if not key:
        return []
    begins = _begins(CustomerRow.name_key, key)
    return [begins, CustomerRow.name_key.contains(key, autoescape=True)]


def _begins(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """A range, which both databases answer from the index; LIKE would scan."""
    return (column >= prefix) & (column < prefix + _LAST_CHARACTER)


def _names(connection: Connection, condition: ColumnElement[bool], limit: int) -> list[Candidate]:
    query = (
        select(CustomerRow.id, CustomerRow.name, CustomerRow.tier, CustomerRow.value)
        .where(condition)
        .order_by(CustomerRow.name_key, CustomerRow.id)
        .limit(limit)
    )
    return [
        Candidate(customer=CustomerRef(**row), matched_by="name")
        for row in connection.execute(query).mappings()
    ]


def _addresses(
    connection: Connection, condition: ColumnElement[bool], limit: int
) -> list[Candidate]:
    query = (
        select(
            CustomerRow.id,
            CustomerRow.name,
            CustomerRow.tier,
            CustomerRow.value,
            IdentityRow.kind,
            IdentityRow.value.label("address"),
        )
        .join(IdentityRow, IdentityRow.customer_id == CustomerRow.id)
        .where(condition)
        .order_by(CustomerRow.value.desc(), CustomerRow.id)
        .limit(limit)
    )
    return [
        Candidate(
            customer=CustomerRef(id=row.id, name=row.name, tier=row.tier, value=row.value),
            matched_by=f"{row.kind} {row.address}",
        )
        for row in connection.execute(query)
    ]
