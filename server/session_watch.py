"""Open websockets against the sessions behind them: a revoked session loses its sockets.

Sessions also end outside this process (``patchbay user passwd``), so the database is asked again
every two seconds, once for all sockets; between two looks every message is checked against the
last answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from router.ports import Clock
from server.accounts import AccountStore, Identity
from server.roles import may

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 2.0


class WatchedSocket:
    """One authenticated socket: who it belongs to now, or nobody any more."""

    def __init__(self, identity: Identity, operation: str, on_revoked: Callable[[], None]) -> None:
        self.identity: Identity | None = identity
        self.session = identity.session
        self._agent = identity.user.agent
        self.operation = operation
        self._on_revoked = on_revoked

    @property
    def authorised(self) -> bool:
        """Whether the holder may still use this socket. Asked for every message."""
        return self.identity is not None and may(self.operation, self.identity.roles)

    def update(self, identity: Identity | None) -> None:
        """Take in what is true now; closes the socket when it may no longer be used."""
        same_agent = identity is not None and identity.user.agent == self._agent
        self.identity = identity if same_agent else None
        if not self.authorised:
            self._on_revoked()


class SessionWatch:
    """All open sockets of signed-in people."""

    def __init__(self, accounts: AccountStore, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._sockets: set[WatchedSocket] = set()

    def add(self, socket: WatchedSocket) -> None:
        self._sockets.add(socket)

    def remove(self, socket: WatchedSocket) -> None:
        self._sockets.discard(socket)

    def agents(self) -> frozenset[str]:
        """Agents with a desk open."""
        return frozenset(
            socket.identity.user.agent
            for socket in self._sockets
            if socket.identity is not None and socket.operation == "desk_socket"
        )

    def revoke(self, session: str) -> None:
        """Close the sockets of one session at once (its holder signed out)."""
        for socket in [s for s in self._sockets if s.session == session]:
            socket.update(None)

    async def look(self) -> None:
        """Ask the database about every session with a socket."""
        sockets = list(self._sockets)
        if not sockets:
            return
        good = await self._accounts.identities({s.session for s in sockets}, self._clock.now())
        for socket in sockets:
            socket.update(good.get(socket.session))

    async def run(self) -> None:
        """Look for ever. A database that does not answer now is asked again."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - must outlive a database outage
                log.warning("session_check_failed", reason=str(error))
