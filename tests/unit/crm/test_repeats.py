"""Rows that name a customer of an earlier row are found, across batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.import_rows import ImportRow
from crm.repeats import Repeats
from router.customers import Identity


@pytest.fixture
def repeats() -> Iterator[Repeats]:
    with Repeats() as repeats:
        yield repeats


def _row(line: int, name: str, *phones: str, external_id: str = "") -> ImportRow:
    return ImportRow(
        line=line,
        fields={"name": name} | ({"external_id": external_id} if external_id else {}),
        identities=tuple(Identity(kind="phone", value=phone) for phone in phones),
        note="",
    )


def test_the_same_name_and_number_is_the_same_customer(repeats: Repeats) -> None:
    assert repeats.among([_row(2, "Ann", "1"), _row(3, "ÁNN", "2", "1")]) == {3}
    assert repeats.among([_row(4, "Ann", "2"), _row(5, "Ben", "1")]) == {4}


def test_the_same_external_id_is_the_same_customer_whatever_the_name(repeats: Repeats) -> None:
    assert repeats.among([_row(2, "Ann", "1", external_id="X")]) == set()
    assert repeats.among([_row(3, "Anna", "9", external_id="X")]) == {3}


def test_another_external_id_is_another_customer_even_with_one_name_and_number(
    repeats: Repeats,
) -> None:
    rows = [_row(2, "John", "1", external_id="X"), _row(3, "John", "1", external_id="Y")]
    assert repeats.among(rows) == set()
    assert repeats.among([_row(4, "John", "1")]) == {4}


def test_an_external_id_is_taken_over_by_who_had_none(repeats: Repeats) -> None:
    assert repeats.among([_row(2, "Ann", "1"), _row(3, "Ann", "1", external_id="X")]) == {3}
    assert repeats.among([_row(4, "Ann", "1", external_id="Y")]) == set()
