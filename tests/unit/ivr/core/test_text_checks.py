"""``ivr.core.text_checks``: every prompt in every language, with fields that exist."""

import pytest

from ivr.core.text_checks import recordings_of
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


@pytest.mark.parametrize(
    ("name", "languages", "says"),
    [
        ("welcom", ["en"], "there is no recording 'welcom'; did you mean 'welcome'?"),
        ("bye", ["en"], "there is no recording 'bye'; upload it, or its text is spoken"),
        ("welcome", ["en-GB"], ""),
        ("welcome", ["zh"], "the recording 'welcome' is not there in zh; record it in zh"),
    ],
)
def test_a_recording_that_is_not_there_is_a_warning_where_its_text_can_be_spoken(
    name, languages, says
):
    said = {one: {"audio": name, "text": "Welcome."} for one in languages}
    judged = flow(a={"kind": "say", "say": said, "exits": {"next": "end"}}, languages=languages)
    warnings = [one for one in told(judged) if "recording" in one]
    assert [says in one and one.startswith("warning: ") for one in warnings] == [True] * bool(says)
    assert recordings_of(judged) == {(name, one) for one in languages}
    assert may_publish(found(judged))


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
        {"kind": "branch", "cases": [{"name": "x", "when": {"contains": {"pin": "1"}}}]},
        {"kind": "identify", "by": "pin"},
        {"kind": "callback", "queue": "support", "say": "x", "number": "pin"},
    ):
        assert any("error" in one and "secret" in one for one in after(**node))


@pytest.mark.parametrize(
    ("text", "long"),
    [("word " * 250, False), ("word " * 301, True), ("请" * 400, False), ("请" * 501, True)],
)
def test_what_a_caller_would_hear_for_minutes_is_a_warning(text, long):
    node = {"kind": "say", "say": {"en": text}, "exits": {"next": "end"}}
    assert any("hears this for minutes" in one for one in told(flow(a=node))) == long
    recorded = {**node, "say": {"en": {"text": text, "audio": "welcome"}}}
    assert not any("hears this for minutes" in one for one in told(flow(a=recorded)))
