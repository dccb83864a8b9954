"""The demo's customers are believable, invented, and nobody's real number."""

from __future__ import annotations

import csv
import re
from collections import Counter

from crm.demo import DEMO_CUSTOMERS, demo_callers, demo_regulars, demo_visitors

# Set aside for fiction: +1 … 555-01xx, London and Manchester blocks and mobiles of Ofcom.
FICTION = re.compile(r"\+1\d{3}55501\d{2}|\+44207946\d{4}|\+44161496\d{4}|\+447700900\d{3}")
AGENTS = {"ann", "ben", "chi", "dora", "eli", "fay", "gus", "hana", "ivo", "jun", "kay", "leo"}
AGENTS |= {"mia", "noa"}


def _rows() -> list[dict[str, str]]:
    with DEMO_CUSTOMERS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_number_and_mailbox_is_reserved_for_fiction() -> None:
    assert all(FICTION.fullmatch(number) for number in demo_callers())
    domains = {address.rpartition("@")[2] for _, address in demo_visitors()}
    assert domains == {"example.com", "example.org", "example.net"}


def test_there_are_customers_of_each_language_tier_and_manager() -> None:
    rows = _rows()
    assert len(rows) == 200
    assert {row["language"] for row in rows} == {"en", "es", "zh"}
    assert {row["tier"] for row in rows} == {"platinum", "gold", "silver", ""}
    assert {row["account_manager"] for row in rows} == AGENTS | {""}
    assert min(Counter(row["language"] for row in rows).values()) >= 30


def test_some_numbers_belong_to_several_customers() -> None:
    shared = Counter(number for row in _rows() for number in row["phone"].split(";"))
    assert sum(count > 1 for count in shared.values()) >= 8
    assert len(demo_callers()) == len(shared)


def test_everybody_has_customers_of_their_own_whom_a_number_tells_apart() -> None:
    shared = Counter(number for row in _rows() for number in row["phone"].split(";"))
    regulars = demo_regulars()
    assert set(regulars) == AGENTS
    assert all(shared[number] == 1 for numbers in regulars.values() for number in numbers)
    assert all(regulars.values())


def test_ids_and_mail_addresses_are_unique() -> None:
    rows = _rows()
    assert len({row["external_id"] for row in rows}) == len(rows)
    assert len({address for _, address in demo_visitors()}) == len(demo_visitors())
