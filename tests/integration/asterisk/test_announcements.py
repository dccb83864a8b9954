"""What callers hear while they wait, and the key that asks for a callback."""

import asyncio

import pytest

from cti_adapters.asterisk.settings import Announcing
from router.core import events as e
from router.core.catalog import Announcement, CallbackOffer
from router.core.durations import SECOND
from router.core.model import ContactState
from tests.asterisk.baresip import Phone
from tests.asterisk.server import MUSIC
from tests.integration.asterisk.router import Router

NEVER = Announcing(position_every=0, wait_every=0)


@pytest.fixture(autouse=True)
def comfort(server):
    server.sound("comfort", 700, 1.5)


@pytest.fixture
def caller(server):
    with Phone(server, "+442079460018", frequency=440, registers=False) as phone:
        yield phone


async def test_music_gives_way_to_an_announcement_and_comes_back(server, caller):
    comfort = Announcement(text="file:comfort", after=2 * SECOND)
    async with Router(server, queue={"announcements": (comfort,)}, announcing=NEVER) as router:
        await asyncio.to_thread(caller.dial, "100")
        await router.contact(state="queued")
        await asyncio.to_thread(caller.wait_to_hear, MUSIC)
        await asyncio.to_thread(caller.wait_to_hear, 700)
        mark = caller.mark()
        await asyncio.sleep(1.5)
        await asyncio.to_thread(caller.wait_to_hear, MUSIC, since=mark)
        await asyncio.to_thread(caller.hang_up)
        await router.until(lambda: not router.contacts, "the caller is gone")


async def test_an_agent_who_answers_cuts_an_announcement_short(server, caller):
    comfort = Announcement(text="file:comfort", after=SECOND)
    server.sound("comfort", 700, 10)
    with Phone(server, "ann", frequency=1000, answers=True):
        async with Router(server, queue={"announcements": (comfort,)}, announcing=NEVER) as router:
            await asyncio.to_thread(caller.dial, "100")
            await asyncio.to_thread(caller.wait_to_hear, 700)
            await router.ready("ann")
            await asyncio.to_thread(caller.wait_to_hear, 1000, timeout=3)
            await asyncio.to_thread(caller.hang_up)
            await router.until(lambda: not server.channels(), "no channel left")


async def test_the_place_is_spoken(server, caller):
    announcing = Announcing(first_after=SECOND, wait_every=0)
    async with Router(server, announcing=announcing) as router:
        await asyncio.to_thread(caller.dial, "100")
        await asyncio.to_thread(caller.wait_to_hear, MUSIC)
        await router.until(lambda: list(server.sounds.glob("*.wav")), "a prompt was made")
        await asyncio.to_thread(caller.hang_up)
        await router.until(lambda: not router.contacts, "the caller is gone")


async def test_a_key_asks_for_a_callback_and_the_call_ends(server, caller):
    offer = CallbackOffer(after=SECOND)
    async with Router(server, queue={"callback": offer}, announcing=NEVER) as router:
        await asyncio.to_thread(caller.dial, "100")
        await router.contact(state="queued")
        await asyncio.to_thread(caller.press, "1")
        await asyncio.sleep(0.5)
        assert router.contacts[0].state is ContactState.QUEUED, "nothing was offered yet"
        for _ in range(20):
            await asyncio.to_thread(caller.press, "1")
            await asyncio.sleep(0.5)
            if router.events(e.CallbackPromised):
                break
        await router.contact(state=ContactState.CALLBACK_PROMISED)
        await router.until(lambda: not server.channels(), "the call has ended")
        assert router.contacts[0].callback.address == "+442079460018"
