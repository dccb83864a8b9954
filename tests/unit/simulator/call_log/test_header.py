"""Which column is where."""

from __future__ import annotations

import csv

import pytest

from simulator.call_log.header import delimiter_of, fitting, missing, places, split
from simulator.call_log.mapping import ANONYMOUS_BANK, ONE_ROW_PER_CALL, Columns, Mapping
from tests.unit.simulator.call_log.headers import BANK


def test_the_built_in_mappings_recognise_their_headers() -> None:
    assert fitting(BANK) is ANONYMOUS_BANK
    assert fitting(["arrived_at", "waited", "talk"]) is ONE_ROW_PER_CALL
    assert fitting(["name", "address"]) is None


def test_columns_are_found_by_any_of_their_names_whatever_the_case() -> None:
    at = places(ONE_ROW_PER_CALL.columns, [" Start_Time ", "WAIT", "talk", "queue", "Call_ID"])
    assert (at.arrived_at, at.waited, at.talk, at.type, at.id) == (0, 1, 2, 3, (4,))
    assert at.agent == -1


def test_the_first_alternative_wins_and_of_two_equal_columns_the_first() -> None:
    columns = Columns(arrived_at=("b", "a"))
    assert places(columns, ["a", "b", "b"]).arrived_at == 1


def test_an_id_may_be_put_together() -> None:
    assert places(ANONYMOUS_BANK.columns, BANK).id == (0, 1)


def test_what_no_call_can_do_without_is_named() -> None:
    mapping = Mapping(name="m", times="clock", columns=Columns(arrived_at=("begin",)))
    lacking = missing(mapping, places(mapping.columns, ["x"]))
    assert len(lacking) == 4
    assert lacking[0] == "arrived_at (looked for begin)"


def test_the_delimiter_is_the_mapping_s_or_the_most_frequent() -> None:
    assert delimiter_of(ANONYMOUS_BANK, "a,b,c") == "\t"
    assert delimiter_of(None, "a;b;c,d") == ";"
    assert delimiter_of(ONE_ROW_PER_CALL, "a|b") == "|"


def test_quotes_are_understood_and_an_open_one_is_an_error() -> None:
    assert split('a,"b,c",d', ",") == ["a", "b,c", "d"]
    with pytest.raises(csv.Error):
        split('a,"b,c', ",")
