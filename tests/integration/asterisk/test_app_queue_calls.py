"""The cases of Asterisk's own test suite for queues that are about what telephones and other
programs do to a call, with a real Asterisk: see ``test_app_queue_cases.py``.
"""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.model import AgentState
from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import Phones
from tests.integration.asterisk.conftest import ANN, BEN, CALLER
from tests.integration.asterisk.people import (
    call,
    hears,
    is_hung_up_on,
    is_idle,
    nothing_is_left,
    rings,
)
from tests.integration.asterisk.router import Router


@pytest.mark.parametrize("target", ["private", "nowhere"], ids=["valid", "invalid"])
async def test_queue_member_forward(server, ben, caller, target):
    """Whom a telephone passes its calls on to is neither agent nor caller; the next one is rung."""
    moved = f"302 Moved Temporarily\r\nContact: <sip:{target}@127.0.0.1>"
    with Phones(["ann"], refuse=moved).register(server):
        async with Router(server, entry_point="line") as router:
            await router.ready("ann")
            caller.dial("100")
            await router.until(lambda: router.events(e.OfferRejected), "the refusal")
            await router.ready("ben")
            await rings(ben)
            ben.accept()
            await hears(ben, CALLER)
            caller.hang_up()
            await nothing_is_left(router, server)
            assert len(router.events(e.ContactArrived)) == 1


async def test_queue_transfer_callee(server, ann, caller):
    """When the caller hangs up, the agent goes nowhere: the telephone is free, and rung again."""
    async with Router(server) as router:
        await router.ready("ann")
        for calls in (1, 2):
            await call(router, caller, ann)
            caller.hang_up()
            await is_hung_up_on(caller, calls)
            await nothing_is_left(router, server)


async def test_caller_attended(server, ann, ben, caller):
    """An attended transfer: the first agent's share ends, the second has the call."""
    async with Router(server) as router:
        await router.ready("ann", "ben")
        contact = await call(router, caller, ann)
        await router.act(c.Consult, contact=contact.id, consult="asked", agent="ben")
        await rings(ben)
        ben.accept()
        await hears(ben, ANN)
        await router.act(c.CompleteTransfer, contact=contact.id)
        await hears(caller, BEN)
        ended = [event for event in router.events(e.ConsultEnded) if event.reason == "transferred"]
        assert len(ended) == 1
        assert [event.agent for event in router.events(e.AgentReleased)] == ["ann"]
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_caller_blind(server, ann, caller):
    """By the telephone's own key: the agent is free, and the customer is not hung up on."""
    async with Router(server) as router:
        await router.ready("ann")
        await call(router, caller, ann)
        ann.transfer("private")
        await is_idle(ann)
        await nothing_of_ours(router, server)
        assert caller.state == "talking"
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_redirect(server, ann, caller):
    """Another program takes a customer away in the middle of a call: nothing of it is kept."""
    async with Router(server) as router:
        await router.ready("ann")
        await call(router, caller, ann)
        customer = next(name for name in server.channels() if "trunk" in name)
        with server.judge() as judge:
            judge.do(
                "Redirect", Channel=customer, Context="from-agents", Exten="private", Priority="1"
            )
        await is_idle(ann)
        await nothing_of_ours(router, server)
        assert caller.state == "talking"
        caller.hang_up()
        await nothing_is_left(router, server)
        assert [event.ended_by for event in router.events(e.ContactEnded)] == ["system"]


async def test_who_comes_back_from_elsewhere_is_a_call_of_its_own(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        first = await call(router, caller, ann)
        ann.transfer("100")
        await rings(ann)
        ann.accept()
        await hears(ann, CALLER)
        assert first.id not in {contact.id for contact in router.contacts}
        caller.hang_up()
        await nothing_is_left(router, server)


async def nothing_of_ours(router: Router, server: AsteriskServer) -> None:
    """The customer's channel alone is left, and no call of the router's is."""
    await router.until(
        lambda: not router.contacts and not len(router.channel.pbxs[0]), "it is over"
    )
    await router.until(lambda: len(server.channels()) == 1, "the customer alone is left")
    assert router.replica.state.agents["ann"].state is AgentState.READY
