"""Whether a block is a whole event: whatever a caller writes into an event of a real Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cti_adapters.asterisk.ami.codec import Decoder, Message
from cti_adapters.asterisk.ami.tampering import (
    SNAPSHOT,
    is_by_another,
    is_open_ended,
    is_proof,
    is_whole,
    is_whole_at_sight,
    torn,
)
from tests.asterisk.snapshots import Header, snapshot

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
FOLDER = Path(__file__).parent / "transcripts"
BLOCKS = [
    block
    for file in sorted(FOLDER.glob("*.txt"))
    for block in file.read_bytes().split(b"\r\n\r\n")
    if block.startswith(b"Event: ")
]
OF_CHANNELS = [block for block in BLOCKS if b"ChannelState: " in block]
KEYS = [key.lower() for key in SNAPSHOT]
CHANNEL = "PJSIP/trunk-00000001"


def read(block: bytes) -> list[Message]:
    return Decoder().feed(BANNER + block + b"\r\n\r\n")


def event(*more: Header, name: str = "Hold", prefix: str = "", **changes: str) -> list[Header]:
    return [("Event", name), *snapshot(CHANNEL, "1.1", prefix, **changes), *more]


def whole(headers: list[Header]) -> bool:
    """As it comes over the wire; a value with line ends is read as what it is taken for there."""
    text = "\r\n".join(f"{key}: {value}" for key, value in headers)
    return is_whole(read(text.encode())[0])


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_everything_a_real_asterisk_says_is_whole(block: bytes) -> None:
    [message] = read(block)
    assert is_whole(message)
    assert is_whole_at_sight(block) == (block in OF_CHANNELS)


def test_what_asterisk_may_say_more_in_years_to_come_does_no_harm() -> None:
    newer = event(("Later", "1"))
    newer.insert(5, ("TenantID", "x"))
    assert whole(newer)


@pytest.mark.parametrize("at", range(1, len(SNAPSHOT)))
def test_a_snapshot_that_ends_early_was_ended_by_its_last_value(at: int) -> None:
    headers = event()[: at + 1]
    assert not whole(headers)
    assert torn([key.lower() for key, _ in headers]) == KEYS[at - 1]


@pytest.mark.parametrize("key", SNAPSHOT)
def test_a_header_that_is_there_twice_is_not_believed(key: str) -> None:
    assert not whole([*event(), (key, "x")])
    assert not whole([("Event", "Hold"), (key.lower(), "x"), *event()[1:]])


@pytest.mark.parametrize(
    "line",
    ["Uniqueid: 2.2", "uniqueid:2.2", "EventList: Complete", "ActionID: 1", "Event: Hangup",
     "ChanVariable: A=1", "Response: Success", "and a line without a colon"],
)  # fmt: skip
def test_no_line_of_meaning_comes_in_with_a_number(line: str) -> None:
    assert not whole(event(CallerIDNum=f"44\r\n{line}"))


@pytest.mark.parametrize("key", ["Cause", "CommandID", "Digit", "BridgeUniqueid"])
def test_no_line_comes_before_the_real_one(key: str) -> None:
    assert not whole(event((key, "real"), CallerIDNum=f"44\r\n{key}: forged"))


@pytest.mark.parametrize(
    "block",
    [
        b"Event: Hangup\r\nUniqueid: 1.1",
        b"Event: Hangup\r\nChannel: PJSIP/ann-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1",
        b"Event: DTMFEnd\r\nUniqueid: 1.1\r\nDigit: 1",
        b"Event: AsyncAGIExec\r\nUniqueid: 1.1\r\nCommandID: answer",
        b"Event: DeviceStateChange\r\nDevice: PJSIP/ann",
        b"Event: DeviceStateChange\r\nDevice: PJSIP/ann\r\nState: BUSY\r\nDevice: x",
        b"Event: Rename\r\nUniqueid: 1.1\r\nNewname: PJSIP/x-1",
        b"Event: OriginateResponse\r\nResponse: Failure\r\nUniqueid: 1.1",
        b"Event: AttendedTransfer\r\nTransfereeUniqueid: 1.1",
        b"Event: BlindTransfer\r\nTransfereeUniqueid: 1.1",
        b"Event: A\r\nPriority: 1\r\nUniqueid: 1.1\r\nLinkedid: 1.1",
        b"Event: A\r\nUniqueid: 1.1\r\nUniqueid: 1.2",
        b"Event: \r\nUniqueid: 1.1",
        b"event: Hangup\r\nUniqueid: 1.1",
        b"Priority: 1\r\nUniqueid: 1.1\r\nLinkedid: 1.1",
        b"CallerIDName: x",
        b"no header at all",
    ],
)
def test_what_fits_into_a_number_is_no_event(block: bytes) -> None:
    [message] = read(block)
    assert not is_whole(message)
    assert not is_whole_at_sight(block)


def test_the_second_channel_of_an_event_is_looked_at_too() -> None:
    second = snapshot("PJSIP/ann-1", "2.2", "Dest")
    assert whole([*event(name="DialBegin"), *second])
    assert not whole([*event(name="DialBegin"), *second[:4]])
    assert not whole([*event(name="DialBegin"), *second, ("DestUniqueid", "1.1")])


def test_where_a_telephone_forwards_a_call_to_is_seen_at_sight() -> None:
    block = "\r\n".join(f"{key}: {value}" for key, value in event(("Forward", "x"), name="DialEnd"))
    assert not is_whole_at_sight(block.encode())
    assert is_open_ended(read(block.encode())[0])
    assert not is_open_ended(read(block.replace("Forward", "DialStatus").encode())[0])


class TestWhoseTextItIs:
    """In a list, where it is certain which channel the entry is about."""

    def seen(self, headers: list[Header]) -> Message:
        text = "\r\n".join(f"{key}: {value}" for key, value in headers)
        return read(text.encode())[0]

    @pytest.mark.parametrize("key", ["CallerIDNum", "CallerIDName", "Exten"])
    def test_the_callers_own(self, key: str) -> None:
        broken = self.seen(event(name="CoreShowChannel", **{key: "1\r\n\r\nEvent: A"}))
        assert is_proof(broken)
        assert not is_by_another(broken)

    @pytest.mark.parametrize("key", ["ConnectedLineNum", "ConnectedLineName"])
    @pytest.mark.parametrize("text", ["1\r\n\r\nEvent: A", "1\r\nUniqueid: 2.2"])
    def test_maybe_the_other_ends(self, key: str, text: str) -> None:
        broken = self.seen(event(name="CoreShowChannel", **{key: text}))
        assert is_proof(broken)
        assert is_by_another(broken)

    @pytest.mark.parametrize("left_out", ["Language", "AccountCode", "Priority"])
    def test_an_asterisk_that_says_less_is_no_caller_who_forges(self, left_out: str) -> None:
        less = [header for header in event(name="CoreShowChannel") if header[0] != left_out]
        assert not is_proof(self.seen(less))

    def test_nor_is_one_that_says_more(self) -> None:
        assert not is_proof(self.seen(event(("Later", "1"), name="CoreShowChannel")))


VICTIM = "1763804664.12"
pieces = st.sampled_from(
    ["\r\n", "\r\n\r\n", "\r", "\n", ": ", ":", " ", "44", "Event: ", "Event:Hangup", "Event:A",
     "Channel:PJSIP/ann-1", f"Uniqueid: {VICTIM}", f"Uniqueid:{VICTIM}", "Linkedid:1", "Priority:1",
     "ChannelState:6", "Exten:1", "Language:en", "EventList:Complete", "ActionID:m-7", "Response:x",
     "Device:PJSIP/ann", "State:BUSY", "Cause:16", "CallerIDName:x", "ChanVariable:A=1", "\0", "é"]
)  # fmt: skip
texts = st.one_of(st.text(max_size=79), st.lists(pieces, max_size=20).map("".join))
# Asterisk keeps 79 bytes of a number and of what was dialled.
written = texts.map(lambda text: text.encode()[:79])
# Names are escaped by Asterisk; the property holds for them all the same.
fields = st.sampled_from([b"CallerIDNum", b"CallerIDName", b"Exten", b"ConnectedLineNum"])


def inserted(block: bytes, key: bytes, text: bytes) -> bytes:
    """``block`` as Asterisk would write it if that were the caller's."""
    lines = block.split(b"\r\n")
    at = next(n for n, line in enumerate(lines) if line.partition(b":")[0].endswith(key))
    lines[at] = lines[at].partition(b":")[0] + b": " + text
    return b"\r\n".join(lines)


