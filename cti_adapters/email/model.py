"""A mail as the rest of Patchbay sees it: read within limits, nothing in it trusted.

Every text is one that can be shown: Unicode, without control characters, and cut at the limits
below; ``cut`` says in words what was left out.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

MAX_BYTES: Final = 40 * 1024 * 1024  # of a whole mail, as it came
MAX_TEXT: Final = 200_000  # characters of the text shown
MAX_HTML: Final = 1_000_000  # characters, cleaned
MAX_SUBJECT: Final = 300
MAX_NAME: Final = 120  # of a person or a file
MAX_ADDRESSES: Final = 100  # in one header
MAX_REFERENCES: Final = 50  # the first and the newest
MAX_ATTACHMENTS: Final = 100


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """``address`` is at most 320 characters, its domain in small letters; ``name`` may be empty."""

    address: str
    name: str = ""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file beside the text. ``sha256`` (hex) names its content in the file store; ``content_id``
    is set when the HTML shows it as a picture.
    """

    sha256: str
    name: str
    content_type: str
    size: int  # bytes
    content_id: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail server says became of a mail of ours (RFC 3464)."""

    action: Literal["failed", "delayed", "delivered", "relayed", "expanded"]
    recipient: str
    status: str = ""  # such as 5.1.1
    reason: str = ""  # one sentence of the other server's
    about: str = ""  # Message-ID of the mail it speaks of, without <>


class Mail(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    """One mail.

    ``digest`` (sha256, hex) is of what its sender made: the same mail that came on two ways, or was
    fetched twice, has the same. Message ids stand without ``<>``; ``message_id`` is empty when the
    mail has none that can be used. ``return_path`` is the envelope's sender where a server told it:
    empty for a bounce, None when nobody said. ``headers`` are those that rules and the guard
    against loops look at, by their names in small letters.
    """

    digest: str
    size: int  # bytes, as it came
    sender: Address
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    return_path: str | None = None
    subject: str = ""
    sent_at: int | None = None  # microseconds UTC, as its sender says
    text: str = ""
    html: str = ""  # cleaned: what may be shown in a sandboxed frame
    attachments: tuple[Attachment, ...] = ()
    headers: dict[str, tuple[str, ...]] = {}
    reports: tuple[Report, ...] = ()
    cut: tuple[str, ...] = ()  # sentences


class Unreadable(msgspec.Struct, frozen=True, kw_only=True, tag="unreadable"):
    """A mail that is kept apart, unread; ``reason`` is one sentence."""

    digest: str  # of its bytes
    size: int
    reason: str
