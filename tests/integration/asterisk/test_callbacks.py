"""Promised callbacks: the agent is called first, then the customer."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import CallbackOffer
from router.core.durations import SECOND
from tests.integration.asterisk.conftest import ANN, CALLER, CHI
from tests.integration.asterisk.people import (
    hears,
    is_hung_up_on,
    is_idle,
    nothing_is_left,
    rings,
)
from tests.integration.asterisk.router import AT_CHI, BUSY, RINGS_ON, Router

ONCE = {"callback": CallbackOffer(attempts=1)}
AGAIN = {"callback": CallbackOffer(attempts=2, retry_after=SECOND)}
PROMISE = {"callback_promised": "file:promise"}


@pytest.fixture(scope="module", autouse=True)
def promise(server):
    server.sound("promise", 1_800, 0.3)


async def promised(router: Router, phone, number: str) -> str:
    """A customer at ``number`` asks to be called back while they wait."""
    customer = phone("+442079460009", frequency=CALLER, registers=False)
    customer.dial("100")
    contact = await router.contact(state="queued")
    await router.act(c.PromiseCallback, contact=contact.id, address=number)
    await is_hung_up_on(customer)
    await router.until(lambda: not router.channel.pbxs[0]._calls._board.exchange.channels, "free")
    return contact.id


async def test_the_agent_is_called_first_and_then_the_customer(server, phone, ann, chi):
    async with Router(server, queue=ONCE, **PROMISE) as router:
        contact = await promised(router, phone, AT_CHI)
        await router.ready("ann")
        await rings(ann)
        assert chi.state == "idle"
        ann.accept()
        await rings(chi)
        chi.accept()
        await hears(chi, ANN)
        await hears(ann, CHI)
        chi.hang_up()
        await is_idle(ann)
        await nothing_is_left(router, server)
        assert [event.contact for event in router.events(e.Completed)] == [contact]
        assert router.events(e.Completed)[0].reason == "handled"


async def test_a_customer_who_is_not_reached_is_called_again(server, phone, ann):
    async with Router(server, queue=AGAIN, **PROMISE) as router:
        await promised(router, phone, BUSY)
        await router.ready("ann")
        for _ in range(2):
            await rings(ann)
            ann.accept()
            await is_idle(ann)
        await nothing_is_left(router, server)
        [resumed] = router.events(e.CallbackResumed)
        assert resumed.reason in ("busy", "unreachable")  # Asterisk's events come in any order
        assert [event.reason for event in router.events(e.Completed)] == ["callback_failed"]


async def test_an_agent_who_gives_up_calling_has_not_reached_the_customer(server, phone, ann):
    async with Router(server, queue=ONCE, **PROMISE) as router:
        await promised(router, phone, RINGS_ON)
        await router.ready("ann")
        await rings(ann)
        ann.accept()
        await router.until(lambda: len(server.channels()) > 1, "the customer is called")
        ann.hang_up()
        await nothing_is_left(router, server)
        assert [event.reason for event in router.events(e.Completed)] == ["callback_failed"]


async def test_an_agent_who_does_not_pick_up_costs_no_attempt(server, phone, ann, ben, chi):
    queue = ONCE | {"offer_for": SECOND}
    async with Router(server, queue=queue, **PROMISE) as router:
        await promised(router, phone, AT_CHI)
        await router.ready("ann")
        await rings(ann)
        await is_idle(ann)
        assert chi.state == "idle"
        await router.ready("ben")
        await rings(ben)
        ben.accept()
        await rings(chi)
        chi.accept()
        await hears(chi, ben.frequency)
        ben.hang_up()
        await is_idle(chi)
        await nothing_is_left(router, server)


async def test_a_number_that_may_not_be_dialled_is_not_promised(server, phone):
    async with Router(server, queue=ONCE, **PROMISE) as router:
        customer = phone("+442079460009", frequency=CALLER, registers=False)
        customer.dial("100")
        contact = await router.contact(state="queued")
        refusal = await router.refuses(
            c.PromiseCallback, contact=contact.id, address="+33140205050"
        )
        assert "another country" in refusal
        customer.hang_up()
        await nothing_is_left(router, server)
