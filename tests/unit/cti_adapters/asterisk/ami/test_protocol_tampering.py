"""From what a caller wrote until an action is answered that was sent then, nothing is believed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cti_adapters.asterisk.ami.codec import Decoder, Message, ProtocolError
from cti_adapters.asterisk.ami.pending import Answered
from cti_adapters.asterisk.ami.protocol import AmiProtocol, Believed, Outcome, Tampered
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.core.durations import SECOND
from tests.asterisk.snapshots import event, snapshot

FORGER, ANN = "PJSIP/trunk-00000002", "PJSIP/ann-00000001"
UNREAD = "Newexten"
FORGED = "44\n\nEvent: Hangup\nUniqueid: 1.1"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


class Talk:
    """Asterisk's side, by hand, of a connection that is logged in."""

    def __init__(self) -> None:
        settings = AmiSettings(secret="x", challenge=False, unread=frozenset({UNREAD}))
        self.protocol: AmiProtocol[str] = AmiProtocol(settings, "m", 0)
        self.protocol.receive(BANNER, 0)
        self.protocol.data_to_send()
        self.hear("Response: Success\nActionID: m-1")

    def hear(self, *messages: str, at: int = 0) -> list[Outcome[str]]:
        text = "".join(f"{message}\n\n" for message in messages)
        return self.protocol.receive(text.replace("\n", "\r\n").encode(), at)

    def names(self, *messages: str) -> list[str]:
        return [each.name for each in self.hear(*messages) if isinstance(each, Message)]

    def marks(self) -> list[str]:
        """The ActionIDs of what was sent since."""
        sent = self.protocol.data_to_send().decode()
        return [line[10:] for line in sent.split("\r\n") if line.startswith("ActionID: ")]

    def list(self) -> str:
        self.protocol.request("CoreShowChannels", (), "list", 0, listing=True)
        [mark] = self.marks()
        self.hear(f"Response: Success\nActionID: {mark}\nEventList: start")
        return mark

    def complete(self, mark: str) -> list[str]:
        """The channels that are listed."""
        text = f"Event: CoreShowChannelsComplete\nActionID: {mark}\nEventList: Complete"
        [answered] = (each for each in self.hear(text) if isinstance(each, Answered))
        return [each.get("Channel") for each in answered.reply.entries]


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    assert talk.names(event("Newchannel", ANN, "1.1")) == ["Newchannel"]
    return talk


def entry(mark: str, channel: str, unique: str, **changes: str) -> str:
    text = event("CoreShowChannel", channel, unique, ("Application", "AGI"), **changes)
    return text.replace("Privilege: call,all", f"ActionID: {mark}")


