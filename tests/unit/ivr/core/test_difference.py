"""``ivr.core.difference``: what changed between two versions, in words."""

import pytest
from msgspec.structs import replace

from ivr.core.difference import difference, in_words
from ivr.core.document import decode

DOCUMENT = {
    "flow": "main",
    "languages": ["en"],
    "safe_queue": "support",
    "start": "main",
    "nodes": {
        "main": {
            "kind": "menu",
            "label": "Main",
            "say": "Press 1 or 3",
            "choices": {"1": "Help", "3": "Cards"},
            "exits": {"1": "help", "3": "help", "timeout": "help", "invalid": "help"},
        },
        "tier": {
            "kind": "branch",
            "cases": [{"name": "gold", "when": {"tier": "gold"}}],
            "exits": {"gold": "help", "otherwise": "cards"},
        },
        "cards": {"kind": "queue", "label": "Cards", "queue": "cards"},
        "help": {"kind": "queue", "queue": "support", "steps": [{"ask": {"english": 3}}]},
    },
    "tests": [{"name": "It works"}],
}


def flow(**nodes):
    """The flow with these lines of these nodes changed."""
    changed = {key: {**DOCUMENT["nodes"].get(key, {}), **lines} for key, lines in nodes.items()}
    reading = decode({**DOCUMENT, "nodes": {**DOCUMENT["nodes"], **changed}})
    assert reading.problems == ()
    return reading.flow


OLD = flow()
EXITS = DOCUMENT["nodes"]["main"]["exits"]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (flow(main={"exits": {**EXITS, "3": "cards"}}), ["menu 'Main': key 3 now goes to 'Cards'"]),
        (flow(main={"answer_within": "8s"}), ["menu 'Main': time-out 5s -> 8s"]),
        (flow(main={"on_silence": {"times": 3}}), ["menu 'Main': repeats after silence 2 -> 3"]),
        (flow(main={"say": "Press 1"}), ["menu 'Main': words (en) Press 1 or 3 -> Press 1"]),
        (flow(main={"barge_in": False}), ["menu 'Main': barge_in yes -> no"]),
        (flow(main={"label": "First"}), ["menu 'First': label Main -> First"]),
        (
            flow(main={"choices": {"1": "Help"}, "exits": {"1": "help", "timeout": "help"}}),
            [
                "menu 'Main': exit 'invalid' no longer goes to 'help'",
                "menu 'Main': key 3 no longer goes to 'help'",
                "menu 'Main': choices.3.en Cards -> nothing",
            ],
        ),
        (
            flow(tier={"cases": [{"name": "gold", "when": {"value": 5000}}]}),
            ["branch 'tier': case 'gold' tier is gold -> value is 5000 or more"],
        ),
        (
            flow(help={"steps": [{"ask": {"english": 5}}]}),
            ["queue 'help': steps.1.ask english >= 3 -> english >= 5"],
        ),
        (flow(more={"kind": "hang_up"}), ["message 'more' is new"]),
        (
            flow(more={"kind": "set", "exits": {"next": "cards"}}),
            ["values 'more' is new", "values 'more': exit 'next' goes to 'Cards'"],
        ),
        (replace(OLD, start="cards"), ["the flow now begins at 'Cards'"]),
        (replace(OLD, safe_queue=None), ["flow: safe queue support -> nothing"]),
        (replace(OLD, languages=("en", "zh")), ["flow: languages en -> en, zh"]),
        (replace(OLD, tests=()), ["test 'It works' is removed"]),
    ],
)
def test_a_change_in_words(new, words):
    assert sorted(in_words(OLD, new)) == sorted(words)


def test_a_node_that_became_another_kind():
    other = decode({**DOCUMENT, "nodes": {**DOCUMENT["nodes"], "help": {"kind": "hang_up"}}}).flow
    assert in_words(OLD, other)[0] == "message 'help' was a queue"


def test_the_order_of_cases_matters():
    cases = [{"name": name, "when": {"tier": name}} for name in ("gold", "basic")]
    one, other = flow(tier={"cases": cases}), flow(tier={"cases": cases[::-1]})
    assert in_words(one, other) == ["branch 'tier': cases gold, basic -> basic, gold"]


def test_back_again_is_the_other_way_round():
    new = flow(more={"kind": "hang_up"}, main={"answer_within": "8s"})
    assert in_words(new, OLD) == ["menu 'Main': time-out 8s -> 5s", "message 'more' is removed"]


def test_standing_elsewhere_is_told_apart():
    moved = flow(main={"position": {"x": 40, "y": 2}})
    assert in_words(OLD, moved) == []
    assert {one.what for one in difference(OLD, moved)} == {"moved"}


def test_changes_are_values_as_well():
    (change,) = difference(OLD, flow(main={"exits": {**EXITS, "3": "cards"}}))
    assert (change.what, change.node, change.field) == ("led", "main", "exits.3")
    assert (change.old, change.new) == ("help", "cards")


def test_a_long_text_is_shortened_in_words_and_whole_in_the_value():
    (change,) = difference(OLD, flow(main={"say": "x" * 2_000}))
    assert len(change.sentence) < 200
    assert change.new == "x" * 2_000
