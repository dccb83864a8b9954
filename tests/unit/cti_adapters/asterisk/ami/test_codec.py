"""What goes over the wire can only be read one way, and whatever comes over it is survived."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.ami.codec import (
    MAX_SENT_LINE,
    MAX_SENT_LINES,
    Decoder,
    Limits,
    Message,
    ProtocolError,
    UnsafeValue,
    encode,
)

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
SMALL = Limits(line=40, message=100, lines=8, headers=4)

keys = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1
)
values = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200)
headers = st.lists(
    st.tuples(keys.filter(lambda key: key.lower() not in ("action", "output")), values), max_size=20
)
SYNTAX = b"\r\n|\r|\n|: |:|\r\n\r\n|\x00|\xff|\xe2\x82|a".split(b"|")
WORDS = b"Event|Response|Follows|Output|ActionID|--END COMMAND--".split(b"|")
ami_like = st.lists(
    st.sampled_from([*SYNTAX, *WORDS]) | st.binary(max_size=6),
    max_size=60,
).map(b"".join)


def decode(data: bytes, limits: Limits | None = None) -> list[Message]:
    return Decoder(limits).feed(BANNER + data)


def message(*pairs: tuple[str, str], output: tuple[str, ...] = ()) -> Message:
    return Message(pairs, output)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


class TestEncoding:
    def test_a_message_is_its_lines_and_an_empty_one(self) -> None:
        sent = encode("Hangup", [("ActionID", "a-1"), ("Channel", "PJSIP/ann-1")])
        assert sent == b"Action: Hangup\r\nActionID: a-1\r\nChannel: PJSIP/ann-1\r\n\r\n"

    def test_a_key_may_be_repeated(self) -> None:
        sent = encode("Originate", [("Variable", "A=1"), ("Variable", "B=2")])
        assert sent.count(b"\r\nVariable: ") == 2

    @pytest.mark.parametrize(
        "value",
        ["a\r\nAction: Command", "a\n", "\r", "a\x00b", "a\tb", "\x1b[2J", "\x7f", "\x85", "\x9f"],
        ids=lambda value: ascii(value).strip("'"),
    )
    def test_control_characters_are_refused_wherever_they_are(self, value: str) -> None:
        with pytest.raises(UnsafeValue, match="value of Channel"):
            encode("Hangup", [("Channel", value)])
        with pytest.raises(UnsafeValue):
            encode(value)
        with pytest.raises(UnsafeValue):
            encode("Hangup", [(value, "x")])

    @pytest.mark.parametrize("key", ["", "a b", "a:b", "Channel ", "schlüssel", "a\u2028b"])
    def test_a_key_is_one_plain_word(self, key: str) -> None:
        with pytest.raises(UnsafeValue, match="cannot be the key"):
            encode("Hangup", [(key, "x")])

    def test_half_a_character_is_refused(self) -> None:
        with pytest.raises(UnsafeValue, match="not valid text"):
            encode("Hangup", [("Channel", "\ud83d")])

    @pytest.mark.parametrize("key", ["Action", "ACTION", "action"])
    def test_a_second_action_is_refused(self, key: str) -> None:
        with pytest.raises(UnsafeValue, match="one name"):
            encode("Ping", [(key, "Command")])

    def test_a_line_is_as_long_as_asterisk_reads_one_and_no_longer(self) -> None:
        room = MAX_SENT_LINE - len("Data: ")
        assert len(encode("X", [("Data", "a" * room)]).split(b"\r\n")[1]) == MAX_SENT_LINE
        with pytest.raises(UnsafeValue, match="value of Data is too long"):
            encode("X", [("Data", "a" * (room + 1))])
        with pytest.raises(UnsafeValue):
            encode("X", [("Data", "ü" * (room // 2 + 1))])

    def test_there_are_no_more_lines_than_asterisk_reads(self) -> None:
        encode("X", [("A", "1")] * (MAX_SENT_LINES - 1))
        with pytest.raises(UnsafeValue, match="at most"):
            encode("X", [("A", "1")] * MAX_SENT_LINES)

    def test_what_is_refused_is_not_shown(self) -> None:
        with pytest.raises(UnsafeValue) as refused:
            encode("Login", [("Secret", "hush\n")])
        assert "hush" not in str(refused.value)

    @given(values, headers)
    def test_what_is_encoded_is_decoded_as_it_was(
        self, action: str, pairs: list[tuple[str, str]]
    ) -> None:
        assert decode(encode(action, pairs)) == [message(("Action", action), *pairs)]

    @given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=9), st.text(max_size=40))))
    def test_whatever_is_given_makes_one_message_or_none(
        self, action: str, pairs: list[tuple[str, str]]
    ) -> None:
        try:
            sent = encode(action, pairs)
        except UnsafeValue:
            return
        assert sent.count(b"\r\n") == len(pairs) + 2
        assert sent.count(b"\n") == sent.count(b"\r") == len(pairs) + 2
        assert sent.endswith(b"\r\n\r\n")


class TestMessages:
    event = message(
        ("Event", "Newchannel"),
        ("Channel", "PJSIP/trunk-1"),
        ("ChanVariable", "CONTACT=c-1"),
        ("ChanVariable", "EMPTY="),
        ("DestChanVariable", "CONTACT=c-2"),
        ("ChanVariable(PJSIP/ann-1)", "X=a=b"),
        ("Variable", "NAMELESS"),
        ("channel", "second"),
    )

    def test_keys_are_found_in_whatever_case_and_the_first_value_counts(self) -> None:
        assert self.event.get("CHANNEL") == "PJSIP/trunk-1"
        assert self.event.all("chanNEL") == ("PJSIP/trunk-1", "second")

    def test_a_missing_key_has_the_default(self) -> None:
        assert self.event.get("Uniqueid") == ""
        assert self.event.get("Uniqueid", "none") == "none"
        assert self.event.all("Uniqueid") == ()

    def test_variables_are_those_of_one_channel(self) -> None:
        assert self.event.variables() == {"CONTACT": "c-1", "EMPTY": "", "X": "a=b"}
        assert self.event.variables("Dest") == {"CONTACT": "c-2"}
        assert self.event.variables("LocalOne") == {}

    def test_the_first_header_says_what_it_is(self) -> None:
        originated = message(("Event", "OriginateResponse"), ("Response", "Failure"))
        assert (originated.kind, originated.name) == ("event", "OriginateResponse")
        refused = message(("Response", "Error"), ("Event", "Hangup"))
        assert (refused.kind, refused.name) == ("response", "Error")

    @pytest.mark.parametrize("odd", [message(), message(("Foo", "bar"), ("Event", "Hangup"))])
    def test_anything_else_is_an_event_without_a_name(self, odd: Message) -> None:
        assert (odd.kind, odd.name) == ("event", "")

    def test_looking_into_a_message_does_not_change_it(self) -> None:
        one, other = message(("Event", "A")), message(("Event", "A"))
        one.get("Event")
        assert one == other
        assert hash(one) == hash(other)
        assert repr(one) == repr(other)
        assert one != message(("Event", "A"), output=("x",))
        assert one != "Event: A"


class TestDecoding:
    def test_nothing_comes_of_half_a_message(self) -> None:
        decoder = Decoder()
        assert decoder.feed(BANNER + b"Event: Hangup\r\nCause: 16\r\n") == []
        assert decoder.feed(b"\r") == []
        assert decoder.feed(b"\nEvent: B") == [message(("Event", "Hangup"), ("Cause", "16"))]

    def test_a_value_may_be_empty_with_and_without_a_space(self) -> None:
        assert decode(b"Event: A\r\nB:\r\nC: \r\nD:e\r\n\r\n") == [
            message(("Event", "A"), ("B", ""), ("C", ""), ("D", "e"))
        ]

    def test_only_the_first_colon_divides_and_one_space_is_dropped(self) -> None:
        assert decode(b"Event: A\r\nB:c: d\r\nE:  f : g \r\n\r\n") == [
            message(("Event", "A"), ("B", "c: d"), ("E", " f : g "))
        ]

    @pytest.mark.parametrize(
        "bare",
        ["\n", "\r", "\n\n", "\r\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\x00"],
    )
    def test_nothing_but_cr_lf_ends_a_line(self, bare: str) -> None:
        value = f"x{bare}Event: Hangup{bare}{bare}y"
        sent = f"Event: A\r\nName: {value}\r\n\r\n".encode()
        assert decode(sent) == [message(("Event", "A"), ("Name", value))]

    def test_a_cr_before_the_end_of_a_line_belongs_to_the_value(self) -> None:
        assert decode(b"Event: A\r\r\nB: \n\r\n\r\n") == [message(("Event", "A\r"), ("B", "\n"))]

    def test_bytes_that_are_no_text_are_replaced_and_take_nothing_with_them(self) -> None:
        assert decode(b"Event: A\r\nName: \xff\xe2\x82\r\nB: \xf0\r\n\r\n") == [
            message(("Event", "A"), ("Name", "\ufffd\ufffd"), ("B", "\ufffd"))
        ]

    def test_empty_lines_between_messages_do_no_harm(self) -> None:
        one = b"Event: A\r\n\r\n"
        for count in range(6):
            assert (
                decode(b"\r\n" * count + one + b"\r\n" * count + one)
                == [message(("Event", "A"))] * 2
            )

    def test_events_nobody_wants_are_left_out_however_they_arrive(self) -> None:
        sent = b"Event: B\r\nA: 1\r\n\r\nEvent: Bb\r\n\r\nEvent: B\r\n\r\nResponse: B\r\n\r\n"
        decoder = Decoder(unread=["B"])
        parts = [each for byte in BANNER + sent for each in decoder.feed(bytes([byte]))]
        wanted = [message(("Event", "Bb")), message(("Response", "B"))]
        assert parts == Decoder(unread=["B"]).feed(BANNER + sent) == wanted

    def test_what_is_not_whole_is_not_left_out(self) -> None:
        decoder = Decoder(unread=["B"], whole=lambda block: block.endswith(b"whole"))
        sent = b"Event: B\r\nA: whole\r\n\r\nEvent: B\r\nA: 1\r\n\r\n"
        assert decoder.feed(BANNER + sent) == [message(("Event", "B"), ("A", "1"))]

    def test_what_nobody_wants_may_not_be_too_large_either(self) -> None:
        with pytest.raises(ProtocolError):
            Decoder(SMALL, unread=["B"]).feed(BANNER + b"Event: B\r\nA: " + b"x" * 100)

    def test_output_of_a_command_is_apart_and_lines_without_a_key_with_it(self) -> None:
        sent = b"Response: Success\r\nOutput: a\r\nOutput:\r\nOutput:   c: d\r\nstray\r\n\r\n"
        assert decode(sent) == [
            message(("Response", "Success"), output=("a", "", "  c: d", "stray"))
        ]

    def test_output_of_an_old_asterisk_is_taken_from_its_bare_lines(self) -> None:
        sent = (
            b"Response: Follows\r\nPrivilege: Command\r\nActionID: a-1\r\n"
            b"Asterisk 13: built\n\n  by: hand\n--END COMMAND--\r\n\r\n"
        )
        head = (("Response", "Follows"), ("Privilege", "Command"), ("ActionID", "a-1"))
        assert decode(sent) == [message(*head, output=("Asterisk 13: built", "", "  by: hand"))]

    @given(
        st.lists(st.lists(st.tuples(keys, values), min_size=1, max_size=4)), st.lists(st.integers())
    )
    def test_however_the_bytes_arrive_the_messages_are_the_same(
        self, sent: list[list[tuple[str, str]]], cuts: list[int]
    ) -> None:
        data = BANNER + b"".join(
            "".join(f"{key}: {value}\r\n" for key, value in each).encode() + b"\r\n"
            for each in sent
        )
        decoder = Decoder()
        parts = [each for piece in pieces(data, cuts) for each in decoder.feed(piece)]
        assert parts == Decoder().feed(data)
        assert decoder.banner == BANNER.decode().strip()

    @given(ami_like, st.lists(st.integers(), max_size=8))
    def test_garbage_is_refused_or_read_and_always_the_same(
        self, data: bytes, cuts: list[int]
    ) -> None:
        def read(parts: list[bytes]) -> list[Message] | str:
            decoder = Decoder(SMALL)
            try:
                return [each for part in parts for each in decoder.feed(part)]
            except ProtocolError as error:
                return str(error)

        assert read(pieces(BANNER + data, cuts)) == read([BANNER + data])

    @given(st.binary(max_size=300))
    def test_who_is_not_an_asterisk_is_refused_or_waited_for(self, data: bytes) -> None:
        with suppress(ProtocolError):
            assert Decoder().feed(data) == []


class TestBounds:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"Event: " + b"x" * 60 + b"\r\n\r\n", "a line of over 40"),
            (b"Event: x" * 20, "over 100 bytes"),
            (b"a:\r\n" * 30, "over 100 bytes"),
            (b"a:\r\n" * 30 + b"\r\n", "over 100 bytes"),
            (b"a\r\n" * 10 + b"\r\n", "over 8 lines"),
            (b"a:\r\n" * 5 + b"\r\n", "over 4 headers"),
        ],
        ids=["line", "endless line", "endless message", "message", "lines", "headers"],
    )
    def test_a_message_has_bounds(self, data: bytes, words: str) -> None:
        with pytest.raises(ProtocolError, match=words):
            decode(data, SMALL)

    def test_up_to_its_bounds_a_message_is_read(self) -> None:
        largest = b"E: " + b"x" * 37 + b"\r\nA: " + b"y" * 37 + b"\r\nB: " + b"z" * 13
        assert len(largest) == SMALL.message
        decoder = Decoder(SMALL)
        parts = (decoder.feed(bytes([byte])) for byte in BANNER + largest + b"\r\n\r\n")
        assert [len(each.headers) for part in parts for each in part] == [3]

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"SSH-2.0-OpenSSH_9.2\r\n", "not Asterisk"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not Asterisk"),
            (b"\r\n", "not Asterisk"),
            (BANNER[:-2] + b"x" * 200, "too long a first line"),
        ],
        ids=["ssh", "http", "empty", "endless"],
    )
    def test_the_first_line_tells_an_asterisk(self, data: bytes, words: str) -> None:
        with pytest.raises(ProtocolError, match=words):
            Decoder().feed(data)

    def test_another_protocol_is_known_by_its_first_byte(self) -> None:
        with pytest.raises(ProtocolError):
            Decoder().feed(b"\x16")

    def test_after_an_error_there_is_no_going_on(self) -> None:
        decoder = Decoder(SMALL)
        with pytest.raises(ProtocolError) as first:
            decoder.feed(BANNER + b"x" * 200)
        with pytest.raises(ProtocolError, match=str(first.value)):
            decoder.feed(b"\r\n\r\nEvent: A\r\n\r\n")

    def test_every_byte_is_searched_once_however_slowly_they_come(self) -> None:
        class Counting(bytearray):
            searched = 0

            def find(self, wanted: bytes, start: int = 0, end: int | None = None) -> int:
                stop = len(self) if end is None else end
                Counting.searched += max(0, stop - start)
                return super().find(wanted, start, stop)

        decoder = Decoder()
        decoder.feed(BANNER)
        decoder._buffer = Counting()
        for _ in range(20_000):
            decoder.feed(b"x")
        assert Counting.searched < 5 * 20_000
