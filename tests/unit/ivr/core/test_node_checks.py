"""``ivr.core.node_checks``: faults of a node by itself, each with what to do."""

import pytest

from tests.unit.ivr.core.judging import (
    COLLECT,
    MENU,
    flow,
    ok,
    told,
)


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
        ({"kind": "hours", "hours": "ofice"}, "there are no opening hours 'ofice'; did you mean"),
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
