"""``ivr.core.nodes``: which exits a node has."""

import pytest

from ivr.core.conditions import CustomerKnown
from ivr.core.nodes import Branch, Case, CheckHours, Menu, Say, Split, exits_of, may_have, name_of


@pytest.mark.parametrize(
    ("node", "exits"),
    [
        (Menu(choices={"1": {}, "#": {}}), ("1", "#", "timeout", "invalid")),
        (Split(shares={"a": 50, "b": 50}), ("a", "b")),
        (
            Branch(cases=(Case(name="x", when=CustomerKnown()),) * 2),
            ("x", "otherwise"),
        ),
        (CheckHours(hours="office"), ("open", "closed")),
    ],
)
def test_exits_follow_from_what_the_node_says(node, exits):
    assert exits_of(node) == exits


def test_a_holiday_may_have_an_exit_of_its_own():
    assert may_have(CheckHours(hours="office")) == ("holiday",)
    assert may_have(Say()) == ()


def test_a_node_is_called_by_its_label():
    assert name_of("a", Say(label="Hello")) == "Hello"
    assert name_of("a", Say()) == "a"
