"""The connection fails, or Asterisk dies, in the middle of fifty live calls."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from router.core.durations import SECOND
from router.core.model import AgentState
from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import Caller, Phones
from tests.faults.proxy import Proxy
from tests.integration.asterisk.live_calls import (
    AGENTS,
    RECONCILED,
    TALKING,
    WAITING,
    disagreements,
    endings,
    hang_up_agents,
    hang_up_callers,
    hang_up_everybody,
    numbers,
    picture,
    verdict,
)
from tests.integration.asterisk.router import Router, settings_for

SITE = {"agents": AGENTS}
CUTS = int(os.environ.get("PATCHBAY_AMI_CUTS", "5"))
CALLER = Caller("100", frequency=None)
KEEP_ALIVE = SECOND


@asynccontextmanager
async def fifty_calls(server: AsteriskServer, network: Proxy | None = None):
    """A router with forty callers who talk with their agents, and ten who wait."""
    async with agents_ready(server, network) as router:
        with CALLER.call(server, calls=TALKING + WAITING):
            await agrees(server, router, TALKING, WAITING, within=30)
            yield router


@asynccontextmanager
async def agents_ready(
    server: AsteriskServer, network: Proxy | None = None
) -> AsyncIterator[Router]:
    """When the test is over every call is ended, and the journal judged."""
    port = server.ports.ami if network is None else network.port
    ami = msgspec.structs.replace(
        settings_for(server).ami, port=port, ping_every=KEEP_ALIVE, action_timeout=KEEP_ALIVE
    )
    phones = await asyncio.to_thread(Phones(AGENTS, frequency=None).register, server)
    try:
        with phones:
            async with Router(server, agents=AGENTS, ami=ami) as router:
                await router.ready(*AGENTS)
                yield router
                hang_up_everybody(server)
                await agrees(server, router, 0, 0)
                assert verdict(await entries_of(router)) == []
    finally:
        hang_up_everybody(server)


async def agrees(
    server: AsteriskServer, router: Router, talking: int, waiting: int, within: float = RECONCILED
) -> None:
    """The records become right about every call, and there are so many."""
    began = time.monotonic()
    while True:
        seen = await asyncio.to_thread(picture, server)
        wrong = disagreements(router.replica.state, seen)
        if not wrong and numbers(router.replica.state) == (talking, waiting):
            print(f"{talking} talk and {waiting} wait after {time.monotonic() - began:.2f} s")
            return
        assert time.monotonic() < began + within, (wrong, numbers(router.replica.state))
        await asyncio.sleep(0.05)


async def entries_of(router: Router):
    return [entry async for entry in router.journal.read()]


async def ended(router: Router) -> int:
    return endings(await entries_of(router))


def some_leave(server: AsteriskServer) -> dict[str, tuple[str, str]]:
    """Six who talk, four who wait, and the agents of five others; who talks on undisturbed."""
    seen = picture(server)
    hang_up_callers(server, [*seen.talking[:6], *seen.waiting[:4]])
    hang_up_agents(server, seen.talking[6:11])
    undisturbed = seen.talking[11:]
    return {unique: seen.conversations[unique] for unique in undisturbed}


def still(server: AsteriskServer, conversations: dict[str, tuple[str, str]]) -> bool:
    """Whether they go on, in the same bridge with the same telephone."""
    return conversations.items() <= picture(server).conversations.items()


async def new_callers(server: AsteriskServer, number: int) -> None:
    end = time.monotonic() + 10
    while len(picture(server).callers) < number:
        assert time.monotonic() < end, "the new callers do not come"
        await asyncio.sleep(0.05)


async def test_reset_while_callers_come_and_go_every_record_is_right_again(server):
    async with Proxy(server.ports.ami) as network, fifty_calls(server, network) as router:
        network.away = True
        network.cut()
        await router.until(lambda: router.channel.pbxs[0].problem, "noticed")
        undisturbed = some_leave(server)
        with CALLER.call(server, calls=5):
            await new_callers(server, 45)
            network.away = False
            await agrees(server, router, 40, 5)
            assert still(server, undisturbed)
            assert await ended(router) == 10
            hang_up_callers(server, picture(server).talking[:3])
            await agrees(server, router, 40, 2)


async def test_in_the_dark_it_is_noticed_and_every_record_is_right_again(server):
    async with Proxy(server.ports.ami) as network, fifty_calls(server, network) as router:
        network.go_dark()
        undisturbed = some_leave(server)
        with CALLER.call(server, calls=5):
            await new_callers(server, 45)
            limit = 2 * KEEP_ALIVE / SECOND + RECONCILED
            await router.until(lambda: network.made == 2, "noticed", within=limit)
            await agrees(server, router, 40, 5)
            assert still(server, undisturbed)
            assert await ended(router) == 10


async def test_cut_in_the_middle_of_an_event_half_of_it_does_nothing(server):
    async with Proxy(server.ports.ami) as network, fifty_calls(server, network) as router:
        cut = asyncio.ensure_future(network.cut_after(b"Event: Hangup\r\nPriv"))
        await asyncio.sleep(0)
        undisturbed = some_leave(server)
        await cut
        await agrees(server, router, 40, 0)
        cut = asyncio.ensure_future(network.cut_after(b"Event: AsyncAGIStart\r\n"))
        with CALLER.call(server, calls=5):
            await cut
            await agrees(server, router, 40, 5)
            assert still(server, undisturbed)
            assert await ended(router) == 10


async def test_cut_again_and_again_while_calls_come_and_go_nothing_is_lost_or_doubled(server):
    chance = random.Random(4)
    calls = 20 * CUTS
    caller = Caller("100", talk=2, frequency=None)
    async with Proxy(server.ports.ami) as network, agents_ready(server, network) as router:
        with caller.call(server, calls=calls, per_second=20) as callers:
            for made in range(1, CUTS + 1):
                await router.until(lambda made=made: network.made == made, "connected again")
                await asyncio.sleep(chance.uniform(0, 1))
                network.cut()
            await asyncio.to_thread(callers.wait, 30 + 2 * CUTS)
            assert callers.messages("BYE_Recv") == 0  # nobody was hung up on
            await agrees(server, router, 0, 0)
        assert await ended(router) == calls


async def test_asterisk_killed_every_record_is_closed_once_and_agents_work_again(server):
    async with fifty_calls(server) as router:
        await asyncio.to_thread(server.restart)
        await agrees(server, router, 0, 0)
        assert await ended(router) == TALKING + WAITING
        agents = router.replica.state.agents.values()
        assert all(agent.state is AgentState.READY for agent in agents)
        with CALLER.call(server, calls=5):
            await agrees(server, router, 5, 0)


@pytest.mark.parametrize("leave", [False, True])
async def test_the_router_stopped_in_order_takes_every_call_up_again(server, leave):
    async with fifty_calls(server) as router:
        before = picture(server).conversations
        await router.stop()
        undisturbed = some_leave(server) if leave else before
        await router.start()
        await agrees(server, router, 40, 0 if leave else 10)
        await asyncio.sleep(0 if leave else 2)  # whatever it might do wrong is done by now
        assert still(server, undisturbed)
        assert await ended(router) == (10 if leave else 0)
