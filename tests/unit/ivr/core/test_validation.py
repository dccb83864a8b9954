"""``ivr.core.validation``: what keeps a flow from being published, also in cruel flows."""

import pytest

from ivr.core.document import decode
from ivr.core.nodes import MAX_NODES
from ivr.core.validation import may_publish
from tests.unit.ivr.core.judging import (
    MENU,
    flow,
    found,
    ok,
    say,
    told,
)


def test_a_flow_without_faults():
    assert told(flow(a=MENU)) == []
    assert may_publish(found(flow(a=MENU)))


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


def test_a_test_says_what_happens_and_what_is_expected():
    document = {
        "flow": "f",
        "safe_queue": "support",
        "start": "end",
        "nodes": {"end": {"kind": "hang_up"}},
        "tests": [
            {"name": "a", "acts": [{"answer": 1, "silence": True}, {}]},
            {"name": "a", "acts": [{"answer": ""}], "expect": {"ends": "hang_up"}},
        ],
    }
    one_of = "write one of: answer, silence, hang_up, meanwhile"
    assert told(decode(document).flow) == [
        "error: tests[0].name: 2 tests are called 'a'; give each a name of its own",
        f"error: tests[0].acts[0]: 2 things happen in this step; {one_of}",
        f"error: tests[0].acts[1]: 0 things happen in this step; {one_of}",
        "error: tests[1].name: 2 tests are called 'a'; give each a name of its own",
        "warning: tests[0].expect: test 'a' expects nothing; say how it ends",
    ]


# -- cruelty --------------------------------------------------------------------------------------


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
