"""``ivr.core.conversation``: tests of flows say in one sentence where they differ."""

import pytest
from flow_world import World
from msgspec.structs import replace

from ivr.core.conversation import coverage, run, run_all
from ivr.core.document import decode
from ivr.core.session import Left, Queued

DOCUMENT = {
    "flow": "main",
    "languages": ["en", "zh"],
    "safe_queue": "support",
    "start": "hours",
    "nodes": {
        "hours": {
            "kind": "hours",
            "hours": "office",
            "exits": {"open": "language", "closed": "night"},
        },
        "night": {"kind": "voicemail", "box": "office", "say": {"en": "We sleep."}},
        "language": {
            "kind": "menu",
            "label": "Language",
            "say": {"en": "Press 1, {customer.name}"},
            "choices": {1: {"en": "English"}, 2: {"zh": "中文"}},
            "exits": {"1": "who", "2": "chinese", "timeout": "busy", "invalid": "busy"},
        },
        "chinese": {"kind": "set", "language": "zh", "exits": {"next": "busy"}},
        "who": {
            "kind": "identify",
            "exits": {"found": "debt", "several": "busy", "not_found": "busy"},
        },
        "debt": {
            "kind": "look_up",
            "connector": "billing",
            "take": {"debt": "balance"},
            "exits": {"found": "busy", "not_found": "busy", "failed": "busy"},
        },
        "busy": {
            "kind": "branch",
            "cases": [{"name": "long", "when": {"length": {"support": 5}}}],
            "exits": {"long": "later", "otherwise": "queue"},
        },
        "later": {
            "kind": "callback",
            "queue": "support",
            "say": {"en": "Call back?"},
            "exits": {"declined": "queue", "impossible": "queue"},
        },
        "queue": {"kind": "queue", "queue": "support", "say": {"en": "Please wait."}},
    },
}
GIVEN = {
    "identified": [{"id": "c1", "name": "Ann"}],
    "systems": {"billing": {"answer": {"balance": "12"}}},
}


def flow(*tests, **changes):
    reading = decode({**DOCUMENT, **changes, "tests": [{"name": "t", **one} for one in tests]})
    assert reading.problems == ()
    return reading.flow


def differs(**test):
    return run_all(flow(test))[0].differs


def test_a_conversation_goes_as_expected():
    expect = {
        "ends": "queue",
        "at": "support",
        "path": ["hours", "language", "who", "debt", "busy", "queue"],
        "attributes": {"debt": "12"},
        "language": "en",
        "hears": ["Press 1", "Please wait"],
    }
    ran = run_all(flow({"given": GIVEN, "acts": [{"answer": 1}], "expect": expect}))[0]
    assert (ran.differs, ran.passed) == ("", True)
    assert isinstance(ran.session.outcome, Queued)
    assert [one.node for one in ran.path] == expect["path"]


@pytest.mark.parametrize(
    ("test", "says"),
    [
        (
            {"expect": {"ends": "queue", "at": "sales"}},
            "Expected was queue 'sales', but it waits at node 'language'.",
        ),
        (
            {"acts": [{"answer": 1}], "expect": {"ends": "voicemail"}},
            "Expected was voicemail, but it ended in queue 'support'.",
        ),
        (
            {"acts": [{"hang_up": True}], "expect": {"ends": "queue"}},
            "Expected was queue, but the customer has hung up.",
        ),
        (
            {"acts": [{"answer": 2}], "expect": {"path": ["hours", "language", "who"]}},
            "Node 3 of its path is 'chinese', not 'who'.",
        ),
        (
            {"acts": [{"answer": 2}], "expect": {"path": ["hours", "language"]}},
            "Its path goes on to 'chinese', where it should have ended.",
        ),
        (
            {"expect": {"path": ["hours", "language", "who"]}},
            "Its path never comes to 'who'.",
        ),
        (
            {"acts": [{"answer": 1}], "expect": {"attributes": {"debt": "12"}}},
            "Attribute 'debt' is '', not '12'.",
        ),
        (
            {"acts": [{"answer": 2}], "expect": {"language": "en"}},
            "The language is 'zh', not 'en'.",
        ),
        (
            {"acts": [{"answer": 1}], "expect": {"hears": ["Please wait", "Press 1"]}},
            "The customer never hears 'Press 1', or not in this order.",
        ),
        (
            {"acts": [{"answer": 1}, {"answer": 2}]},
            "Step 2 comes too late: it ended in queue 'support'.",
        ),
    ],
)
def test_a_difference_is_told_in_one_sentence(test, says):
    assert differs(**test) == says


def test_a_flow_that_cannot_go_on_fails_every_test():
    nodes = {**DOCUMENT["nodes"], "hours": {"kind": "hours", "hours": "office"}}
    broken = flow({"expect": {"ends": "queue"}}, nodes=nodes)
    assert run_all(broken)[0].differs == ("The flow cannot go on at node 'hours': missing exit.")


