"""``ivr.core.way_checks``: everybody who comes into a flow gets out of it."""

from ivr.core.nodes import Flow, HangUp, Return, SubFlow
from ivr.core.problems import MAX_PROBLEMS
from ivr.core.validation import may_publish
from tests.unit.ivr.core.judging import (
    MENU,
    flow,
    found,
    ok,
    say,
    told,
)


def test_a_node_that_nothing_leads_to_is_a_warning():
    assert told(flow(a=MENU, lost=MENU)) == [
        "warning: nodes.lost: 'lost': nothing leads here; connect an exit to it or remove it"
    ]


def test_a_circle_in_which_nothing_is_asked():
    circle = flow(a=say("b"), b=say("c"), c=say("a"))
    problem = next(one for one in found(circle) if "goes round" in one.what)
    assert "'a' -> 'b' -> 'c'" in problem.what
    assert (problem.severity, problem.node) == ("error", "a")


def test_a_circle_with_a_question_is_a_menu_like_any_other():
    assert told(flow(a=say("m"), m=ok(MENU, exits={**MENU["exits"], "1": "a"}))) == []


def test_who_cannot_get_out_is_told():
    round_ = ok(MENU, exits={"1": "m", "timeout": "m", "invalid": "m"})
    assert "nodes.m: 'm': who comes here never gets out" in told(flow(m=round_))[0]


def test_an_exit_that_is_not_connected_yet_is_one_problem_and_not_many():
    draft = flow(a=say("b"), b={"kind": "say", "say": "x"})
    assert (
        told(draft)[0]
        == "error: nodes.b.exits: 'b': exit 'next' leads nowhere; connect it to a node"
    )
    assert [one.severity for one in found(draft)] == ["error", "warning"]


def test_too_many_nodes_in_a_row():
    nodes = {f"n{n}": say(f"n{n + 1}") for n in range(300)} | {"n300": say("end")}
    assert "302 nodes can follow without a question" in told(flow(**nodes))[0]


# -- flows in flows -------------------------------------------------------------------------------


def call(name="part", **exits):
    return {"kind": "flow", "flow": name, "exits": {"failed": "end", **exits}}


PART = flow(
    "part",
    a=ok(MENU, exits={"1": "back", "timeout": "end", "invalid": "back"}),
    back={"kind": "return"},
)


def test_a_call_has_the_exits_that_come_back():
    assert told(flow(a=call(done="end")), PART) == []
    assert "comes back by 'done', which leads nowhere" in told(flow(a=call()), PART)[0]
    assert "never comes back by 'odd'" in told(flow(a=call(done="end", odd="end")), PART)[0]
    assert "there is no flow 'gone' ('live')" in told(flow(a=call("gone")), PART)[0]


def test_a_call_that_asks_breaks_a_circle_and_one_that_does_not_is_part_of_it():
    assert told(flow(a=call(done="a")), PART) == []
    mute = flow("part", a=say("back"), back={"kind": "return"})
    assert any("goes round" in one for one in told(flow(a=call(done="a")), mute))


def test_flows_that_call_each_other_without_asking():
    there = flow("part", a=call("main", done="back"), back={"kind": "return"})
    assert "comes to call itself without asking" in told(flow(a=call(done="end")), there)[0]
    itself = flow(a=call("main"))
    assert any("comes to call itself" in one for one in told(itself))


def test_flows_that_call_each_other_with_a_question_are_a_warning():
    there = flow("part", a=ok(MENU, exits={**MENU["exits"], "1": "b"}), b=call("main"))
    problems = found(flow(a=call()), there)
    assert any("may come to call itself" in one.what for one in problems)
    assert may_publish(problems)


def test_flows_inside_one_another_have_a_depth():
    def chain(length):
        last = flow(f"f{length}", a=MENU)
        return [*(flow(f"f{n}", a=call(f"f{n + 1}")) for n in range(1, length)), last]

    assert told(*chain(8)) == []
    assert "9 flows call each other here; keep to 8" in told(*chain(9))[0]


def test_ten_thousand_calls_of_oneself_are_judged_and_told_in_bounds():
    nodes = {
        f"n{n}": SubFlow(flow="main", exits={"failed": f"n{n + 1}", "done": f"n{n // 2}"})
        for n in range(9_998)
    }
    ends = {"n9998": HangUp(), "back": Return()}
    cruel = Flow(id="main", safe_queue="support", start="n0", nodes={**nodes, **ends})
    problems = found(cruel)
    assert not may_publish(problems)
    assert len(problems) <= 2 * MAX_PROBLEMS
    assert any("comes to call itself without asking" in one.what for one in problems)


def test_many_flows_that_all_call_each_other_are_judged():
    names = [f"f{n}" for n in range(40)]
    exits = {"failed": "end", "done": "end"}
    all_call = {f"to-{name}": {"kind": "flow", "flow": name, "exits": exits} for name in names}
    everybody = [flow(name, ask=MENU, **all_call) for name in names]
    hops = {f"{n + 1}": f"to-{name}" for n, name in enumerate(names[:9])}
    menu = ok(MENU, choices=dict.fromkeys(hops, "Go"), exits={**MENU["exits"], **hops})
    first = flow(names[0], ask=menu, **all_call)
    assert any("may come to call itself" in one.what for one in found(first, *everybody[1:]))


def test_a_flow_that_returns_is_only_a_part():
    assert any("can only be called by others" in one for one in told(PART))
