"""Files of a chat: what a visitor or an agent sends becomes a line of the thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cti_adapters.webchat.chat import Chat
from cti_adapters.webchat.filing import MAX_AT_ONCE, Filing, Room
from cti_adapters.webchat.opening import CHANNEL
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused
from router.core.commands import PostMessage
from router.core.model import Author, MessageFile
from router.limits import Buckets, source_of
from router.ports import Clock
from router.replica import Replica


class Sharing:
    def __init__(
        self, filing: Filing, replica: Replica, clock: Clock, settings: ChatSettings
    ) -> None:
        self.filing = filing
        self._replica = replica
        self._clock = clock
        self._of_source = Buckets(settings.source_files)

    @contextmanager
    def receiving(self, chat: Chat, source: str, size: int) -> Iterator[None]:
        """While a visitor's file of ``size`` bytes comes in. Raises ``Refused`` before it does."""
        if chat.thread.over:
            raise Refused("chat_over")
        self.filing.check(self._room(chat.contact, "customer"), size)
        at = self._clock.now()
        if not self._of_source.take(source_of(source), at) or not chat.lines.take(at):
            raise Refused("too_fast")
        if self.filing.under_way >= MAX_AT_ONCE:
            raise Refused("overloaded")
        self.filing.under_way += 1
        try:
            yield
        finally:
            self.filing.under_way -= 1

    async def visitor_file(self, chat: Chat, ident: str, name: str, content: bytes) -> MessageFile:
        """A visitor's file becomes a line, once for each ``ident``. Raises ``Refused``,
        ``Overloaded`` or ``JournalUnavailable``.
        """
        known = next((line for line in chat.thread.lines if line.id == ident), None)
        if known is not None and known.files:
            return known.files[0]
        if chat.thread.over:
            raise Refused("chat_over")
        post = PostMessage(
            id=f"{chat.contact}/say/{ident}",
            by=CHANNEL,
            contact=chat.contact,
            message=ident,
            author="customer",
            text=name,
        )
        return await self.filing.take(self._room(chat.contact, "customer"), content, name, post)

    async def agent_file(
        self, contact: str, agent: str, ident: str, name: str, content: bytes
    ) -> MessageFile:
        """A file of ``agent``, who is in the conversation. Raises as ``visitor_file``."""
        post = PostMessage(
            id=f"desk:{agent}:{ident}",
            by=agent,
            contact=contact,
            message=f"{agent}:{ident}",
            author="agent",
            text=name,
            agent=agent,
        )
        return await self.filing.take(self._room(contact, "agent"), content, name, post)

    def _room(self, contact: str, author: Author) -> Room:
        live = self._replica.state.contacts.get(contact)
        return Room([] if live is None else live.messages, author)
