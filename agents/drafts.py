"""Where an agent's unfinished notes are kept, so that a reload loses no words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class DraftStore(Protocol):
    """Notes by agent and contact. ``save`` with an empty text forgets the note."""

    async def load(self, agent: str) -> Mapping[str, str]:
        """The agent's drafts, contact to text."""

    async def save(self, agent: str, contact: str, text: str) -> None: ...


class MemoryDrafts:
    """Drafts kept in this process only."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, str]] = {}

    async def load(self, agent: str) -> Mapping[str, str]:
        return dict(self._texts.get(agent, {}))

    async def save(self, agent: str, contact: str, text: str) -> None:
        texts = self._texts.setdefault(agent, {})
        if text:
            texts[contact] = text
        else:
            texts.pop(contact, None)
