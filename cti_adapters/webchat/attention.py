"""What the agent and the visitor see of each other: who is typing, and what has been read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cti_adapters.webchat.chat import Chat
from cti_adapters.webchat.messages import AgentRead, AgentTyping
from cti_adapters.webchat.settings import ChatSettings
from router.ports import Clock

OnTyping = Callable[[str, bool], None]
OnSeen = Callable[[str, int, int], None]  # the contact, received and read until


def _nobody(_contact: str, _typing: bool) -> None:  # noqa: FBT001 -- the shape of OnTyping
    return None


def _unseen(_contact: str, _received: int, _read: int) -> None:
    return None


class Attention:
    """``on_visitor_typing`` and ``on_visitor_seen`` are set by whoever shows it to the agent."""

    def __init__(self, chats: Mapping[str, Chat], clock: Clock, settings: ChatSettings) -> None:
        self.on_visitor_typing: OnTyping = _nobody
        self.on_visitor_seen: OnSeen = _unseen
        self._chats = chats
        self._clock = clock
        self._settings = settings
        self._agents_typing: dict[str, int] = {}  # contact to when its agent last typed

    # -- typing -------------------------------------------------------------------------------

    def agent_typing(self, contact: str, typing: bool) -> None:  # noqa: FBT001 -- the desk's call
        """The desk says whether the agent is typing."""
        chat = self._chats.get(contact)
        if chat is None or chat.thread.over:
            return
        was_typing = contact in self._agents_typing
        if typing:
            self._agents_typing[contact] = self._clock.now()
        else:
            self._agents_typing.pop(contact, None)
        if typing != was_typing:
            chat.tell(AgentTyping(n=0, typing=typing))

    def visitor_typing(self, chat: Chat, *, typing: bool) -> None:
        if chat.visitor_typing(typing=typing, at=self._clock.now()):
            self.on_visitor_typing(chat.contact, typing)

    def go_on(self, at: int) -> None:
        """Who has not typed for a while no longer does."""
        for contact, typed in list(self._agents_typing.items()):
            if at - typed >= self._settings.typing_for:
                self.agent_typing(contact, typing=False)

    def forget(self, contact: str) -> None:
        self._agents_typing.pop(contact, None)

    # -- reading ------------------------------------------------------------------------------

    def agent_read(self, contact: str, until: int) -> None:
        """The desk says up to which line the agent has read."""
        chat = self._chats.get(contact)
        if chat is not None and chat.agent_saw(until):
            chat.tell(AgentRead(n=0, until=chat.agent_read))

    def visitor_saw(self, chat: Chat, received: int, read: int) -> None:
        if chat.visitor_saw(received, read):
            self.on_visitor_seen(chat.contact, chat.received, chat.read)

    def seen(self, contact: str) -> tuple[int, int]:
        """Up to when the visitor's page has got the lines, and the visitor has read them."""
        chat = self._chats.get(contact)
        return (0, 0) if chat is None else (chat.received, chat.read)
