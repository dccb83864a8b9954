"""The codec against what a real Asterisk 22 said, byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.ami.codec import Decoder, Message

FOLDER = Path(__file__).parent / "transcripts"
NAMES = sorted(file.stem for file in FOLDER.glob("*.txt"))
TRANSCRIPTS = {name: (FOLDER / f"{name}.txt").read_bytes() for name in NAMES}


def read(name: str, size: int = 1 << 20) -> list[Message]:
    data = TRANSCRIPTS[name]
    decoder = Decoder()
    parts = (decoder.feed(data[at : at + size]) for at in range(0, len(data), size))
    return [message for part in parts for message in part]


def answer(messages: list[Message], action_id: str) -> Message:
    return next(
        each for each in messages if each.kind == "response" and each.get("ActionID") == action_id
    )


def events(messages: list[Message], name: str) -> list[Message]:
    return [each for each in messages if each.kind == "event" and each.name == name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [*range(1, 9), 100, 1_448, 8_192])
def test_in_pieces_of_any_size_it_says_the_same(name: str, size: int) -> None:
    assert read(name, size) == read(name)


@given(st.sampled_from(NAMES), st.data())
def test_cut_in_two_anywhere_it_says_the_same(name: str, data: st.DataObject) -> None:
    whole = TRANSCRIPTS[name]
    cut = data.draw(st.integers(0, len(whole)))
    decoder = Decoder()
    assert decoder.feed(whole[:cut]) + decoder.feed(whole[cut:]) == read(name)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_out_and_nothing_made_up(name: str) -> None:
    messages = read(name)
    lines = TRANSCRIPTS[name].split(b"\r\n")
    assert sum(len(each.headers) + len(each.output) for each in messages) == len(
        [line for line in lines[1:] if line]
    )
    assert all(each.name for each in messages)


def test_login_and_lists() -> None:
    messages = read("login_and_lists")
    assert answer(messages, "1").get("Challenge").isdigit()
    assert answer(messages, "2").get("Message") == "Authentication accepted"
    assert [each.name for each in messages[2:4]] == ["FullyBooted", "SuccessfulAuth"]
    assert answer(messages, "3").get("EventList") == "start"
    [channels] = events(messages, "CoreShowChannelsComplete")
    assert (channels.get("ActionID"), channels.get("EventList")) == ("3", "Complete")
    [endpoint] = events(messages, "EndpointList")
    assert (endpoint.get("ObjectName"), endpoint.get("Transport")) == ("ann", "")
    [state] = events(messages, "DeviceStateChange")
    assert (state.get("Device"), state.get("State")) == ("PJSIP/ann", "NOT_INUSE")
    assert messages[-1].name == "Goodbye"


def test_what_commands_print() -> None:
    messages = read("login_and_lists")
    [version] = answer(messages, "4").output
    assert version.startswith("Asterisk 22.10.1 built by")
    dialplan = answer(messages, "5").output
    assert dialplan[1].startswith("  '100' =>          1. NoOp(Patchbay)")
    assert "" in dialplan
    unknown = answer(messages, "6")
    assert (unknown.name, len(unknown.output)) == ("Error", 1)


def test_filters_and_an_unknown_action() -> None:
    messages = read("login_and_lists")
    [nonsense] = [each for each in messages if "Nonsense" in each.get("Message")]
    at = messages.index(nonsense)
    assert nonsense.name == "Error"
    added, misread = messages[at - 2], messages[at - 1]
    assert (added.name, misread.name) == ("Success", "Error")
    assert "formatted incorrectly" in misread.get("Message")


def test_a_wrong_secret() -> None:
    [refused] = read("refused")
    assert (refused.name, refused.get("Message")) == ("Error", "Authentication failed")


def test_a_call_from_its_first_event_to_its_last() -> None:
    messages = read("local_call")
    first, *_ = events(messages, "Newchannel")
    assert (first.get("Uniqueid"), first.get("Linkedid")) == ("patchbay-1", "patchbay-1")
    assert first.variables() == {"PATCHBAY_CONTACT": "", "CHANNEL(language)": "en"}
    [begun] = events(messages, "DialBegin")
    assert begun.variables("Dest")["PATCHBAY_CONTACT"] == "c-1"
    assert begun.variables() == {}
    [joined] = events(messages, "LocalBridge")
    assert joined.variables("LocalTwo")["CHANNEL(language)"] == "en"
    assert {each.get("Uniqueid") for each in events(messages, "Hangup")} == {
        "patchbay-1",
        "patchbay-2",
    }


def test_names_and_values_in_any_script() -> None:
    messages = read("local_call")
    named = events(messages, "NewCallerid")[-1]
    assert named.get("CallerIDName") == r"Zoë \"Quote\" Ünal"
    tongue = [each for each in events(messages, "VarSet") if each.get("Variable") == "TONGUE"]
    assert [each.get("Value") for each in tongue] == ["日本語"]


def test_an_event_may_carry_the_id_of_an_action_and_a_response() -> None:
    messages = read("local_call")
    [originated] = events(messages, "OriginateResponse")
    assert (originated.get("ActionID"), originated.get("Response")) == ("3", "Success")
    assert answer(messages, "3").get("Message") == "Originate successfully queued"


def test_commands_over_agi_and_their_results() -> None:
    results = [
        (each.get("CommandId"), each.get("Result"))
        for each in events(read("local_call"), "AsyncAGIExec")
    ]
    assert results == [
        ("answer-1", "200%20result%3D0%0A"),
        ("set-1", "200%20result%3D1%0A"),
        ("hang-1", "200%20result%3D1%0A"),
    ]