def uniques(message: Message) -> set[str]:
    return {value for key, value in message.headers if key.lower().endswith("uniqueid")}


@given(st.sampled_from(OF_CHANNELS), fields, written)
@example(
    OF_CHANNELS[0], b"CallerIDNum", b"4\r\n\r\nEvent:Hangup\r\nUniqueid:1.1\r\nCause:16\r\n\r\n"
)
@example(OF_CHANNELS[0], b"Exten", b"1\r\nPriority:1\r\nUniqueid:1.1\r\nLinkedid:1\r\n\r\nEvent:A")
def test_whatever_a_caller_writes_no_whole_event_is_about_another_channel(
    block: bytes, key: bytes, text: bytes
) -> None:
    """But for one that is about the caller's own channel by its name, which ``Names`` sees."""
    [honest] = read(block)
    name = next(value for header, value in honest.headers if header.endswith("Channel"))
    for message in read(inserted(block, key, text)):
        if message.kind == "event" and is_whole(message):
            others = uniques(message) - uniques(honest)
            channels = [v for header, v in message.headers if header.endswith("Channel")]
            assert not others or channels[0] == name


@given(st.sampled_from(OF_CHANNELS), fields, written)
def test_an_event_that_was_broken_open_is_never_left_out_at_sight(
    block: bytes, key: bytes, text: bytes
) -> None:
    """What follows the break would be believed."""
    first, *rest = inserted(block, key, text).split(b"\r\n\r\n")
    if rest and is_whole_at_sight(first):
        assert any(not is_whole(message) for part in rest for message in read(part))


@given(st.binary(max_size=300))
def test_no_bytes_are_too_much(data: bytes) -> None:
    is_whole_at_sight(data)
    for message in read(b"Event: Hangup\r\n" + data):
        assert is_whole(message) in (True, False)
