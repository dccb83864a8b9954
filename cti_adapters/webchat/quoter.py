"""Shows those who wait their position and estimated wait, all of them in turn."""

from __future__ import annotations

from collections.abc import Mapping

from cti_adapters.webchat.chat import Chat
from cti_adapters.webchat.thread import WAITING
from router.core.estimates import estimate
from router.quotes import Quote, next_quote, serving
from router.replica import Replica

AT_ONCE = 200


class Quoter:
    """``refresh`` is the least time between two rounds, microseconds."""

    def __init__(self, replica: Replica, refresh: int) -> None:
        self._replica = replica
        self._refresh = refresh
        self._last_round = 0
        self._due: list[str] = []

    def soon(self, contact: str) -> None:
        """Do not let ``contact`` wait for its turn."""
        self._due.append(contact)

    def go_on(self, chats: Mapping[str, Chat], at: int) -> None:
        """Quote anew for some of those that are due; a round takes several calls when many are."""
        if not self._due and at - self._last_round >= self._refresh:
            self._last_round = at
            self._due = [c.contact for c in chats.values() if c.tabs]
        batch, self._due = self._due[:AT_ONCE], self._due[AT_ONCE:]
        staffed: dict[str, int] = {}
        for contact in batch:
            chat = chats.get(contact)
            if chat is not None and chat.tabs:
                self.quote(chat, at, staffed)

    def quote(self, chat: Chat, at: int, staffed: dict[str, int] | None = None) -> None:
        """Quote anew for one chat, if it waits. ``staffed`` remembers counts by queue."""
        if chat.thread.state == WAITING:
            quote = self._quote(chat, {} if staffed is None else staffed, at)
            change = chat.thread.requote(quote)
            if change is not None:
                chat.tell(change)

    def _quote(self, chat: Chat, staffed: dict[str, int], at: int) -> Quote | None:
        state = self._replica.state
        contact = state.contacts.get(chat.contact)
        found = None if contact is None else estimate(state, chat.contact, at)
        if contact is None or found is None:
            return chat.thread.quote
        if contact.queue not in staffed:
            staffed[contact.queue] = serving(state, contact.queue)
        return next_quote(chat.thread.quote, found, staffed[contact.queue], at)
