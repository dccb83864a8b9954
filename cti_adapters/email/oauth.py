"""Access tokens from a refresh token (RFC 6749, section 6): asked for when needed, kept until
shortly before they end.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

import h11
import msgspec

from cti_adapters.email.settings import OAuth
from cti_adapters.email.transport import is_loopback, printable, tls_context
from router.core.durations import SECOND
from router.streams import write

MAX_ANSWER: Final = 65_536  # bytes
MAX_TOKEN: Final = 16_384  # characters
EARLY: Final = 120.0  # seconds before its end a token is not used any more
AFTER_REFUSAL: Final = 60.0  # seconds in which a refusal is not asked for again
_SHORTEST: Final = 10.0  # seconds that any token is used
_LONGEST: Final = 24 * 3_600.0
_USUAL: Final = 3_600.0  # where the server does not say
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]+", re.ASCII)  # RFC 6750
_FOR_GOOD: Final = frozenset({400, 401, 403})


class TokenError(Exception):
    """There is no access token; the text is a sentence."""


class TokenRefused(TokenError):
    """The refresh token, or this client, is not taken: somebody must sign in there again."""


class TokenUnavailable(TokenError):
    """The token server cannot be asked now: try again later."""


class _Answer(msgspec.Struct):
    access_token: str = ""
    refresh_token: str = ""
    expires_in: float | str | None = None
    error: str = ""
    error_description: str = ""


class TokenSource:
    """The access tokens of one account. Many may ask at once: the server is asked once."""

    def __init__(self, settings: OAuth, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._now = monotonic
        self._refresh_token = settings.refresh_token.reveal()
        self._token = ""
        self._good_until = 0.0
        self._refused: tuple[float, str] | None = None  # until when, and why
        self._turn = asyncio.Lock()

    def __repr__(self) -> str:
        return f"TokenSource({self._settings.token_url!r}, tokens not shown)"

    async def token(self) -> str:
        """One that is good for a while. Raises ``TokenError``."""
        async with self._turn:
            if self._token and self._now() < self._good_until:
                return self._token
            if self._refused is not None and self._now() < self._refused[0]:
                raise TokenRefused(self._refused[1])
            try:
                self._keep(await self._ask())
            except TokenRefused as refused:
                self._refused = self._now() + AFTER_REFUSAL, str(refused)
                raise
            return self._token

    def forget(self) -> None:
        """A server did not take the token: ask for another the next time."""
        self._token = ""

    def _keep(self, answer: _Answer) -> None:
        """Some servers give a new refresh token each time, and the old one ends."""
        lasts = _seconds(answer.expires_in)
        self._token = answer.access_token
        self._good_until = self._now() + max(lasts - EARLY, _SHORTEST)
        self._refused = None
        if _is_token(answer.refresh_token):
            self._refresh_token = answer.refresh_token

    async def _ask(self) -> _Answer:
        settings = self._settings
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
            "client_id": settings.client_id,
        }
        if settings.client_secret is not None:
            form["client_secret"] = settings.client_secret.reveal()
        if settings.scope:
            form["scope"] = settings.scope
        try:
            async with asyncio.timeout(settings.timeout / SECOND):
                status, body = await _post(settings, urlencode(form).encode("ascii"))
        except TimeoutError:
            raise TokenUnavailable("The token server did not answer in time.") from None
        except OSError as error:
            reason = printable(error.strerror or str(error))
            raise TokenUnavailable(f"The token server cannot be reached: {reason}") from None
        except h11.ProtocolError:
            raise TokenUnavailable("The token server spoke nonsense.") from None
        return _read(status, body)


def _read(status: int, body: bytes) -> _Answer:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        answer = _Answer()
    if status == 200 and _is_token(answer.access_token):
        return answer
    reason = printable(answer.error_description or answer.error or f"status {status}")
    # A page of a proxy is no judgement: only the words of RFC 6749 are.
    if status in _FOR_GOOD and answer.error:
        raise TokenRefused(f"The token server refused: {reason}")
    raise TokenUnavailable(f"The token server gave no token: {reason}")


def _is_token(text: str) -> bool:
    """What may stand in a line of another protocol."""
    return len(text) <= MAX_TOKEN and bool(_TOKEN.fullmatch(text))


def _seconds(told: float | str | None) -> float:
    """Some servers write the number as a text."""
    try:
        lasts = float(told) if told is not None else _USUAL
    except ValueError:
        lasts = _USUAL
    return min(max(lasts, 0.0), _LONGEST) if lasts == lasts else _USUAL  # noqa: PLR0124 - not NaN


async def _post(settings: OAuth, form: bytes) -> tuple[int, bytes]:
    """Status and body; redirections are not followed: the secrets are for this server alone."""
    url = urlsplit(settings.token_url)
    host, tls = url.hostname or "", url.scheme == "https"
    if not tls and not is_loopback(host):
        raise TokenUnavailable(
            "Nothing secret is sent unencrypted: use https for the token server."
        )
    context = tls_context(settings.ca_file) if tls else None
    port = url.port or (443 if tls else 80)
    reader, writer = await asyncio.open_connection(
        host, port, ssl=context, server_hostname=host if tls else None
    )
    try:
        speaking = h11.Connection(h11.CLIENT, max_incomplete_event_size=16_384)
        request = h11.Request(
            method="POST",
            target=f"{url.path or '/'}{'?' + url.query if url.query else ''}",
            headers=[
                ("Host", url.netloc.rpartition("@")[2]),
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("Content-Length", str(len(form))),
                ("Accept", "application/json"),
                ("Connection", "close"),
            ],
        )
        for event in (request, h11.Data(data=form), h11.EndOfMessage()):
            write(writer, speaking.send(event) or b"")
        await writer.drain()
        return await _answer(speaking, reader)
    finally:
        writer.transport.abort()


async def _answer(speaking: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, bytes]:
    status, body = 0, bytearray()
    while True:
        match speaking.next_event():
            case h11.Response(status_code=code):
                status = code
            case h11.Data(data=data):
                body += data
                if len(body) > MAX_ANSWER:
                    raise TokenUnavailable("The token server said far too much.")
            case h11.EndOfMessage():
                return status, bytes(body)
            case h11.ConnectionClosed():
                raise TokenUnavailable("The token server ended the connection.")
            case _ as event if event is h11.NEED_DATA:
                speaking.receive_data(await reader.read(MAX_ANSWER))
            case _:
                pass
