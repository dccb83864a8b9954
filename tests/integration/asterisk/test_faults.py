"""The connection is cut, Asterisk or the router dies, in the middle of fifty live calls."""

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager

import pytest

from router.core import events as e
from router.core.model import AgentState, ContactState
from tests.asterisk.sipp import Caller, Phones
from tests.integration.asterisk.router import Router

TALKING, WAITING = 40, 10
AGENTS = tuple(f"agent{n:02}" for n in range(TALKING))
SITE = {"agents": AGENTS}
TERMINAL = (e.Abandoned, e.Overflowed, e.TransferredOut, e.Completed)
RECONCILED = 5  # seconds


@asynccontextmanager
async def fifty_calls(server):
    """Forty callers talk with their agents, ten wait; SIPp's callers, its phones, the router."""
    phones = await asyncio.to_thread(Phones(AGENTS, frequency=None).register, server)
    with phones:
        async with Router(server, agents=AGENTS) as router:
            await router.ready(*AGENTS)
            with Caller("100", frequency=None).call(server, calls=TALKING + WAITING) as callers:
                await router.until(lambda: states(router) == LIVE, "fifty calls", within=30)
                await router.until(lambda: bridged(server) == 2 * TALKING, "forty bridges")
                yield router, callers
    hang_up(server, server.channels())


LIVE = {ContactState.CONNECTED: TALKING, ContactState.QUEUED: WAITING}


def states(router):
    return Counter(contact.state for contact in router.contacts)


def callers_up(server):
    """Callers' channels: the agents' are called up by us."""
    return [name for name in server.channels() if name.startswith("PJSIP/trunk-")]


def hang_up(server, names):
    """Returns when they are gone."""
    with server.judge() as judge:
        for name in names:
            judge.do("Hangup", Channel=name)
    end = time.monotonic() + 5
    while set(names) & set(server.channels()):
        assert time.monotonic() < end, "calls go on"
        time.sleep(0.05)


def bridged(server):
    with server.judge() as judge:
        return sum(bool(channel.get("BridgeId")) for channel in judge.list("CoreShowChannels"))


def ended(router):
    """How often each contact has ended: never more than once."""
    return Counter(event.contact for event in router.said if isinstance(event, TERMINAL))


def nobody_is_stuck(router):
    """Every agent who is busy is so with a contact that is alive."""
    agents = router.replica.state.agents.values()
    return all(slot in router.replica.state.contacts for a in agents for slot in a.slots)


async def test_cut_off_from_asterisk_calls_stay_up_and_what_ended_meanwhile_is_closed(server):
    async with fifty_calls(server) as (router, _):
        pbx = router.channel.pbxs[0]
        await pbx.cut_off()
        hang_up(server, callers_up(server)[:10])
        assert len(callers_up(server)) == TALKING + WAITING - 10
        await pbx.start()
        began = time.monotonic()
        await router.until(lambda: len(router.contacts) == 40, "records reconciled", RECONCILED)
        print(f"reconciled in {time.monotonic() - began:.2f} s")
        await router.until(
            lambda: bridged(server) == 2 * states(router)[ContactState.CONNECTED], "bridges", 5
        )
        await router.until(lambda: len(ended(router)) == 10, "ten ended")
        assert set(ended(router).values()) == {1}
        assert nobody_is_stuck(router)


async def test_asterisk_killed_every_record_is_closed_once_and_agents_work_again(server):
    async with fifty_calls(server) as (router, callers):
        await asyncio.to_thread(callers.stop)
        await asyncio.to_thread(server.restart)
        began = time.monotonic()
        await router.until(
            lambda: len(ended(router)) == TALKING + WAITING, "records reconciled", RECONCILED
        )
        print(f"reconciled in {time.monotonic() - began:.2f} s")
        assert not router.contacts
        assert set(ended(router).values()) == {1}
        assert nobody_is_stuck(router)
        state = router.replica.state.agents
        assert all(agent.state is AgentState.READY for agent in state.values())


async def test_the_router_restarted_no_live_call_is_dropped_and_all_are_taken_up(server):
    async with fifty_calls(server) as (router, _):
        before = {contact.id: contact.agent for contact in router.contacts}
        await router.restart()
        began = time.monotonic()
        await asyncio.sleep(2)  # whatever it might do wrong is done by now
        print(f"started in {time.monotonic() - began:.2f} s")
        assert len(callers_up(server)) == TALKING + WAITING
        assert bridged(server) == 2 * TALKING
        assert {contact.id: contact.agent for contact in router.contacts} == before
        assert not ended(router)
        hang_up(server, callers_up(server)[:1])
        await router.until(lambda: len(ended(router)) == 1, "calls are followed again")
        assert nobody_is_stuck(router)


@pytest.mark.parametrize("ends", [0, 5])
async def test_calls_that_ended_while_the_router_was_away_are_closed_at_its_start(server, ends):
    async with fifty_calls(server) as (router, _):
        await router.stop()
        hang_up(server, callers_up(server)[:ends])
        began = time.monotonic()
        await router.start()
        await router.until(
            lambda: len(router.contacts) == TALKING + WAITING - ends, "reconciled", RECONCILED
        )
        print(f"reconciled in {time.monotonic() - began:.2f} s")
        await router.until(lambda: len(ended(router)) == ends, "those ended")
        assert nobody_is_stuck(router)
