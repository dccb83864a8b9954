"""``ivr.core.needs``: which attributes a flow goes by."""

import pytest

from ivr.core.needs import needs
from tests.unit.ivr.core.judging import COLLECT, MENU, flow, ok, say

OFFER = {"kind": "callback", "queue": "support", "say": "x", "number": "mobile"}
LOOK_UP = {"kind": "look_up", "connector": "crm", "parameters": {"q": "{order} {customer.name}"}}
SET = {"kind": "set", "attributes": {"a": "{b}"}, "preferred": ["{agent}"]}


@pytest.mark.parametrize(
    ("node", "named"),
    [
        (say("end", "Hello {name}, {{not}} you"), {"name"}),
        (ok(MENU, on_silence={"say": "{again}"}), {"again"}),
        (COLLECT, set()),
        ({"kind": "identify", "by": "account"}, {"account"}),
        (OFFER, {"mobile"}),
        (LOOK_UP, {"order", "customer.name"}),
        (SET, {"b", "agent"}),
        ({"kind": "queue", "queue": "support", "announcements": [{"say": "{w}"}]}, {"w"}),
    ],
)
def test_what_is_read_is_needed(node, named):
    assert needs(flow(node=node)) == named


def test_a_condition_needs_what_it_compares_but_not_what_it_asks_for():
    def branch(when):
        return flow(node={"kind": "branch", "cases": [{"name": "a", "when": when}]})

    assert needs(branch({"attributes": {"plan": "gold"}, "tier": "gold"})) == {"plan"}
    assert needs(branch({"any": [{"not": {"at_least": {"age": 18}}}]})) == {"age"}
    assert needs(branch({"has": "plan"})) == set()
