"""Where flows are found: published versions, which never change, behind aliases, which do."""

from __future__ import annotations

from typing import Protocol

from ivr.core.facts import World
from ivr.core.nodes import Flow


class Library(Protocol):
    def flow(self, flow: str, version: int) -> Flow | None:
        """That version; None when there is none."""

    def version(self, flow: str, alias: str) -> int | None:
        """The version behind an alias (``live``, ``test``); None when there is none."""


class Facts(World, Library, Protocol):
    """Everything the interpreter asks of its caller."""
