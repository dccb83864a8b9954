"""Contacts that a dead node left at the door, or in a flow, are gone on with; others are let be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from router.core.model import ContactState
from server.left_halfway import LeftHalfway


class Noting:
    """Stands for the door and for the flows: it keeps whom it was asked to go on with."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []

    async def recover(self, only: set[str]) -> int:
        self.asked.append(only)
        return len(only)

    def start(self, only: set[str]) -> None:
        self.asked.append(only)


class World:
    def __init__(self) -> None:
        self.intake, self.flows = Noting(), Noting()
        self.contacts: dict[str, Any] = {}
        state = SimpleNamespace(contacts=self.contacts)
        replica: Any = SimpleNamespace(state=state)
        parts: Any = (self.intake, self.flows)
        self.halfway = LeftHalfway(*parts, replica, lambda: True)

    def put(self, contact: str, state: ContactState, turn: int = 0) -> None:
        self.contacts[contact] = SimpleNamespace(id=contact, state=state, flow_turn=turn)


@pytest.fixture
def world() -> World:
    return World()


async def test_who_stands_where_they_stood_is_gone_on_with(world):
    world.put("door", ContactState.ARRIVING)
    world.put("flow", ContactState.IN_FLOW, turn=3)
    await world.halfway.look()
    assert world.intake.asked == world.flows.asked == []
    await world.halfway.look()
    assert world.intake.asked == world.flows.asked == [{"door", "flow"}]


async def test_who_has_moved_or_waits_for_an_agent_is_let_be(world):
    world.put("flow", ContactState.IN_FLOW, turn=3)
    world.put("queue", ContactState.QUEUED)
    await world.halfway.look()
    world.put("flow", ContactState.IN_FLOW, turn=4)
    await world.halfway.look()
    assert world.intake.asked == world.flows.asked == []
