"""Patchbay on the telephone, in a process of its own: durable journal, engine, intake, channel.

``python -m benchmarks.voice_router --ami PORT --name NAME --secret SECRET --agents N --folder F``
says ``ready`` when every agent can be rung, and ends when its input does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from benchmarks.voice_site import NUMBER_OF_PATCHBAY, agents
from cti_adapters.asterisk.ami.settings import AmiSettings
from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.registry import AdapterContext, asterisk
from ivr.entry import route
from router.clock import SystemClock
from router.core.catalog import AgentDefinition, Catalog, EntryPoint, Profile, ProfileQueue, Queue
from router.core.commands import PublishCatalog, SetReady, SignIn
from router.core.durations import SECOND
from router.core.requirements import Traits
from router.customers import Identification
from router.engine import Engine
from router.intake import Intake
from router.journal.sqlite import SqliteJournal
from server.interpreter import spare_what_stays, take_short_turns

CONNECTED_WITHIN = 10.0  # seconds


class Options(msgspec.Struct, frozen=True, kw_only=True):
    ami: int
    name: str
    secret: str
    agents: int
    folder: Path


class Nobody:
    """Customers are not looked up: the other contestant has no records either."""

    async def identify(self, channel: str, address: str) -> Identification:  # noqa: ARG002
        return Identification()


def catalog(count: int) -> Catalog:
    """One queue, served by everybody, without wrap-up."""
    care = Queue(id="care", label="Care", wrap_up=0, offer_for=20 * SECOND)
    profile = Profile(
        id="all", label="All", queues=(ProfileQueue(queue="care"),), capacity={"voice": 1}
    )
    return Catalog(
        version=1,
        queues={"care": care},
        profiles={"all": profile},
        agents={
            name: AgentDefinition(id=name, name=name, profile="all", traits=Traits())
            for name in agents(count)
        },
        entry_points={"line": EntryPoint(id="line", channel="voice", queue="care")},
    )


def settings(options: Options) -> PbxSettings:
    ami = AmiSettings(port=options.ami, username=options.name, secret=options.secret)
    return PbxSettings(id="main", ami=ami, numbers={NUMBER_OF_PATCHBAY: "line"})


@contextlib.asynccontextmanager
async def running(options: Options) -> AsyncIterator[AsteriskChannel]:
    clock = SystemClock()
    journal = await SqliteJournal.open(options.folder / "journal.db")
    engine = await Engine.open(journal, clock)
    await engine.start()
    await engine.submit(PublishCatalog(id="catalog", catalog=catalog(options.agents), replaces=0))
    for agent in agents(options.agents):
        await engine.submit(SignIn(id=f"{agent}-in", agent=agent))
        await engine.submit(SetReady(id=f"{agent}-ready", agent=agent))
    intake = Intake(engine, engine.replica, Nobody(), flow=route)
    channel = asterisk(
        AdapterContext(
            sink=engine,
            intake=intake,
            replica=engine.replica,
            clock=clock,
            pbxs=(settings(options),),
        )
    )
    follower = asyncio.create_task(_follow(engine, channel))
    await channel.start()
    async with asyncio.timeout(CONNECTED_WITHIN):
        while channel.pbxs[0].problem:  # noqa: ASYNC110 -- said by the channel, not by an event
            await asyncio.sleep(0.01)
    yield channel
    await channel.stop()
    await intake.close()
    await engine.stop()
    await journal.close()
    await follower


async def _follow(engine: Engine, channel: AsteriskChannel) -> None:
    async for entry in engine.follow(after=engine.replica.position):
        channel.handle(entry)


async def _serve(options: Options) -> None:
    async with running(options):
        spare_what_stays()
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("ami", "agents"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("name", "secret"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = Options(**vars(parser.parse_args(arguments)))
    take_short_turns()
    asyncio.run(_serve(options))


if __name__ == "__main__":
    main()
