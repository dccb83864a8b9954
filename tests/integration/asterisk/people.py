"""What people do on their telephones and hear there, for tests that are coroutines."""

from __future__ import annotations

import asyncio
import time

from router.core.model import Contact
from tests.asterisk import hearing
from tests.asterisk.baresip import Phone
from tests.asterisk.server import AsteriskServer
from tests.integration.asterisk.router import PATIENCE, Router

BLINK = 0.1  # seconds of a tone that was on its way already


async def rings(phone: Phone) -> None:
    await asyncio.to_thread(phone.wait_until, "ringing", PATIENCE)


async def talks(phone: Phone) -> None:
    await asyncio.to_thread(phone.wait_until, "talking", PATIENCE)


async def is_idle(phone: Phone) -> None:
    await asyncio.to_thread(phone.wait_until, "idle", PATIENCE)


async def is_hung_up_on(phone: Phone, calls: int = 1) -> None:
    """So many of its calls are over, whether anybody ever answered them or not."""
    end = time.monotonic() + PATIENCE
    while [event.get("type") for event in phone.events].count("CALL_CLOSED") < calls:
        assert time.monotonic() < end, f"{phone.name} still calls\n{phone.log()}"
        await asyncio.sleep(0.02)


async def hears(phone: Phone, *tones: int) -> None:
    """From now on, each of these tones, in hertz."""
    await asyncio.to_thread(phone.wait_to_hear, *tones, timeout=PATIENCE)


async def hears_no(phone: Phone, *tones: int, for_seconds: float = 0.5) -> None:
    """None of these tones any more: what was on its way may still arrive."""
    end = time.monotonic() + PATIENCE
    while await _hears_any(phone, tones, for_seconds):
        assert time.monotonic() < end, f"{phone.name} still hears one of {tones} Hz"


async def _hears_any(phone: Phone, tones: tuple[int, ...], for_seconds: float) -> bool:
    mark = phone.mark()
    await asyncio.sleep(for_seconds)
    heard = phone.heard(mark)
    return any(hearing.hears(heard, tone, for_seconds=BLINK) for tone in tones)


async def call(router: Router, caller: Phone, agent: Phone, number: str = "100") -> Contact:
    """A conversation: the caller dials, the agent picks up."""
    caller.dial(number)
    await rings(agent)
    agent.accept()
    contact = await router.contact(state="connected", agent=agent.name)
    await hears(agent, caller.frequency)
    return contact


async def nothing_is_left(router: Router, server: AsteriskServer) -> None:
    """No channel, no contact, no call that the adapter remembers, and every agent is free."""
    await router.until(lambda: not server.channels(), "no channel left")
    await router.until(lambda: not router.replica.state.contacts, "no contact left")
    await router.until(lambda: not len(router.channel.pbxs[0]), "no call remembered")
    assert not any(agent.slots for agent in router.replica.state.agents.values())
