"""A chat that goes on by mail: what its agent writes once the visitor has left, and the transcript
that a visitor asks for.

Mails are written by whoever ``letters`` is. A transcript goes to whom the site vouches for, or to
an address that the visitor types once one of us has answered: then a few times for each chat,
source and address, so that nobody mails strangers through us. Every mail's id is of the chat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from cti_adapters.webchat.chat import ADDRESS_BY, Chat
from cti_adapters.webchat.messages import Line, Mailing
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused
from cti_adapters.webchat.thread import NameOf, Thread
from cti_adapters.webchat.transcripts import day_of, quoted, transcript, words_in
from router.core.commands import PostMessage
from router.core.model import Contact
from router.insisting import submit_surely
from router.letters import (
    Letter,
    LetterRefused,
    Letters,
    LetterStand,
    LettersUnavailable,
    NoLetters,
    is_address,
)
from router.limits import Bucket, Buckets
from router.ports import Clock, CommandSink

BY: Final = "chat"
ORIGIN: Final = "chat"
GIVEN_AS: Final = ("email", "mail", "e_mail")  # attributes in which a flow notes a mail address
MOST_ADDRESSES: Final = 5

AddressesOf = Callable[[str], Awaitable[Sequence[str]]]


class Continuation(msgspec.Struct, frozen=True, kw_only=True):
    """How a chat can go on by mail: from ``sender`` (empty: it cannot) to one of ``to``;
    ``letters`` are those that were written, oldest first.
    """

    sender: str
    to: tuple[str, ...]
    subject: str
    letters: tuple[LetterStand, ...]


async def _no_addresses(_customer: str) -> Sequence[str]:
    return ()


class Mailer:
    """``letters`` and ``addresses_of`` (the mail addresses of a customer) are set by whoever knows
    them.
    """

    def __init__(
        self, sink: CommandSink, clock: Clock, settings: ChatSettings, name_of: NameOf
    ) -> None:
        self.letters: Letters = NoLetters()
        self.addresses_of: AddressesOf = _no_addresses
        self._sink = sink
        self._clock = clock
        self._settings = settings
        self._name_of = name_of
        self._zone = ZoneInfo(settings.time_zone)
        self._of_source = Buckets(settings.mails_of_source)
        self._to_address = Buckets(settings.mails_to_address)
        self._all = Bucket(settings.mails, clock.now())

    # -- agents -------------------------------------------------------------------------------

    async def offered(self, contact: Contact) -> Continuation:
        """Raises ``LettersUnavailable``."""
        sender = self.letters.sender(contact.queue)
        return Continuation(
            sender=sender,
            to=await self._addresses(contact) if sender else (),
            subject=self._titled(words_in(_language(contact)).continued, self._lines(contact)),
            letters=tuple(one for one in await self.letters.about(contact.id) if one.agent),
        )

    async def write(
        self, contact: Contact, agent: str, ident: str, *, to: str, subject: str, text: str
    ) -> LetterStand:
        """What ``agent`` writes, with the chat below it; a line in the chat says so, once for each
        address.

        Raises ``LetterRefused`` or ``LettersUnavailable``.
        """
        known = await self._addresses(contact)
        if to not in known:
            raise LetterRefused("The visitor has not given that address: choose one of theirs.")
        if not text.strip():
            raise LetterRefused("There is nothing in this mail yet: write something.")
        words, lines = words_in(_language(contact)), self._lines(contact)
        heading = self._titled(words.quoted, lines)
        chat = f"{heading}\n\n{quoted(transcript(lines, words, self._zone))}" if lines else ""
        letter = Letter(
            id=ident,
            about=contact.id,
            origin=ORIGIN,
            queue=contact.queue,
            to=to,
            name=contact.attributes.get("name", ""),
            subject=subject.strip() or self._titled(words.continued, lines),
            text=text,
            quoted=chat,
            agent=agent,
            agent_name=self._name_of(agent),
        )
        stand = await self.letters.send(letter)
        named = hashlib.sha256(to.casefold().encode()).hexdigest()[:24]
        said = PostMessage(
            id=f"{contact.id}/continued/{named}",
            by=BY,
            contact=contact.id,
            message=f"continued-{named}",
            author="system",
            text=words.sent.format(to=to),
        )
        await submit_surely(self._sink, said)
        return stand

    async def _addresses(self, contact: Contact) -> tuple[str, ...]:
        """What the site vouched for or the visitor gave, then what a flow asked, then the customer
        record's.
        """
        given = [contact.address, *(contact.attributes.get(name, "") for name in GIVEN_AS)]
        if contact.customer is not None:
            given += await self.addresses_of(contact.customer.id)
        plain = (one.strip() for one in given)
        return tuple(dict.fromkeys(one for one in plain if is_address(one)))[:MOST_ADDRESSES]

    # -- visitors -----------------------------------------------------------------------------

    def taken(self, chat: Chat) -> Mailing | None:
        """Whether a transcript can be asked for, and what is known of where it goes."""
        if chat.contact_state is None or not self.letters.sender(chat.contact_state.queue):
            return None
        address = chat.contact_state.address
        known = address if is_address(address) else ""
        return Mailing(address=known, fixed=bool(known and _is_vouched_for(chat.contact_state)))

    async def transcript(self, chat: Chat, typed: str, source: str) -> str:
        """Send it; the address it goes to. Once for each chat and address, however often it is
        asked for. Raises ``Refused``.
        """
        contact = chat.contact_state
        if contact is None or not self.letters.sender(contact.queue):
            raise Refused("no_mail")
        to = self._allowed(chat, contact, typed.strip())
        key = to.casefold()
        try:
            had = {one.casefold() for one in await self._had(chat)}
            if key in had:
                return to
            chat.mailed_to |= had  # also what another process has sent
            self._spend(chat, key, source)
            await self.letters.send(self._letter(chat, contact, to))
        except LetterRefused:
            raise Refused("bad_address") from None
        except LettersUnavailable:
            raise Refused("overloaded") from None
        return to

    def _allowed(self, chat: Chat, contact: Contact, typed: str) -> str:
        if _is_vouched_for(contact) and is_address(contact.address):
            if typed and typed.casefold() != contact.address.casefold():
                raise Refused("other_address")
            return contact.address
        if not is_address(typed):
            raise Refused("bad_address")
        if not any(line.author == "agent" for line in chat.thread.lines):
            raise Refused("nobody_answered")  # it would be the visitor's words alone, to anybody
        return typed

    async def _had(self, chat: Chat) -> list[str]:
        letters = await self.letters.about(chat.contact)
        return [to for one in letters if not one.agent for to in one.to]

    def _spend(self, chat: Chat, key: str, source: str) -> None:
        """Nothing is taken from the others when one of them has run out."""
        at = self._clock.now()
        chat.mailed_to.add(key)
        if len(chat.mailed_to) > self._settings.mails_per_chat:
            chat.mailed_to.discard(key)
            raise Refused("too_many_mails")
        waits = (self._of_source.wait_for(source, at), self._to_address.wait_for(key, at))
        if any(waits) or not self._all.take(at):
            chat.mailed_to.discard(key)
            raise Refused("too_many_mails")
        self._of_source.take(source, at)
        self._to_address.take(key, at)

    def _letter(self, chat: Chat, contact: Contact, to: str) -> Letter:
        words, lines = words_in(_language(contact)), chat.thread.lines
        above = self._titled(words.above, lines)
        return Letter(
            id=f"transcript {to.casefold()}",
            about=contact.id,
            origin=ORIGIN,
            queue=contact.queue,
            to=to,
            subject=self._titled(words.subject, lines),
            text=f"{above}\n\n{transcript(lines, words, self._zone)}\n\n{words.below}",
            knows=next((one.agent for one in reversed(contact.messages) if one.agent), ""),
        )

    # -- both ---------------------------------------------------------------------------------

    def _lines(self, contact: Contact) -> Sequence[Line]:
        return Thread.of(contact, self._name_of).lines

    def _titled(self, text: str, lines: Sequence[Line]) -> str:
        return text.format(day=day_of(lines, self._clock.now(), self._zone))


def _language(contact: Contact) -> str:
    return contact.attributes.get("language", "")


def _is_vouched_for(contact: Contact) -> bool:
    """Not who they are: their address. A visitor may be known and type another's."""
    return bool(contact.attributes.get(ADDRESS_BY))
