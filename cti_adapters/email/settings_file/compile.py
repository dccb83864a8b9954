"""From the checked document to the settings: what is not written keeps its default."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path as FilePath
from typing import Any, Final

from config.catalog.document import Source
from config.problems import Path
from cti_adapters.email.settings import (
    MEBIBYTE,
    Account,
    ImapSettings,
    MailboxSettings,
    OAuth,
    Security,
    SmtpSettings,
)
from cti_adapters.email.settings_file.document import ImapSource, MailboxSource, OAuthSource
from cti_adapters.email.settings_file.secrets import Secrets

_IMAP_PORTS: Final[dict[Security, int]] = {"tls": 993, "starttls": 143, "none": 143}
_SMTP_PORTS: Final[dict[Security, int]] = {"tls": 465, "starttls": 587, "none": 25}
_KEPT: Final = (
    "address",
    "aliases",
    "name",
    "entry_point",
    "after",
    "done_folder",
    "plus_addressing",
    "from_the_first",
    "undo",
    "confirm",
    "acknowledgement",
    "reopens_within",
    "same_agent_for",
    "signature",
    "signatures",
)


def account_name(source: MailboxSource) -> str:
    return source.username or source.address


def imap_place(source: ImapSource) -> tuple[str, int, str]:
    """Host, port and folder, to tell whether two are the same."""
    port = source.port or _IMAP_PORTS[source.security or "tls"]
    return source.host.lower(), port, source.folder or "INBOX"


class Accounts:
    """Who signs in, at the IMAP and at the SMTP server."""

    def __init__(
        self, path: Path, source: MailboxSource, folder: FilePath, secrets: Secrets
    ) -> None:
        """What cannot be found is reported by ``secrets``."""
        password = secrets.find(path, "password", source.password_env, source.password_file)
        oauth = None
        if source.oauth is not None:
            oauth = _oauth((*path, "oauth"), source.oauth, folder, secrets)
        self.imap = Account(username=account_name(source), password=password, oauth=oauth)
        self.smtp: Account | None = self.imap
        smtp = source.smtp
        if smtp.sign_in is False:
            self.smtp = None
            return
        own = secrets.find((*path, "smtp"), "password", smtp.password_env, smtp.password_file)
        if own is not None:
            self.smtp = Account(username=smtp.username or account_name(source), password=own)


def _oauth(path: Path, source: OAuthSource, folder: FilePath, secrets: Secrets) -> OAuth | None:
    refresh = secrets.find(
        path, "refresh_token", source.refresh_token_env, source.refresh_token_file
    )
    client = secrets.find(
        path, "client_secret", source.client_secret_env, source.client_secret_file
    )
    if refresh is None:
        if source.refresh_token_env is None and source.refresh_token_file is None:
            secrets.missing(path, "refresh_token")
        return None
    return OAuth(
        client_secret=client,
        refresh_token=refresh,
        ca_file=None if source.ca_file is None else folder / source.ca_file,
        **_given(source, ("token_url", "client_id", "scope")),
    )


def compile_mailbox(
    name: str, source: MailboxSource, folder: FilePath, accounts: Accounts
) -> MailboxSettings:
    """``source`` must have passed the checks; names of files count from ``folder``."""
    values = _given(source, _KEPT)
    if source.largest_mail is not None:
        values["largest"] = source.largest_mail * MEBIBYTE
    imap, smtp = source.imap, source.smtp
    imap_values = _given(imap, ("host", "security", "folder", "poll_every"))
    smtp_values = _given(smtp, ("host", "security", "own_name"))
    if smtp.largest_mail is not None:
        smtp_values["largest"] = smtp.largest_mail * MEBIBYTE
    return MailboxSettings(
        id=name,
        imap=ImapSettings(
            account=accounts.imap,
            port=imap.port or _IMAP_PORTS[imap.security or "tls"],
            ca_file=None if imap.ca_file is None else folder / imap.ca_file,
            **imap_values,
        ),
        smtp=SmtpSettings(
            account=accounts.smtp,
            port=smtp.port or _SMTP_PORTS[smtp.security or "tls"],
            ca_file=None if smtp.ca_file is None else folder / smtp.ca_file,
            **smtp_values,
        ),
        **values,
    )


def _given(source: Source, names: Collection[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}
