import pytest

from cti_adapters.asterisk.departures import (
    AGENT_LEFT,
    HUNG_UP,
    LED_AWAY,
    LOST,
    NO_ANSWER,
    UNREACHABLE,
    agent_left,
    customer_left,
    why_failed,
    why_hung_up,
)
from cti_adapters.asterisk.settings import CHANNEL
from router.core import commands as c
from router.core.model import ContactState as S
from tests.unit.cti_adapters.asterisk.some_contact import CALLBACK, a_contact

WHYS = [HUNG_UP, LOST, NO_ANSWER, UNREACHABLE, LED_AWAY, "busy"]


@pytest.mark.parametrize(
    ("cause", "was_up", "why"),
    [
        ("16", True, HUNG_UP),
        ("", True, HUNG_UP),
        ("31", True, HUNG_UP),
        ("44", True, LOST),
        ("127", True, LOST),
        ("17", False, "busy"),
        ("19", False, NO_ANSWER),
        ("21", False, "declined"),
        ("20", False, UNREACHABLE),
        ("16", False, UNREACHABLE),
        ("garbage", False, UNREACHABLE),
    ],
)
def test_a_cause_says_who_ended_a_call_or_why_there_was_none(cause, was_up, why):
    assert why_hung_up(cause, was_up=was_up) == why


@pytest.mark.parametrize(
    ("reason", "why"), [("3", NO_ANSWER), ("5", "busy"), ("0", UNREACHABLE), ("x", UNREACHABLE)]
)
def test_a_reason_says_why_nobody_was_called_up(reason, why):
    assert why_failed(reason) == why


@pytest.mark.parametrize("why", WHYS)
@pytest.mark.parametrize("state", [S.ARRIVING, S.IN_FLOW, S.QUEUED, S.OFFERED])
def test_a_customer_who_leaves_before_an_agent_is_there_has_abandoned(state, why):
    told = customer_left(a_contact(state), why)
    assert told == c.Abandon(id="main:1.0/left/7", by=CHANNEL, contact="main:1.0")


@pytest.mark.parametrize(
    ("why", "by"),
    [(HUNG_UP, "customer"), (LOST, "customer"), (LED_AWAY, "system"), (UNREACHABLE, "customer")],
)
@pytest.mark.parametrize("state", [S.CONNECTED, S.HELD])
def test_a_customer_who_leaves_a_conversation_ends_it(state, why, by):
    told = customer_left(a_contact(state, agent="ann"), why)
    assert isinstance(told, c.EndContact)
    assert told.ended_by == by


@pytest.mark.parametrize("why", WHYS)
def test_when_nobody_has_to_be_on_the_line_leaving_means_nothing(why):
    assert customer_left(a_contact(S.WRAPPING), why) is None
    assert customer_left(a_contact(S.CALLBACK_PROMISED, callback=CALLBACK), why) is None
    assert customer_left(a_contact(S.OFFERED, callback=CALLBACK), why) is None


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"state": S.CONNECTED}, c.FailCallback),
        ({"state": S.HELD}, c.Retrieve),
        ({"state": S.HELD, "consult": "asked"}, c.CancelConsult),
        ({"state": S.CONNECTED, "participants": ("ben",)}, c.EndContact),
    ],
)
def test_a_customer_who_is_not_reached_fails_the_callback_whatever_is_in_its_way(more, told):
    contact = a_contact(agent="ann", callback=CALLBACK, **more)
    assert type(customer_left(contact, "busy")) is told
    assert type(agent_left(contact, None, "ann", HUNG_UP, reached=False)) is told


def test_after_a_callback_was_reached_the_conversation_ends_like_any_other():
    contact = a_contact(S.CONNECTED, agent="ann", callback=CALLBACK)
    for why in (HUNG_UP, LOST):
        assert isinstance(customer_left(contact, why), c.EndContact)
    assert isinstance(agent_left(contact, None, "ann", HUNG_UP), c.EndContact)
    given_up = agent_left(contact, None, "ann", HUNG_UP, reached=False)
    assert isinstance(given_up, c.FailCallback)
    assert given_up.reason == AGENT_LEFT


@pytest.mark.parametrize("why", [*WHYS, "declined"])
def test_a_phone_that_does_not_take_an_offer_rejects_it(why):
    offered = a_contact(S.OFFERED, offers={"ann": "o1", "ben": "o2"})
    told = c.Reject(id="o1/left", by=CHANNEL, offer="o1", reason=why)
    assert agent_left(offered, None, "ann", why) == told
    consult = a_contact(S.OFFERED, "asked", offers={"ann": "o1"})
    held = a_contact(S.HELD, agent="ben", consult="asked")
    assert agent_left(held, consult, "ann", why) == told


@pytest.mark.parametrize(
    ("state", "why", "told"),
    [
        (S.CONNECTED, HUNG_UP, c.EndContact),
        (S.HELD, HUNG_UP, c.EndContact),
        (S.CONNECTED, NO_ANSWER, c.FailConnection),
        (S.CONNECTED, UNREACHABLE, c.FailConnection),
        (S.HELD, UNREACHABLE, c.Requeue),
    ],
)
def test_the_holder_leaves_a_conversation(state, why, told):
    assert type(agent_left(a_contact(state, agent="ann"), None, "ann", why)) is told


@pytest.mark.parametrize(
    ("state", "asked_agent", "others", "told"),
    [
        (S.HELD, "ben", (), c.CompleteTransfer),
        (S.HELD, "", (), c.CancelConsult),
        (S.CONNECTED, "ben", (), c.CancelConsult),
        (S.HELD, "ben", ("chi",), c.CancelConsult),
    ],
    ids=["hands over", "nobody to hand over to", "with the customer again", "from a conference"],
)
def test_the_holder_hangs_up_during_a_consultation(state, asked_agent, others, told):
    consult = a_contact(S.CONNECTED, "asked", agent=asked_agent)
    contact = a_contact(state, agent="ann", consult="asked", participants=others)
    assert type(agent_left(contact, consult, "ann", HUNG_UP)) is told


def test_the_colleague_hangs_up_and_the_consultation_is_over():
    consult = a_contact(S.CONNECTED, "asked", agent="ben")
    contact = a_contact(S.HELD, agent="ann", consult="asked")
    told = agent_left(contact, consult, "ben", HUNG_UP)
    assert isinstance(told, c.EndContact)
    assert told.contact == "asked"


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_an_agent_leaves_a_conference(who):
    contact = a_contact(S.CONNECTED, agent="ann", participants=("ben",))
    told = agent_left(contact, None, who, HUNG_UP)
    assert isinstance(told, c.LeaveConference)
    assert told.agent == who


def test_who_is_not_on_the_contact_leaves_nothing():
    assert agent_left(a_contact(S.CONNECTED, agent="ann"), None, "zoe", HUNG_UP) is None
    assert agent_left(a_contact(S.QUEUED), None, "ann", HUNG_UP) is None


def test_said_again_it_is_the_same_command_until_the_router_has_acted():
    contact = a_contact(S.CONNECTED, agent="ann")
    first = customer_left(contact, HUNG_UP)
    assert customer_left(contact, HUNG_UP) == first
    contact.sequence += 1
    assert customer_left(contact, HUNG_UP).id != first.id
