"""The file of mailboxes as an admin writes it: what the reader follows and editors show.

As in ``config.catalog.document``: ``None`` means "not written", the default of ``settings`` holds,
and ``Meta.extra`` tells the reader how a text is read and which names it refers to.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from config.catalog.document import Duration, Source, Text
from config.catalog.values import NAME
from cti_adapters.email.settings_file.values import MAX_ID


def _kind(kind: str) -> Meta:
    return Meta(extra={"kind": kind}, extra_json_schema={"kind": kind})


def _refers(kind: str) -> Meta:
    return Meta(extra={"refers": kind}, extra_json_schema={"kind": kind})


MailboxName = Annotated[str, Meta(pattern=NAME, max_length=MAX_ID)]
Host = Annotated[str, _kind("host")]
Port = Annotated[int, Meta(ge=1, le=65_535)]
Variable = Annotated[str, _kind("variable")]
Word = Annotated[str, _kind("word")]
Address = Annotated[str, _kind("address")]
Url = Annotated[str, _kind("url")]
FileName = Annotated[str, Meta(min_length=1, max_length=1_000)]
Megabytes = Annotated[int, Meta(ge=1, le=100)]
EntryRef = Annotated[str, _refers("entry point")]
QueueRef = Annotated[str, _refers("queue")]
Security = Literal["tls", "starttls", "none"]

_CA = Meta(description="certificates; left out: the machine's own authorities")
_SECURITY = Meta(description="tls from the start (default), starttls, or none on this machine")


class OAuthSource(Source, frozen=True, kw_only=True):
    """Access tokens instead of a password. Secrets are named, never written here."""

    token_url: Annotated[Url, Meta(description="https://login.example/oauth2/token")]
    client_id: Word
    client_secret_env: Variable | None = None
    client_secret_file: FileName | None = None
    refresh_token_env: Variable | None = None
    refresh_token_file: FileName | None = None
    scope: Word | None = None
    ca_file: Annotated[FileName | None, _CA] = None


class ImapSource(Source, frozen=True, kw_only=True):
    """Where mails are fetched."""

    host: Host
    port: Annotated[Port | None, Meta(description="993, or 143 with starttls")] = None
    security: Annotated[Security | None, _SECURITY] = None
    ca_file: Annotated[FileName | None, _CA] = None
    folder: Annotated[Word | None, Meta(description="INBOX, unless another")] = None
    poll_every: Annotated[Duration | None, Meta(description="where the server has no IDLE")] = None


class SmtpSource(Source, frozen=True, kw_only=True):
    """Where answers are handed over; the account is the mailbox's, unless another is given."""

    host: Host
    port: Annotated[Port | None, Meta(description="465, or 587 with starttls")] = None
    security: Annotated[Security | None, _SECURITY] = None
    ca_file: Annotated[FileName | None, _CA] = None
    sign_in: Annotated[bool | None, Meta(description="false: this server asks nobody")] = None
    username: Word | None = None
    password_env: Variable | None = None
    password_file: FileName | None = None
    own_name: Annotated[Host | None, Meta(description="what Patchbay calls itself there")] = None
    largest_mail: Annotated[Megabytes | None, Meta(description="megabytes it takes")] = None


class MailboxSource(Source, frozen=True, kw_only=True):
    """One mailbox: its address, who signs in, what becomes of its mails."""

    address: Address
    aliases: Annotated[
        tuple[Address, ...] | None, Meta(description="other addresses whose mail comes here")
    ] = None
    name: Annotated[Word | None, Meta(description="shown beside the address")] = None
    entry_point: EntryRef
    username: Annotated[Word | None, Meta(description="left out: the address")] = None
    password_env: Annotated[Variable | None, Meta(description="an environment variable")] = None
    password_file: Annotated[FileName | None, Meta(description="whose first line it is")] = None
    oauth: OAuthSource | None = None
    imap: ImapSource
    smtp: SmtpSource

    after: Annotated[
        Literal["flag", "move"] | None,
        Meta(description="what becomes of a mail that has been routed"),
    ] = None
    done_folder: Annotated[Word | None, Meta(description="where it is moved")] = None
    plus_addressing: Annotated[
        bool | None, Meta(description="support+anything@… comes here too (default)")
    ] = None
    from_the_first: Annotated[
        bool | None, Meta(description="also mails that were there before it was connected")
    ] = None
    undo: Annotated[Duration | None, Meta(description="in which a mail can be called back")] = None
    largest_mail: Annotated[
        Megabytes | None, Meta(description="megabytes; a larger one is not downloaded")
    ] = None
    confirm: Annotated[
        Literal["copy", "ask"] | None,
        Meta(description="how a sending that broke off is settled: by a copy to ourselves, or you"),
    ] = None
    acknowledgement: Annotated[
        Text | None, Meta(description="sent at once to who begins a thread; left out: nothing is")
    ] = None
    reopens_within: Annotated[
        Duration | None, Meta(description="in which an answer to ours goes to who wrote it")
    ] = None
    same_agent_for: Annotated[
        Duration | None, Meta(description="for which only they are offered it, while signed in")
    ] = None
    signature: Annotated[Text | None, Meta(description="under every answer")] = None
    signatures: Annotated[
        dict[QueueRef, Text] | None, Meta(description="queue: another signature")
    ] = None


class MailboxesSource(Source, frozen=True, kw_only=True):
    """The mailboxes that mails come from, by id."""

    mailboxes: Annotated[dict[MailboxName, MailboxSource], Meta(max_length=50)]
