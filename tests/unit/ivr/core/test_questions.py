"""``ivr.core.questions``: what is asked, and what follows from answers, silence and mistakes."""

import msgspec
import pytest
from flow_world import World

from ivr.core.facts import QueueState
from ivr.core.nodes import (
    Again,
    Collect,
    LookUp,
    Say,
    SetValues,
)
from ivr.core.session import (
    AskChoice,
    AskSystem,
    AskText,
    Button,
    CallBack,
    Line,
    Queued,
)
from ivr.core.values import MASK
from router.core.durations import SECOND
from tests.unit.ivr.core.callers import (
    ACCOUNT,
    MENU,
    OFFER,
    Caller,
    flow,
    prompt,
)

# -- menus ----------------------------------------------------------------------------------------


def test_a_menu_gives_what_a_telephone_and_a_chat_need():
    assert Caller(flow(menu=MENU)).asked == AskChoice(
        say=(Line(text="Press 1 or 2", language="en"),),
        buttons=(Button(key="1", text="Help"), Button(key="2", text="Leave")),
        within=6 * SECOND,
        barge_in=True,
    )


@pytest.mark.parametrize("text", ["1", " 1 ", "Help", "HELP", "帮助"])
def test_a_menu_takes_a_key_or_the_words_of_a_button(text):
    assert Caller(flow(menu=MENU)).says(text).session.outcome == Queued(queue="support")


def test_silence_asks_again_as_often_as_it_says_then_leaves():
    caller = Caller(flow(menu=MENU))
    assert caller.is_silent().does[-1].say[0].text == "Are you there?"
    assert caller.is_silent().session.outcome is not None
    assert caller.walked == [("menu", ""), ("menu", "timeout"), ("bye", "")]
    assert [one.again for one in caller.path] == [True, False, False]


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_it_is_asked_again_exactly_as_often_as_it_says(times):
    again = Again(times=times)
    menu = msgspec.structs.replace(MENU, on_silence=again, on_invalid=again)
    silent, wrong = Caller(flow(menu=menu)), Caller(flow(menu=menu))
    for _ in range(times):
        assert silent.is_silent().session.outcome is None
        assert wrong.says("9").session.outcome is None
    assert silent.is_silent().session.outcome is not None
    assert wrong.says("9").session.outcome is not None


def test_wrong_answers_and_silence_are_counted_apart():
    caller = Caller(flow(menu=MENU))
    caller.is_silent()
    assert caller.says("9").session.outcome is None
    assert caller.says("8").session.outcome == Queued(queue="support")
    assert caller.walked[-2] == ("menu", "invalid")


def test_coming_back_to_a_menu_counts_from_the_beginning():
    again = msgspec.structs.replace(MENU, exits={**MENU.exits, "2": "menu"})
    caller = Caller(flow(menu=again))
    caller.is_silent()
    caller.says("2")
    assert caller.is_silent().session.outcome is None


# -- collecting -----------------------------------------------------------------------------------


def test_digits_are_kept_as_an_attribute():
    caller = Caller(flow(account=ACCOUNT))
    assert caller.asked == AskText(
        say=(Line(text="Account", language="en"),),
        digits=True,
        longest=12,
        within=8 * SECOND,
        between=4 * SECOND,
        end_key="#",
    )
    caller.says("7992 7398 713")
    assert caller.session.attributes == {"account": "79927398713"}
    assert caller.path[0].heard == "79927398713"


def test_digits_that_fail_their_check_are_asked_for_again():
    caller = Caller(flow(account=ACCOUNT))
    caller.says("79927398710")
    assert isinstance(caller.asked, AskText)
    assert caller.session.attributes == {}


@pytest.mark.parametrize("flood", ["1" * 1_000_000, "\x00" * 5_000, "<script>" * 100])
def test_a_flood_counts_as_one_wrong_answer(flood):
    caller = Caller(flow(account=ACCOUNT))
    caller.says(flood)
    assert caller.session.mistakes == 1
    assert len(caller.path[0].heard) <= 100


def test_a_secret_is_only_in_the_memory_of_the_caller():
    pin = msgspec.structs.replace(ACCOUNT, into="pin", secret=True, check="any")
    caller = Caller(flow(pin=pin))
    assert caller.asked.secret
    turn = caller.says("4711")
    assert turn.secrets == {"pin": "4711"}
    assert turn.session.attributes == {"pin": MASK}
    assert turn.session.secrets == ("pin",)
    assert turn.path[0].heard == MASK


