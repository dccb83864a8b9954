"""One mailbox: where its mails come from, and how ours leave. Durations are microseconds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from router.core.durations import DAY, HOUR, MINUTE, SECOND

Security = Literal["tls", "starttls", "none"]
After = Literal["flag", "move"]
Confirm = Literal["copy", "ask"]

MEBIBYTE: Final = 1_048_576
DONE_FOLDER: Final = "Patchbay"


class Secret:
    """A text that no log and no ``repr`` shows; only ``reveal`` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(not shown)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


class OAuth(msgspec.Struct, frozen=True, kw_only=True):
    """How a refresh token is exchanged for access tokens (RFC 6749, section 6)."""

    token_url: str  # https, or http on this machine
    client_id: str
    refresh_token: Secret
    client_secret: Secret | None = None  # public clients have none
    scope: str = ""
    ca_file: Path | None = None  # None: the machine's own authorities
    timeout: int = 20 * SECOND


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs in: with a password or with access tokens, exactly one of them."""

    username: str
    password: Secret | None = None
    oauth: OAuth | None = None


class ImapLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a server may send us, in bytes unless said otherwise."""

    line: int = 65_536
    literal: int = 65_536  # but for the mail that is being fetched
    answer: int = MEBIBYTE  # all lines and literals up to the end of one command, but for the mail
    responses: int = 5_000  # of one command


class ImapSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where mails are fetched."""

    host: str
    account: Account
    port: int = 993
    security: Security = "tls"
    ca_file: Path | None = None
    folder: str = "INBOX"

    connect_timeout: int = 30 * SECOND  # until we are let in
    timeout: int = 60 * SECOND  # of one command
    fetch_timeout: int = 5 * MINUTE  # of one whole mail
    renew_every: int = 5 * MINUTE  # IDLE; 29 minutes is the most a server must bear (RFC 2177)
    poll_every: int = 30 * SECOND  # where a server has no IDLE
    limits: ImapLimits = ImapLimits()


class SmtpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where our mails are handed over. Without an ``account`` nobody signs in."""

    host: str
    account: Account | None = None
    port: int = 465
    security: Security = "tls"
    ca_file: Path | None = None
    own_name: str = ""  # what we call ourselves in EHLO; empty: [127.0.0.1]
    largest: int = 25 * MEBIBYTE

    connect_timeout: int = 30 * SECOND
    timeout: int = 60 * SECOND  # of one command
    data_timeout: int = 10 * MINUTE  # until it says whether it took the mail (RFC 5321, 4.5.3.2.6)


class MailboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    id: str  # begins the contacts' ids: never the same for two
    address: str
    imap: ImapSettings
    smtp: SmtpSettings
    entry_point: str
    name: str = ""  # shown beside the address
    aliases: tuple[str, ...] = ()  # other addresses whose mail comes here
    after: After = "flag"  # what becomes of a mail that has been routed
    done_folder: str = DONE_FOLDER  # where it is moved
    plus_addressing: bool = True  # support+anything@… comes here too
    from_the_first: bool = False  # also the mails that were there before it was connected
    undo: int = 10 * SECOND  # in which a mail can be called back
    largest: int = 40 * MEBIBYTE  # a larger one is not downloaded
    confirm: Confirm = "copy"  # how a sending that broke off is settled: see docs/email.md
    acknowledgement: str = ""  # sent at once to who begins a thread; empty: nothing is
    reopens_within: int = 7 * DAY  # an answer to ours goes to who wrote it …
    same_agent_for: int = 4 * HOUR  # … who has it to themselves for so long, while signed in
    signature: str = ""
    signatures: Mapping[str, str] = {}  # of queues, instead of the usual one

    @property
    def addresses(self) -> frozenset[str]:
        """All that are ours, in small letters."""
        return frozenset(one.lower() for one in (self.address, *self.aliases))

    def signature_of(self, queue: str) -> str:
        return self.signatures.get(queue, self.signature)
