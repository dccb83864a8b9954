"""``ivr.core.text_checks``: every prompt in every language, with fields that exist."""

import pytest

from ivr.core.validation import may_publish
from tests.unit.ivr.core.judging import (
    COLLECT,
    MENU,
    flow,
    found,
    ok,
    told,
)


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
