"""The MQTT edge over the parts of one Patchbay: where its position is kept, what it counts."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry
from sqlalchemy import select
from sqlalchemy.engine import Connection

from crm.database import Database, DatabaseUnavailable, upsert
from crm.models import FollowerRow
from reporting.board import BoardHub
from reporting.edge import EdgeMetrics
from reporting.messages import QueueRow
from router.edge.edge import Edge, EdgeParts
from router.edge.payloads import QueueFigures
from router.edge.pump import Follow, PositionStore, PositionUnavailable
from router.edge.settings import EdgeSettings
from router.edge.views import Figures
from router.ports import Clock, CommandSink, StillWrites, nobody_else_does
from router.replica import Replica

FOLLOWER: Final = "mqtt"


def edge_over(
    settings: EdgeSettings,
    *,
    replica: Replica,
    follow: Follow,
    sink: CommandSink,
    database: Database,
    board: BoardHub,
    clock: Clock,
    registry: CollectorRegistry,
    still_writes: StillWrites = nobody_else_does,
) -> Edge:
    """The edge of one tenant; ``follow`` is the log and ``sink`` takes commands."""
    metrics = EdgeMetrics(registry)
    parts = EdgeParts(
        replica=replica,
        follow=follow,
        sink=sink,
        store=SqlPosition(database, f"{FOLLOWER}/{settings.tenant}"),
        clock=clock,
        figures=figures_of(board),
        counted=metrics.counted,
        still_writes=still_writes,
    )
    edge = Edge(settings, parts)
    metrics.follow(lambda: edge.connected, lambda: edge.behind)
    return edge


class SqlPosition(PositionStore):
    """A row among those of all who follow the journal."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    async def load(self) -> int | None:
        query = select(FollowerRow.position).where(FollowerRow.name == self._name)
        try:
            return await self._database.ask(lambda connection: connection.scalar(query))
        except DatabaseUnavailable as problem:
            raise PositionUnavailable(str(problem)) from problem

    async def save(self, position: int) -> None:
        row = {"name": self._name, "position": position}

        def change(connection: Connection) -> None:
            connection.execute(upsert(connection, FollowerRow, key=("name",)), [row])

        try:
            await self._database.change(change)
        except DatabaseUnavailable as problem:
            raise PositionUnavailable(str(problem)) from problem


def figures_of(board: BoardHub) -> Figures:
    """Those of the supervisors' board."""

    def figures(queue: str) -> QueueFigures | None:
        row = board.drawn(queue)
        return None if row is None else queue_figures(row, board.position)

    return figures


def queue_figures(row: QueueRow, position: int) -> QueueFigures:
    """What of ``row`` is for everybody."""
    same = (name for name in QueueFigures.__struct_fields__ if name != "position")
    return QueueFigures(position=position, **{name: getattr(row, name) for name in same})
