"""``ivr.core.document``, ``reader``: any document is read, or refused with where and what to do."""

import pytest

from ivr.core.document import decode, encode
from ivr.core.nodes import MAX_NODES, Again, Collect, Flow, HangUp, Menu, Say
from ivr.core.problems import MAX_PROBLEMS
from ivr.core.values import Position, Spoken
from router.core.durations import SECOND


def document(**nodes):
    return {"flow": "f", "languages": ["en", "zh"], "start": "a", "nodes": nodes}


def problems(value):
    return [str(one) for one in decode(value).problems]


def test_numbers_truth_and_keys_may_be_text_as_in_a_yaml_file():
    as_text = {"kind": "collect", "max_length": "8", "secret": "true", "exits": {"timeout": "a"}}
    as_json = {"kind": "collect", "max_length": 8, "secret": True, "exits": {"timeout": "a"}}
    assert decode(document(a=as_text)).flow == decode(document(a=as_json)).flow
    menu = {"kind": "menu", "choices": {1: "Yes", "#": {"en": "No"}}, "exits": {1: "a"}}
    flow = decode(document(a=menu)).flow
    assert flow.nodes["a"].choices == {"1": {"en": "Yes"}, "#": {"en": "No"}}


def test_a_prompt_may_be_a_text_or_differ_by_language():
    says = {"a": "Hi", "b": {"zh": "你好"}, "c": {"en": {"audio": "hi", "text": "Hi"}}}
    flow = decode(document(**{key: {"kind": "say", "say": one} for key, one in says.items()})).flow
    assert [node.say for node in flow.nodes.values()] == [
        {"en": Spoken(text="Hi")},
        {"zh": Spoken(text="你好")},
        {"en": Spoken(text="Hi", audio="hi")},
    ]


