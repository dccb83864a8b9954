import pytest

from config.catalog.values import MAX_NAME
from cti_adapters.asterisk.legs import (
    CUSTOMER,
    Call,
    Leg,
    is_far_half,
    listener,
    owner_of,
    unique_of,
)
from cti_adapters.asterisk.settings_file.values import MAX_ID
from router.core.durations import SECOND


@pytest.mark.parametrize("agent", ["ann", CUSTOMER, listener("sue"), "ann-1.2_x"])
@pytest.mark.parametrize("contact", ["main:1700000000.17", "main:17.0:65a1b2", "main:17.0"])
def test_a_leg_tells_whose_it_is(agent, contact):
    unique = unique_of(agent, contact, 1_700_000_000_000_000)
    assert owner_of(unique) == (agent, contact)
    assert not is_far_half(unique)


def test_asterisk_takes_the_longest_name_of_a_leg():
    agent, pbx, linked = "a" * MAX_NAME, "p" * MAX_ID, f"{'s' * 13}-1700000000.123456"
    later = f"{pbx}:{linked}:{1_800_000_000 * SECOND:x}"
    unique = unique_of(listener(agent), later, 1_800_000_000 * SECOND)
    assert len(unique) <= 149, "'Uniqueid length exceeds maximum of 149', it says"


@pytest.mark.parametrize("unique", ["1700000000.17", "", "pb", "pb:", "pb:1:2", "xpb:1:ann:c"])
def test_other_channels_are_nobodys(unique):
    assert owner_of(unique) is None


def test_the_other_half_of_a_local_channel_is_told_from_the_leg():
    unique = unique_of("ann", "main:17.0", 1)
    assert is_far_half(f"{unique};2")
    assert not is_far_half("1700000000.17;2")


def test_a_supervisor_beside_an_agent_is_not_taken_for_that_agent():
    assert listener("ann") != "ann"


def test_a_leg_is_found_until_it_is_dropped_wherever_it_is():
    staying, leaving = Leg(unique="u1", agent="ann"), Leg(unique="u2", agent="ann")
    call = Call(contact="main:17.0", legs={"ann": staying}, leaving=[leaving])
    assert call.find("u1") is staying
    assert call.find("u2") is leaving
    call.drop(leaving)
    assert (call.find("u2"), call.legs) == (None, {"ann": staying})
    call.drop(leaving)
    call.drop(staying)
    assert (call.legs, call.leaving) == ({}, [])


def test_calls_share_nothing():
    first, second = Call(contact="a"), Call(contact="b")
    first.legs["ann"] = Leg(unique="u1")
    first.left["ann"] = "hung_up"
    assert (second.legs, second.left) == ({}, {})