class TestDoubt:
    def test_nothing_is_believed_until_the_answer_to_what_is_asked_then(self, talk: Talk) -> None:
        assert talk.hear(event("Newchannel", FORGER, "2.2", CallerIDNum=FORGED)) == []
        [mark] = talk.marks()
        assert talk.names(event("Hold", ANN, "1.1"), "Event: A") == []
        assert talk.hear("Response: Success\nActionID: m-9") == []
        assert talk.hear(f"Response: Success\nActionID: {mark}") == [Believed(4)]
        assert talk.names(event("Hold", ANN, "1.1"), "Event: A") == ["Hold", "A"]

    def test_answers_count_all_the_while(self, talk: Talk) -> None:
        talk.protocol.request("Hangup", (), "token", 0)
        [mark] = talk.marks()
        talk.hear(event("Newchannel", FORGER, "2.2", CallerIDNum=FORGED))
        [answered] = talk.hear(f"Response: Success\nActionID: {mark}")
        assert isinstance(answered, Answered)

    def test_one_doubt_asks_once(self, talk: Talk) -> None:
        for _ in range(10):
            talk.hear(event("Newchannel", FORGER, "2.2", CallerIDNum=FORGED))
        assert len(talk.marks()) == 1

    def test_events_that_nobody_wants_raise_it_too(self, talk: Talk) -> None:
        assert talk.names(event(UNREAD, ANN, "1.1")) == []
        assert talk.marks() == []
        assert talk.names(event(UNREAD, FORGER, "2.2", CallerIDNum=FORGED), "Event: A") == []
        assert len(talk.marks()) == 1

    def test_a_channel_that_says_to_be_another_raises_it(self, talk: Talk) -> None:
        assert talk.hear(event("Hangup", FORGER, "1.1"), "Event: A") == []
        assert len(talk.marks()) == 1

    @pytest.mark.parametrize("rest", ["Priority: 1\nUniqueid: 2.2", "Foo: bar", "no header"])
    def test_what_begins_in_the_middle_raises_it(self, talk: Talk, rest: str) -> None:
        assert talk.names("Event: A", rest, "Event: B") == ["A"]

    @pytest.mark.parametrize("header", [("Forward", "x"), ("forward", "x")])
    def test_what_ends_in_a_telephones_text_of_any_length_may_be_followed_by_anything(
        self, talk: Talk, header: tuple[str, str]
    ) -> None:
        unread = event("DialEnd", ANN, "1.1", *snapshot(FORGER, "2.2", "Dest"), header)
        assert talk.names(unread, event("Hangup", ANN, "1.1")) == ["DialEnd"]
        [mark] = talk.marks()
        assert talk.hear(f"Response: Success\nActionID: {mark}") == [Believed(1, forged=False)]

    def test_when_nothing_was_lost_nothing_is_to_be_done(self, talk: Talk) -> None:
        talk.hear(event("DialEnd", ANN, "1.1", *snapshot(FORGER, "2.2", "Dest"), ("Forward", "x")))
        [mark] = talk.marks()
        assert talk.hear(f"Response: Success\nActionID: {mark}", "Event: A")[1:] == []
        assert talk.names("Event: A") == ["A"]

    def test_an_answer_to_nobody_does_not(self, talk: Talk) -> None:
        assert talk.names("Response: Success\nActionID: m-99", "Response: Error", "Event: A") == [
            "A"
        ]
        assert talk.marks() == []

    def test_it_does_not_last_for_ever(self, talk: Talk) -> None:
        talk.hear("Foo: bar", at=SECOND)
        assert talk.protocol.next_deadline() <= 6 * SECOND
        talk.hear("Event: A", at=6 * SECOND - 1)
        with pytest.raises(ProtocolError, match="does not answer any more"):
            talk.protocol.tick(6 * SECOND)

    def test_after_it_time_is_counted_as_before(self, talk: Talk) -> None:
        talk.hear("Foo: bar", at=SECOND)
        [mark] = talk.marks()
        talk.hear(f"Response: Success\nActionID: {mark}", at=2 * SECOND)
        talk.hear("Event: A", at=6 * SECOND)
        assert talk.protocol.tick(6 * SECOND) == []


class TestLists:
    def test_an_entry_that_was_broken_open_is_left_out_and_its_channel_named(
        self, talk: Talk
    ) -> None:
        mark = talk.list()
        outcomes = talk.hear(
            entry(mark, FORGER, "2.2", CallerIDNum=FORGED),
            entry(mark, ANN, "1.1"),
        )
        assert outcomes == [Tampered(FORGER)]
        assert talk.complete(mark) == [ANN]

    @pytest.mark.parametrize("absorbed", ["\n\n", "\n\nEvent: A", "\n\nEvent:A\n\n"])
    def test_one_that_says_to_be_another_is_taken_back(self, talk: Talk, absorbed: str) -> None:
        mark = talk.list()
        ends = f"1\nPriority:1\nUniqueid:1.1\nLinkedid:1{absorbed}"
        outcomes = talk.hear(entry(mark, ANN, "1.1"), entry(mark, FORGER, "2.2", Exten=ends))
        assert outcomes[-1] == Tampered(FORGER)
        assert talk.complete(mark) == [ANN]
        [doubt] = talk.marks()
        talk.hear(f"Response: Success\nActionID: {doubt}")
        assert talk.names(event("Hold", ANN, "1.1")) == ["Hold"]
        assert talk.names(event("Hangup", FORGER, "1.1")) == []

    def test_a_caller_cannot_end_a_list(self, talk: Talk) -> None:
        mark = talk.list()
        assert (
            talk.hear(
                entry(mark, FORGER, "2.2", CallerIDNum="44\nEventList: Complete"),
            )
            == []
            or talk.protocol.waiting()
        )
        talk.hear(entry(mark, ANN, "1.1"))
        assert talk.complete(mark) == [ANN]

    def test_maybe_it_is_the_other_ends_text(self, talk: Talk) -> None:
        mark = talk.list()
        [tampered] = talk.hear(entry(mark, ANN, "1.1", ConnectedLineNum=FORGED))
        assert tampered == Tampered(ANN, by_another=True)

    def test_what_follows_a_list_blames_nobody(self, talk: Talk) -> None:
        mark = talk.list()
        talk.hear(entry(mark, ANN, "1.1"))
        assert talk.complete(mark) == [ANN]
        assert talk.hear("Foo: bar") == []

    def test_an_asterisk_that_says_less_of_channels_has_none_hung_up(self, talk: Talk) -> None:
        mark = talk.list()
        assert talk.hear(entry(mark, ANN, "1.1").replace("Language: en\n", "")) == []

    def test_names_are_as_listed(self, talk: Talk) -> None:
        mark = talk.list()
        talk.hear(entry(mark, "PJSIP/other-1", "1.1"))
        talk.complete(mark)
        assert talk.names(event("Hold", "PJSIP/other-1", "1.1")) == ["Hold"]


