"""Handing a mail over to an SMTP server (RFC 5321), over aiosmtplib: what became of it is told
exactly, also when nobody can know.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias

import msgspec
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
)

from cti_adapters.email.oauth import TokenError, TokenRefused
from cti_adapters.email.settings import Account, SmtpSettings
from cti_adapters.email.transport import is_loopback, printable, tls_context
from router.core.durations import SECOND

MAX_RECIPIENTS: Final = 100
_LEAVES_WITHIN: Final = 2.0  # seconds
_ADDRESS: Final = re.compile(
    r"[^\s\x00-\x20\x7f<>()\[\],;:\\\"@]{1,64}@[^\s\x00-\x20\x7f<>()\[\],;:\\\"@]{1,255}"
)
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_HEADER_LINE: Final = re.compile(rb"[!-9;-~]{1,200}:|[ \t]")
_NO_SUCH_NAME: Final = 553  # the code of RFC 5321 for an address that cannot be used


class Unsendable(ValueError):
    """What was to be sent is wrong in itself: nothing was said to any server."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient who does not get the mail; ``later``: the server may take it another time."""

    recipient: str
    code: int
    reason: str
    later: bool


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """Taken, for all recipients but the refused; ``copied``: also for ``copy_to``."""

    response: str  # often has the server's own id of the mail
    refused: tuple[Refusal, ...] = ()
    copied: bool = False


class RefusedForGood(msgspec.Struct, frozen=True, kw_only=True):
    """Not taken, and trying again is of no use."""

    reason: str
    code: int = 0
    refused: tuple[Refusal, ...] = ()


class TryLater(msgspec.Struct, frozen=True, kw_only=True):
    """Not taken. ``code`` is 0 when the server could not be spoken with."""

    reason: str
    code: int = 0
    refused: tuple[Refusal, ...] = ()


class NotLetIn(msgspec.Struct, frozen=True, kw_only=True):
    """Not taken: the account or the settings are wrong. Trying at once only locks the account."""

    reason: str


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """The connection broke when the mail had been sent and not yet been answered: it may have been
    taken or not. Only if ``copied`` will a copy tell: else the server had refused ``copy_to``.
    """

    reason: str
    copied: bool = False


Outcome: TypeAlias = Sent | RefusedForGood | TryLater | NotLetIn | Unknown


class Tokens(Protocol):
    """Where access tokens come from."""

    async def token(self) -> str: ...

    def forget(self) -> None: ...


class SmtpSender:
    """One connection for each mail: nothing of one mail can touch the next."""

    def __init__(self, settings: SmtpSettings, tokens: Tokens | None = None) -> None:
        """``tokens`` must be given when the account has OAuth2."""
        self._settings = settings
        self._tokens = tokens

    async def send(
        self, sender: str, recipients: Sequence[str], mail: bytes, *, copy_to: str = ""
    ) -> Outcome:
        """``sender`` is the envelope's: empty for what no machine shall answer (RFC 3834).

        ``copy_to`` gets the mail in the same transaction if any of the recipients does, so it got
        it exactly when they did. Raises ``Unsendable``. When this is cancelled the outcome is
        unknown.
        """
        envelope = _Envelope(sender, recipients, mail, copy_to)
        if len(envelope.body) > self._settings.largest:
            return _too_large(self._settings.largest)
        try:
            client = await self._connect()
        except _Ended as ended:
            return ended.outcome
        outcome: Outcome | None = None
        try:
            outcome = await _Transaction(client, self._settings, envelope).run()
        except _Ended as ended:
            outcome = ended.outcome
        finally:
            if isinstance(outcome, Sent | RefusedForGood):
                await _leave(client)
            _drop(client)
        return outcome

    async def _connect(self) -> SMTP:
        settings = self._settings
        if settings.security == "none" and settings.account and not is_loopback(settings.host):
            raise _Ended(NotLetIn(reason="A password is not sent unencrypted: use TLS."))
        encrypted = settings.security != "none"
        context = await asyncio.to_thread(tls_context, settings.ca_file) if encrypted else None
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            local_hostname=settings.own_name or "[127.0.0.1]",
            timeout=settings.timeout / SECOND,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=context,
        )
        try:
            async with asyncio.timeout(settings.connect_timeout / SECOND):
                await client.connect()
                await self._sign_in(client)
        except BaseException as error:  # noqa: BLE001 - raised as it is, unless it is the server's
            _drop(client)
            raise _as_ended(error) from None
        return client

    async def _sign_in(self, client: SMTP) -> None:
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        account = self._settings.account
        if account is None:
            return
        if account.oauth is not None and self._tokens is None:
            raise _Ended(NotLetIn(reason="Nobody gives this account its access tokens."))
        try:
            await self._authenticate(client, account)
        except SMTPAuthenticationError as error:
            reason = f"The mail server refused to let us in: {printable(error.message)}"
            if 400 <= error.code < 500 or error.code < 200:
                raise _Ended(TryLater(reason=reason, code=max(error.code, 0))) from None
            if self._tokens is not None:
                self._tokens.forget()
            raise _Ended(NotLetIn(reason=reason)) from None

    async def _authenticate(self, client: SMTP, account: Account) -> None:
        """One way alone: a wrong password that is tried in three ways is three times wrong."""
        offered = client.server_auth_methods
        if account.oauth is not None and self._tokens is not None:
            await client.auth_xoauth2(account.username, await self._tokens.token())
            return
        password = account.password.reveal() if account.password is not None else ""
        if "plain" in offered:
            await client.auth_plain(account.username, password)
        elif "login" in offered:
            await client.auth_login(account.username, password)
        else:
            raise _Ended(NotLetIn(reason="The mail server takes no password here: check the port."))


