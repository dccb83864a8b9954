"""A whole connection in bytes and moments: banner, login, actions, events, silence."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.ami.codec import Message, ProtocolError, UnsafeValue
from cti_adapters.asterisk.ami.errors import AmiDown, LoginRefused
from cti_adapters.asterisk.ami.pending import Answered, Unanswered
from cti_adapters.asterisk.ami.protocol import AmiProtocol, LoggedIn, Outcome
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.core.durations import SECOND

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
SETTINGS = AmiSettings(
    secret="hush",
    connect_timeout=10 * SECOND,
    ping_every=3 * SECOND,
    action_timeout=5 * SECOND,
    unanswered=2,
)


class Talk:
    """Asterisk's side, by hand."""

    def __init__(self, settings: AmiSettings = SETTINGS) -> None:
        self.protocol: AmiProtocol[str] = AmiProtocol(settings, "m", 0)

    def hear(self, *messages: str, at: int = 0) -> list[Outcome[str]]:
        text = "".join(f"{message}\n\n" for message in messages)
        return self.protocol.receive(text.replace("\n", "\r\n").encode(), at)

    def sent(self) -> list[dict[str, str]]:
        messages = self.protocol.data_to_send().decode().split("\r\n\r\n")[:-1]
        return [dict(line.split(": ", 1) for line in each.split("\r\n")) for each in messages]

    def log_in(self, at: int = 0) -> list[Outcome[str]]:
        self.protocol.receive(BANNER, at)
        [challenge] = self.sent()
        self.hear(f"Response: Success\nActionID: {challenge['ActionID']}\nChallenge: 123", at=at)
        [login] = self.sent()
        return self.hear(f"Response: Success\nActionID: {login['ActionID']}", at=at)

    def ask(self, action: str, token: str, *, at: int = 0, listing: bool = False) -> str:
        self.protocol.request(action, (), token, at, listing=listing)
        [sent] = self.sent()
        assert sent["Action"] == action
        return sent["ActionID"]


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def inside() -> Talk:
    talk = Talk()
    talk.log_in()
    return talk


class TestLogin:
    def test_nothing_is_sent_before_the_banner(self, talk: Talk) -> None:
        assert talk.protocol.data_to_send() == b""
        talk.protocol.receive(BANNER[:9], 0)
        assert talk.protocol.data_to_send() == b""

    def test_a_challenge_is_answered_and_we_are_in(self, talk: Talk) -> None:
        talk.protocol.receive(BANNER, 0)
        [asked] = talk.sent()
        assert asked == {"Action": "Challenge", "ActionID": "m-1", "AuthType": "MD5"}
        assert talk.hear("Response: Success\nActionID: m-1\nChallenge: 123") == []
        [login] = talk.sent()
        assert login["Key"] == hashlib.md5(b"123hush").hexdigest()
        assert not talk.protocol.logged_in
        outcomes = talk.hear("Response: Success\nActionID: m-2", "Event: FullyBooted")
        assert outcomes == [LoggedIn(BANNER.decode().strip()), Message((("Event", "FullyBooted"),))]

    def test_answers_to_something_else_let_nobody_in(self, talk: Talk) -> None:
        talk.protocol.receive(BANNER, 0)
        assert talk.hear("Response: Success\nActionID: x-1\nChallenge: 1") == []
        assert talk.hear("Response: Success\nChallenge: 1") == []
        assert len(talk.sent()) == 1

    def test_events_before_the_login_are_none_of_ours(self, talk: Talk) -> None:
        talk.protocol.receive(BANNER, 0)
        assert talk.hear("Event: Hangup") == []

    def test_a_refusal_is_an_error_of_its_own(self, talk: Talk) -> None:
        talk.protocol.receive(BANNER, 0)
        talk.hear("Response: Success\nActionID: m-1\nChallenge: 123")
        with pytest.raises(LoginRefused):
            talk.hear("Response: Error\nActionID: m-2\nMessage: Authentication failed")

    def test_the_login_must_be_over_in_time(self, talk: Talk) -> None:
        talk.protocol.receive(BANNER, 9 * SECOND)
        assert talk.protocol.next_deadline() == 10 * SECOND
        assert talk.protocol.tick(10 * SECOND - 1) == []
        with pytest.raises(ProtocolError, match="does not answer the login"):
            talk.protocol.tick(10 * SECOND)

    def test_no_action_goes_out_before_we_are_in(self, talk: Talk) -> None:
        with pytest.raises(AmiDown):
            talk.protocol.request("Ping", (), "token", 0)
        assert talk.protocol.data_to_send() == b""

    def test_who_is_not_an_asterisk_is_sent_nothing(self, talk: Talk) -> None:
        with pytest.raises(ProtocolError):
            talk.protocol.receive(b"220 mail.example ESMTP\r\n", 0)
        assert talk.protocol.data_to_send() == b""


