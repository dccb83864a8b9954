"""``ivr.core.validation`` and its checks: every fault is named at its node, with what to do."""

import pytest
from flow_world import World

from ivr.core.document import decode
from ivr.core.nodes import MAX_NODES
from ivr.core.scope import Known
from ivr.core.validation import may_publish, validate

KNOWN = Known(
    queues=("support", "sales"),
    queues_that_call_back=("support",),
    skills=("english",),
    hours=("office",),
    agents=("ann",),
    connectors=("crm",),
    boxes=("office",),
    recordings=("welcome",),
)
MENU = {
    "kind": "menu",
    "say": "Press 1",
    "choices": {"1": "One"},
    "exits": {"1": "end", "timeout": "end", "invalid": "end"},
}
COLLECT = {
    "kind": "collect",
    "say": "Number?",
    "exits": {"collected": "end", "timeout": "end", "invalid": "end"},
}


def flow(name="main", **nodes):
    document = {
        "flow": name,
        "languages": ["en"],
        "safe_queue": "support",
        "start": next(iter(nodes)),
        "nodes": {**nodes, "end": {"kind": "hang_up"}},
    }
    reading = decode(document)
    assert reading.problems == ()
    return reading.flow


def found(*flows):
    return validate(flows[0], KNOWN, World(*flows))


def told(*flows):
    return [str(one) for one in found(*flows)]


def ok(node, **changes):
    return {**node, **changes}


def test_a_flow_without_faults():
    assert told(flow(a=MENU)) == []
    assert may_publish(found(flow(a=MENU)))


# -- the flow ---------------------------------------------------------------------------------


def test_what_a_flow_needs():
    bare = decode({"flow": "f", "languages": ["en", "en"]}).flow
    assert told(bare) == [
        "error: nodes: the flow has no nodes; add one",
        "error: safe_queue: nobody takes over when the flow cannot go on; name a queue for that",
        "error: languages: a language is listed twice; remove one",
    ]
    lost = decode(
        {
            "flow": "f",
            "start": "ende",
            "safe_queue": "suport",
            "nodes": {"end": {"kind": "hang_up"}},
        }
    ).flow
    assert "start: there is no node 'ende'; did you mean 'end'?" in told(lost)[0]
    assert "safe_queue: there is no queue 'suport'; did you mean 'support'?" in told(lost)[1]


# -- nodes by themselves ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "says"),
    [
        (ok(MENU, choices={}), "there is nothing to choose"),
        (ok(MENU, say={}), "it says nothing"),
        (ok(MENU, choices={"1": "Go", "2": "go"}), "2 buttons read 'go'"),
        (ok(MENU, answer_within="100ms"), "nobody is that quick"),
        (ok(COLLECT, min_length=9, max_length=4), "at least 9 and at most 4"),
        (ok(COLLECT, check="email"), "an e-mail address cannot be keyed"),
        (ok(COLLECT, check="range"), "the range has no bounds"),
        (ok(COLLECT, check="range", least=9, most=1), "no number is from 9 to 1"),
        (ok(COLLECT, least=9), "least and most count only with"),
        (ok(COLLECT, check="date", max_length=6), "a date has 8 digits"),
        ({"kind": "hours", "hours": "ofice"}, "there is no opening hours 'ofice'; did you mean"),
        ({"kind": "branch", "exits": {"otherwise": "end"}}, "there is nothing to decide"),
        ({"kind": "branch", "cases": [{"name": "x", "when": {"any": []}}]}, "never true"),
        ({"kind": "branch", "cases": [{"name": "x", "when": {"staffed": "no"}}]}, "no queue 'no'"),
        ({"kind": "branch", "cases": [{"name": "x", "when": {"wait": {"no": "1m"}}}]}, "no queue"),
        ({"kind": "branch", "cases": [{"name": "x", "when": {"open": "no"}}]}, "opening hours"),
        (
            {"kind": "branch", "cases": [{"name": "x", "when": {"language": "zh"}}]},
            "does not speak",
        ),
        (
            {"kind": "branch", "cases": [{"name": "otherwise", "when": {"known": True}}]},
            "name of its own",
        ),
        (
            {"kind": "branch", "cases": [{"name": "x", "when": {"known": True}}] * 2},
            "name of its own",
        ),
        (
            {"kind": "branch", "cases": [{"name": "x", "when": {"has": "acount"}}]},
            "nothing in this",
        ),
        ({"kind": "look_up", "connector": "erp"}, "there is no connector 'erp'"),
        ({"kind": "set", "language": "zh"}, "the flow does not speak 'zh'"),
        ({"kind": "set", "preferred": ["bob"]}, "there is no agent 'bob'"),
        ({"kind": "set", "steps": [{"ask": "dutch"}]}, "there is no skill 'dutch'"),
        ({"kind": "set", "steps": [{}, {}]}, "the steps after this one are never reached"),
        ({"kind": "set", "steps": [{"for": "9s"}]}, "the last step lasts until"),
        ({"kind": "set", "attributes": {"x": "{acount}"}}, "nothing in this flow gives 'acount'"),
        ({"kind": "split", "shares": {"a": 50, "b": 40}}, "the shares are 90% together"),
        ({"kind": "split", "shares": {"a": 100, "b": 0}}, "nobody ever goes this way"),
        ({"kind": "queue", "queue": "none"}, "there is no queue 'none'"),
        ({"kind": "queue", "queue": "sales", "announcements": [{"say": {}}]}, "it says nothing"),
        (
            {"kind": "queue", "queue": "sales", "announcements": [{"say": "x", "every": "1s"}]},
            "repeat without pause",
        ),
        ({"kind": "callback", "queue": "sales", "say": "x"}, "'sales' does not call back"),
        ({"kind": "callback", "queue": "sales", "say": "x", "decline": 1}, "both accepts and"),
        ({"kind": "voicemail", "box": "attic"}, "there is no voicemail box 'attic'"),
    ],
)
def test_faults_of_a_node(node, says):
    assert any(says in one and "nodes.a" in one for one in told(flow(a=node))), told(flow(a=node))


