"""The page that a visitor is on, told to the agent: of one who leafs through pages now and then."""

from __future__ import annotations

from collections.abc import Mapping

from cti_adapters.webchat.chat import Chat
from cti_adapters.webchat.opening import CHANNEL
from cti_adapters.webchat.pages import PageSeen
from router.core.commands import EditContact
from router.ports import Clock, CommandSink, JournalUnavailable, Overloaded


class Whereabouts:
    def __init__(self, chats: Mapping[str, Chat], sink: CommandSink, clock: Clock) -> None:
        self._chats = chats
        self._sink = sink
        self._clock = clock
        self._moved: dict[str, None] = {}  # chats whose visitor is on a page not yet told

    async def visited(self, chat: Chat, page: PageSeen) -> None:
        """The visitor is on this page now. Raises ``Overloaded`` or ``JournalUnavailable``."""
        chat.page = page
        await self._tell(chat)

    async def go_on(self) -> None:
        """Tell what could not be told at once. Raises as ``visited``."""
        for contact in list(self._moved):
            del self._moved[contact]
            if contact in self._chats:
                await self._tell(self._chats[contact])

    async def _tell(self, chat: Chat) -> None:
        page = chat.page
        if page is None or page == chat.page_told or chat.thread.over:
            return
        if not chat.pages.take(self._clock.now()):
            self._moved[chat.contact] = None
            return
        before, chat.page_told = chat.page_told, page
        contact, number = chat.contact, chat.thread.sequence
        edit = EditContact(
            id=f"{contact}/page/{number}", by=CHANNEL, contact=contact, attributes=page.attributes
        )
        try:
            await self._sink.submit(edit)
        except (Overloaded, JournalUnavailable):
            chat.page_told = before
            self._moved[contact] = None
            raise
