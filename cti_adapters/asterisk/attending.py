"""Looks after callers who wait: what they are told, and the key that asks for a callback. Pure."""

from __future__ import annotations

from cti_adapters.asterisk.legs import CUSTOMER, Call, Speak
from cti_adapters.asterisk.queue_announcements import (
    OfferCallback,
    Said,
    Say,
    due,
    next_due,
    taken_up,
)
from cti_adapters.asterisk.settings import CHANNEL, PbxSettings
from cti_adapters.asterisk.switchboard import Switchboard
from router.core.commands import PromiseCallback
from router.core.durations import HOUR, SECOND
from router.core.model import Contact, ContactState
from router.replica import Replica

ANNOUNCEMENT = "announcement"
WANTED_FOR = 10 * SECOND  # a callback that the router does not promise
WAITS = frozenset({ContactState.QUEUED, ContactState.OFFERED})


class Attending:
    """``look`` at each call now and then, and when something about it has changed."""

    def __init__(self, settings: PbxSettings, replica: Replica, board: Switchboard) -> None:
        self._settings = settings
        self._replica = replica
        self._board = board

    def look(self, call: Call, at: int) -> None:
        """Tell the customer what is due, unless they are being told something already."""
        self._promise(call, at)
        leg = call.legs.get(CUSTOMER)
        channel = self._board.channel_of(leg)
        contact = self._waiting(call)
        if leg is None or channel is None or contact is None:
            return
        if not channel.controlled or leg.speaking or not leg.music or at < call.look_again:
            return
        said = call.said or (taken_up(contact, at) if leg.found else Said())
        news = due(contact, self._replica.state, said, at, self._settings)
        call.said = said if news is None else news.said
        after = next_due(contact, self._replica.state, call.said, at, self._settings)
        call.look_again = at + HOUR if after is None else after
        if news is None:
            return
        if isinstance(news, OfferCallback):
            call.callback_key = news.key
        texts = news.texts if isinstance(news, Say) else (news.text,)
        leg.speaking = ANNOUNCEMENT
        self._board.ask(leg, Speak(what=ANNOUNCEMENT, unique=leg.unique, texts=texts), at)

    def say_words(self, call: Call, at: int) -> None:
        """The last words of a flow that led into a queue, also while a phone rings already."""
        contact = self._replica.state.contacts.get(call.contact)
        if not call.words or call.ending is not None or contact is None:
            return
        if contact.state not in WAITS or contact.callback is not None:
            call.words = ()
            return
        leg = call.legs.get(CUSTOMER)
        channel = self._board.channel_of(leg)
        if leg is None or channel is None or not channel.controlled or leg.speaking:
            return
        words = Speak(what=ANNOUNCEMENT, unique=leg.unique, texts=call.words)
        if self._board.ask(leg, words, at):
            leg.speaking, call.words = ANNOUNCEMENT, ()

    def pressed(self, call: Call, digit: str, at: int) -> None:
        """The customer pressed a key; the promise is the router's to make."""
        if digit and digit == call.callback_key:
            call.wants_callback = at + WANTED_FOR
            self._promise(call, at)

    def _promise(self, call: Call, at: int) -> None:
        """While a phone rings nothing is promised: whoever picks it up is there at once. A router
        that is busy is told again.
        """
        contact = self._waiting(call)
        if self._is_offered(call):
            call.wants_callback = call.wants_callback and at + WANTED_FOR
        elif contact is not None and at < call.wants_callback:
            key = f"{contact.id}/callback/{contact.sequence}"
            told = PromiseCallback(id=key, by=CHANNEL, contact=contact.id, address=contact.address)
            self._board.tell(call, told, at)
        else:
            call.wants_callback = 0

    def _is_offered(self, call: Call) -> bool:
        contact = self._replica.state.contacts.get(call.contact)
        return contact is not None and contact.state is ContactState.OFFERED

    def _waiting(self, call: Call) -> Contact | None:
        contact = self._replica.state.contacts.get(call.contact)
        waits = contact is not None and contact.state is ContactState.QUEUED
        return contact if waits and call.ending is None else None
