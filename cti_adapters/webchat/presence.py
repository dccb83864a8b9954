"""Who is here: visitors whose page is open, those who have gone, and those at another node."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cti_adapters.webchat.chat import Chat, Since
from cti_adapters.webchat.settings import ChatSettings
from router.elsewhere import Elsewhere, chat_page

OnAway = Callable[[str, bool], None]


def _unaware(_contact: str, _away: bool) -> None:  # noqa: FBT001 -- the shape of OnAway
    return None


class Presence:
    """``on_away`` is told that a visitor has been gone for a while, and that they are back. Times
    are microseconds UTC.
    """

    def __init__(
        self, settings: ChatSettings, elsewhere: Elsewhere, in_charge: Callable[[], bool]
    ) -> None:
        self.on_away: OnAway = _unaware
        self.in_charge = in_charge
        self._settings = settings
        self._elsewhere = elsewhere
        self._gone = Since()  # live chats that nobody looks at
        self._away: set[str] = set()  # of those, the ones of which the agent was told

    def is_ours(self, chat: Chat) -> bool:
        """Whether this node brings the visitor on: theirs does, or the one in charge."""
        if chat.tabs:
            return True
        return self.in_charge() and not self._elsewhere.has(chat_page(chat.contact))

    def is_away(self, contact: str) -> bool:
        """Whether the visitor has been gone for a while."""
        return contact in self._away

    def left(self, contact: str, at: int) -> None:
        """Nobody looks at the chat from now on."""
        self._gone.add(contact, at)

    def came(self, contact: str) -> None:
        self._gone.discard(contact)
        if contact in self._away:
            self._back(contact)

    def appeared(self, contact: str, at: int) -> None:
        """The chat has begun only now: who was gone before may still come."""
        if self._gone.discard(contact):
            self._gone.add(contact, at)

    def gone_while_away(self, at: int) -> Iterable[str]:
        """Whom nobody has seen, here or elsewhere, for a while."""
        gone = self._gone.older_than(at, self._settings.away)
        return [one for one in gone if not self._elsewhere.has(chat_page(one))]

    def forget(self, contact: str) -> None:
        """The chat is over, or was never begun."""
        self._gone.discard(contact)
        self._away.discard(contact)

    def tell_again(self, contact: str) -> None:
        """Another agent has it, who does not know yet."""
        if contact in self._away:
            self.on_away(contact, True)  # noqa: FBT003 -- the shape of OnAway

    def look(self, at: int) -> None:
        """Who is at another node is not away, and whoever came back there is no longer."""
        for contact in [one for one in self._away if self._elsewhere.has(chat_page(one))]:
            self._back(contact)
        for contact in self._gone.older_than(at, self._settings.away):
            if contact not in self._away and not self._elsewhere.has(chat_page(contact)):
                self._away.add(contact)
                self.on_away(contact, True)  # noqa: FBT003 -- the shape of OnAway

    def gone_for_good(self, at: int) -> Iterable[str]:
        """Whom nobody has seen for the grace time."""
        return self._gone.older_than(at, self._settings.grace)

    def another_has(self, contact: str, at: int) -> bool:
        """Whether another node has the visitor, or looks after them: then they are looked for again
        in the grace time.
        """
        if self.in_charge() and not self._elsewhere.has(chat_page(contact)):
            return False
        self._gone.discard(contact)
        self._gone.add(contact, at)
        return True

    def _back(self, contact: str) -> None:
        self._away.discard(contact)
        self.on_away(contact, False)  # noqa: FBT003 -- the shape of OnAway
