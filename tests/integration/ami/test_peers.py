"""Another AMI client, written by others, finds in the same PBX what ours finds."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import asterisk.manager
import pytest

from cti_adapters.asterisk.ami.client import ActionFailed, AmiClient
from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.settings import AmiSettings
from tests.asterisk.fake_ami import Action, FakeAmi, Lines, error, success
from tests.asterisk.snapshots import snapshot

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the peer is of 2019

Pairs = dict[str, str]

# Without channel variables: they stop the peer's reader.
CHANNEL = "PJSIP/trunk-1"
EVENTS: list[tuple[str, Pairs]] = [
    ("Newchannel", dict(snapshot(CHANNEL))),
    ("NewCallerid", dict(snapshot(CHANNEL, CallerIDName="Zoë Ünal: “ex. 7”"))),
    ("VarSet", {**dict(snapshot(CHANNEL)), "Variable": "EMPTY", "Value": ""}),
    ("AsyncAGIStart", {**dict(snapshot(CHANNEL)), "Env": "agi_channel%3A%20x%0A" * 80}),
    ("Hangup", {**dict(snapshot(CHANNEL)), "Cause": "16", "Cause-txt": "Normal Clearing"}),
]
LAST = "Shutdown"


def getvar(action: Action) -> list[Lines]:
    return [success(("Variable", action.get("Variable")), ("Value", "日本語"))]


def hangup(action: Action) -> list[Lines]:
    known = action.get("Channel") == "PJSIP/trunk-1"
    return [success(message="Channel Hungup") if known else error("No such channel")]


ASKED: list[tuple[str, Pairs]] = [
    ("Ping", {}),
    ("Getvar", {"Variable": "NAME"}),
    ("Hangup", {"Channel": "PJSIP/trunk-1"}),
    ("Hangup", {"Channel": "PJSIP/nobody"}),
    ("Nonsense", {}),
]


def close(manager: asterisk.manager.Manager) -> None:
    """When the PBX has hung up already, the peer's first attempt fails before its threads end."""
    for _ in range(2):
        with suppress(asterisk.manager.ManagerException, ValueError):
            manager.close()


def peer_session(port: int, ready: threading.Event) -> tuple[list[Pairs], list[Pairs]]:
    """Answers and events, as the peer sees them."""
    events: list[Pairs] = []
    over = threading.Event()

    def hear(event: asterisk.manager.Event, _manager: object) -> None:
        events.append(event.headers)
        if event.name == LAST:
            over.set()

    manager = asterisk.manager.Manager()
    manager.register_event("*", hear)
    manager.connect("127.0.0.1", port)
    try:
        manager.login("patchbay", "not-a-secret")
        answers = [
            manager.send_action({"Action": action, **headers}).headers for action, headers in ASKED
        ]
        ready.set()
        assert over.wait(5)
    finally:
        ready.set()
        close(manager)
    return answers, events


class Ours:
    """The same, with our client."""

    def __init__(self, port: int) -> None:
        self.answers: list[Message] = []
        self.events: list[Message] = []
        self.ready = asyncio.Event()
        self.over = asyncio.Event()
        self.client = AmiClient(
            AmiSettings(port=port, secret="not-a-secret"),
            on_event=self._hear,
            on_up=self._ask,
            on_down=lambda reason: None,
        )

    def _hear(self, event: Message) -> None:
        self.events.append(event)
        if event.name == LAST:
            self.over.set()

    async def _ask(self) -> None:
        for action, headers in ASKED:
            try:
                self.answers.append(await self.client.send(action, headers.items()))
            except ActionFailed as refused:
                self.answers.append(refused.message)
        self.ready.set()


def plain(messages: list[Pairs]) -> list[Pairs]:
    """Without what is each client's own."""
    return [{key: each[key] for key in each if key != "ActionID"} for each in messages]


async def test_both_hear_the_same() -> None:
    async with FakeAmi() as pbx:
        pbx.answers |= {"Getvar": getvar, "Hangup": hangup}
        ours = Ours(pbx.port)
        await ours.client.start()
        theirs_ready = threading.Event()
        session = asyncio.create_task(asyncio.to_thread(peer_session, pbx.port, theirs_ready))
        await ours.ready.wait()
        await asyncio.to_thread(theirs_ready.wait, 5)
        for name, headers in [*EVENTS, (LAST, {})]:
            pbx.emit(name, *headers.items())
        answers, events = await session
        await ours.over.wait()
        await ours.client.stop()
        await pbx.alone()

    assert [each["Response"] for each in answers] == ["Success"] * 3 + ["Error"] * 2
    assert plain([dict(each.headers) for each in ours.answers]) == plain(answers)
    expected = [{"Event": name, **headers} for name, headers in EVENTS]
    assert events[-len(EVENTS) - 1 : -1] == expected
    assert [dict(each.headers) for each in ours.events] == events


async def test_a_wrong_secret_turns_the_peer_away_as_it_does_us() -> None:
    def refused(port: int) -> bool:
        manager = asterisk.manager.Manager()
        manager.connect("127.0.0.1", port)
        try:
            manager.login("patchbay", "wrong")
        except asterisk.manager.ManagerAuthException:
            return True
        finally:
            close(manager)
        return False

    async with FakeAmi() as pbx:
        assert await asyncio.to_thread(refused, pbx.port)
        assert pbx.logins == 0
