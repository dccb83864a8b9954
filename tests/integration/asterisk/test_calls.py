"""Real calls: SIP phones, a real Asterisk, and the router between them."""

import asyncio

import pytest

from router.core import events as e
from tests.asterisk.baresip import Phone
from tests.asterisk.server import AsteriskServer
from tests.integration.asterisk.router import DIALPLAN, Router


@pytest.fixture(scope="module")
def server():
    with AsteriskServer(DIALPLAN) as running:
        yield running


async def test_a_call_is_routed_to_an_agents_phone_and_both_hear_each_other(server):
    async with Router(server) as router:
        with (
            Phone(server, "ann", frequency=1000) as ann,
            Phone(server, "+441632960001", frequency=440, registers=False) as caller,
        ):
            await router.ready("ann")
            await asyncio.to_thread(caller.dial, "100")
            contact = await router.contact(state="offered")
            assert contact.address == "+441632960001"
            await asyncio.to_thread(ann.wait_until, "ringing")
            await asyncio.to_thread(ann.accept)
            await router.contact(state="connected", agent="ann")
            await asyncio.to_thread(ann.wait_to_hear, 440)
            await asyncio.to_thread(caller.wait_to_hear, 1000)
            await asyncio.to_thread(caller.hang_up)
            await router.until(lambda: router.events(e.Completed), "the end of the call")
            assert router.events(e.ContactEnded)[0].ended_by == "customer"
            await router.until(lambda: not server.channels(), "no channel left")
