"""An event that gives a channel another's name was not written by Asterisk."""

from __future__ import annotations

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.names import MOST, Names
from tests.asterisk.snapshots import snapshot

ANN, BEN = "PJSIP/ann-00000001", "PJSIP/ben-00000002"


def event(name: str, channel: str, unique: str) -> Message:
    return Message((("Event", name), *snapshot(channel, unique)))


def renamed(old: str, new: str, unique: str) -> Message:
    headers = ("Event", "Rename"), ("Channel", old), ("Newname", new), ("Uniqueid", unique)
    return Message(headers)


def test_whoever_says_to_be_another_is_not_believed() -> None:
    names = Names()
    assert names.agree(event("Newchannel", ANN, "1.1"))
    assert names.agree(event("Hold", ANN, "1.1"))
    assert not names.agree(event("Hangup", BEN, "1.1"))
    assert not names.agree(event("Newchannel", BEN, "1.1"))
    assert names.agree(event("Hangup", ANN, "1.1"))


def test_an_event_of_no_channel_is_none() -> None:
    assert not Names().agree(Message((("Event", "Hold"), *snapshot(ANN, Uniqueid=""))))


def test_a_channel_that_is_renamed_goes_by_all_its_names() -> None:
    names = Names()
    assert names.agree(event("Newchannel", ANN, "1.1"))
    assert names.agree(renamed(ANN, BEN, "1.1"))
    assert names.agree(event("Newstate", BEN, "1.1"))
    assert names.agree(event("Newstate", ANN, "1.1"))  # from before, heard after it


def test_what_takes_the_place_of_another_is_no_forgery() -> None:
    names = Names()
    assert names.agree(event("Newchannel", ANN, "1.1"))
    assert names.agree(event("Hangup", f"{ANN}<ZOMBIE>", "1.1"))


def test_a_list_is_right_whatever_was_heard_before() -> None:
    names = Names()
    assert names.agree(event("Newchannel", ANN, "1.1"))
    names.learn([event("CoreShowChannel", BEN, "1.1"), Message((("Event", "DeviceStateChange"),))])
    assert names.agree(event("Hold", BEN, "1.1"))
    assert not names.agree(event("Hold", ANN, "1.1"))


def test_nobody_takes_the_name_of_a_channel_that_is_gone() -> None:
    names = Names()
    assert names.agree(event("Newchannel", ANN, "1.1"))
    assert names.agree(event("Hangup", ANN, "1.1"))
    assert names.agree(event("Hold", ANN, "1.1"))  # late
    assert not names.agree(event("Hangup", BEN, "1.1"))


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    names = Names()
    assert names.agree(event("Newchannel", ANN, "first"))
    for n in range(MOST):
        names.learn([event("CoreShowChannel", ANN, str(n))])
    assert names.agree(event("Newchannel", BEN, "first"))


def test_a_channel_has_a_bounded_number_of_names() -> None:
    names = Names()
    for n in range(100):
        assert names.agree(renamed(ANN, f"PJSIP/x-{n}", "1.1"))
    assert not names.agree(event("Hold", "PJSIP/x-99", "1.1"))
