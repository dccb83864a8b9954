"""``ivr.core.rendering``: fields are filled in once, and nothing else happens."""

import pytest
from flow_world import World, start

from ivr.core.facts import Customer
from ivr.core.nodes import Flow, HangUp
from ivr.core.rendering import fields_in, fill, said, value_of, words_for
from ivr.core.session import Line
from ivr.core.values import Spoken


def session(language="en", **attributes):
    world = World(Flow(id="main", languages=("en", "zh"), start="e", nodes={"e": HangUp()}))
    customer = Customer(id="c1", name="Ann\u202e Lee\x07", tier="gold", value=5)
    turn = start(world, attributes=attributes, customer=customer, language=language)
    return turn.session


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello {customer.name}", "Hello Ann Lee"),
        ("{order}.", "42."),
        ("{nobody}", ""),
        ("{{order}}", "{order}"),
        ("}}", "}"),
        ("{{", "{"),
        ("{order", "{order"),
        ("{Order} {customer.value} {customer.__class__} {0}", "{Order}   {0}"),
        ("{order!r} {order:>99} {order.x}", "{order!r} {order:>99} "),
        ("{address} {channel} {language}", "+15550100 voice en"),
        ("%s $order ${order} <b>", "%s $order $42 <b>"),
    ],
)
def test_only_safe_fields_are_filled_in(text, filled):
    assert fill(text, session(order="42")) == filled


def test_a_value_is_never_read_for_fields_again():
    assert fill("{a}", session(a="{b}", b="secret")) == "{b}"


def test_a_field_cannot_name_a_sound():
    """Channels play a text that begins so: callers must not choose what."""
    assert fill("{a}", session(a="file:../../etc/passwd")) == "file ../../etc/passwd"


def test_a_text_stays_bounded_whatever_is_filled_in():
    assert len(fill("{a}" * 600, session(a="x" * 2_000))) == 2_000


def test_the_fields_of_a_text():
    assert list(fields_in("{a} {{b}} {customer.name} {A}")) == ["a", "customer.name"]


def test_values_that_are_not_there_are_empty():
    assert value_of("customer.value", session()) == ""
    assert value_of("customer.name.x", session()) == ""


def test_a_prompt_is_in_the_language_of_the_session_or_in_one_that_it_has():
    prompt = {"zh": Spoken(text="你好"), "fr": Spoken(audio="salut")}
    assert said(prompt, session("zh")) == (Line(text="你好", language="zh"),)
    assert said(prompt, session("en")) == (Line(text="你好", language="zh"),)
    assert said({"fr": Spoken(audio="salut")}, session()) == (Line(audio="salut", language="fr"),)
    assert said({}, session()) == said({"en": Spoken()}, session()) == ()


def test_a_button_without_words_shows_its_key():
    assert words_for({}, session(), "1") == words_for({"en": ""}, session(), "1") == "1"
    assert words_for({"zh": "是"}, session("zh"), "1") == "是"