def test_a_wrong_secret_is_not_in_the_path_either():
    pin = msgspec.structs.replace(ACCOUNT, secret=True)
    assert Caller(flow(pin=pin)).says("12").path[0].heard == MASK


def test_a_look_up_gets_a_secret_by_name_and_nothing_else_does():
    pin = msgspec.structs.replace(
        ACCOUNT, into="pin", secret=True, check="any", exits={**ACCOUNT.exits, "collected": "ask"}
    )
    ask = LookUp(
        connector="crm",
        parameters={"pin": "{pin}", "text": "pin is {pin}", "number": "{address}"},
        exits={"found": "help", "not_found": "bye", "failed": "bye"},
    )
    turn = Caller(flow(pin=pin, ask=ask)).says("4711")
    assert turn.does[-1] == AskSystem(
        connector="crm",
        parameters={"text": f"pin is {MASK}", "number": "+15550100"},
        secrets={"pin": "pin"},
        within=3 * SECOND,
    )


def test_what_overwrites_a_secret_is_none():
    pin = msgspec.structs.replace(
        ACCOUNT, into="pin", secret=True, check="any", exits={"collected": "forget"}
    )
    forget = SetValues(attributes={"pin": "checked"}, exits={"next": "help"})
    session = Caller(flow(pin=pin, forget=forget)).says("4711").session
    assert (session.attributes, session.secrets) == ({"pin": "checked"}, ())


def test_who_accepts_is_promised_a_callback():
    caller = Caller(flow(offer=OFFER))
    assert [one.key for one in caller.asked.buttons] == ["1", "2"]
    assert caller.says("1").session.outcome == CallBack(
        queue="support", number="+15550100", say=(Line(text="We will", language="en"),)
    )
    assert [(one.node, one.exit, one.heard) for one in caller.path] == [("offer", "", "1")]


def test_who_declines_says_nothing_or_something_else_goes_on():
    declines = ["2"], [None, None], ["x", "y"]
    for answers in declines:
        caller = Caller(flow(offer=OFFER))
        for one in answers:
            caller.is_silent() if one is None else caller.says(one)
        assert caller.walked[-2] == ("offer", "declined")


def test_a_callback_is_offered_only_when_it_can_be_kept():
    for spoil in (
        {"callable": False},
        {"queues": {"support": QueueState(calls_back=False)}},
        {"queues": {}},
    ):
        world = World(flow(offer=OFFER))
        for name, value in spoil.items():
            setattr(world, name, value)
        assert Caller(world.flows["main"], world=world).walked[0] == ("offer", "impossible")
    assert Caller(flow(offer=OFFER), address="").walked[0] == ("offer", "impossible")


def test_a_callback_that_became_impossible_meanwhile_is_not_promised():
    caller = Caller(flow(offer=OFFER))
    caller.world.callable = False
    caller.says("1")
    assert caller.walked[0] == ("offer", "impossible")


def test_the_number_may_have_been_asked_for():
    number = Collect(into="phone", check="phone", exits={"collected": "offer"})
    offer = msgspec.structs.replace(OFFER, number="phone")
    caller = Caller(flow(number=number, offer=offer))
    caller.says("+1 (555) 0123")
    assert caller.says("1").session.outcome.number == "+15550123"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{account} {{x}} {pin}", "file:/etc/passwd", "a\r\nb\x00"]
)
def test_what_is_typed_is_a_value_and_nothing_else(text):
    """Markup, fields, sounds and line breaks of a customer are neither read nor obeyed."""
    asks = Collect(input="text", into="account", max_length=100, say=prompt("Who?"))
    asks = msgspec.structs.replace(
        asks, exits={"collected": "echo", "timeout": "bye", "invalid": "bye"}
    )
    echo = Say(say=prompt("{account}"), exits={"next": "bye"})
    caller = Caller(flow(asks=asks, echo=echo), channel="chat")
    caller.says(text)
    kept = caller.session.attributes.get("account", "")
    assert kept in (text, "a b")
    (said,) = caller.asked.say
    assert said.text == kept.replace("file:", "file ")
