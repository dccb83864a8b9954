"""The AMI client against a real Asterisk: what the scripted one claims is true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Self

import pytest

from cti_adapters.asterisk.ami.client import ActionFailed, AmiClient
from cti_adapters.asterisk.ami.codec import MAX_SENT_LINE, MAX_SENT_LINES, Message
from cti_adapters.asterisk.ami.settings import AmiSettings, EventFilter
from router.core.durations import MILLISECOND, SECOND
from tests.asterisk.configuration import User
from tests.asterisk.server import AsteriskServer

PATIENCE = 10.0

DIALPLAN = """
[from-trunk]
exten => async,1,AGI(agi:async)
 same => n,Hangup()
exten => wait,1,Answer()
 same => n,Wait(30)
"""


class Listener:
    """A client, what it heard, and how often it went up and down."""

    def __init__(self, server: AsteriskServer, user: User, **settings: object) -> None:
        given: dict[str, object] = {
            "port": server.ports.ami,
            "username": user.name,
            "secret": user.secret,
            "longest_wait": 200 * MILLISECOND,
        }
        self.events: list[Message] = []
        self.downs: list[str] = []
        self.ups = 0
        self.client = AmiClient(
            AmiSettings(**(given | settings)),
            on_event=self.hear,
            on_up=self._up,
            on_down=self._down,
        )
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.client.start()
        await self.up(1)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.stop()

    def hear(self, event: Message) -> None:
        self.events.append(event)
        self._news.set()

    async def _up(self) -> None:
        await self.client.send_list("CoreShowChannels")
        self.ups += 1
        self._news.set()

    def _down(self, reason: str) -> None:
        self.downs.append(reason)
        self._news.set()

    async def up(self, times: int) -> None:
        while self.ups < times:
            await self._next()

    async def down(self, words: str) -> None:
        while not any(words in each for each in self.downs):
            await self._next()

    async def event(self, name: str, **headers: str) -> Message:
        while True:
            for each in self.events:
                if each.name == name and all(each.get(key) == headers[key] for key in headers):
                    return each
            await self._next()

    async def _next(self) -> None:
        self._news.clear()
        async with asyncio.timeout(PATIENCE):
            await self._news.wait()


@pytest.fixture
async def judge(server: AsteriskServer) -> AsyncIterator[Listener]:
    async with Listener(server, server.site.judge) as listener:
        yield listener


@pytest.mark.parametrize("challenge", [True, False])
async def test_the_routers_user_is_let_in(server: AsteriskServer, challenge: bool) -> None:
    async with Listener(server, server.site.router, challenge=challenge) as listener:
        assert listener.client.connected
        assert (await listener.client.send("Ping")).get("Ping") == "Pong"


async def test_a_wrong_secret_is_known_as_one(server: AsteriskServer) -> None:
    listener = Listener(server, User(server.site.router.name, "wrong"))
    await listener.client.start()
    await listener.down("refuses the user")
    await listener.client.stop()


async def test_lists_errors_and_what_commands_print(judge: Listener) -> None:
    states = await judge.client.send_list("DeviceStateList")
    assert {"PJSIP/ann", "PJSIP/ben"} <= {each.get("Device") for each in states}
    version = await judge.client.send("Command", [("Command", "core show version")])
    assert version.output[0].startswith("Asterisk 22.")
    with pytest.raises(ActionFailed, match="No such channel"):
        await judge.client.send("Hangup", [("Channel", "PJSIP/nobody-1")])


async def test_a_call_under_our_command(judge: Listener) -> None:
    await judge.client.send(
        "Originate",
        [
            ("Channel", "Local/async@from-trunk"),
            ("Context", "from-trunk"),
            ("Exten", "wait"),
            ("Priority", "1"),
            ("CallerID", '"Zoë Ünal" <+441632960001>'),
            ("Async", "true"),
        ],
    )
    begun = await judge.event("AsyncAGIStart")
    assert begun.get("CallerIDName") == "Zoë Ünal"
    channel = begun.get("Channel")
    for command, mark in (("ANSWER", "one"), ('SET VARIABLE NAME "日本語"', "two")):
        await judge.client.send(
            "AGI", [("Channel", channel), ("Command", command), ("CommandID", mark)]
        )
        done = await judge.event("AsyncAGIExec", CommandId=mark)
        assert done.get("Result").startswith("200")
    value = await judge.client.send("Getvar", [("Channel", channel), ("Variable", "NAME")])
    assert value.get("Value") == "日本語"
    listed = await judge.client.send_list("CoreShowChannels")
    assert channel in {each.get("Channel") for each in listed}
    await judge.client.send("Hangup", [("Channel", channel)])
    await judge.event("Hangup", Channel=channel)


async def test_filters_are_understood(server: AsteriskServer) -> None:
    excluded = EventFilter(criteria="action(exclude),name(UserEvent)")
    async with Listener(server, server.site.judge, filters=(excluded,)) as filtered:
        async with Listener(server, server.site.judge) as other:
            await other.client.send("UserEvent", [("UserEvent", "Unwanted")])
            await other.event("UserEvent")
            await filtered.client.send("Ping")
        assert not any(each.name == "UserEvent" for each in filtered.events)


async def test_our_longest_line_and_our_most_lines_are_what_asterisk_reads(
    judge: Listener,
) -> None:
    longest = "x" * (MAX_SENT_LINE - len("Long: "))
    await judge.client.send("UserEvent", [("UserEvent", "Long"), ("Long", longest)])
    assert (await judge.event("UserEvent", UserEvent="Long")).get("Long") == longest
    most = [(f"H{n}", "x") for n in range(MAX_SENT_LINES - 3)]
    await judge.client.send("UserEvent", [("UserEvent", "Many"), *most])
    assert (await judge.event("UserEvent", UserEvent="Many")).get(most[-1][0]) == "x"


async def test_who_is_held_up_is_not_dropped_and_misses_nothing(
    server: AsteriskServer, judge: Listener
) -> None:
    """Asterisk gives a client a tenth of a second to read."""
    async with Listener(server, server.site.judge) as other:
        for n in range(1_000):
            other.client.post("UserEvent", [("UserEvent", "Flood"), ("N", str(n)), *FILLING])
            if n % 200 == 0:
                await asyncio.sleep(0.05)
                time.sleep(0.3)  # noqa: ASYNC251 -- the whole loop is held up
        await judge.event("UserEvent", N="999")
    heard = [each.get("N") for each in judge.events if each.get("UserEvent") == "Flood"]
    assert heard == [str(n) for n in range(1_000)]
    assert judge.downs == []


FILLING = [(f"Filling{n}", "x" * 40) for n in range(16)]


async def test_killed_and_started_again_it_is_found_again(
    server: AsteriskServer, judge: Listener
) -> None:
    server.kill()
    await judge.down("Nothing listens")
    await asyncio.to_thread(server.start)
    await judge.up(2)
    assert (await judge.client.send("Ping")).get("Ping") == "Pong"


async def test_frozen_it_is_left_and_found_again(server: AsteriskServer) -> None:
    async with Listener(
        server,
        server.site.router,
        ping_every=100 * MILLISECOND,
        action_timeout=200 * MILLISECOND,
        connect_timeout=2 * SECOND,
    ) as listener:
        server.freeze()
        try:
            await listener.down("fallen silent")
        finally:
            server.thaw()
        await listener.up(2)
