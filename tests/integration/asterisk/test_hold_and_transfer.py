"""Hold and blind transfers, by what everybody hears."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from tests.asterisk.server import MUSIC
from tests.integration.asterisk.conftest import ANN, BEN, CALLER, CHI
from tests.integration.asterisk.people import (
    call,
    hears,
    hears_no,
    is_idle,
    nothing_is_left,
    rings,
)
from tests.integration.asterisk.router import AT_CHI, BUSY, Router


async def test_a_customer_on_hold_hears_music_and_is_not_heard(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        await router.act(c.Hold, contact=contact.id)
        await hears(caller, MUSIC)
        await hears_no(caller, ANN)
        await hears_no(ann, CALLER, MUSIC)
        await router.act(c.Retrieve, contact=contact.id)
        await hears(caller, ANN)
        await hears(ann, CALLER)
        await hears_no(caller, MUSIC)
        ann.hang_up()
        await is_idle(caller)
        await nothing_is_left(router, server)


async def test_the_hold_key_of_the_telephone_is_hold(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        ann.hold()
        await router.contact(id=contact.id, state="held")
        await hears(caller, MUSIC)
        ann.resume()
        await router.contact(id=contact.id, state="connected")
        await hears(caller, ANN)
        await hears_no(caller, MUSIC)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_transfer_to_a_queue(server, ann, ben, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        await router.act(c.TransferToQueue, contact=contact.id, queue="sales")
        await is_idle(ann)
        await hears(caller, MUSIC)
        await router.ready("ben")
        await rings(ben)
        ben.accept()
        await hears(ben, CALLER)
        await hears(caller, BEN)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_transfer_to_an_agent(server, ann, ben, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        await router.ready("ben")
        await router.act(c.TransferToAgent, contact=contact.id, agent="ben")
        await rings(ben)
        ben.accept()
        await hears(caller, BEN)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_requeue(server, ann, ben, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        await router.act(c.Requeue, contact=contact.id)
        await is_idle(ann)
        await hears(caller, MUSIC)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_transfer_to_a_number_outside(server, ann, chi, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        await router.act(c.TransferOut, contact=contact.id, address=AT_CHI)
        await rings(chi)
        await is_idle(ann)
        chi.accept()
        await hears(chi, CALLER)
        await hears(caller, CHI)
        chi.hang_up()
        await is_idle(caller)
        await nothing_is_left(router, server)
        assert len(router.events(e.TransferredOut)) == 1


async def test_who_is_put_through_outside_and_finds_nobody_is_hung_up(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        await router.act(c.TransferOut, contact=contact.id, address=BUSY)
        await is_idle(caller)
        await nothing_is_left(router, server)


@pytest.mark.parametrize(
    ("number", "why"),
    [("+33140205050", "another country"), ("+449098790000", "premium"), ("999", "Emergency")],
)
async def test_a_number_that_may_not_be_dialled_is_refused_and_the_call_goes_on(
    server, ann, caller, number, why
):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        assert why in await router.refuses(c.TransferOut, contact=contact.id, address=number)
        await hears(caller, ANN)
        caller.hang_up()
        await nothing_is_left(router, server)
