"""A client for one mailbox on an IMAP server (RFC 3501), over the standard library's imaplib."""

from cti_adapters.email.imap.client import ImapClient
from cti_adapters.email.imap.outcomes import (
    Fetched,
    Gone,
    ImapError,
    LoginRefused,
    Nonsense,
    Refused,
    Renumbered,
    Selected,
    TooLarge,
    Unreachable,
)

__all__ = [
    "Fetched",
    "Gone",
    "ImapClient",
    "ImapError",
    "LoginRefused",
    "Nonsense",
    "Refused",
    "Renumbered",
    "Selected",
    "TooLarge",
    "Unreachable",
]
