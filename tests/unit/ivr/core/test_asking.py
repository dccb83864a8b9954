"""``ivr.core.asking``: instructions hold all that a voice and a chat need, filled in."""

import pytest
from flow_world import World, start

from ivr.core.asking import instruction, waits, whole_field
from ivr.core.nodes import (
    Collect,
    Flow,
    HangUp,
    Identify,
    LookUp,
    Menu,
    OfferCallback,
    Say,
    SetValues,
)
from ivr.core.session import AskSystem, Button, FindCustomer, Line
from ivr.core.values import Spoken


def session(**attributes):
    world = World(Flow(id="main", languages=("en", "zh"), start="e", nodes={"e": HangUp()}))
    return start(world, attributes=attributes).session


def test_what_is_said_before_comes_before():
    before = (Line(text="Pardon?", language="en"),)
    asked = instruction(Say(say={"en": Spoken(text="Hi")}), session(), before)
    assert [line.text for line in asked.say] == ["Pardon?", "Hi"]


def test_a_button_without_words_shows_its_key():
    menu = Menu(choices={"1": {"en": "One"}, "#": {}})
    assert instruction(menu, session()).buttons == (
        Button(key="1", text="One"),
        Button(key="#", text="#"),
    )


def test_an_offer_has_two_buttons():
    offer = OfferCallback(queue="q", accept_words={"en": "Yes"}, decline_words={"zh": "不"})
    assert [one.text for one in instruction(offer, session()).buttons] == ["Yes", "不"]


def test_a_typed_text_has_no_key_that_ends_it():
    assert instruction(Collect(input="text"), session()).end_key == ""
    assert instruction(Collect(end_key="none"), session()).end_key == ""
    assert instruction(Collect(end_key="*"), session()).end_key == "*"


def test_a_customer_may_be_looked_for_by_what_was_collected():
    asked = instruction(Identify(by="account"), session(account="42"))
    assert isinstance(asked, FindCustomer)
    assert (asked.by_address, asked.wanted) == (False, "42")


def test_parameters_are_filled_in():
    look_up = LookUp(connector="crm", parameters={"a": "{account}", "b": "x-{none}"})
    asked = instruction(look_up, session(account="42"))
    assert isinstance(asked, AskSystem)
    assert asked.parameters == {"a": "42", "b": "x-"}


def test_other_nodes_wait_for_nothing():
    assert waits(SetValues()) is None
    assert waits(HangUp()) is None


@pytest.mark.parametrize(
    ("text", "field"),
    [("{pin}", "pin"), ("{a.b}", "a.b"), ("{pin} ", ""), ("{{pin}}", ""), ("pin", ""), ("{}", "")],
)
def test_a_whole_field(text, field):
    assert whole_field(text) == field
