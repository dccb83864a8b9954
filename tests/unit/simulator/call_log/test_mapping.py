"""Mappings as files give them."""

from __future__ import annotations

import msgspec
import pytest

from router.core.catalog import SECOND
from simulator.call_log.mapping import BUILT_IN, Mapping, convert_mapping
from simulator.call_log.model import LogError


@pytest.mark.parametrize("mapping", BUILT_IN, ids=lambda one: one.name)
def test_the_built_in_mappings_can_be_written_down_and_read_again(mapping: Mapping) -> None:
    assert convert_mapping(msgspec.json.decode(msgspec.json.encode(mapping))) == mapping


def test_a_mapping_of_one_s_own() -> None:
    mapping = convert_mapping(
        {
            "name": "ours",
            "times": "unix",
            "columns": {"arrived_at": ["start"], "waited": ["hold"], "talk": ["talk"]},
            "credits": {"gold": "90"},
        }
    )
    assert mapping.columns.arrived_at == ("start",)
    assert mapping.credits_in_microseconds() == {"gold": 90 * SECOND}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "object"),
        ({"name": "x"}, "columns"),
        ({"name": "x", "columns": {"arrived_at": ["a"]}, "colour": 1}, "colour"),
        ({"name": "x", "columns": {"arrived_at": ["a"]}, "times": "sundial"}, "times"),
        ({"name": "x", "columns": {"arrived_at": ["a"]}, "outcomes": {"A": "won"}}, "won"),
        ({"name": "x", "columns": {"arrived_at": ["a"]}, "credits": {"A": 1e9}}, "credits"),
        (
            {"name": "x", "columns": {"arrived_at": ["a"]}, "served_as": {"A": {"B": 2}}},
            "served_as",
        ),
        (
            {
                "name": "x",
                "columns": {"arrived_at": ["a"]},
                "served_as": {"A": {"B": 0.6, "C": 0.6}},
            },
            "more than 1",
        ),
    ],
)
def test_a_mapping_that_is_not_right_says_where(document: object, told: str) -> None:
    with pytest.raises(LogError, match=told):
        convert_mapping(document)
