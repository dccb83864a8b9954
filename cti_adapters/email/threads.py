"""Which thread a mail belongs to, and what our own mails carry so that their answers find it.

Pure: ``keys`` says what to look up, the store looks it up, ``choose`` judges what was found. Who a
mail says it is from is never proof of who sent it. One that finds a thread without having taken
part in it is therefore marked: a guessed, forged or forwarded reference shows on the page, and
makes nobody the customer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal, Protocol

import msgspec

from cti_adapters.email.model import Mail
from cti_adapters.email.same_address import key_of
from cti_adapters.email.subjects import about
from cti_adapters.email.tokens import thread_of_address, thread_of_message

MAX_LOOKED_UP: Final = 50  # Message-IDs of one mail
MAX_LISTED: Final = 20  # Message-IDs in the References of a mail of ours
MAX_LINE: Final = 900  # characters of them: a line of a mail has 998 with the header's name
MAX_MESSAGE_ID: Final = 250
_RECEIVED_AS: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_IN_BRACKETS: Final = re.compile(r"[!-;=?-~]+")  # printable, without space, < and >

By = Literal["report", "reference", "address", "subject"]


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What to look up. ``message_ids``: nearest first; ``signed`` are threads that our own
    Message-IDs among them name, ``addressed`` those of signed addresses it was sent to. ``subject``
    is as it is compared, and empty when it says nothing; ``sender`` is in small letters.
    """

    message_ids: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    addressed: tuple[str, ...] = ()
    subject: str = ""
    sender: str = ""

    def meet(self, message_id: str) -> Iterable[tuple[str, str]]:
        """What a mail with this Message-ID shares with every other that may be of its thread, but
        for those that only the store can tell.
        """
        yield from (("message", one) for one in (message_id, *self.message_ids) if one)
        yield from (("thread", one) for one in (*self.signed, *self.addressed))
        if self.subject:
            yield self.sender, self.subject


class Candidate(Protocol):
    """A thread that was found; ``subject`` and ``participants`` are as they are compared."""

    @property
    def id(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def participants(self) -> tuple[str, ...]: ...

    @property
    def updated_at(self) -> int: ...


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """Threads by what they were found by: Message-IDs; their own ids, ``signed`` or ``addressed``;
    subject and sender within the window.
    """

    of_messages: Sequence[Candidate] = ()
    named: Sequence[Candidate] = ()
    about: Sequence[Candidate] = ()


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """``stranger``: its sender has had no part in the thread."""

    thread: str
    by: By
    stranger: bool = False


def keys(mail: Mail, secret: bytes) -> Keys:
    """``secret`` is that of our tokens. A bounce is about what it reports."""
    reported = [one.about for one in mail.reports]
    named = _unique((*reported, *mail.in_reply_to, *reversed(mail.references)))[:MAX_LOOKED_UP]
    return Keys(
        message_ids=tuple(named),
        signed=tuple(_unique(thread_of_message(one, secret) for one in named)),
        addressed=tuple(_unique(thread_of_address(one, secret) for one in _sent_to(mail))),
        subject=about(mail.subject),
        sender=key_of(mail.sender.address),
    )


def choose(mail: Mail, keys: Keys, candidates: Candidates) -> Joined | None:
    """The thread that ``mail`` belongs to; None: it begins one.

    By reference first, then by the address it was sent to, then by subject: there only who has
    taken part is believed, and nobody without an address.
    """
    found = _of_messages(keys, candidates)
    if found is not None:
        return _joined(mail, keys, found, "report" if mail.reports else "reference")
    found = _first(keys.addressed, candidates.named)
    if found is not None:
        return _joined(mail, keys, found, "address")
    same = [one for one in candidates.about if _same_subject(keys, one)]
    newest = max(same, key=lambda one: (one.updated_at, one.id), default=None)
    return None if newest is None else Joined(thread=newest.id, by="subject")


def _joined(mail: Mail, keys: Keys, found: Candidate, by: By) -> Joined:
    """What a mail server reports of a mail that we signed is no stranger's."""
    ours = bool(mail.reports) and found.id in keys.signed
    stranger = not ours and keys.sender not in found.participants
    return Joined(thread=found.id, by=by, stranger=stranger)


def _of_messages(keys: Keys, candidates: Candidates) -> Candidate | None:
    """A signature is worth more than a Message-ID that anybody could have read somewhere."""
    signed = _first(keys.signed, (*candidates.of_messages, *candidates.named))
    newest = max(candidates.of_messages, key=lambda one: (one.updated_at, one.id), default=None)
    return signed or newest


def _same_subject(keys: Keys, found: Candidate) -> bool:
    if not keys.subject or "@" not in keys.sender:
        return False
    return keys.subject == found.subject and keys.sender in found.participants


def _first(wanted: Iterable[str], found: Collection[Candidate]) -> Candidate | None:
    by_id = {one.id: one for one in found}
    return next((by_id[one] for one in wanted if one in by_id), None)


def _sent_to(mail: Mail) -> Iterable[str]:
    yield from (one.address for one in (*mail.to, *mail.cc))
    for name in _RECEIVED_AS:
        yield from mail.headers.get(name, ())


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in texts if one))


# -- what our own mails carry -----------------------------------------------------------------


def references(mail: Mail) -> tuple[str, ...]:
    """The References of an answer to ``mail``, oldest first: the one that began it and the newest,
    as many as fit on one line. What could not stand in a header is left out.
    """
    chain = mail.references or mail.in_reply_to[:1]
    known = [one for one in _unique((*chain, mail.message_id)) if is_message_id(one)]
    first, *others = known or [""]
    kept: list[str] = []
    room = MAX_LINE - len(in_brackets((first,)))
    for one in reversed(others):
        room -= len(one) + 3
        if room < 0 or len(kept) + 1 >= MAX_LISTED:
            break
        kept.insert(0, one)
    return (first, *kept) if first else ()


def in_brackets(message_ids: Iterable[str]) -> str:
    """``<a@x> <b@x>``, as a header has it."""
    return " ".join(f"<{one}>" for one in message_ids)


def is_message_id(text: str) -> bool:
    """Whether ``text`` can stand in ``<>`` in a header: nothing else can be slipped in with it."""
    return len(text) <= MAX_MESSAGE_ID and _IN_BRACKETS.fullmatch(text) is not None
