"""Two telephone systems behind one router: each call stays at home, agents are shared."""

import asyncio

from router.core.model import ContactState
from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import Caller, Phones
from tests.integration.asterisk.router import DIALPLAN, Router, settings_for


async def test_calls_of_two_systems_wait_in_one_queue_and_ring_agents_of_both(server):
    with AsteriskServer(DIALPLAN) as other:
        with (
            await asyncio.to_thread(Phones(["ann", "ben"], frequency=None).register, server),
            await asyncio.to_thread(Phones(["ann", "ben"], frequency=None).register, other),
        ):
            there = settings_for(other, id="there")
            async with Router(server, beside=(there,)) as router:
                await router.until(lambda: out_of_reach(router) == {"chi"}, "the phones are known")
                await router.ready("ann", "ben")
                with (
                    Caller("100", talk=1, frequency=None).call(server, calls=2) as here,
                    Caller("100", talk=1, frequency=None).call(other, calls=2) as away,
                ):
                    await router.until(lambda: len(talking(router)) == 2, "two talk")
                    assert len({contact.agent for contact in talking(router)}) == 2
                    for callers in (here, away):
                        assert (await asyncio.to_thread(callers.wait)).successful == 2
                    await router.until(lambda: not router.contacts, "all are over")
        systems = {event.contact.partition(":")[0] for event in router.said}
        assert systems == {"main", "there"}


def out_of_reach(router):
    agents = router.replica.state.agents.values()
    return {agent.id for agent in agents if agent.unreachable}


def talking(router):
    return [c for c in router.contacts if c.state is ContactState.CONNECTED]
