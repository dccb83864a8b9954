"""A row of a file becomes a checked customer, or a sentence naming its column."""

from __future__ import annotations

from datetime import date

import pytest

from crm.csv_rows import CsvProblem
from crm.customers import InvalidCustomer
from crm.import_rows import ImportRow, header, read
from router.customers import Identity

TODAY = date(2026, 6, 30)


def _row(**cells: str) -> ImportRow:
    return read(2, tuple(cells.values()), header(tuple(cells)), "GB", TODAY)


def test_the_header_is_read_as_people_write_it() -> None:
    head = header(["Name", " E-Mail", "Phone Number", "Shoe size", "Notes", ""])
    assert head.columns == ("name", "email", "phone", "", "notes", "")
    assert head.ignored == ("Shoe size",)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["Nom", "phone"], "`name` among them"),
        (["name", "email", "e-mail"], "email is there twice"),
        (["name", "tier"], "Add a column phone"),
        (["PK\x03\x04"], "`name` among them"),
    ],
)
def test_a_header_that_cannot_make_customers_is_one_clear_error(
    cells: list[str], says: str
) -> None:
    with pytest.raises(CsvProblem, match=says):
        header(cells)


def test_several_addresses_in_one_cell_are_parted_by_semicolons() -> None:
    row = _row(name="Ann", phone="01632 960001; +44 1632 960002;;", email="ann@example.com")
    assert row.identities == (
        Identity(kind="phone", value="+441632960001"),
        Identity(kind="phone", value="+441632960002"),
        Identity(kind="email", value="ann@example.com"),
    )


def test_a_column_that_is_not_there_touches_nothing_and_an_empty_one_clears() -> None:
    row = _row(name="Ann", phone="01632960001", tier="")
    assert row.fields == {"name": "Ann", "tier": ""}


def test_a_short_row_leaves_its_last_columns_alone() -> None:
    head = header(["name", "phone", "tier"])
    assert read(2, ("Ann", "01632960001"), head, "GB", TODAY).fields == {"name": "Ann"}


def test_orders_give_the_value_and_say_why() -> None:
    row = _row(name="A", phone="01632960001", spent="900", orders="3", last_order="2026-06-01")
    assert row.fields["value"] == 900
    assert row.fields["why_valued"] == "3 orders in 12 months, spent 900, last order 2026-06-01"


def test_the_files_own_reason_counts_before_ours() -> None:
    row = _row(name="A", phone="01632960001", spent="9", why_valued="A friend of the house")
    assert row.fields["why_valued"] == "A friend of the house"


def test_a_formula_is_text_and_stays_text() -> None:
    row = _row(name="=1+1", phone="01632960001", watch_out="'=cmd|x")
    assert row.fields["name"] == "=1+1"
    assert row.fields["watch_out"] == "=cmd|x"


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("name", "", "Give the customer a name"),
        ("name", "x" * 201, "longer than 200"),
        ("phone", "twelve", "write it with its country code"),
        ("phone", "01632960001;" * 60 + "x", "not a phone number"),
        ("email", "ann@", "write it as name@example.com"),
        ("chat", "x" * 101, "1 to 100 visible"),
        ("value", "3,200", "write it as 3200"),
        ("value", "-1", "whole number"),
        ("value", "1e9", "whole number"),
        ("value", "9" * 13, "whole number"),
        ("value", "٣", "whole number"),
        ("spent", "12.5", "whole number"),
        ("last_order", "yesterday", "write it as 2026-03-31"),
        ("tier", "<b>gold", "use a tier"),
        ("language", "English", "use a language code"),
        ("account_manager", "Ann Lee", "an agent's id"),
        ("notes", "x" * 4_001, "4000 characters"),
    ],
)
def test_a_bad_cell_is_refused_by_column_with_what_to_do(column: str, cell: str, says: str) -> None:
    cells = {"name": "Ann", "external_id": "X1"} | {column: cell}
    with pytest.raises(InvalidCustomer, match=says) as refused:
        _row(**cells)
    assert refused.value.field == column


def test_whole_numbers_may_end_in_zero_cents() -> None:
    assert _row(name="A", external_id="X", value="3200.00").fields["value"] == 3200


def test_a_row_nobody_could_recognise_again_is_refused() -> None:
    with pytest.raises(InvalidCustomer, match="phone number, a mail address"):
        _row(name="Ann", phone="", external_id=" ")


def test_a_row_with_more_cells_than_the_header_is_refused() -> None:
    with pytest.raises(InvalidCustomer, match="3 cells and the header 2"):
        read(2, ("Díaz", "Ann", "1"), header(["name", "phone"]), "GB", TODAY)
