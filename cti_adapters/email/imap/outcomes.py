"""What comes of asking an IMAP server, and what can go wrong: an error's text is a sentence."""

from __future__ import annotations

import msgspec


class ImapError(Exception):
    """Something the mailbox's owner should know."""


class LoginRefused(ImapError):
    """The account or its password is wrong, or the server does not want us: trying again at once
    only locks the account.
    """


class Unreachable(ImapError):
    """There is no connection, it broke, or the server did not answer in time: try again later."""


class Nonsense(ImapError):
    """The server broke the protocol or a limit; the connection has been closed."""


class Refused(ImapError):
    """The server understood a command and will not do it; the connection is well."""


class Renumbered(ImapError):
    """The folder's UIDs mean other mails than before: select it anew."""


class Selected(msgspec.Struct, frozen=True, kw_only=True):
    """A folder. UIDs are worth something only together with its ``uidvalidity``."""

    folder: str
    uidvalidity: int
    uidnext: int  # 0: the server does not tell
    exists: int  # mails in it
    keywords: bool  # whether marks of our own can be set


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    uid: int
    raw: bytes


class TooLarge(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was not downloaded, but for the beginning of its header."""

    uid: int
    size: int  # bytes, as the server says
    header: bytes


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """There is no such mail any more."""

    uid: int