# -- what is said -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("say", "says"),
    [
        ({"zh": "你好"}, "error: nodes.a.say: 'a': nothing is said in en"),
        ({"en": " "}, "nothing is said in en"),
        ({"en": "Hi", "zh": "你好"}, "warning: nodes.a.say.zh: 'a': the flow does not speak zh"),
        ({"en": {"audio": "welcom"}}, "there is no recording 'welcom'; did you mean 'welcome'?"),
        ({"en": {"audio": "welcome"}}, "in a chat nothing is shown"),
        ({"en": "file:../x"}, "a text cannot begin with 'file:'"),
        ({"en": "Hello {nmae}"}, "nothing in this flow gives 'nmae'; did you mean 'name'?"),
    ],
)
def test_faults_of_a_prompt(say, says):
    node = {"kind": "say", "say": say, "exits": {"next": "end"}}
    assert any(says in one for one in told(flow(a=node))), told(flow(a=node))


def test_words_after_silence_are_judged_like_every_prompt():
    node = ok(MENU, on_silence={"say": {"zh": "?"}})
    assert "nodes.a.on_silence.say: 'a': nothing is said in en" in told(flow(a=node))[0]


def test_a_button_without_words_is_a_warning():
    assert "no words in en" in told(flow(a=ok(MENU, choices={"1": {}})))[0]
    assert may_publish(found(flow(a=ok(MENU, choices={"1": {}}))))


def test_a_secret_may_go_to_a_look_up_only():
    pin = ok(COLLECT, into="pin", secret=True, exits={**COLLECT["exits"], "collected": "b"})

    def after(**node):
        return told(flow(a=pin, b={**node, "exits": {"next": "end"}}))

    asks = {"kind": "look_up", "connector": "crm", "within": "3s"}
    asks["exits"] = {"found": "end", "not_found": "end", "failed": "end"}
    assert told(flow(a=pin, b={**asks, "parameters": {"p": "{pin}"}})) == []
    assert "secret" in told(flow(a=pin, b={**asks, "parameters": {"p": "x{pin}"}}))[0]
    assert any("secret" in one for one in after(kind="say", say="{pin}"))
    assert any("secret" in one for one in after(kind="set", attributes={"x": "{pin}"}))
    for node in (
        {"kind": "branch", "cases": [{"name": "x", "when": {"attributes": {"pin": "1"}}}]},
        {"kind": "identify", "by": "pin"},
        {"kind": "callback", "queue": "support", "say": "x", "number": "pin"},
    ):
        assert any("error" in one and "secret" in one for one in after(**node))


# -- exits and ways ---------------------------------------------------------------------------


def test_every_exit_leads_somewhere():
    node = ok(MENU, exits={"1": "ende", "timeout": "end", "next": "end"})
    assert told(flow(a=node)) == [
        "error: nodes.a.exits: 'a': exit 'invalid' leads nowhere; connect it to a node",
        (
            "error: nodes.a.exits.1: 'a': exit '1' leads to 'ende', which is not there; "
            "did you mean 'end'?"
        ),
        "error: nodes.a.exits.next: 'a': it has no exit 'next'; its exits are 1, timeout, invalid",
    ]


def test_a_node_that_nothing_leads_to_is_a_warning():
    assert told(flow(a=MENU, lost=MENU)) == [
        "warning: nodes.lost: 'lost': nothing leads here; connect an exit to it or remove it"
    ]


def say(to, text="x"):
    return {"kind": "say", "say": text, "exits": {"next": to}}


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


def test_too_many_nodes_in_a_row():
    nodes = {f"n{n}": say(f"n{n + 1}") for n in range(300)} | {"n300": say("end")}
    assert "302 nodes can follow without a question" in told(flow(**nodes))[0]


# -- flows in flows ---------------------------------------------------------------------------


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


def test_a_flow_that_returns_is_only_a_part():
    assert any("can only be called by others" in one for one in told(PART))


# -- cruelty ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["row", "circle", "star", "questions"])
def test_the_largest_flow_is_judged(shape):
    last = MAX_NODES - 2
    nodes = {}
    for n in range(last + 1):
        after = {"row": n + 1, "circle": (n + 1) % last, "star": 0, "questions": n + 1}[shape]
        target = "end" if after > last else f"n{after}"
        if shape == "questions":
            nodes[f"n{n}"] = ok(MENU, exits={"1": target, "timeout": "n0", "invalid": "end"})
        else:
            nodes[f"n{n}"] = say(target)
    problems = found(flow(**nodes))
    assert may_publish(problems) == (shape == "questions")


def test_ten_thousand_faults_are_told_in_part():
    nodes = {f"n{n}": {"kind": "queue", "queue": f"q{n}"} for n in range(MAX_NODES - 1)}
    assert len(found(flow(**nodes))) == 400


def test_hostile_names_are_shown_harmlessly():
    node = {"kind": "say", "say": "x", "label": "a" * 79, "exits": {"next": "end"}}
    node["exits"]["x" * 64] = "end"
    for one in told(flow(a=node)):
        assert len(one) < 300
        assert one.isprintable()