class _Ended(Exception):
    """The outcome is known before the mail was sent."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def _as_ended(error: BaseException) -> BaseException:
    """What went wrong before the mail itself was sent: the server cannot have taken it."""
    match error:
        case TokenRefused():
            return _Ended(NotLetIn(reason=str(error)))
        case TokenError():
            return _Ended(TryLater(reason=str(error)))
        case SMTPResponseException():
            reason = f"The mail server does not want us now: {printable(error.message)}"
            return _Ended(TryLater(reason=reason, code=max(error.code, 0)))
        case TimeoutError():
            return _Ended(TryLater(reason="The mail server did not answer in time."))
        case SMTPException() | OSError():
            reason = f"The mail server cannot be used: {printable(str(error))}"
            return _Ended(TryLater(reason=reason))
        case _:
            return error


class _Envelope:
    """Sender, recipients and mail, checked and ready for the wire."""

    def __init__(self, sender: str, recipients: Sequence[str], mail: bytes, copy_to: str) -> None:
        if not recipients or len(recipients) > MAX_RECIPIENTS:
            raise Unsendable(f"a mail has 1 to {MAX_RECIPIENTS} recipients")
        for address in (
            *recipients,
            *([sender] if sender else []),
            *([copy_to] if copy_to else []),
        ):
            if not _ADDRESS.fullmatch(address) or not address.isprintable():
                raise Unsendable(f"{printable(address, 80)!r} is no address")
        self.sender = sender
        self.recipients = tuple(dict.fromkeys(recipients))
        self.copy_to = copy_to
        self.body = _with_line_ends(mail)
        header = self.body.partition(b"\r\n\r\n")[0]
        if not all(_HEADER_LINE.match(line) for line in header.split(b"\r\n")) or b"\0" in mail:
            raise Unsendable("this is no mail: its header is broken")
        if header[:1] in b" \t":
            raise Unsendable("this is no mail: its header is broken")

    @property
    def international(self) -> bool:
        every = (self.sender, self.copy_to, *self.recipients)
        header = self.body.partition(b"\r\n\r\n")[0]
        return not header.isascii() or not all(one.isascii() for one in every)


class _Transaction:
    """One mail, on a connection that is ready for it."""

    def __init__(self, client: SMTP, settings: SmtpSettings, envelope: _Envelope) -> None:
        self._client = client
        self._settings = settings
        self._envelope = envelope
        self._utf8 = envelope.international and client.supports_extension("smtputf8")
        self._refused: list[Refusal] = []

    async def run(self) -> Outcome:
        """Raises ``_Ended`` for what ends before the mail itself was sent."""
        try:
            await self._mail_from()
            copied = await self._recipients()
            await self._data()
        except (SMTPException, OSError, ValueError) as error:
            raise _as_ended(error) from None
        return await self._body(copied=copied)

    async def _mail_from(self) -> None:
        envelope, client = self._envelope, self._client
        options: list[bytes] = []
        size = client.esmtp_extensions.get("size")
        if size is not None:
            if size.isdecimal() and len(size) < 19 and 0 < int(size) < len(envelope.body):
                raise _Ended(_too_large(int(size)))
            options.append(b"SIZE=%d" % len(envelope.body))
        if not envelope.body.isascii() and client.supports_extension("8bitmime"):
            options.append(b"BODY=8BITMIME")
        if self._utf8:
            options.append(b"SMTPUTF8")
        sender = self._written(envelope.sender)
        if sender is None:
            raise _Ended(RefusedForGood(reason="The mail server cannot write our own address."))
        response = await self._say(b"MAIL", b"FROM:<" + sender + b">", *options)
        if response.code != 250:
            raise _Ended(_judged(response, ()))

    async def _recipients(self) -> bool:
        """Whether the copy is taken too. Ends when nobody is left."""
        taken = [one for one in self._envelope.recipients if await self._taken(one)]
        if not taken:
            raise _Ended(self._nobody())
        copy_to = self._envelope.copy_to
        if not copy_to or copy_to in self._envelope.recipients:
            return copy_to in taken
        copied = await self._taken(copy_to)
        self._refused = [one for one in self._refused if one.recipient != copy_to]
        return copied

    async def _taken(self, recipient: str) -> bool:
        written = self._written(recipient)
        if written is None:
            reason = "The mail server cannot write this address."
            self._refuse(recipient, SMTPResponse(_NO_SUCH_NAME, reason))
            return False
        response = await self._say(b"RCPT", b"TO:<" + written + b">")
        if response.code in {250, 251, 252}:
            return True
        if response.code == 421 or not 400 <= response.code < 600:
            raise _Ended(_judged(response, tuple(self._refused)))
        self._refuse(recipient, response)
        return False

    def _refuse(self, recipient: str, response: SMTPResponse) -> None:
        self._refused.append(
            Refusal(
                recipient=recipient,
                code=response.code,
                reason=printable(response.message),
                later=400 <= response.code < 500,
            )
        )

    def _nobody(self) -> Outcome:
        first = next((one for one in self._refused if one.later), self._refused[0])
        outcome = TryLater if first.later else RefusedForGood
        return outcome(reason=first.reason, code=first.code, refused=tuple(self._refused))

    async def _data(self) -> None:
        response = await self._say(b"DATA")
        if response.code != 354:
            raise _Ended(_judged(response, tuple(self._refused)))
        self._expect_silence()

    async def _body(self, *, copied: bool) -> Outcome:
        """From here on a broken connection leaves open whether the mail was taken."""
        protocol = self._client.protocol
        if protocol is None:
            return TryLater(reason="The mail server ended the connection.")
        try:
            protocol.write(_stuffed(self._envelope.body) + b".\r\n")
            response = await protocol.read_response(timeout=self._settings.data_timeout / SECOND)
        except (SMTPException, OSError) as error:
            reason = f"The mail server did not say whether it took it: {_why(error)}"
            return Unknown(reason=reason, copied=copied)
        if 200 <= response.code < 300:
            return Sent(
                response=printable(response.message), refused=tuple(self._refused), copied=copied
            )
        if 400 <= response.code < 600:
            return _judged(response, tuple(self._refused))
        reason = f"The mail server answered nonsense: {printable(str(response))}"
        return Unknown(reason=reason, copied=copied)

    async def _say(self, *words: bytes) -> SMTPResponse:
        """A server that answers before it was asked would have its answers taken for others."""
        self._expect_silence()
        return await self._client.execute_command(*words)

    def _expect_silence(self) -> None:
        if getattr(self._client.protocol, "_buffer", b""):
            raise _Ended(TryLater(reason="The mail server answers what it was not asked."))

    def _written(self, address: str) -> bytes | None:
        """As the server can read it, None when it cannot."""
        if self._utf8 or address.isascii():
            return address.encode("utf-8")
        local, _, domain = address.rpartition("@")
        try:
            return local.encode("ascii") + b"@" + domain.encode("idna")
        except UnicodeError:
            return None


def _with_line_ends(mail: bytes) -> bytes:
    """Each CRLF, as everywhere in SMTP: a server that takes another one for a line's end could be
    made to see the end of the mail within it.
    """
    if not mail.count(b"\r") == mail.count(b"\n") == mail.count(b"\r\n"):
        mail = _LINE_END.sub(b"\r\n", mail)
    return mail if mail.endswith(b"\r\n") else mail + b"\r\n"


def _stuffed(body: bytes) -> bytes:
    """No line is a dot alone (RFC 5321, 4.5.2)."""
    return (b"." if body.startswith(b".") else b"") + body.replace(b"\n.", b"\n..")


def _judged(response: SMTPResponse, refused: tuple[Refusal, ...]) -> Outcome:
    """A refusal, for good or for now; nonsense is for now."""
    reason = printable(response.message) or "The mail server does not say why."
    if 500 <= response.code < 600:
        return RefusedForGood(reason=reason, code=response.code, refused=refused)
    return TryLater(reason=reason, code=max(response.code, 0), refused=refused)


def _too_large(most: int) -> RefusedForGood:
    return RefusedForGood(reason=f"The mail is too large: {most:,} bytes are taken.", code=552)


def _why(error: Exception) -> str:
    return printable(str(error)) or type(error).__name__


async def _leave(client: SMTP) -> None:
    """Politely when that is quick."""
    try:
        if client.is_connected:
            await client.quit(timeout=_LEAVES_WITHIN)
    except (SMTPException, OSError):
        pass  # what it said of the mail counts


def _drop(client: SMTP) -> None:
    transport = client.transport
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