class TestActions:
    def test_an_answer_comes_with_the_token_of_its_action(self, inside: Talk) -> None:
        first, second = inside.ask("CoreStatus", "first"), inside.ask("Ping", "second")
        assert first != second
        outcomes = inside.hear(
            f"Response: Success\nActionID: {second}", f"Response: Error\nActionID: {first}"
        )
        assert [(each.token, each.reply.response.name) for each in outcomes] == [
            ("second", "Success"),
            ("first", "Error"),
        ]

    def test_the_order_of_the_wire_is_kept(self, inside: Talk) -> None:
        mark = inside.ask("Hangup", "token")
        outcomes = inside.hear("Event: A", f"Response: Success\nActionID: {mark}", "Event: B")
        kinds = [each.name if isinstance(each, Message) else each.token for each in outcomes]
        assert kinds == ["A", "token", "B"]

    def test_a_list_is_one_answer_between_the_events_around_it(self, inside: Talk) -> None:
        mark = inside.ask("CoreShowChannels", "token", listing=True)
        a, answered, b = inside.hear(
            f"Response: Success\nActionID: {mark}\nEventList: start",
            f"Event: Item\nActionID: {mark}\nChannel: x",
            "Event: A",
            f"Event: CoreShowChannelsComplete\nActionID: {mark}\nEventList: Complete",
            "Event: B",
        )[0:3]
        assert isinstance(answered, Answered)
        assert [each.get("Channel") for each in answered.reply.entries] == ["x"]
        assert (a.name, b.name) == ("A", "B")

    def test_the_action_ids_of_others_are_not_mistaken_for_ours(self, inside: Talk) -> None:
        inside.ask("CoreShowChannels", "token", listing=True)
        [event] = inside.hear("Event: Item\nActionID: other-3\nResponse: Failure")
        assert event.name == "Item"

    def test_an_answer_to_nobody_is_passed_over(self, inside: Talk) -> None:
        assert inside.hear("Response: Success\nActionID: m-99", "Response: Error") == []
        assert [each.name for each in inside.hear("Event: A")] == ["A"]

    def test_an_action_that_is_not_answered_in_time_says_so(self, inside: Talk) -> None:
        mark = inside.ask("Hangup", "token", at=SECOND)
        inside.hear("Event: A", at=5 * SECOND)
        assert inside.protocol.next_deadline() == 6 * SECOND
        assert inside.protocol.tick(6 * SECOND) == [Unanswered("token", "Hangup")]
        assert inside.hear(f"Response: Success\nActionID: {mark}") == []

    def test_an_action_may_have_its_own_time(self, inside: Talk) -> None:
        inside.protocol.request("Originate", (), "token", 0, timeout=2 * SECOND)
        assert inside.protocol.next_deadline() == 2 * SECOND

    def test_an_unsafe_action_leaves_no_trace(self, inside: Talk) -> None:
        with pytest.raises(UnsafeValue):
            inside.protocol.request("Hangup", [("Channel", "x\r\ny")], "token", 0)
        assert inside.protocol.data_to_send() == b""
        assert inside.protocol.waiting() == []

    def test_there_is_a_bound_to_what_is_unanswered(self, inside: Talk) -> None:
        inside.ask("A", "1")
        inside.ask("B", "2")
        with pytest.raises(ProtocolError, match="unanswered"):
            inside.protocol.request("C", (), "3", 0)
        assert inside.protocol.waiting() == ["1", "2"]


