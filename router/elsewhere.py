"""Whose page is open at another node of the cluster, for whoever must tell who has left."""

from __future__ import annotations

from typing import Protocol


class Elsewhere(Protocol):
    """Names are those of agents and of chats' contacts, with a word in front of them."""

    def has(self, name: str) -> bool:
        """Whether a page of ``name`` is open at another node."""


class Nowhere(Elsewhere):
    """There is no other node."""

    def has(self, name: str) -> bool:  # noqa: ARG002 - the port's
        return False


def agent_page(agent: str) -> str:
    return f"agent/{agent}"


def chat_page(contact: str) -> str:
    return f"chat/{contact}"
