"""What happens in flows: how many passed each node today, and where callers hung up.

A fold of the log since the day began, or since as far back as the service reads at its start.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import msgspec

from router.core import events as e
from router.core.durations import SECOND
from router.core.model import ContactState
from router.core.state import State

MAX_NODES = 100_000


class NodeFigures(msgspec.Struct, kw_only=True):
    """``now``: contacts that stand there; ``passed`` and ``left`` (hung up there) of this day."""

    now: int = 0
    passed: int = 0
    left: int = 0


class FlowFigures:
    """``handle`` every entry; the day begins at midnight in ``zone``."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._day = 0
        self._nodes: dict[str, NodeFigures] = {}  # by flow/version/node
        self._standing: dict[str, str] = {}  # contact to node, while it is in its flow

    def handle(self, entry: e.Entry) -> None:
        self._turn_day(entry.at)
        for event in entry.events:
            match event:
                case e.FlowAdvanced():
                    self._standing[event.contact] = event.node
                    for one in event.passed:
                        if not one.again:
                            self._count(one.node).passed += 1
                case e.Abandoned() if event.contact in self._standing:
                    self._count(self._standing.pop(event.contact)).left += 1
                case e.Enqueued() | e.Overflowed() | e.TransferredOut():
                    self._standing.pop(event.contact, None)
                case _:
                    pass

    def of(self, flow: str, state: State) -> dict[str, NodeFigures]:
        """By ``version/node``, of every node of ``flow`` that anything is to be said of."""
        begins = f"{flow}/"
        found = {
            name.removeprefix(begins): msgspec.structs.replace(figures)
            for name, figures in self._nodes.items()
            if name.startswith(begins)
        }
        for contact in state.contacts.values():
            if contact.state is ContactState.IN_FLOW and contact.flow_node.startswith(begins):
                node = contact.flow_node.removeprefix(begins)
                found.setdefault(node, NodeFigures()).now += 1
        return found

    def _count(self, node: str) -> NodeFigures:
        known = self._nodes.get(node)
        if known is None:
            known = NodeFigures()
            if len(self._nodes) < MAX_NODES:
                self._nodes[node] = known
        return known

    def _turn_day(self, at: int) -> None:
        day = datetime.fromtimestamp(at // SECOND, UTC).astimezone(self._zone).toordinal()
        if day != self._day:
            self._day = day
            self._nodes.clear()