LONG = {"queues": {"support": {"length": 9}}}


@pytest.mark.parametrize(
    ("given", "acts", "at", "ends"),
    [
        ({"hours": {"office": "closed"}}, [], "office", "voicemail"),
        (LONG, [{"answer": 2}, {"answer": 1}], "support", "callback"),
        ({**LONG, "may_call": False}, [{"answer": 2}], "support", "queue"),
        ({"systems": {"billing": {"result": "failed"}}}, [{"answer": 1}], "support", "queue"),
        ({}, [{"silence": True}] * 3, "support", "queue"),
        ({}, [{"answer": 9}] * 3, "support", "queue"),
        ({}, [{"meanwhile": LONG}, {"answer": 2}], "later", "waiting"),
    ],
)
def test_the_world_is_what_the_script_says(given, acts, at, ends):
    assert differs(given=given, acts=acts, expect={"ends": ends, "at": at}) == ""


def test_a_customer_may_be_known_before():
    caller = {"customer": {"id": "c1", "name": "Ann", "language": "zh"}, "channel": "chat"}
    assert differs(caller=caller, expect={"hears": ["Press 1, Ann"], "language": "zh"}) == ""


def test_a_mail_has_a_subject_and_words_and_answers_nothing():
    says = {
        "kind": "branch",
        "cases": [
            {"name": "subject", "when": {"subject": ["order"]}},
            {"name": "text", "when": {"text": ["refund"]}},
        ],
        "exits": {"subject": "language", "text": "queue", "otherwise": "night"},
    }
    nodes = {**DOCUMENT["nodes"], "says": says}

    def went(**caller):
        held = flow({"caller": caller}, start="says", nodes=nodes)
        ran = run_all(held)[0]
        return [(one.node, one.exit) for one in ran.path]

    assert went(channel="email", subject="My order")[1] == ("language", "timeout")
    assert went(channel="email", said=["a refund"]) == [("says", "text"), ("queue", "")]
    assert went(channel="voice", subject="My order") == [("says", "subject")]
    assert went(channel="email", subject="My order", present=True) == [("says", "subject")]
    assert went(channel="chat", attributes={"subject": "order"}, present=False)[1][1] == "timeout"


def test_hanging_up_is_the_end():
    ran = run_all(flow({"acts": [{"hang_up": True}], "expect": {"ends": "left"}}))[0]
    assert ran.passed
    assert ran.session.outcome == Left()


def test_other_flows_come_from_the_library():
    part = replace(flow(), id="part")
    calling = flow(
        {"acts": [{"answer": 2}], "expect": {"ends": "queue", "path": ["call"]}},
        start="call",
        nodes={"call": {"kind": "flow", "flow": "part", "exits": {"failed": "call"}}},
    )
    assert "Expected was queue" not in run_all(calling, World(part))[0].differs
    ran = run(calling.tests[0], calling, World(part))
    assert [frame.flow for frame in ran.session.frames] == ["main", "part"]
    assert isinstance(ran.session.outcome, Queued)


def test_what_no_test_goes_through_is_told():
    night = {"given": {"hours": {"office": "closed"}}}
    tested = flow(night, {"acts": [{"answer": 2}]})
    covered = coverage(tested, run_all(tested))
    assert (covered.nodes, covered.nodes_walked) == (9, 6)
    assert covered.missed_nodes == ("who", "debt", "later")
    assert covered.exits == 17
    assert covered.exits_walked == 5
    assert ("busy", "long") in covered.missed_exits
    assert coverage(tested, ()).nodes_walked == 0


def test_a_cruel_flow_cannot_hold_a_test():
    nodes = {"a": {"kind": "say", "say": "x", "exits": {"next": "a"}}}
    held = flow({"expect": {"ends": "queue"}}, start="a", nodes=nodes)
    assert "too many steps" in run_all(held)[0].differs


def test_the_tests_of_a_flow_are_broken_off_before_they_hold_up_others():
    steps = {f"s{n}": {"kind": "set", "exits": {"next": f"s{n + 1}"}} for n in range(200)}
    again = {"1": "s0", "timeout": "end", "invalid": "end"}
    document = {
        "flow": "cruel",
        "languages": ["en"],
        "safe_queue": "support",
        "start": "s200",
        "nodes": {
            **steps,
            "s200": {"kind": "menu", "choices": {"1": {"en": "Again"}}, "exits": again},
            "end": {"kind": "hang_up"},
        },
        "tests": [{"name": f"{n}", "acts": [{"answer": "1"}] * 500} for n in range(40)],
    }
    runs = run_all(decode(document).flow)
    assert all(ran.differs.startswith("It passes too many nodes") for ran in runs)
    assert sum(len(ran.path) for ran in runs) < 110_000
