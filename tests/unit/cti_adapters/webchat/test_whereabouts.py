"""``webchat.whereabouts``: no page that a visitor is on is forgotten because others were busy."""

from __future__ import annotations

import pytest

from cti_adapters.webchat.chat import Chat
from cti_adapters.webchat.pages import PageSeen, page_of
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.thread import Thread
from cti_adapters.webchat.whereabouts import Whereabouts
from router.core.commands import Command
from router.ports import Accepted, Outcome, Overloaded

SITE = "https://shop.example"
SETTINGS = ChatSettings(secret=b"s" * 32)


class Clock:
    def now(self) -> int:
        return 0


class Busy:
    """A sink that takes nothing while it has too much to do."""

    def __init__(self) -> None:
        self.busy = True
        self.taken: list[str] = []

    async def submit(self, command: Command) -> Outcome:
        if self.busy:
            raise Overloaded("too much to do")
        self.taken.append(getattr(command, "contact", ""))
        return Accepted(position=1, events=())


def page(name: str) -> PageSeen:
    found = page_of(SITE, f"{SITE}/{name}", name)
    assert found is not None
    return found


async def test_pages_that_could_not_be_told_are_told_when_they_can_be() -> None:
    chats = {
        name: Chat(name, "192.0.2.1", Thread(str), SETTINGS, 0) for name in ("ann", "ben", "cid")
    }
    sink = Busy()
    whereabouts = Whereabouts(chats, sink, Clock())
    for name, chat in chats.items():
        with pytest.raises(Overloaded):
            await whereabouts.visited(chat, page(name))
    with pytest.raises(Overloaded):
        await whereabouts.go_on()
    sink.busy = False
    await whereabouts.go_on()
    assert sorted(sink.taken) == ["ann", "ben", "cid"]
    await whereabouts.go_on()
    assert len(sink.taken) == 3
