"""``webchat.outbox``: bounded, numbered without gaps, and never wrong for a slow reader."""

import asyncio
import json

from cti_adapters.webchat.messages import ChatStatus, Line, LineAdded, Pong, Reply, Session
from cti_adapters.webchat.outbox import Outbox

SESSION = Session(n=0, token="t", at=1, status=ChatStatus(state="waiting"), lines=())


def line(ident):
    return LineAdded(n=0, line=Line(id=ident, author="agent", text="x", at=1))


def reply(ident):
    return Reply(n=0, to=ident, ok=True)


def decoded(frames):
    return [json.loads(frame) for frame in frames]


def test_messages_are_numbered_without_gaps_as_they_leave():
    outbox = Outbox(8, lambda: SESSION)
    outbox.put(Pong(n=0))
    outbox.put(line("a"))
    first = decoded(outbox.drain())
    outbox.put(Pong(n=0))
    second = decoded(outbox.drain())
    assert [message["n"] for message in first + second] == [1, 2, 3]
    assert [message["type"] for message in first] == ["pong", "line_added"]


def test_a_slow_reader_gets_the_whole_chat_afresh_instead_of_every_change():
    outbox = Outbox(8, lambda: SESSION)
    for number in range(1_000):
        outbox.put(line(str(number)))
        assert len(outbox) <= 8 + 1
    messages = decoded(outbox.drain())
    assert messages[0]["type"] == "session"
    assert [message["n"] for message in messages] == list(range(1, len(messages) + 1))


def test_the_last_replies_survive_coalescing():
    outbox = Outbox(4, lambda: SESSION)
    outbox.put(reply("mine"))
    for number in range(4):
        outbox.put(line(str(number)))
    assert {"type": "reply", "n": 2, "to": "mine", "ok": True, "code": "", "reason": ""} in decoded(
        outbox.drain()
    )


def test_replies_alone_cannot_make_it_grow():
    outbox = Outbox(32, lambda: None)
    for number in range(10_000):
        outbox.put(reply(str(number)))
        assert len(outbox) <= 32 + 1


async def test_what_was_there_is_sent_before_the_end():
    outbox = Outbox(8, lambda: SESSION)
    frames = []

    async def read():
        frames.extend([frame async for frame in outbox.frames()])

    reader = asyncio.create_task(read())
    await asyncio.sleep(0)
    outbox.put(Pong(n=0))
    outbox.put(line("a"))
    outbox.close()
    outbox.put(line("too late"))
    await reader
    assert [message["type"] for message in decoded(frames)] == ["pong", "line_added"]
