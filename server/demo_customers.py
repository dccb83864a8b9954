"""The demo's customers: made-up people with numbers that belong to nobody (+44 1632 96…).

They go through the same import as anybody's file of customers. Two share a number (a household),
so that the desk has to choose; one caller in four is unknown altogether.
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from crm.database import Database
from crm.importer import Importer
from router.ports import Clock

REGION = "GB"


class DemoCustomer(NamedTuple):
    """``last_order`` is days ago; ``spent`` whole pounds in the last twelve months."""

    name: str
    tier: str
    language: str
    number: str
    email: str
    orders: int
    spent: int
    last_order: int
    account_manager: str = ""
    watch_out: str = ""
    notes: str = ""


CUSTOMERS = (
    DemoCustomer("María Díaz", "gold", "es", "960001", "maria.diaz@example.com", 14, 3_200, 9,
                 "ann", "Invoice 4411 is disputed", "Prefers Spanish; likes to be called María."),
    DemoCustomer("Harold Whitcombe", "platinum", "en", "960002", "harold@example.com", 31, 9_400, 3,
                 "kay", "", "Owns three guest houses; every one is a contract of its own."),
    DemoCustomer("王芳", "gold", "zh", "960003", "wang.fang@example.com", 12, 2_800, 15,
                 "chi", "", "Speaks Mandarin; writes Chinese only."),
    DemoCustomer("Priya Raman", "silver", "en", "960004", "priya.raman@example.com", 6, 940, 30),
    DemoCustomer("Tom Aldridge", "", "en", "960005", "tom.aldridge@example.com", 2, 180, 120),
    DemoCustomer("Lucía Fernández", "silver", "es", "960006", "lucia.f@example.com", 7, 1_100, 21),
    DemoCustomer("Sophie Laurent", "", "en", "960007", "sophie.laurent@example.com", 3, 260, 64),
    DemoCustomer("Owen Pritchard", "gold", "en", "960008", "owen.p@example.com", 18, 2_450, 5,
                 "", "Hard of hearing: speak slowly", "Asked for paper invoices in March."),
    DemoCustomer("陈伟", "", "zh", "960009", "chen.wei@example.com", 4, 390, 44),
    DemoCustomer("Amelia Thornton", "silver", "en", "960010", "amelia.t@example.com", 9, 1_320, 12),
    DemoCustomer("Diego Morales", "", "es", "960011", "diego.morales@example.com", 1, 60, 200),
    DemoCustomer("Grace Adeyemi", "platinum", "en", "960012", "grace@example.com", 26, 7_900, 1,
                 "eli", "", "Runs a chain of cafés; outages cost her money by the minute."),
    DemoCustomer("Jack Sutherland", "", "en", "960013", "jack.s@example.com", 2, 150, 90),
    DemoCustomer("Elena Petrova", "silver", "en", "960014", "elena.p@example.com", 8, 1_050, 18),
    DemoCustomer("Carmen Ruiz", "gold", "es", "960015", "carmen.ruiz@example.com", 16, 2_600, 7,
                 "dora"),
    DemoCustomer("Nathan Clarke", "", "en", "960016", "nathan.clarke@example.com", 5, 410, 37,
                 "", "Two complaints in the last month"),
    DemoCustomer("李娜", "silver", "zh", "960017", "li.na@example.com", 7, 980, 25),
    DemoCustomer("Fatima Hassan", "", "en", "960018", "fatima.hassan@example.com", 3, 300, 75),
    DemoCustomer("George Blackwood", "", "en", "960019", "george.b@example.com", 1, 45, 310),
    DemoCustomer("Isabel Navarro", "", "es", "960020", "isabel.navarro@example.com", 2, 130, 140),
    DemoCustomer("Marcus Webb", "gold", "en", "960021", "marcus.webb@example.com", 15, 2_300, 11,
                 "ben", "", "Wants the contract moved to the new flat in June."),
    DemoCustomer("Niamh O'Connor", "", "en", "960022", "niamh@example.com", 4, 350, 50),
    DemoCustomer("Pablo Ortega", "silver", "es", "960023", "pablo.ortega@example.com", 6, 870, 33),
    DemoCustomer("Ruth Abrams", "", "en", "960024", "ruth.abrams@example.com", 2, 120, 160),
    DemoCustomer("Samir Patel", "silver", "en", "960025", "samir.patel@example.com", 10, 1_400, 8),
    DemoCustomer("Helen Patel", "", "en", "960025", "helen.patel@example.com", 1, 90, 95),
    DemoCustomer("Victor Lang", "", "en", "960026", "victor.lang@example.com", 3, 240, 58),
    DemoCustomer("Ximena Castro", "", "es", "960027", "ximena.castro@example.com", 2, 175, 82),
    DemoCustomer("张敏", "", "zh", "960028", "zhang.min@example.com", 3, 280, 70),
    DemoCustomer("Zoe Marchant", "", "en", "960029", "zoe.marchant@example.com", 5, 520, 28),
)  # fmt: skip


def number_of(customer: DemoCustomer) -> str:
    return f"+441632{customer.number}"


def callers() -> tuple[str, ...]:
    """The numbers simulated callers call from."""
    return tuple(dict.fromkeys(number_of(customer) for customer in CUSTOMERS))


def visitors() -> tuple[tuple[str, str], ...]:
    """Name and mail address of customers who may come to the chat."""
    return tuple((customer.name, customer.email) for customer in CUSTOMERS)


async def import_demo_customers(database: Database, clock: Clock, folder: Path) -> int:
    """Import them through a file in ``folder``; how many there are. Again changes nothing."""
    file = folder / "customers.csv"
    write_csv(file, datetime.fromtimestamp(clock.now() / 1e6, UTC).date())
    report = await Importer(database, clock, region=REGION).run(file)
    return report.rows - report.rejected


def write_csv(file: Path, today: date) -> None:
    """The file as somebody might export it from another system."""
    columns = (
        "name",
        "tier",
        "language",
        "phone",
        "email",
        "orders",
        "spent",
        "last_order",
        "account_manager",
        "watch_out",
        "notes",
    )
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(columns)
        for one in CUSTOMERS:
            ordered = (today - timedelta(days=one.last_order)).isoformat()
            row = one._replace(number=number_of(one))
            writer.writerow([ordered if i == 7 else cell for i, cell in enumerate(row)])
