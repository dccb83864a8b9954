import pytest

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.names import is_channel_name
from cti_adapters.asterisk.exchange import Exchange


def event(name, unique="1.1", channel="PJSIP/ann-00000001", **headers):
    given = {"Channel": channel, "Uniqueid": unique} | headers
    return Message((("Event", name), *given.items()))


@pytest.mark.parametrize(
    "name",
    [
        "PJSIP/ann-00000001",
        "PJSIP/trunk-0000002a<ZOMBIE>",
        "Local/100@from-trunk-00000000;2",
        "AsyncGoto/PJSIP/ann-00000001",
    ],
)
def test_a_name_of_one_channel_is_taken(name):
    assert is_channel_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("/.*/", "/^PJSIP/", "PJSIP", "PJSIP/", "PJSIP/a b-00000001", "PJSIP/é-1", ""),
        *("PJSIP/x\r\nY", "PJSIP/a,x-1", "PJSIP/a|x-1", "PJSIP/${x}-1"),
        *('PJSIP/a"-1', "PJSIP/a\\-1"),
    ],
)
def test_what_could_stand_for_several_channels_is_no_channel(name):
    """The manager's Hangup takes ``/pattern/`` for a name, and callers can forge events."""
    exchange = Exchange()
    assert not is_channel_name(name)
    assert exchange.apply(event("Newchannel", channel=name)) is None
    assert exchange.channels == {}


def test_an_event_names_no_known_channel_anew_but_a_rename():
    exchange = Exchange()
    exchange.apply(event("Newchannel"))
    exchange.apply(event("Newstate", channel="/.*/"))
    exchange.apply(event("Newstate", channel="PJSIP/other-00000002"))
    assert exchange.channels["1.1"].name == "PJSIP/ann-00000001"
    exchange.apply(event("Rename", Newname="/.*/"))
    assert exchange.channels["1.1"].name == "PJSIP/ann-00000001"
    exchange.apply(event("Rename", Newname="PJSIP/other-00000002"))
    assert exchange.channels["1.1"].name == "PJSIP/other-00000002"


def test_nothing_brings_a_channel_back_that_was_hung_up():
    exchange = Exchange()
    exchange.apply(event("Newchannel"))
    assert exchange.hang_up("1.1").name == "PJSIP/ann-00000001"
    assert exchange.apply(event("Newstate")) is None
    assert exchange.channels == {}


def test_a_room_is_known_from_its_bridge():
    exchange = Exchange()
    exchange.apply(event("AsyncAGIStart"))
    assert exchange.channels["1.1"].controlled
    headers = {"BridgeUniqueid": "b", "BridgeCreator": "ConfBridge", "BridgeName": "main:1.1"}
    channel = exchange.apply(event("BridgeEnter", **headers))
    assert (channel.controlled, channel.bridge, channel.meeting) == (False, "b", "main:1.1")
    channel = exchange.apply(event("BridgeLeave", BridgeUniqueid="b"))
    assert (channel.bridge, channel.meeting) == ("", "")


def listed(unique="1.1", channel="PJSIP/ann-00000001", **headers):
    return event("CoreShowChannel", unique, channel, **headers)


@pytest.mark.parametrize(
    "entries", [[], [listed("2.2", "PJSIP/trunk-00000002", Application="Goto")]]
)
def test_who_comes_while_channels_are_listed_is_there_as_was_heard(entries):
    exchange = Exchange()
    exchange.apply(event("Newchannel"))
    exchange.stock_begins()
    exchange.apply(event("Newchannel", "2.2", "PJSIP/trunk-00000002"))
    exchange.apply(event("AsyncAGIStart", "2.2", "PJSIP/trunk-00000002"))
    exchange.take_stock(entries)
    assert list(exchange.channels) == ["2.2"]
    assert exchange.is_controlled("2.2")


def test_who_came_and_went_while_channels_were_listed_is_not_there():
    exchange = Exchange()
    exchange.stock_begins()
    exchange.apply(event("Newchannel"))
    exchange.hang_up("1.1")
    exchange.take_stock([listed()])
    assert exchange.channels == {}


def test_who_came_before_channels_were_listed_is_as_they_are_listed():
    exchange = Exchange()
    exchange.stock_begins()
    exchange.apply(event("Newchannel"))
    exchange.take_stock([listed()])
    exchange.stock_begins()
    exchange.take_stock([listed(Application="AGI")])
    assert exchange.is_controlled("1.1")
