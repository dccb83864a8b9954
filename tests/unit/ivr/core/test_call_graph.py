"""``ivr.core.call_graph``: which flow calls which, and where nothing is asked on the way."""

from __future__ import annotations

import pytest
from flow_world import World

from ivr.core.call_graph import CallGraph
from ivr.core.nodes import SubFlow
from tests.unit.ivr.core.judging import MENU, flow, ok, say


def call(name, **exits):
    return {"kind": "flow", "flow": name, "exits": {"failed": "end", **exits}}


BACK = {"kind": "return"}
ASKS = flow("asks", a=ok(MENU, exits={**MENU["exits"], "1": "b"}), b=BACK)
MUTE = flow("mute", a=say("b"), b=BACK)


def passes(main, *others):
    """Where the first node of ``main`` leads without a question."""
    graph = CallGraph(World(main, *others))
    return graph.silent_targets(main, main.nodes[main.start])


def test_a_call_is_passed_when_what_it_calls_comes_back_unasked():
    assert passes(flow(a=call("mute", done="b"), b=MENU), MUTE) == ("end", "b")
    assert passes(flow(a=call("asks", done="b"), b=MENU), ASKS) == ("end",)
    assert passes(flow(a=call("gone", done="b"), b=MENU)) == ("end",)


def test_what_is_passed_may_call_others_that_are():
    through = flow("through", a=call("mute", done="b"), b=BACK)
    assert passes(flow(a=call("through", done="b"), b=MENU), through, MUTE) == ("end", "b")
    stopped = flow("through", a=call("asks", done="b"), b=BACK)
    assert passes(flow(a=call("through", done="b"), b=MENU), stopped, ASKS) == ("end",)


@pytest.mark.parametrize("first", ["one", "two"])
def test_flows_that_call_each_other_are_passed_whichever_is_asked_first(first):
    one = flow("one", a=call("two", done="b", failed="b"), b=BACK)
    two = flow("two", a=call("one", done="b"), b=BACK)
    main = flow(a=call(first, done="b"), b=MENU)
    assert passes(main, one, two) == ("end", "b")


def test_who_only_calls_itself_is_never_passed():
    itself = flow("itself", a=call("itself", done="b"), b=BACK)
    assert passes(flow(a=call("itself", done="b"), b=MENU), itself) == ("end",)


def test_calls_are_known_by_flow_and_whether_something_was_asked_first():
    main = flow(a=call("mute", done="q"), q=ok(MENU, exits={**MENU["exits"], "1": "c"}),
                c=call("asks", done="a"))  # fmt: skip
    found = CallGraph(World(main, MUTE, ASKS)).calls(main)
    assert found == {"main": {"mute": True, "asks": False}, "mute": {}, "asks": {}}


def test_a_chain_of_a_thousand_flows_needs_no_recursion():
    chain = [flow(f"f{n}", a=call(f"f{n + 1}", done="b"), b=BACK) for n in range(1_000)]
    last = flow("f1000", b=BACK)
    assert passes(flow(a=call("f0", done="b"), b=MENU), *chain, last) == ("end", "b")


def test_ways_back_are_named_once():
    both = flow("both", a=MENU, b=BACK, c=BACK, d={"kind": "return", "by": "odd"})
    graph = CallGraph(World(both))
    key = graph.callee(SubFlow(flow="both"))
    assert key == ("both", 1)
    assert graph.ways_back(key) == ("done", "odd")
    assert CallGraph(None).callee(SubFlow(flow="both")) is None
