"""A connection without a socket: what order things happen in, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.connection import SLICE, Answer, Connection
from cti_adapters.asterisk.ami.errors import ActionFailed, ActionTimedOut, AmiDown
from cti_adapters.asterisk.ami.protocol import Believed, Tampered
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.clock import ManualClock
from router.core.durations import SECOND

SETTINGS = AmiSettings(
    secret="hush", challenge=False, waiting_bytes=200_000, unsent_bytes=1_000, unanswered=50
)


class Wire(asyncio.Transport):
    """What was written, and whether it is still open."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.unread = 0
        self.open = True

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return self.unread

    def abort(self) -> None:
        self.open = False

    close = abort


class Line:
    """A connection, what it was told and what it told."""

    def __init__(self, settings: AmiSettings = SETTINGS) -> None:
        self.story: list[str] = []
        self.tampering: list[Tampered | Believed] = []
        self.clock = ManualClock(SECOND)
        self.wire = Wire()
        self.on_event: Callable[[Message], None] = lambda _: None
        self.on_login: Callable[[], None] = lambda: None
        self.connection = Connection(
            settings,
            self.clock,
            "m",
            on_event=self._event,
            on_login=self._login,
            on_tampering=self.tampering.append,
        )
        self.connection.connection_made(self.wire)

    def _event(self, event: Message) -> None:
        self.story.append(event.name)
        self.on_event(event)

    def _login(self) -> None:
        self.story.append("login")
        self.on_login()

    def hear(self, *messages: str) -> None:
        text = "".join(f"{message}\n\n" for message in messages)
        self.connection.data_received(text.replace("\n", "\r\n").encode())

    async def log_in(self, *more: str) -> None:
        self.connection.data_received(b"Asterisk Call Manager/11.0.0\r\n")
        self.hear("Response: Success\nActionID: m-1", *more)

    def ask(self, action: str, *, listing: bool = False) -> tuple[str, Answer]:
        """The ActionID and the answer."""
        answer = self.connection.ask(action, listing=listing)
        return self.wire.written.decode().rsplit("ActionID: ", 1)[1].split("\r\n")[0], answer


async def turns(count: int = 50) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def many(count: int) -> list[str]:
    return [f"Event: E{n}\nChannel: {'x' * 80}" for n in range(count)]


@pytest.fixture
async def line() -> Line:
    line = Line()
    await line.log_in()
    await turns()
    return line


async def test_it_logs_in_and_stays() -> None:
    line = Line()
    assert not line.connection.up
    await line.log_in("Event: FullyBooted")
    assert b"Action: Login\r\n" in line.wire.written
    await turns()
    assert line.connection.up
    assert line.story == ["login", "FullyBooted"]
    assert not line.connection.closed.done()


async def test_what_the_login_starts_begins_before_the_first_event() -> None:
    line = Line()

    async def take_stock() -> None:
        line.story.append("stock")

    tasks: list[asyncio.Task[None]] = []
    line.on_login = lambda: tasks.append(asyncio.create_task(take_stock()))
    await line.log_in("Event: A", "Event: B")
    await turns()
    assert line.story == ["login", "stock", "A", "B"]


