"""The demo's customers: invented people with numbers and domains reserved for fiction."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from crm import past
from crm.database import Database
from crm.demo_past import PastCustomer, past_of
from crm.importer import Importer, ImportReport
from crm.models import CustomerRow
from router.ports import Clock

DEMO_CUSTOMERS: Final = Path(__file__).with_name("demo_customers.csv")


async def load_demo_customers(database: Database, clock: Clock) -> ImportReport:
    """Import them, with what they called about before; again, it changes nothing.

    Raises ``DatabaseUnavailable``.
    """
    report = await Importer(database, clock).run(DEMO_CUSTOMERS)
    if report.created:
        await _load_past(database, clock.now())
    return report


async def _load_past(database: Database, now: int) -> None:
    query = select(
        CustomerRow.external_id, CustomerRow.id, CustomerRow.language, CustomerRow.account_manager
    ).where(CustomerRow.external_id.in_([row["external_id"] for row in _rows()]))

    def load(connection: Connection) -> None:
        customers = [
            PastCustomer(int(row.external_id[1:]), row.id, row.language, row.account_manager)
            for row in connection.execute(query)
        ]
        past.store(connection, list(past_of(customers, now)))

    await database.change(load)


def demo_callers() -> tuple[str, ...]:
    """Every number a demo customer calls from, in E.164; some belong to several of them."""
    numbers = (number for row in _rows() for number in row["phone"].split(";"))
    return tuple(dict.fromkeys(numbers))


def demo_regulars() -> dict[str, tuple[str, ...]]:
    """The numbers of account managers' own customers; one that several share says too little."""
    shared = Counter(number for row in _rows() for number in row["phone"].split(";"))
    theirs: dict[str, tuple[str, ...]] = {}
    for row in _rows():
        manager = row["account_manager"]
        own = (number for number in row["phone"].split(";") if shared[number] == 1)
        if manager:
            theirs[manager] = (*theirs.get(manager, ()), *own)
    return theirs


def demo_visitors() -> tuple[tuple[str, str], ...]:
    """(name, mail address) of the demo customers who may come by chat."""
    return tuple((row["name"], row["email"]) for row in _rows() if row["email"])


def _rows() -> Iterator[dict[str, str]]:
    with DEMO_CUSTOMERS.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
