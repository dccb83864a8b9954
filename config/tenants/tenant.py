"""What an operator says about the tenants of one installation, once it is checked."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one tenant may ask of a process; the others have what is left.

    ``commands_per_second`` into its engine; ``messages_per_second`` over all of its websockets.
    """

    requests_per_second: int = 40
    requests_at_once: int = 100
    sockets: int = 5_000
    sockets_per_second: int = 20
    messages_per_second: int = 150
    commands_per_second: int = 50


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """``hosts`` are the names under which its pages are served. ``settings`` is a file of
    ``PATCHBAY_NAME=value`` lines; None: all as it is by default.
    """

    id: str
    hosts: tuple[str, ...]
    settings: Path | None = None
    limits: Limits = Limits()


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Where the figures and the health of all tenants are told, to the operator alone."""

    port: int
    host: str = "127.0.0.1"


class Tenants(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, in the file's order."""

    tenants: tuple[Tenant, ...]
    operator: Operator | None = None

    def named(self, tenant: str) -> Tenant | None:
        return next((one for one in self.tenants if one.id == tenant), None)
