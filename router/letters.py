"""Mails that other channels write, and the port behind which the e-mail channel takes them.

Channels never know each other: who holds chats asks ``Letters``, and the composition root says who
that is. Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that answers none. With the same ``id`` and ``about`` again it is the same mail.

    ``about`` is the contact it comes from and ``origin`` that contact's channel: all letters about
    a contact are one thread, and an answer to them shows where it came from. ``quoted`` stands
    below the signature of ``queue``. Without an ``agent`` a machine sends it: no other machine is
    to answer it, and it leaves at once. The answer goes to ``knows`` first.
    """

    id: str
    about: str
    origin: str
    queue: str
    to: str
    subject: str
    text: str
    quoted: str = ""
    name: str = ""  # what the recipient is called
    agent: str = ""
    agent_name: str = ""  # what customers call the agent
    knows: str = ""


class LetterStand(msgspec.Struct, frozen=True, kw_only=True):
    """How far a letter is: ``state`` is the outbox's. It can be taken back until ``due`` while its
    state is held.
    """

    id: str
    to: tuple[str, ...]
    subject: str
    at: int
    state: str
    due: int
    reason: str = ""
    agent: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks in a form when nobody is there. With the same ``id`` again it is the same.

    It goes to ``queue``, past any flow. ``verified`` as an arrival has it; ``address`` is where it
    is answered.
    """

    id: str
    queue: str
    address: str
    name: str
    subject: str
    text: str
    attributes: Mapping[str, str] = {}
    verified: str = ""


class LetterRefused(ValueError):
    """It cannot be sent as it is; the text is one sentence for whoever wrote it."""


class LettersUnavailable(Exception):
    """It was not taken now; the same again has one effect."""


class Letters(Protocol):
    def sender(self, queue: str) -> str:
        """The mail address that writes for a queue; empty: none does."""

    async def send(self, letter: Letter) -> LetterStand:
        """Written down when it returns. Raises ``LetterRefused`` or ``LettersUnavailable``."""

    async def about(self, contact: str) -> Sequence[LetterStand]:
        """The letters about a contact, oldest first. Raises ``LettersUnavailable``."""

    async def ask(self, question: Question) -> None:
        """Kept when it returns; a contact is made of it as of a mail. Raises ``LetterRefused`` or
        ``LettersUnavailable``.
        """


def is_address(text: str) -> bool:
    """Whether a mail can be sent there: one name, one domain, nothing that ends a header."""
    local, _, domain = text.rpartition("@")
    plain = text.isprintable() and not set(text) & set(' <>()[],;:"\\') and "@" not in local
    dotted = all(local.split(".")) and all(domain.split("."))  # no part of either is empty
    return plain and dotted and len(local) <= 64 and len(text) <= 320


class NoLetters(Letters):
    """Nothing writes mails here."""

    def sender(self, queue: str) -> str:  # noqa: ARG002
        return ""

    async def send(self, letter: Letter) -> LetterStand:
        raise LetterRefused(f"No mailbox writes for {letter.queue[:80]!r}: connect one first.")

    async def about(self, contact: str) -> Sequence[LetterStand]:  # noqa: ARG002
        return ()

    async def ask(self, question: Question) -> None:
        raise LetterRefused(f"No mailbox takes questions for {question.queue[:80]!r}.")
