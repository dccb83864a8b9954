"""One visitor's connection without its socket: frames in, frames out, limits in between."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import msgspec

from cti_adapters.webchat import visitor
from cti_adapters.webchat.chat import Chat, Tab
from cti_adapters.webchat.messages import MAX_FRAME, ClientMessage, Pong, Reply, Session, StartChat
from cti_adapters.webchat.speaking import Channel
from router.core.durations import SECOND
from router.limits import Bucket
from router.outbox import Outbox, Parcel

_DECODER = msgspec.json.Decoder(ClientMessage)
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

TOO_FAST = "You are sending too fast; wait a moment and send it again."
TOO_LARGE = f"That was too large; one frame may have {MAX_FRAME} bytes at most."
MALFORMED = "That was not a message of this chat; reload the page and try again."
CLOSING = "This connection is closed because of too many refused messages; reload the page."


class Host(Channel, Protocol):
    """What a connection asks of the channel, besides what its visitor's acts do."""

    def source_may_send(self, source: str) -> bool: ...

    def session(self, chat: Chat) -> Session: ...

    def disconnected(self, tab: Tab) -> None:
        """Called by a connection before it counts as closed."""


class ChatConnection(Tab):
    """Give it every frame that comes in, send every frame of ``outgoing``, ``close`` it when the
    socket is gone. When ``outgoing`` ends, close the socket.
    """

    def __init__(self, host: Host, source: str, site: str = "") -> None:
        self.source = source
        self.site = site
        self.chat: Chat | None = None
        self.asked: tuple[StartChat, str] | None = None
        self._host = host
        self._outbox = Outbox(self._session, max_changes=host.settings.outgoing)
        self._frames = Bucket(host.settings.frames, host.now())
        self._strikes = 0
        self._warned_at = -SECOND

    @property
    def closed(self) -> bool:
        return self._outbox.closed

    async def receive(self, frame: bytes | str) -> None:
        """Take one frame. Never raises for what is in it."""
        if self.closed:
            return
        if not self._within_limits():
            self._flooded()
        elif len(frame) > MAX_FRAME:
            self._refuse("too_large", TOO_LARGE)
        else:
            await self._decoded(frame)

    def reply(self, message: Reply | Pong) -> None:
        """Answer an act; who sends and sends and reads nothing is closed."""
        if not self._outbox.reply(Parcel(message)):
            self.close()

    def change(self, parcel: Parcel) -> None:
        """Tell of a change to the chat."""
        self._outbox.change(parcel)

    def refresh(self) -> None:
        """Show the whole chat anew."""
        self._outbox.refresh()

    async def outgoing(self) -> AsyncIterator[bytes]:
        """Frames to send, as they come; it ends when the connection is to be closed."""
        while (frame := await self._outbox.next()) is not None:
            yield frame
            del frame  # a whole chat is large, and the next frame may be long in coming

    def drain(self) -> Iterator[bytes]:
        """Frames to send that are there now, for those who do not wait for more."""
        while (frame := self._outbox.take()) is not None:
            yield frame

    def close(self) -> None:
        """The socket is gone, or shall go. The chat lives on for its grace time."""
        self._host.disconnected(self)
        self._outbox.close()

    async def _decoded(self, frame: bytes | str) -> None:
        try:
            act = _DECODER.decode(frame)
        except (ValueError, RecursionError):
            self._refuse("malformed", MALFORMED)
            return
        if _ID.fullmatch(act.id):
            await visitor.perform(self._host, self, act)
        else:
            self._refuse("malformed", MALFORMED)

    def _within_limits(self) -> bool:
        at = self._host.now()
        return self._frames.take(at) and self._host.source_may_send(self.source)

    def _flooded(self) -> None:
        """One answer a second: answering every frame of a flood would be a flood of our own."""
        at = self._host.now()
        if 0 <= at - self._warned_at < SECOND:
            self._strike()
        else:
            self._warned_at = at
            self._refuse("too_fast", TOO_FAST)

    def _refuse(self, code: str, reason: str) -> None:
        self.reply(Reply(n=0, to="", ok=False, code=code, reason=reason))
        self._strike()

    def _strike(self) -> None:
        self._strikes += 1
        if self._strikes >= self._host.settings.strikes:
            self.reply(Reply(n=0, to="", ok=False, code="closing", reason=CLOSING))
            self.close()

    def _session(self) -> Parcel | None:
        return None if self.chat is None else Parcel(self._host.session(self.chat))