TRANSCRIPT = (Path(__file__).parent / "transcripts/local_call.txt").read_bytes()
BLOCKS = TRANSCRIPT.removeprefix(BANNER).split(b"\r\n\r\n")[2:-1]
HONEST = {each for each in Decoder().feed(TRANSCRIPT) if each.kind == "event"}
VICTIM, MINE = b"\r\nUniqueid: patchbay-1\r\n", b"\r\nUniqueid: patchbay-2\r\n"

pieces = st.sampled_from(
    ["\r\n", "\r\n\r\n", "\r\n\r\n", "44", ": ", "Event:Hangup", "Event: Hangup", "Event:A",
     "Uniqueid:patchbay-1", "Uniqueid: patchbay-1", "Linkedid:1", "Priority:1", "ChannelState:6",
     "Channel:Local/100@phones-00000003;1", "Cause:16", "EventList:Complete", "ActionID:m-3",
     "Event:DeviceStateChange", "Device:PJSIP/ann", "State:BUSY", "Response:Success", "x"]
)  # fmt: skip
written = st.lists(pieces, max_size=16).map(lambda parts: "".join(parts).encode()[:79])


def told_by_a_forger(block: bytes, number: bytes, dialled: bytes) -> bytes:
    """As Asterisk would write it if the second channel's caller had written these."""
    if MINE not in block:
        return block
    lines = block.split(b"\r\n")
    values = {b"CallerIDNum": number, b"Exten": dialled}
    for key, value in values.items():
        at = next((n for n, line in enumerate(lines) if line.startswith(key + b": ")), None)
        if at is not None and value:
            lines[at] = key + b": " + value
    return b"\r\n".join(lines)


@given(written, written, st.lists(st.booleans(), min_size=len(BLOCKS), max_size=len(BLOCKS)))
@example(b"1\r\n\r\nEvent:Hangup\r\nUniqueid:patchbay-1\r\n\r\n", b"", [True] * len(BLOCKS))
@example(b"1\r\nUniqueid:patchbay-1\r\n", b"", [True] * len(BLOCKS))
@example(b"", b"1\r\nPriority:1\r\nUniqueid:patchbay-1\r\nLinkedid:1\r\n\r\n", [True] * len(BLOCKS))
@example(b"", b"1\r\nPriority:1\r\nUniqueid:9\r\nLinkedid:1\r\n\r\nEvent:A", [False] * len(BLOCKS))
def test_whatever_a_caller_writes_nothing_is_believed_of_others_that_asterisk_did_not_say(
    number: bytes, dialled: bytes, answers: list[bool]
) -> None:
    talk = Talk()
    asked: list[str] = []
    for block, answered in zip(BLOCKS, answers, strict=True):
        data = told_by_a_forger(block, number, dialled) + b"\r\n\r\n"
        for outcome in talk.protocol.receive(data, 0):
            assert not isinstance(outcome, Message) or is_honest(outcome), outcome
        asked += talk.marks()
        if answered and asked:
            assert isinstance(talk.hear(f"Response: Success\nActionID: {asked.pop()}")[0], Believed)


def is_honest(message: Message) -> bool:
    keys = {key.lower() for key, _ in message.headers}
    others = any(
        value == "patchbay-1" for key, value in message.headers if key.lower().endswith("uniqueid")
    )
    device = "device" in keys and message.name == "DeviceStateChange"  # read of no other event
    return message in HONEST or not (others or device)


def test_the_challenge_is_answered_as_ever() -> None:
    """Doubt begins after the login."""
    protocol: AmiProtocol[str] = AmiProtocol(AmiSettings(secret="hush"), "m", 0)
    protocol.receive(BANNER + b"Foo: bar\r\n\r\n", 0)
    protocol.data_to_send()
    protocol.receive(b"Response: Success\r\nActionID: m-1\r\nChallenge: 1\r\n\r\n", 0)
    assert hashlib.md5(b"1hush").hexdigest().encode() in protocol.data_to_send()