class TestSilence:
    def test_a_ping_goes_out_when_nothing_is_heard(self, inside: Talk) -> None:
        inside.hear("Event: A", at=SECOND)
        assert inside.protocol.next_deadline() == 4 * SECOND
        inside.protocol.tick(4 * SECOND - 1)
        assert inside.sent() == []
        inside.protocol.tick(4 * SECOND)
        [ping] = inside.sent()
        assert ping["Action"] == "Ping"
        assert re.fullmatch(r"m-\d+", ping["ActionID"])

    @pytest.mark.parametrize("sign", ["Event: A", "Response: Success\nPing: Pong", "half a mess"])
    def test_whatever_is_heard_is_a_sign_of_life(self, inside: Talk, sign: str) -> None:
        inside.protocol.tick(3 * SECOND)
        inside.protocol.receive(sign.encode(), 7 * SECOND)
        assert inside.protocol.next_deadline() == 10 * SECOND
        inside.protocol.tick(9 * SECOND)

    def test_silence_after_a_ping_is_the_end(self, inside: Talk) -> None:
        inside.protocol.tick(3 * SECOND)
        assert inside.protocol.next_deadline() == 8 * SECOND
        inside.protocol.tick(8 * SECOND - 1)
        with pytest.raises(ProtocolError, match="fallen silent"):
            inside.protocol.tick(8 * SECOND)

    def test_who_was_held_up_asks_before_giving_up(self, inside: Talk) -> None:
        inside.protocol.tick(100 * SECOND)
        assert [each["Action"] for each in inside.sent()] == ["Ping"]
        assert inside.protocol.next_deadline() == 105 * SECOND


marks = st.sampled_from(["m-1", "m-3", "m-4", "m-5", "other-3", ""])
messages = st.tuples(
    st.sampled_from(["Response: Success", "Response: Error", "Event: Item"]),
    marks,
    st.sampled_from(["", "start", "Complete", "cancelled"]),
).map(lambda parts: "{}\nActionID: {}\nEventList: {}".format(*parts))
steps = st.one_of(
    st.tuples(st.just("hear"), messages),
    st.tuples(st.just("ask"), st.booleans()),
    st.tuples(st.just("wait"), st.integers(0, 4 * SECOND)),
)


@given(st.lists(steps, max_size=40))
def test_whatever_is_answered_every_action_has_one_outcome_at_most(
    story: list[tuple[str, object]],
) -> None:
    talk = Talk(msgspec.structs.replace(SETTINGS, unanswered=1_000))
    talk.log_in()
    at, asked = 0, 0
    settled: list[str] = []
    for kind, what in story:
        outcomes: list[Outcome[str]] = []
        if kind == "hear":
            outcomes = talk.hear(str(what), at=at)
        elif kind == "ask":
            talk.ask("A", str(asked), at=at, listing=bool(what))
            asked += 1
        else:
            at += int(str(what))
            talk.hear("Event: Alive", at=at)
            outcomes = talk.protocol.tick(at)
        settled += [each.token for each in outcomes if isinstance(each, (Answered, Unanswered))]
        assert sorted(settled + talk.protocol.waiting()) == sorted(map(str, range(asked)))
        assert talk.protocol.next_deadline() > at


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_end_the_connection(data: bytes) -> None:
    talk = Talk()
    talk.log_in()
    with suppress(ProtocolError):
        assert talk.protocol.receive(data + b"\r\n\r\n", 0) is not None
