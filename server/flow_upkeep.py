"""Flows at the start: those in the operator's folder that the centre does not have yet."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from config.problems import Problem
from ivr.core.document import encode
from ivr.core.nodes import Flow, SubFlow
from ivr.flow_files import read_flow_file
from router.core.catalog import LIVE
from router.core.events import Rejected
from router.ports import Clock
from router.replica import Replica
from server.flow_publishing import FlowPublisher

log = structlog.get_logger(__name__)

BY = "patchbay"
MOST = 1_000


class FlowsRefused(Exception):
    """A flow of the folder cannot be used; the text says why, line by line."""


async def publish_missing(
    publisher: FlowPublisher, replica: Replica, folder: Path, clock: Clock
) -> None:
    """Publish each flow of ``folder`` (``*.yaml``) that was never published, as its first version.
    One that was is the studio's: the file changes nothing.

    Raises ``FlowsRefused``.
    """
    if not await asyncio.to_thread(folder.is_dir):
        raise FlowsRefused(f"There is no folder {folder}: name one with flows, or none.")
    files = await asyncio.to_thread(lambda: sorted(folder.glob("*.yaml"))[:MOST])
    read = [(await _read(file), file) for file in files]
    missing = [(flow, file) for flow, file in read if flow.id not in replica.state.flows]
    for flow, file in _called_first(missing):
        await _publish(publisher, flow, file, clock.now())


def _called_first(found: list[tuple[Flow, Path]]) -> list[tuple[Flow, Path]]:
    """Those that others call before these: nothing is published that calls what is not there."""
    ordered: list[tuple[Flow, Path]] = []
    waiting = found
    while waiting:
        names = {flow.id for flow, _ in waiting}
        ready = {flow.id for flow, _ in waiting if not names & _calls(flow)} or names
        ordered += [one for one in waiting if one[0].id in ready]
        waiting = [one for one in waiting if one[0].id not in ready]
    return ordered


def _calls(flow: Flow) -> set[str]:
    called = {node.flow for node in flow.nodes.values() if isinstance(node, SubFlow)}
    return called - {flow.id}


async def _read(file: Path) -> Flow:
    read = await asyncio.to_thread(read_flow_file, file)
    if read.flow is None:
        raise FlowsRefused(_sentences(file, read.problems))
    return read.flow


async def _publish(publisher: FlowPublisher, flow: Flow, file: Path, at: int) -> None:
    check, _ = await publisher.check(encode(flow))
    if not check.ok:
        raise FlowsRefused(f"{file} cannot be published: {check.why}")
    begun = f"flow {flow.id} {at}"
    outcome = await publisher.publish(flow, 0, f"From {file.name}", command=begun, by=BY)
    if isinstance(outcome, Rejected):
        raise FlowsRefused(f"{file} cannot be published: {outcome.reason}")
    await publisher.point(flow.id, LIVE, 1, 0, command=f"{begun} live", by=BY)
    log.info("flow_published", flow=flow.id, file=str(file))


def _sentences(file: Path, problems: tuple[Problem, ...]) -> str:
    listed = "\n".join(str(one) for one in problems)
    return f"The flow in {file} cannot be read:\n{listed}"
