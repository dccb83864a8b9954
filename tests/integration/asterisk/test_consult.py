"""Consultations, warm transfers and conferences, by what everybody hears."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from tests.asterisk.server import MUSIC
from tests.asterisk.sipp import Phones
from tests.integration.asterisk.conftest import ANN, BEN, CALLER
from tests.integration.asterisk.people import (
    call,
    hears,
    hears_no,
    is_idle,
    nothing_is_left,
    rings,
)
from tests.integration.asterisk.router import Router


async def consulting(router, caller, ann, ben):
    await router.ready("ann", "ben")
    contact = await call(router, caller, ann)
    await router.act(c.Consult, contact=contact.id, consult="c1", agent="ben")
    await rings(ben)
    ben.accept()
    await hears(ann, BEN)
    await hears(ben, ANN)
    await hears(caller, MUSIC)
    await hears_no(ben, CALLER)
    return contact


async def test_consult_and_cancel(server, ann, ben, caller):
    async with Router(server) as router:
        contact = await consulting(router, caller, ann, ben)
        await router.act(c.CancelConsult, contact=contact.id)
        await is_idle(ben)
        await router.act(c.Retrieve, contact=contact.id)
        await hears(caller, ANN)
        await hears(ann, CALLER)
        caller.hang_up()
        await nothing_is_left(router, server)


@pytest.mark.parametrize("by_hanging_up", [False, True])
async def test_warm_transfer(server, ann, ben, caller, by_hanging_up):
    async with Router(server) as router:
        contact = await consulting(router, caller, ann, ben)
        if by_hanging_up:
            ann.hang_up()
        else:
            await router.act(c.CompleteTransfer, contact=contact.id)
        await is_idle(ann)
        await hears(caller, BEN)
        await hears(ben, CALLER)
        await hears_no(caller, MUSIC)
        ben.hang_up()
        await is_idle(caller)
        await nothing_is_left(router, server)


@pytest.mark.parametrize("who_leaves", ["colleague", "holder"])
async def test_conference(server, ann, ben, caller, who_leaves):
    async with Router(server) as router:
        contact = await consulting(router, caller, ann, ben)
        await router.act(c.Conference, contact=contact.id)
        await hears(caller, ANN, BEN)
        await hears(ann, CALLER, BEN)
        await hears(ben, CALLER, ANN)
        leaver, stays = (ben, ann) if who_leaves == "colleague" else (ann, ben)
        leaver.hang_up()
        await router.contact(id=contact.id, agent=stays.name, participants=())
        await hears(caller, stays.frequency)
        await hears(stays, CALLER)
        caller.hang_up()
        await nothing_is_left(router, server)
        assert len(router.events(e.Completed)) == 2


async def test_between_the_customer_and_the_colleague(server, ann, ben, caller):
    async with Router(server) as router:
        contact = await consulting(router, caller, ann, ben)
        await router.act(c.Retrieve, contact=contact.id)
        await hears(caller, ANN)
        await hears_no(ben, ANN, CALLER)
        await router.act(c.Hold, contact=contact.id)
        await hears(ben, ANN)
        await hears(caller, MUSIC)
        await hears_no(caller, ANN)
        await router.act(c.Retrieve, contact=contact.id)
        await router.act(c.Conference, contact=contact.id)
        await hears(caller, ANN, BEN)
        caller.hang_up()
        await nothing_is_left(router, server)


@pytest.mark.parametrize("answered", [True, False])
async def test_a_colleague_who_hangs_up_leaves_the_customer_on_hold(
    server, ann, ben, caller, answered
):
    async with Router(server) as router:
        await router.ready("ann", "ben")
        contact = await call(router, caller, ann)
        await router.act(c.Consult, contact=contact.id, consult="c1", agent="ben")
        await rings(ben)
        if answered:
            ben.accept()
            await hears(ann, BEN)
        ben.hang_up()
        await router.contact(id=contact.id, state="held", consult="")
        await hears(caller, MUSIC)
        await router.act(c.Retrieve, contact=contact.id)
        await hears(caller, ANN)
        ann.hang_up()
        await is_idle(caller)
        await nothing_is_left(router, server)


async def test_who_hangs_up_while_the_colleague_rings_hands_nothing_over(server, ann, ben, caller):
    async with Router(server) as router:
        await router.ready("ann", "ben")
        contact = await call(router, caller, ann)
        await router.act(c.Consult, contact=contact.id, consult="c1", agent="ben")
        await rings(ben)
        ann.hang_up()
        await is_idle(ben)
        await is_idle(caller)
        await nothing_is_left(router, server)


@pytest.mark.parametrize("name", ["a,b ${SHELL(id)}"])
async def test_a_consultation_may_have_any_name(server, ann, ben, caller, name):
    async with Router(server) as router:
        await router.ready("ann", "ben")
        contact = await call(router, caller, ann)
        await router.act(c.Consult, contact=contact.id, consult=name, agent="ben")
        await rings(ben)
        ben.accept()
        await hears(ann, BEN)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_a_busy_colleague_of_a_queue_is_passed_over(server, ann, ben, caller):
    with Phones(["chi"], refuse="486 Busy Here").register(server):
        async with Router(server) as router:
            await router.ready("ann")
            contact = await call(router, caller, ann)
            await router.ready("chi")
            await router.act(c.Consult, contact=contact.id, consult="c1", queue="sales")
            await router.until(lambda: router.events(e.OfferRejected), "the refusal")
            await router.ready("ben")
            await rings(ben)
            ben.accept()
            await hears(ann, BEN)
            caller.hang_up()
            await nothing_is_left(router, server)
