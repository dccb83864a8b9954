"""What the file means, checked on the document: one run names all problems."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.durations import format_duration
from config.problems import Path, excerpt
from cti_adapters.email.settings import DONE_FOLDER
from cti_adapters.email.settings_file.compile import account_name, imap_place
from cti_adapters.email.settings_file.document import (
    ImapSource,
    MailboxesSource,
    MailboxSource,
    SmtpSource,
)
from cti_adapters.email.transport import is_loopback
from router.core.catalog import Catalog
from router.core.durations import DAY, MINUTE, SECOND

CHANNEL: Final = "email"
_LONGEST_UNDO: Final = 5 * MINUTE


def check_mailbox(path: Path, source: MailboxSource, folder: FilePath, checker: Checker) -> None:
    """One mailbox; names of files count from ``folder``."""
    _check_server((*path, "imap"), source.imap, folder, checker)
    _check_server((*path, "smtp"), source.smtp, folder, checker)
    _check_accounts(path, source, checker)
    _check_folders(path, source, checker)
    _check_durations(path, source, checker)
    if source.oauth is not None and source.oauth.ca_file is not None:
        _check_file((*path, "oauth", "ca_file"), folder / source.oauth.ca_file, checker)


def _check_server(
    path: Path, source: ImapSource | SmtpSource, folder: FilePath, checker: Checker
) -> None:
    if source.ca_file is not None:
        _check_file((*path, "ca_file"), folder / source.ca_file, checker)
    if source.security == "none" and not is_loopback(source.host):
        what = f"the mails and the password would go to {excerpt(source.host)} for all to read"
        checker.report((*path, "security"), what, "write 'security: tls', or 'starttls'")


def _check_file(path: Path, file: FilePath, checker: Checker) -> None:
    if not file.is_file():
        checker.report(path, "there is no such file", "check its name")


def _check_accounts(path: Path, source: MailboxSource, checker: Checker) -> None:
    forms = [key for key in ("password_env", "password_file", "oauth") if _has(source, key)]
    if not forms and not any(checker.written((*path, key)) for key in ("oauth", "password_env")):
        checker.report(path, "nobody signs in", "add 'password_env', 'password_file' or 'oauth'")
    if "oauth" in forms and len(forms) > 1:
        what = f"{' and '.join(forms)} are given"
        checker.report((*path, "oauth"), what, "write a password or oauth, not both")
    smtp = source.smtp
    own = [key for key in ("username", "password_env", "password_file") if _has(smtp, key)]
    if smtp.sign_in is False and own:
        what = f"'{own[0]}' is not used when nobody signs in"
        checker.report((*path, "smtp", own[0]), what, "remove it, or 'sign_in: false'")
    elif own == ["username"]:
        fix = "add 'password_env' or 'password_file' beside it, or remove it"
        checker.report((*path, "smtp", "username"), "it has no password of its own", fix)


def _has(source: MailboxSource | SmtpSource, key: str) -> bool:
    return getattr(source, key) is not None


def _check_folders(path: Path, source: MailboxSource, checker: Checker) -> None:
    inbox = source.imap.folder or "INBOX"
    if source.after != "move" and source.done_folder is not None:
        checker.warn((*path, "done_folder"), "nothing is moved", "add 'after: move' or remove it")
    done = (source.done_folder or DONE_FOLDER) if source.after == "move" else None
    if done is not None and done.lower() == inbox.lower():
        what = "mails are fetched from this folder: they would come again"
        checker.report((*path, "done_folder"), what, "name another folder")


def _check_durations(path: Path, source: MailboxSource, checker: Checker) -> None:
    bounds = (
        ((*path, "undo"), source.undo, 0, _LONGEST_UNDO),
        ((*path, "reopens_within"), source.reopens_within, 0, 365 * DAY),
        ((*path, "same_agent_for"), source.same_agent_for, 0, 7 * DAY),
        ((*path, "imap", "poll_every"), source.imap.poll_every, 5 * SECOND, 60 * MINUTE),
    )
    for here, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            fix = f"write {format_duration(least) if least else '0'} to {format_duration(most)}"
            checker.report(here, f"{format_duration(value)} makes no sense here", fix)


def check_twins(document: MailboxesSource, checker: Checker) -> None:
    """Two that are read from the same place, or share an address: mails would come twice."""
    places: dict[tuple[object, ...], str] = {}
    addresses: dict[str, str] = {}
    for name, source in document.mailboxes.items():
        path: Path = ("mailboxes", name)
        other = places.setdefault((*imap_place(source.imap), account_name(source)), name)
        if other != name:
            what = f"this is the same folder as '{excerpt(other)}' reads"
            checker.report((*path, "imap"), what, "give it another folder, or remove one")
        for address in (source.address, *(source.aliases or ())):
            owner = addresses.setdefault(address.lower(), name)
            if owner != name:
                what = f"'{excerpt(address)}' is an address of '{excerpt(owner)}' as well"
                checker.report((*path, "address"), what, "remove it from one of them")


def check_against(path: Path, source: MailboxSource, catalog: Catalog, checker: Checker) -> None:
    """Whether the entry point that is named is one of mails."""
    known = catalog.entry_points.get(source.entry_point)
    if known is not None and known.channel != CHANNEL:
        name = excerpt(source.entry_point)
        what = f"'{name}' is an entry point of the channel {excerpt(known.channel)}"
        checker.report((*path, "entry_point"), what, f"name one of the channel {CHANNEL}")
