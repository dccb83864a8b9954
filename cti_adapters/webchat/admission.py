"""How many may come in: connections, chats and what is sent, of each source and all together."""

from __future__ import annotations

from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused
from router.limits import Buckets, Tally


class Admission:
    """Times are microseconds UTC."""

    def __init__(self, settings: ChatSettings) -> None:
        self._settings = settings
        self._connected = Tally()
        self._live = Tally()
        self._frames = Buckets(settings.source_frames)
        self._connections = Buckets(settings.source_connections)
        self.starts = Buckets(settings.source_starts)

    def connected(self, source: str, at: int) -> bool:
        """One more connection is there; whether it may stay."""
        self._connected.add(source)
        return (
            self._connected.of(source) <= self._settings.connections_per_source
            and self._connected.total <= self._settings.connections
            and self._connections.take(source, at)
        )

    def disconnected(self, source: str) -> None:
        self._connected.remove(source)

    def may_send(self, source: str, at: int) -> bool:
        return self._frames.take(source, at)

    def check_start(self, source: str, at: int) -> None:
        """Raises ``Refused`` when no chat may begin."""
        if not self.starts.take(source, at):
            raise Refused("too_fast")
        full = self._live.total >= self._settings.chats
        if full or self._live.of(source) >= self._settings.chats_per_source:
            raise Refused("too_many_chats")

    def began(self, source: str) -> None:
        """A chat is live from now on."""
        self._live.add(source)

    def ended(self, source: str) -> None:
        """It no longer is."""
        self._live.remove(source)
