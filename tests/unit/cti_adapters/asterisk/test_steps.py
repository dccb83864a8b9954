import pytest

from cti_adapters.asterisk.exchange import Channel, Exchange
from cti_adapters.asterisk.legs import (
    CUSTOMER,
    GONE,
    QUIET,
    WAIT,
    Call,
    Leg,
    Meet,
    Ring,
    Talk,
    Tell,
)
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.steps import next_step

SETTINGS = PbxSettings()
CONTROLLED, BRIDGED = {"controlled": True}, {"bridge": "b1"}
MEETING = {"bridge": "b2", "meeting": "asked"}


def step(agent, activity, here, there=None, **leg):
    """What is asked for a leg whose channel is ``here``, its partner's being ``there``."""
    exchange = Exchange()
    legs = {agent: Leg(unique="u1", agent=agent, **leg)}
    exchange.channels["u1"] = Channel(unique="u1", name="PJSIP/one-00000001", up=True, **here)
    if there is not None:
        partner = "ann" if agent == CUSTOMER else CUSTOMER
        legs[partner] = Leg(unique="u2", agent=partner)
        exchange.channels["u2"] = Channel(unique="u2", name="PJSIP/two-00000002", up=True, **there)
    call = Call(contact="main:17.0", legs=legs)
    asked = next_step(call, legs[agent], activity, exchange, SETTINGS)
    return asked.what.split()[0] if asked is not None else None


@pytest.mark.parametrize(
    ("agent", "activity", "here", "there", "asked"),
    [
        (CUSTOMER, WAIT, CONTROLLED, None, "music"),
        (CUSTOMER, WAIT, BRIDGED, None, None),
        (CUSTOMER, WAIT, MEETING, None, "lead"),
        (CUSTOMER, WAIT, {}, None, None),
        (CUSTOMER, Tell("x"), MEETING, None, "lead"),
        (CUSTOMER, Talk("ann"), CONTROLLED, CONTROLLED, "bridge"),
        (CUSTOMER, Talk("ann"), CONTROLLED, {}, "music"),
        (CUSTOMER, Talk("ann"), CONTROLLED, MEETING, "music"),
        (CUSTOMER, Talk("ann"), CONTROLLED, None, "music"),
        (CUSTOMER, Talk("ann"), BRIDGED, BRIDGED, None),
        (CUSTOMER, Talk("ann"), MEETING, CONTROLLED, "lead"),
        ("ann", Talk(CUSTOMER), CONTROLLED, CONTROLLED, None),
        ("ann", Talk(CUSTOMER), MEETING, CONTROLLED, "lead"),
        ("ann", QUIET, BRIDGED, None, "lead"),
        ("ann", QUIET, MEETING, None, "lead"),
        ("ann", QUIET, CONTROLLED, None, None),
        ("ann", Meet("asked"), MEETING, None, None),
        ("ann", Meet("other"), MEETING, None, "lead"),
        ("ann", Meet("asked"), BRIDGED, None, "lead"),
        ("ann", Meet("asked"), CONTROLLED, None, "hush"),
        (CUSTOMER, Meet("asked"), BRIDGED, None, None),
        ("ann", Ring("o1"), {}, None, None),
        ("ann", GONE, BRIDGED, None, "hang"),
        (CUSTOMER, GONE, {}, None, "hang"),
    ],
)
def test_the_next_step(agent, activity, here, there, asked):
    assert step(agent, activity, here, there) == asked


def test_music_is_not_begun_twice_nor_into_an_announcement():
    assert step(CUSTOMER, WAIT, CONTROLLED, music=True) is None
    assert step(CUSTOMER, WAIT, CONTROLLED, speaking="announcement") is None


@pytest.mark.parametrize("activity", [Talk("ann"), Meet("asked")])
def test_nobody_listens_to_an_announcement_to_its_end_when_somebody_is_there(activity):
    assert step(CUSTOMER, activity, CONTROLLED, CONTROLLED, speaking="announcement") == "lead"


def test_a_hushed_leg_goes_into_its_room():
    assert step("ann", Meet("asked"), CONTROLLED, hushed=True) == "meet"


@pytest.mark.parametrize("activity", [WAIT, Talk("ann")])
def test_who_may_be_on_the_way_into_a_bridge_is_not_led_out_of_it(activity):
    assert step(CUSTOMER, activity, {"last_in": "Bridge"}, CONTROLLED) == "sign"
    assert step(CUSTOMER, activity, {"last_in": "Playback"}, CONTROLLED) == "lead"


def test_a_leg_without_a_channel_is_asked_for_nothing():
    leg = Leg(unique="u1", agent="ann")
    call = Call(contact="main:17.0", legs={"ann": leg})
    for activity in (WAIT, QUIET, GONE, Talk(CUSTOMER), Meet("asked"), Ring("o1")):
        assert next_step(call, leg, activity, Exchange(), SETTINGS) is None