class TestOrder:
    async def test_events_are_handled_in_their_order(self, line: Line) -> None:
        line.hear(*many(1_000))
        await turns(200)
        assert line.story[1:] == [f"E{n}" for n in range(1_000)]

    async def test_a_flood_is_handled_in_slices(self, line: Line) -> None:
        size = len("".join(many(1_000))) + 4_000
        line.hear(*many(1_000))
        at_once = len(line.story)
        assert 1 < at_once < 100
        steps = 0
        while len(line.story) < 1_001:
            before = len(line.story)
            await asyncio.sleep(0)
            assert len(line.story) - before < 200
            steps += 1
        assert steps >= size // SLICE - 1

    async def test_who_waits_goes_on_between_what_came_before_and_after(self, line: Line) -> None:
        async def hang_up() -> None:
            mark, answer = line.ask("Hangup")
            marks.append(mark)
            await answer
            line.story.append("answered")

        marks: list[str] = []
        task = asyncio.create_task(hang_up())
        await turns()
        line.hear("Event: A", f"Response: Success\nActionID: {marks[0]}", "Event: B", "Event: C")
        await task
        await turns()
        assert line.story[1:] == ["A", "answered", "B", "C"]

    async def test_a_list_stands_where_it_was_complete(self, line: Line) -> None:
        async def take_stock() -> None:
            mark, answer = line.ask("CoreShowChannels", listing=True)
            marks.append(mark)
            line.story.append(f"{len((await answer).entries)} listed")

        marks: list[str] = []
        task = asyncio.create_task(take_stock())
        await turns()
        line.hear(
            "Event: A",
            f"Response: Success\nActionID: {marks[0]}\nEventList: start",
            f"Event: Item\nActionID: {marks[0]}",
            "Event: B",
            f"Event: Complete\nActionID: {marks[0]}\nEventList: Complete",
            "Event: C",
        )
        await task
        await turns()
        assert line.story[1:] == ["A", "B", "1 listed", "C"]

    async def test_an_event_that_cannot_be_handled_does_not_stop_the_next(
        self, line: Line, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(event: Message) -> None:
            if event.name == "A":
                raise KeyError(event.name)

        line.on_event = fail
        line.hear("Event: A", "Event: B")
        await turns()
        assert line.story[1:] == ["A", "B"]
        assert "the event A of the PBX could not be handled" in caplog.text


async def test_of_tampering_is_told_in_its_place_between_the_events(line: Line) -> None:
    line.hear("Event: A", "Foo: bar", "Event: B")
    doubt = line.wire.written.decode().rsplit("ActionID: ", 1)[1].split("\r\n")[0]
    line.hear(f"Response: Success\nActionID: {doubt}", "Event: C")
    await turns()
    assert line.story[1:] == ["A", "C"]
    assert line.tampering == [Believed(2)]


class TestAnswers:
    async def test_an_error_is_raised_where_it_is_awaited(self, line: Line) -> None:
        mark, answer = line.ask("Hangup")
        line.hear(f"Response: Error\nActionID: {mark}\nMessage: No such channel")
        with pytest.raises(ActionFailed, match="Asterisk refuses Hangup: No such channel"):
            await answer

    async def test_an_answer_nobody_waits_for_any_more_does_no_harm(self, line: Line) -> None:
        mark, answer = line.ask("Hangup")
        answer.cancel()
        line.hear(f"Response: Success\nActionID: {mark}", "Event: A")
        await turns()
        assert line.story[1:] == ["A"]

    async def test_no_answer_in_time_is_said(self, line: Line) -> None:
        _, answer = line.ask("Hangup")
        line.hear("Event: A")
        line.clock.advance(SETTINGS.action_timeout)
        line.connection._on_timer()
        with pytest.raises(ActionTimedOut, match="does not answer Hangup"):
            await answer

    async def test_what_has_come_in_is_heard_before_anything_is_late(self, line: Line) -> None:
        mark, answer = line.ask("Hangup")
        line.hear(*many(500), f"Response: Success\nActionID: {mark}")
        line.clock.advance(100 * SECOND)
        line.connection._on_timer()
        assert (await answer).response.name == "Success"

    async def test_a_timer_is_set_for_the_next_deadline_and_goes_when_it_is_over(
        self, line: Line
    ) -> None:
        timer = line.connection._timer
        assert timer is not None
        wait = timer.when() - asyncio.get_running_loop().time()
        assert wait == pytest.approx(SETTINGS.ping_every / SECOND, abs=1)
        line.connection.give_up("enough")
        assert timer.cancelled()

    async def test_before_the_login_nothing_can_be_asked(self) -> None:
        with pytest.raises(AmiDown, match="not let us in yet"):
            Line().connection.ask("Ping")


class TestTheEnd:
    async def test_everything_that_came_whole_is_handled_first(self, line: Line) -> None:
        mark, answered = line.ask("Hangup")
        _, unanswered = line.ask("Hangup")
        line.hear(*many(500), f"Response: Success\nActionID: {mark}", "Event: Last", "Event: half")
        line.connection.data_received(b"Event: whole\r\n\r\nEvent: half")
        line.connection.connection_lost(None)
        assert not line.connection.up
        assert not line.connection.closed.done()
        end = await line.connection.closed
        assert end.reason == "The connection to 127.0.0.1:5038 was closed by the PBX."
        assert line.story[-3:] == ["Last", "half", "whole"]
        assert (await answered).response.name == "Success"
        with pytest.raises(AmiDown, match="closed by the PBX"):
            await unanswered

    async def test_after_it_nothing_can_be_asked(self, line: Line) -> None:
        line.connection.connection_lost(ConnectionResetError(104, "Connection reset by peer"))
        with pytest.raises(AmiDown, match="reset by peer"):
            line.connection.ask("Ping")

    async def test_more_than_may_wait_ends_it_rather_than_losing_events_unnoticed(
        self, line: Line
    ) -> None:
        _, answer = line.ask("Hangup")
        line.hear(*many(3_000))
        end = await line.connection.closed
        assert "faster than they are handled" in end.reason
        assert not end.refused
        assert not line.wire.open
        assert len(line.story) == 1
        with pytest.raises(AmiDown):
            await answer
        line.hear("Event: A")
        await turns()
        assert len(line.story) == 1

    async def test_as_long_as_events_are_handled_any_number_may_come(self, line: Line) -> None:
        for _ in range(20):
            line.hear(*many(1_000))
            await turns(100)
        assert len(line.story) == 20_001
        assert line.connection.up

    async def test_garbage_ends_it(self, line: Line) -> None:
        line.connection.data_received(b"\x00" * 2_000_000)
        assert "faster than" in (await line.connection.closed).reason
        other = Line()
        other.connection.data_received(b"SSH-2.0-OpenSSH_9.2\r\n")
        assert "not Asterisk" in (await other.connection.closed).reason
        assert not other.wire.open
        assert other.wire.written == b""

    async def test_a_refused_login_ends_it_and_is_told_apart(self) -> None:
        line = Line()
        line.connection.data_received(b"Asterisk Call Manager/11.0.0\r\n")
        line.hear("Response: Error\nActionID: m-1\nMessage: Authentication failed")
        end = await line.connection.closed
        assert end.refused
        assert "hush" not in end.reason

    async def test_a_pbx_that_does_not_read_ends_it(self, line: Line) -> None:
        line.wire.unread = 1_001
        line.connection.ask("Ping").cancel()
        assert "does not read" in (await line.connection.closed).reason

    async def test_a_pbx_that_does_not_answer_ends_it(self, line: Line) -> None:
        answers = [line.ask("Ping")[1] for _ in range(SETTINGS.unanswered)]
        with pytest.raises(AmiDown, match="unanswered"):
            line.connection.ask("Ping")
        assert line.connection.closed.done()
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        assert all(isinstance(each, AmiDown) for each in outcomes)

    async def test_silence_ends_it(self, line: Line) -> None:
        for _ in range(2):
            line.clock.advance(SETTINGS.ping_every + SETTINGS.action_timeout)
            line.connection._on_timer()
        assert b"Action: Ping\r\n" in line.wire.written
        assert "fallen silent" in (await line.connection.closed).reason

    async def test_leaving_says_good_bye_and_handles_nothing_more(self, line: Line) -> None:
        _, answer = line.ask("Hangup")
        line.hear(*many(500))
        before = list(line.story)
        line.connection.leave()
        assert line.wire.written.endswith(b"\r\n\r\n")
        assert b"Action: Logoff\r\n" in line.wire.written
        line.connection.connection_lost(None)
        line.hear("Event: A")
        await line.connection.closed
        await turns()
        assert line.story == before
        with pytest.raises(AmiDown, match="closed here"):
            await answer

    async def test_an_event_may_end_it(self, line: Line) -> None:
        line.on_event = lambda _: line.connection.give_up("enough")
        line.hear("Event: A", "Event: B")
        assert (await line.connection.closed).reason == "enough"
        await turns()
        assert line.story[1:] == ["A"]
