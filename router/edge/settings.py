"""What an operator says about the broker, and about those who may send commands through it.

Durations are microseconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from router.core.durations import SECOND
from router.limits import Rate

COMMANDS_PER_SECOND: Final = 50
SAVED_UP: Final = 10  # seconds' worth of commands that a client may send at once


def rate_of(per_second: int) -> Rate:
    return Rate(burst=SAVED_UP * per_second, every=SECOND // per_second)


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """``ca_file`` None: the machine's own authorities. ``certificate`` and ``key`` are ours, for
    brokers that know clients by them.
    """

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """``personal_data``: also what says who a customer is, and their words. ``attributes`` of
    contacts go out by name, and no others.
    """

    personal_data: bool = False
    attributes: frozenset[str] = frozenset()


class EdgeClient(msgspec.Struct, frozen=True, kw_only=True):
    """Who may send which kinds of commands; the broker says who may write to whose topic."""

    name: str
    commands: frozenset[str]
    rate: Rate = rate_of(COMMANDS_PER_SECOND)


class EdgeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One broker. ``tls`` None: in the clear. ``node`` names this edge among others."""

    host: str
    port: int
    tls: Tls | None = None
    username: str = ""
    password: str = ""
    tenant: str = "main"
    node: str = "patchbay"
    privacy: Privacy = Privacy()
    in_flight: int = 100  # messages that the broker has not yet confirmed
    figures_every: int = 2 * SECOND
    clients: dict[str, EdgeClient] = {}

    def __repr__(self) -> str:
        return f"EdgeSettings({self.host!r}, {self.port})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("host", self.host), ("port", self.port)]
