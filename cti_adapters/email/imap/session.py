"""What is done on one IMAP connection, blocking: the client calls it in a thread.

Call the methods through ``told_apart``: then they raise ``ImapError`` and ``Unsayable`` alone.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from cti_adapters.email.imap import words
from cti_adapters.email.imap.outcomes import (
    Fetched,
    Gone,
    ImapError,
    LoginRefused,
    Nonsense,
    Refused,
    Selected,
    TooLarge,
    Unreachable,
)
from cti_adapters.email.imap.protocol import Protocol
from cti_adapters.email.imap.stream import BoundedStream
from cti_adapters.email.settings import Account, ImapSettings
from cti_adapters.email.transport import is_loopback, printable, tls_context
from router.core.durations import SECOND

HEADER_BYTES: Final = 65_536  # of a mail that is too large
_PAGE: Final = 1_000  # messages asked about in one command
_SENDER_BYTES: Final = 500  # of a field From: a page of them is below the limit of an answer
_FEW: Final = 5  # seconds to say goodbye
_FOR_NOW: Final = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # RFC 5530

R = TypeVar("R")

log = logging.getLogger(__name__)


def told_apart(job: Callable[[], R]) -> R:
    """``job``; what the library, the socket and the encryption raise becomes one of our errors."""
    try:
        return job()
    except (ImapError, words.Unsayable):
        raise
    except TimeoutError:
        raise Unreachable("The mail server did not answer in time.") from None
    except ssl.SSLCertVerificationError as error:
        reason = printable(error.verify_message)
        raise Unreachable(f"The mail server's certificate is not trusted: {reason}") from None
    except imaplib.IMAP4.readonly:
        raise Refused("The folder may only be read.") from None
    except imaplib.IMAP4.abort as error:
        raise _broken(str(error)) from None
    except imaplib.IMAP4.error as error:
        raise Nonsense(f"The mail server did not understand us: {printable(str(error))}") from None
    except OSError as error:
        reason = printable(error.strerror or str(error))
        raise Unreachable(f"The mail server cannot be reached: {reason}") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        # What the library makes of words it did not expect; the trace says if it was our fault.
        log.warning("an answer of a mail server could not be read", exc_info=True)
        raise Nonsense(f"The mail server spoke nonsense ({type(error).__name__}).") from None


def _broken(text: str) -> ImapError:
    if "unexpected" in text or "unterminated" in text:
        return Nonsense(f"The mail server spoke nonsense: {printable(text)}")
    return Unreachable(f"The mail server ended the connection: {printable(text)}")


class Session:
    """From connecting to the end of the connection. ``stream.cut`` ends it from outside."""

    def __init__(self, settings: ImapSettings) -> None:
        self.stream = BoundedStream(settings.limits.line)
        self._settings = settings
        self._seconds = settings.timeout / SECOND
        self._made: Protocol | None = None

    @property
    def _protocol(self) -> Protocol:
        if self._made is None:
            raise Unreachable("There is no connection with the mail server.")
        return self._made

    # -- beginning and end ------------------------------------------------------------------------

    def connect(self) -> None:
        """Up to where one may sign in."""
        settings = self._settings
        if settings.security == "none" and not is_loopback(settings.host):
            raise Refused("Nothing is sent unencrypted to another machine: use TLS.")
        self.stream.deadline = time.monotonic() + settings.connect_timeout / SECOND
        self.stream.connect(settings.host, settings.port)
        if settings.security == "tls":
            self.stream.encrypt(tls_context(settings.ca_file), settings.host)
        self._made = Protocol(self.stream, settings.limits)
        if settings.security == "starttls":
            self._begin()
            self._made.encrypt(tls_context(settings.ca_file), settings.host)

    def sign_in(self, account: Account, token: str = "") -> None:
        """``token`` is an access token, for an account that has them."""
        protocol = self._begin()
        if protocol.state != "NONAUTH":
            return
        if account.oauth is not None:
            self._sign_in_with(*_token_words(account.username, token, protocol.capabilities))
        elif account.password is not None:
            self._sign_in_with_password(account.username, account.password.reveal())
        self._begin()
        protocol.refresh()

    def sign_out(self) -> None:
        protocol = self._begin(_FEW)
        protocol.logout()

    def close(self) -> None:
        self.stream.close()

    # -- folders ----------------------------------------------------------------------------------

    def select(self, folder: str, *, read_only: bool = False) -> Selected:
        protocol = self._begin()
        protocol.uidvalidity = 0
        typ, data = protocol.select(words.folder_name(folder), readonly=read_only)
        if typ != "OK":
            reason = printable(data[-1] or b"") if data else ""
            raise Refused(f"The folder {printable(folder)} cannot be opened: {reason}")
        numbering = protocol.told("UIDVALIDITY")
        if not numbering:
            raise Refused("The mail server does not number its mails for good.")
        validity = words.number(bytes(numbering[-1]).split(b"]")[0], "numbering of its folder")
        protocol.uidvalidity = validity
        protocol.arrived = False
        following = protocol.told("UIDNEXT")
        permanent = protocol.told("PERMANENTFLAGS")
        return Selected(
            folder=folder,
            uidvalidity=validity,
            uidnext=words.number(bytes(following[-1]).split(b"]")[0], "next UID")
            if following
            else 0,
            exists=protocol.exists,
            keywords=bool(permanent) and b"\\*" in bytes(permanent[-1]),
        )

    def create(self, folder: str) -> None:
        name = words.folder_name(folder)
        try:
            self._begin().do("CREATE", name)
        except Refused as refused:
            if "exist" not in str(refused).lower():
                raise
        with contextlib.suppress(Refused):
            self._begin().do("SUBSCRIBE", name)  # or people's programs do not show it

    def append(self, folder: str, mail: bytes, flags: Sequence[str]) -> None:
        said = [words.folder_name(folder), *([words.flag_list(flags)] if flags else [])]
        protocol = self._begin(self._settings.fetch_timeout / SECOND)
        protocol.literal = mail  # type: ignore[assignment]  # its stubs call it a text
        protocol.do("APPEND", *said)

    # -- mails ------------------------------------------------------------------------------------

    def new_uids(self, after: int, most: int) -> tuple[int, ...]:
        """The lowest UIDs above ``after``, ascending.

        They are looked for by their places in the folder, so that no answer grows with it.
        """
        protocol = self._begin()
        protocol.nothing()
        protocol.arrived = False
        first = self._first_above(after, protocol.exists)
        if first > protocol.exists:
            return ()
        last = min(first + min(most, _PAGE) - 1, protocol.exists)
        return tuple(uid for uid in sorted(self._uids(first, last)) if uid > after)

    def _first_above(self, after: int, exists: int) -> int:
        """The place of the first mail whose UID is above; one more than there are for none.

        UIDs ascend with the places. Most often only the last few are new: the search begins there.
        """
        high, step = exists + 1, 1
        while high > 1 and self._uid_at(max(high - step, 1)) > after:
            high, step = max(high - step, 1), 2 * step
        low = max(high - step, 0) + 1
        while low < high:
            middle = (low + high) // 2
            if self._uid_at(middle) > after:
                high = middle
            else:
                low = middle + 1
        return high

    def _uid_at(self, place: int) -> int:
        found = self._uids(place, place)
        if len(found) != 1:
            raise Unreachable("The folder changed while it was read: begin again.")
        return found[0]

    def _uids(self, first: int, last: int) -> list[int]:
        protocol = self._begin()
        protocol.do("FETCH", f"{first}:{last}", "(UID)")
        wanted = [
            part
            for part in protocol.told("FETCH")
            if isinstance(part, bytes) and first <= _place(part) <= last
        ]
        return words.uids_of_fetch(wanted)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        protocol = self._begin()
        protocol.do("UID", "FETCH", words.uid_set(uids[:_PAGE]), "(UID RFC822.SIZE)")
        found = words.sizes_of_fetch(protocol.told("FETCH"))
        return {uid: found[uid] for uid in uids if uid in found}

    def senders(self, uids: Sequence[int]) -> dict[int, bytes]:
        protocol = self._begin()
        what = f"(UID BODY.PEEK[HEADER.FIELDS (FROM)]<0.{_SENDER_BYTES}>)"
        protocol.do("UID", "FETCH", words.uid_set(uids[:_PAGE]), what)
        return words.bodies_of_fetch(protocol.told("FETCH"))

    def fetch(self, uid: int, largest: int) -> Fetched | TooLarge | Gone:
        """The mail as it came, unless it is larger than ``largest`` bytes."""
        size = self.sizes([uid]).get(uid)
        if size is None:
            return Gone(uid=uid)
        if size > largest:
            return self._too_large(uid, size)
        # A byte more than is allowed, since some servers only guess the size.
        raw = self._body(uid, f"BODY.PEEK[]<0.{largest + 1}>", largest + 1)
        if raw is None:
            return Gone(uid=uid)
        if len(raw) > largest:
            return self._too_large(uid, len(raw))
        return Fetched(uid=uid, raw=raw)

    def _too_large(self, uid: int, size: int) -> TooLarge:
        header = self._body(uid, f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>", HEADER_BYTES)
        return TooLarge(uid=uid, size=size, header=header or b"")

    def _body(self, uid: int, what: str, most: int) -> bytes | None:
        protocol = self._begin(self._settings.fetch_timeout / SECOND, literal=most)
        protocol.do("UID", "FETCH", words.uid_set([uid]), f"(UID {what})")
        return words.body_of_fetch(protocol.told("FETCH"), uid)

    def mark(self, uids: Sequence[int], flags: Sequence[str]) -> None:
        self._begin().do(
            "UID", "STORE", words.uid_set(uids), "+FLAGS.SILENT", words.flag_list(flags)
        )

    def move(self, uids: Sequence[int], folder: str) -> None:
        """To a folder that is made when it is missing. Mails that are gone are passed over.

        A server without MOVE copies them, and the connection may break before it removes them:
        then they are there twice.
        """
        try:
            self._move(uids, folder)
        except Refused:
            self.create(folder)
            self._move(uids, folder)

    def _move(self, uids: Sequence[int], folder: str) -> None:
        protocol, chosen, name = self._begin(), words.uid_set(uids), words.folder_name(folder)
        if "MOVE" in protocol.capabilities:
            protocol.do("UID", "MOVE", chosen, name)
            return
        protocol.do("UID", "COPY", chosen, name)
        self._begin().do("UID", "STORE", chosen, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in protocol.capabilities:  # without it others' mails would go as well
            self._begin().do("UID", "EXPUNGE", chosen)

    def find(self, message_id: str, most: int) -> tuple[int, ...]:
        """UIDs of mails in the selected folder whose Message-ID contains this one."""
        protocol = self._begin()
        protocol.do("UID", "SEARCH", *words.message_id_search(message_id))
        return words.uids_of_search(protocol.told("SEARCH"), most)

    # -- waiting ----------------------------------------------------------------------------------

    def wait(self, seconds: float) -> bool:
        """Until mails are announced (True); False when the time is over or somebody woke us."""
        until = time.monotonic() + seconds
        every = self._settings
        protocol = self._protocol
        while not protocol.arrived and (left := until - time.monotonic()) > 0:
            if self.stream.woken():
                return False
            protocol = self._begin()
            if "IDLE" in protocol.capabilities:
                protocol.await_news(min(left, every.renew_every / SECOND))
            else:
                self.stream.wait(min(left, every.poll_every / SECOND))
                self._begin().nothing()
        return protocol.arrived

    # -- inside -----------------------------------------------------------------------------------

    def _begin(self, seconds: float = 0, *, literal: int = 0) -> Protocol:
        """Before every command; ``seconds`` for it, unless the usual."""
        protocol = self._protocol
        protocol.begin(seconds or self._seconds, literal=literal)
        return protocol

    def _sign_in_with(self, mechanism: str, said: bytes) -> None:
        answers = iter((said,))
        try:
            self._protocol.authenticate(mechanism, lambda _: next(answers, b""))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise _login_refused(error) from None

    def _sign_in_with_password(self, username: str, password: str) -> None:
        protocol = self._protocol
        if "AUTH=PLAIN" in protocol.capabilities:
            self._sign_in_with("PLAIN", f"\0{username}\0{password}".encode())
            return
        both = username + password
        if not both.isascii() or not both.isprintable():
            raise LoginRefused("The mail server takes letters, digits and signs alone.")
        if "LOGINDISABLED" in protocol.capabilities:
            raise LoginRefused("The mail server takes no password on this connection: use TLS.")
        try:
            # imaplib quotes the password alone
            protocol.login(words.quoted(username), password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise _login_refused(error) from None


def _token_words(username: str, token: str, offered: Sequence[str]) -> tuple[str, bytes]:
    """The mechanism, and what is said by it."""
    if "AUTH=OAUTHBEARER" in offered and "AUTH=XOAUTH2" not in offered:  # RFC 7628
        name = username.replace("=", "=3D").replace(",", "=2C")
        return "OAUTHBEARER", f"n,a={name},\x01auth=Bearer {token}\x01\x01".encode()
    return "XOAUTH2", f"user={username}\x01auth=Bearer {token}\x01\x01".encode()


def _login_refused(error: Exception) -> ImapError:
    said: Any = error.args[0] if error.args else ""
    text = printable(said) if isinstance(said, bytes | str) else printable(str(said))
    if any(one in text.upper() for one in _FOR_NOW):
        return Unreachable(f"The mail server lets nobody in for now: {text}")
    return LoginRefused(f"The mail server refused to let us in: {text}")


def _place(part: bytes) -> int:
    word = part.split(b" ", 1)[0]
    return int(word) if word.isdigit() and len(word) <= 10 else 0
