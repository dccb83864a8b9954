"""One request over one connection of its own: resolved, looked at, connected to, sent, answered.

No redirect is followed, nothing is decompressed, no proxy is asked, and no connection is kept. What
comes in is bounded; for the time it takes the caller has to see (cancel it).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

import h11
import msgspec

from router.outgoing.addresses import may_reach
from router.outgoing.requests import Destination, Request
from router.streams import write

Why = Literal["unreachable", "forbidden_address", "tls", "broken", "too_large", "unreadable"]
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host and a port to addresses. Raises ``OSError``."""

KIB: Final = 1_024
MAX_HEAD: Final = 16 * KIB
MAX_ADDRESSES: Final = 4
_PIECE: Final = 16 * KIB
_ONE_ADDRESS_SECONDS: Final = 1.0  # for each but the last: the next may work


class Unanswered(Exception):
    """There is no answer that can be used; ``told`` says why and nothing of what was sent."""

    def __init__(self, why: Why, told: str) -> None:
        super().__init__(told)
        self.why = why
        self.told = told


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """``body`` is empty unless the status is one whose body is wanted."""

    status: int
    content_type: str = ""
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Answered({self.status})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("status", self.status)]


async def exchange(
    destination: Destination, request: Request, resolve: Resolve, trust: ssl.SSLContext | None
) -> Answered:
    """Raises ``Unanswered``. ``trust`` is None where there is no TLS."""
    reader, writer = await _connected(destination, resolve, trust)
    try:
        conversation = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        write(writer, _sent(conversation, request))
        await writer.drain()
        return await _Answer(destination, conversation, reader).whole()
    except h11.ProtocolError:
        raise Unanswered("broken", "it does not speak HTTP, or stopped midway") from None
    except OSError:
        raise Unanswered("broken", "it broke the connection off") from None
    finally:
        writer.transport.abort()  # a farewell could be waited for in vain


# -- getting there ------------------------------------------------------------------------------


async def _connected(
    destination: Destination, resolve: Resolve, trust: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Whatever the name leads to later: an address that was looked at is connected to."""
    try:
        found = await resolve(destination.host, destination.port)
    except (OSError, UnicodeError):
        raise Unanswered("unreachable", "its host is not found") from None
    allowed = [one for one in found if may_reach(one, private=destination.allow_private)]
    if not allowed:
        raise Unanswered("forbidden_address", "its host leads to an address that is not public")
    *first, last = allowed[:MAX_ADDRESSES]
    for address in first:
        try:
            async with asyncio.timeout(_ONE_ADDRESS_SECONDS):
                return await _opened(destination, address, trust)
        except (Unanswered, TimeoutError):
            continue
    return await _opened(destination, last, trust)


async def _opened(
    destination: Destination, address: str, trust: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(
            address,
            destination.port,
            ssl=trust,
            server_hostname=destination.host if trust is not None else None,
            limit=_PIECE,
        )
    except ssl.SSLCertVerificationError as error:
        told = f"its certificate is not to be trusted: {error.verify_message}"
        raise Unanswered("tls", told) from None
    except ssl.SSLError:
        raise Unanswered("tls", "it does not speak TLS as it should") from None
    except OSError:
        raise Unanswered("unreachable", "nothing listens there") from None


# -- asking and hearing -------------------------------------------------------------------------


def _sent(conversation: h11.Connection, request: Request) -> bytes:
    head = h11.Request(method=request.method, target=request.target, headers=list(request.headers))
    parts = [conversation.send(head)]
    if request.body:
        parts.append(conversation.send(h11.Data(data=request.body)))
    parts.append(conversation.send(h11.EndOfMessage()))
    return b"".join(part or b"" for part in parts)


class _Answer:
    """What comes in, piece by piece; never more than was agreed, however it is wrapped."""

    def __init__(
        self, destination: Destination, conversation: h11.Connection, reader: asyncio.StreamReader
    ) -> None:
        self._destination = destination
        self._conversation = conversation
        self._reader = reader
        self._received = 0

    async def whole(self) -> Answered:
        head = await self._head()
        status = head.status_code
        if status not in self._destination.body_of:
            return Answered(status=status)
        headers = dict(head.headers)
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Unanswered("unreadable", "the answer is compressed, which was not asked for")
        length = headers.get(b"content-length", b"0")
        if int(length) > self._destination.max_answer:
            raise self._too_large()
        kind = headers.get(b"content-type", b"").decode("latin-1")
        return Answered(status=status, content_type=kind, body=await self._body())

    async def _head(self) -> h11.Response:
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise Unanswered("broken", "it closed without an answer")

    async def _body(self) -> bytes:
        body = bytearray()
        while True:
            event = await self._event()
            match event:
                case h11.Data():
                    body += event.data
                case h11.EndOfMessage():
                    return bytes(body)
                case _:
                    raise Unanswered("broken", "it stopped midway")
            if len(body) > self._destination.max_answer:
                raise self._too_large()

    async def _event(self) -> object:
        while True:
            event = self._conversation.next_event()
            if event is not h11.NEED_DATA:
                return event
            piece = await self._reader.read(_PIECE)
            self._received += len(piece)
            if self._received > 2 * (self._destination.max_answer + MAX_HEAD):
                raise self._too_large()  # in pieces of one byte, or as heads without end
            self._conversation.receive_data(piece)

    def _too_large(self) -> Unanswered:
        return Unanswered(
            "too_large", f"the answer is larger than {self._destination.max_answer} bytes"
        )