def test_a_draft_with_faults_is_read():
    flow = decode({"flow": "f", "nodes": {"a": {"kind": "menu", "exits": {"x": "gone"}}}}).flow
    assert flow.start is None
    assert flow.nodes["a"] == Menu(exits={"x": "gone"})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "meny"}, "nodes.a.kind: 'meny' cannot be used; did you mean 'menu'?"),
        ({}, "nodes.a: 'kind' is missing; write one of: say, menu"),
        ("say", "nodes.a: 'say' cannot be used; write 'kind: …'"),
        (None, "nodes.a: nothing cannot be used"),
        ({"kind": ["say"]}, "nodes.a.kind: a list cannot be used"),
        ({"kind": "say", "sya": 1}, "nodes.a.sya: 'sya' is not known here; did you mean 'say'?"),
        ({"kind": "say", "say": 5}, "nodes.a.say: this is no prompt"),
        ({"kind": "say", "say": {"english": "x"}}, "nodes.a.say.english: 'english' cannot be used"),
        ({"kind": "say", "say": {"en": {"audio": "../x"}}}, "name of a recording"),
        ({"kind": "say", "say": {"en": {"audio": "a..b"}}}, "name of a recording"),
        ({"kind": "say", "say": "x" * 2_001}, "nodes.a.say.en.text: this text has 2001"),
        ({"kind": "say", "say": "a\x00b"}, "the character U+0000 is not allowed"),
        ({"kind": "say", "say": "a\u202eb"}, "the character U+202E is not allowed"),
        ({"kind": "say", "say": "\ud800"}, "the character U+D800 is not allowed"),
        ({"kind": "say", "exits": {"next": "../a"}}, "nodes.a.exits.next: '../a' cannot be used"),
        ({"kind": "say", "exits": ["a"]}, "nodes.a.exits: a list cannot be used"),
        ({"kind": "say", "exits": {f"e{n}": "a" for n in range(99)}}, "there are 99 entries"),
        ({"kind": "say", "barge_in": "perhaps"}, "write true or false"),
        ({"kind": "say", "position": {"x": 10**9}}, "write a number from -1000000"),
        ({"kind": "menu", "answer_within": "5"}, "a duration needs a unit"),
        ({"kind": "menu", "answer_within": "100d"}, "write 1d at most"),
        ({"kind": "menu", "choices": {"12": "x"}}, "write one key"),
        ({"kind": "menu", "choices": {"１": "x"}}, "write one key"),
        ({"kind": "menu", "on_silence": {"times": 99}}, "write a number from 0 to 10"),
        ({"kind": "collect", "into": "customer-name"}, "nodes.a.into"),
        ({"kind": "collect", "check": "regex"}, "nodes.a.check"),
        ({"kind": "hours"}, "nodes.a: 'hours' is missing; add 'hours'"),
        ({"kind": "branch", "cases": [{"name": "x", "when": {"eval": "1"}}]}, "is no condition"),
        ({"kind": "transfer", "number": "1&Dial"}, "nodes.a.number"),
        ({"kind": "queue", "queue": "q", "steps": [{"ask": {"english": 99}}]}, "between 1 and 10"),
        ({"kind": "set", "credit": "soon"}, "nodes.a.credit"),
        ({"kind": "split", "shares": {"a": 101}}, "write a number from 0 to 100"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_to_do(wrong, says):
    found = problems(document(a=wrong))
    assert any(says in one for one in found), found


def test_every_mistake_is_named_not_only_the_first():
    found = problems(
        {
            "flow": "F!",
            "languages": [],
            "extra": 1,
            "nodes": {"a": {"kind": "menu", "x": 1}, "": {}},
        }
    )
    assert len(found) == 6


@pytest.mark.parametrize("document", [None, 5, "flow", [], [[]], {}, {"flow": None}, {1: 2}])
def test_what_is_no_flow_is_refused(document):
    assert decode(document).flow is None
    assert decode(document).problems != ()


def test_problems_are_bounded():
    assert len(problems(document(**{f"n{n}": {"kind": "x"} for n in range(5_000)}))) == MAX_PROBLEMS


def test_a_flow_may_have_many_nodes_but_not_too_many():
    node = {"kind": "hang_up"}
    nodes = {f"n{n}": node for n in range(MAX_NODES)}
    assert len(decode({"flow": "f", "nodes": nodes}).flow.nodes) == MAX_NODES
    assert "there are 10001 entries" in problems({"flow": "f", "nodes": {**nodes, "x": node}})[0]


def test_what_is_nested_without_end_is_not_walked_into():
    deep = {}
    for _ in range(100_000):
        deep = {"all": [deep]}
    assert "nested more than" in problems(document(a=deep))[0]
    while deep:  # taken apart by hand: Python would free it recursively
        deep = deep["all"][0]


def test_a_document_of_millions_of_values_is_not_looked_at():
    shared = [0] * 1_000
    wide = [shared] * 1_000
    assert "values" in problems(document(a=wide))[0]


@pytest.mark.parametrize(
    "number", [10**18, -(10**18), 10**5_000], ids=["large", "small", "without end"]
)
def test_a_number_without_end_is_refused_wherever_it_stands(number):
    for document in (number, {number: 1}, {"flow": number}, {"nodes": [{"x": {number: number}}]}):
        assert "18 digits" in problems(document)[0]


def test_writing_leaves_out_what_is_at_its_default_and_keeps_an_order():
    node = Collect(
        note="why",
        position=Position(x=3),
        exits={"timeout": "a", "collected": "b"},
        say={"en": Spoken(text="Number?")},
        answer_within=9 * SECOND,
        on_invalid=Again(times=1),
    )
    flow = Flow(id="f", languages=("en",), start="a", nodes={"a": node, "b": HangUp()})
    assert encode(flow) == {
        "flow": "f",
        "schema": 1,
        "start": "a",
        "nodes": {
            "a": {
                "kind": "collect",
                "say": {"en": "Number?"},
                "answer_within": "9s",
                "on_invalid": {"times": 1},
                "exits": {"timeout": "a", "collected": "b"},
                "note": "why",
                "position": {"x": 3},
            },
            "b": {"kind": "hang_up"},
        },
    }
    assert list(encode(flow)["nodes"]["a"])[-3:] == ["exits", "note", "position"]


def test_a_newer_schema_is_not_guessed_at():
    assert "schema" in problems({"flow": "f", "schema": 2})[0]


def test_a_position_changes_nothing_else():
    here, there = Say(position=Position(x=1)), Say(position=Position(x=2))
    assert here != there
    assert encode(Flow(id="f", nodes={"a": here}))["nodes"]["a"] == {
        "kind": "say",
        "position": {"x": 1},
    }
