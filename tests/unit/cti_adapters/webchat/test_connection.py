"""``webchat.connection``: hostile frames cost one answer each, floods cost only the flooder."""

import json
import random

import pytest

from cti_adapters.webchat.messages import MAX_FRAME
from router.core.commands import PostMessage
from router.core.durations import SECOND


def posted(centre):
    return [
        e for entry in centre.entries for e in entry.events if type(e).__name__ == "MessagePosted"
    ]


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe\x00",
    b'{"type":"say_line"}',
    b'{"type":"say_line","id":"a","text":7}',
    b'{"type":"say_line","id":"a","text":"\\ud800"}',
    b'{"type":"say_line","id":"a","text":"x","extra":1}',
    b'{"type":"grant_admin","id":"a"}',
    b'{"type":"ping","id":""}',
    b'{"type":"ping","id":"a b"}',
    b'{"type":"ping","id":"a\\nb"}',
    b'{"type":"ping","id":"' + b"x" * 65 + b'"}',
    b'{"type":"ping","id":{"$gt":""}}',
    b"[" * 10_000,
    b'{"type":' * 1_000,
    b'{"type":"say_line","id":"a","text":' + b"9" * 5_000 + b"}",
    b'{"type":"resume_chat","id":"a","token":null}',
]


@pytest.mark.parametrize("frame", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_malformed_frame_gets_one_clear_reply(centre, hub, browser, frame):
    tab = browser()
    await tab.raw(frame)
    assert len(tab.heard) == 1
    assert (tab.heard[0]["type"], tab.heard[0]["ok"]) == ("reply", False)
    assert tab.heard[0]["code"] == "malformed"
    assert not tab.connection.closed
    assert (await tab.start())["ok"]


async def test_an_oversize_frame_gets_one_clear_reply(centre, hub, browser):
    tab = browser()
    await tab.raw(b'{"type":"say_line","id":"a","text":"' + b"x" * 1_000_000 + b'"}')
    assert [message["code"] for message in tab.heard] == ["too_large"]
    assert str(MAX_FRAME) in tab.heard[0]["reason"]


async def test_repeated_abuse_closes_the_connection_with_a_reason(centre, hub, browser):
    tab = browser()
    for _ in range(100):
        await tab.raw(b"rubbish")
    assert tab.connection.closed
    assert tab.heard[-1]["code"] == "closing"
    assert len(tab.heard) <= hub.settings.strikes + 1


async def test_random_bytes_never_raise(centre, hub, browser):
    chance = random.Random(3)
    alphabet = b'{}[]":,\\/u0123456789abctypeid \x00\xff'
    for _ in range(3_000):
        tab = browser(f"192.0.2.{chance.randint(1, 250)}")
        await tab.raw(bytes(chance.choices(alphabet, k=chance.randint(0, 60))))
        tab.connection.close()
        centre.clock.advance(SECOND)


async def test_a_flood_reaches_the_router_at_the_allowed_rate_only(centre, hub, browser):
    tab = browser()
    await tab.start()
    for number in range(10_000):
        centre.clock.advance(100)  # 10,000 a second
        frame = {"type": "say_line", "id": f"f{number}", "text": "spam"}
        await tab.connection.receive(json.dumps(frame).encode())
    assert tab.connection.closed
    assert len(posted(centre)) <= 1 + 10 + 2


async def test_a_flood_does_not_touch_another_visitor(centre, hub, browser):
    flooder, other = browser("192.0.2.1"), browser("192.0.2.2")
    await flooder.start("flood-0123456789abcd")
    await other.start("other-0123456789abcd")
    frame = json.dumps({"type": "say_line", "id": "x", "text": "spam"}).encode()
    for number in range(1_000):
        for _ in range(10):
            await flooder.connection.receive(frame)
        if number % 100 == 0:
            centre.clock.advance(SECOND)
            assert (await other.say(f"line {number}"))["ok"]
    assert flooder.connection.closed
    assert len(other.lines) == 11
    assert not other.connection.closed


async def test_opening_connection_after_connection_does_not_help_a_flooder(centre, hub, browser):
    accepted = 0
    for _ in range(1_000):
        tab = browser("192.0.2.66")
        for _ in range(10):
            await tab.connection.receive(b'{"type":"ping","id":"p"}')
        await tab.look()
        accepted += len(tab.of("pong"))
        tab.connection.close()
    assert accepted <= 400
    assert (await browser("192.0.2.7").start())["ok"]


async def test_a_hasty_visitor_is_asked_to_wait_and_loses_nothing(centre, hub, browser):
    tab = browser()
    await tab.start()
    replies = [await tab.say(f"line {n}", f"id-{n}") for n in range(12)]
    refused = [n for n, reply in enumerate(replies) if not reply["ok"]]
    assert refused
    assert {replies[n]["code"] for n in refused} == {"too_fast"}
    for n in refused:
        centre.clock.advance(SECOND)
        assert (await tab.say(f"line {n}", f"id-{n}"))["ok"]
    assert sorted(tab.lines) == sorted(["Hello", *(f"line {n}" for n in range(12))])
    assert not tab.connection.closed


async def test_a_slow_reader_gets_a_fresh_session_and_bounded_memory(centre, hub, browser):
    tab = browser()
    await tab.start()
    contact = tab.contact
    for number in range(500):
        centre.apply(
            PostMessage(
                id=f"m{number}",
                contact=contact,
                message=f"m{number}",
                author="agent",
                text=str(number),
            )
        )
        await centre.deliver()
        assert len(tab.connection._outbox) <= hub.settings.outgoing + 1
    await tab.look()
    assert len(tab.of("session")) > 1
    assert tab.lines == ["Hello", *(str(number) for number in range(500))]
