"""Mails of ours, from what an agent wrote to the bytes that are sent. Pure.

The standard library's ``EmailMessage`` refuses line ends in headers, whoever put them there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

import msgspec

from cti_adapters.email.model import Address
from cti_adapters.email.threads import in_brackets
from router.core.durations import SECOND
from router.letters import is_address
from router.text import one_line

MAX_RECIPIENTS: Final = 50
MAX_SUBJECT: Final = 300
MAX_TEXT: Final = 100_000
MAX_FILES: Final = 20
MAX_CONTENT: Final = 20 * 1024 * 1024  # bytes of all attachments together

# Folded at 78, a Message-ID that is longer would be written as encoded words, which name nothing.
_POLICY: Final = SMTP.clone(max_line_length=998)


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes along; its type is told, never trusted."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """``message_id`` and ``references`` stand without ``<>``; ``at`` is microseconds UTC."""

    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    message_id: str
    at: int
    cc: tuple[Address, ...] = ()
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()  # of automatic mails


class CannotBeSent(ValueError):
    """What was written cannot be a mail; the text is one sentence for whoever wrote it."""


def compose(draft: Draft, files: Sequence[Enclosure] = ()) -> bytes:
    """The whole mail. Raises ``CannotBeSent``."""
    check(draft, files)
    message = EmailMessage(policy=_POLICY)
    try:
        for name, value in _headers(draft):
            message[name] = value
        message.set_content(draft.text, charset="utf-8", cte="quoted-printable")
        for file in files:
            kind, _, subtype = _content_type(file.content_type).partition("/")
            message.add_attachment(
                file.content, maintype=kind, subtype=subtype, filename=one_line(file.name)[:120]
            )
        return message.as_bytes()
    except (ValueError, LookupError, MessageError) as error:
        raise CannotBeSent("This mail has an address or a header that cannot be sent.") from error


def check(draft: Draft, files: Sequence[Enclosure] = ()) -> None:
    """Raises ``CannotBeSent``."""
    everybody = (*draft.to, *draft.cc)
    if not draft.to:
        raise CannotBeSent("Say who is to get this mail.")
    if len(everybody) > MAX_RECIPIENTS:
        raise CannotBeSent(f"A mail goes to {MAX_RECIPIENTS} people at most.")
    for one in everybody:
        if not is_address(one.address):
            raise CannotBeSent(f"{one.address[:60]!r} is no mail address: write name@example.com.")
    if not draft.text.strip() and not files:
        raise CannotBeSent("There is nothing in this mail yet: write something.")
    if len(draft.text) > MAX_TEXT:
        raise CannotBeSent(f"A mail has {MAX_TEXT:,} characters at most.")
    if len(files) > MAX_FILES or sum(len(one.content) for one in files) > MAX_CONTENT:
        raise CannotBeSent(
            f"{MAX_FILES} files and {MAX_CONTENT // 1024**2} MB are what a mail can carry."
        )


def _headers(draft: Draft) -> list[tuple[str, object]]:
    sent = datetime.fromtimestamp(draft.at // SECOND, UTC)
    known: list[tuple[str, object]] = [
        ("From", _shown(draft.sender)),
        ("To", tuple(_shown(one) for one in draft.to)),
        ("Cc", tuple(_shown(one) for one in draft.cc)),
        ("Reply-To", draft.reply_to),
        ("Subject", one_line(draft.subject)[:MAX_SUBJECT]),
        ("Date", sent),
        ("Message-ID", in_brackets((draft.message_id,))),
        ("In-Reply-To", in_brackets((draft.in_reply_to,)) if draft.in_reply_to else ""),
        ("References", in_brackets(draft.references)),
        *draft.headers,
    ]
    return [(name, value) for name, value in known if value]


def _shown(address: Address) -> HeaderAddress:
    return HeaderAddress(display_name=one_line(address.name)[:120], addr_spec=address.address)


def _content_type(text: str) -> str:
    """Whatever is not plainly a type of one file is sent as bytes."""
    kind, _, subtype = text.lower().partition("/")
    usable = kind.isalpha() and subtype.replace("-", "").replace(".", "").replace("+", "").isalnum()
    if not usable or not text.isascii() or kind in ("multipart", "message", "text"):
        return "application/octet-stream"
    return f"{kind}/{subtype}"
