"""The router is killed and started again on its journal, as a process, in the middle of calls."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator

import pytest

from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import Caller, Phones
from tests.integration.asterisk.live_calls import (
    AGENTS,
    TALKING,
    WAITING,
    endings,
    hang_up,
    hang_up_agents,
    hang_up_callers,
    hang_up_everybody,
    picture,
    verdict,
)
from tests.integration.asterisk.process import RouterProcess

SITE = {"agents": AGENTS}
WAVES = int(os.environ.get("PATCHBAY_ROUTER_KILLS", "4")) // 2
CALLS_A_WAVE = 20
CALLER = Caller("100", frequency=None)


@pytest.fixture
async def router(server: AsteriskServer, tmp_path) -> AsyncIterator[RouterProcess]:
    """When the test is over every call is ended, and the journal judged."""
    phones = await asyncio.to_thread(Phones(AGENTS, frequency=None).register, server)
    try:
        with phones:
            async with RouterProcess(server, tmp_path) as process:
                yield process
                hang_up_everybody(server)
                await process.agrees(0, 0)
                assert verdict(process.entries()) == []
    finally:
        hang_up_everybody(server)


async def test_killed_amid_fifty_calls_they_stay_up_and_the_records_become_right(server, router):
    with CALLER.call(server, calls=TALKING + WAITING):
        await router.agrees(TALKING, WAITING, within=30)
        await router.kill()
        seen = picture(server)
        hang_up_callers(server, [*seen.talking[:6], *seen.waiting[:4]])
        hang_up_agents(server, seen.talking[6:11])
        undisturbed = {unique: seen.conversations[unique] for unique in seen.talking[11:]}
        with CALLER.call(server, calls=5):
            await router.start()
            await router.agrees(40, 5)
            assert undisturbed.items() <= picture(server).conversations.items()
            assert endings(router.entries()) == 10
            await agents_and_desks_end_some(server, router)
            await router.agrees(40, 0)
            assert endings(router.entries()) == 15


async def agents_and_desks_end_some(server: AsteriskServer, router: RouterProcess) -> None:
    """Five conversations: three on the telephone, two at the desk."""
    busy = [desk for desk in router.desks.values() if desk.contacts]
    hang_up(server, [picture(server).phones[desk.agent]["Channel"] for desk in busy[:3]])
    for desk in busy[3:5]:
        await desk.act("end_contact_now", contact=next(iter(desk.contacts)))


async def test_killed_while_calls_arrive_and_again_while_it_takes_them_up(server, router):
    chance = random.Random(9)
    for _ in range(WAVES):
        with CALLER.call(server, calls=CALLS_A_WAVE, per_second=20) as callers:
            await killed_after(router, chance.uniform(0, 1.2))
            await killed_after(router, chance.uniform(0, 0.5))
            await router.agrees(CALLS_A_WAVE, 0)
            assert callers.messages("BYE_Recv") == 0  # nobody was hung up on
            hang_up_everybody(server)
            await router.agrees(0, 0)
    assert endings(router.entries()) == WAVES * CALLS_A_WAVE


async def killed_after(router: RouterProcess, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await router.kill()
    await router.start()
