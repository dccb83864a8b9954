"""Real calls: SIP phones, a real Asterisk, and the router between them."""

from __future__ import annotations

import asyncio

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.durations import SECOND
from tests.asterisk.media import packets
from tests.asterisk.server import MUSIC
from tests.integration.asterisk.conftest import ANN, CALLER, NUMBER
from tests.integration.asterisk.people import (
    call,
    hears,
    is_hung_up_on,
    is_idle,
    nothing_is_left,
    rings,
    talks,
)
from tests.integration.asterisk.router import Router


@pytest.mark.parametrize("who", ["customer", "agent"])
async def test_a_call_is_routed_to_an_agents_phone_and_either_side_hangs_up(
    server, ann, caller, who
):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        assert contact.address == NUMBER
        await hears(caller, ANN)
        counted = packets(server).values()
        assert len(counted) == 2
        assert all(count.sent and count.received for count in counted)
        leaver, stays = (caller, ann) if who == "customer" else (ann, caller)
        leaver.hang_up()
        await is_idle(stays)
        await nothing_is_left(router, server)
        assert [event.ended_by for event in router.events(e.ContactEnded)] == [who]


async def test_a_caller_hears_music_until_an_agent_is_there(server, ann, caller):
    async with Router(server) as router:
        caller.dial("100")
        await hears(caller, MUSIC)
        await router.ready("ann")
        await rings(ann)
        await hears(caller, MUSIC)
        ann.accept()
        await hears(caller, ANN)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_an_agent_accepts_on_the_desk_and_then_picks_up(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        caller.dial("100")
        await rings(ann)
        await router.act(c.Accept, offer=router.events(e.Offered)[0].offer)
        await hears(caller, MUSIC)
        ann.accept()
        await hears(caller, ANN)
        await hears(ann, CALLER)
        caller.hang_up()
        await nothing_is_left(router, server)
        assert len(router.events(e.OfferAccepted)) == 1


@pytest.mark.parametrize("phone_rings", [True, False], ids=["rings on", "is refused"])
async def test_a_phone_that_is_not_picked_up_though_the_desk_accepted_gives_the_call_back(
    server, ann, ben, caller, phone_rings
):
    async with Router(server, answer_within=SECOND) as router:
        await router.ready("ann")
        caller.dial("100")
        await rings(ann)
        await router.act(c.Accept, offer=router.events(e.Offered)[0].offer)
        if not phone_rings:
            ann.hang_up()
        await router.contact(state="queued")
        await is_idle(ann)
        away = router.replica.state.agents["ann"].reason if phone_rings else ""
        assert away == ("missed_offer" if phone_rings else "")
        await router.ready("ben")
        await rings(ben)
        ben.accept()
        await talks(ben)
        await hears(ben, CALLER)
        caller.hang_up()
        await nothing_is_left(router, server)
        assert [event.reason for event in router.events(e.Returned)] == ["connection_failed"]


async def test_an_agent_who_rejects_on_the_desk_hears_no_more_ringing(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        caller.dial("100")
        await rings(ann)
        await router.act(c.Reject, offer=router.events(e.Offered)[0].offer)
        await is_idle(ann)
        await hears(caller, MUSIC)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_the_desk_ends_the_call_for_both(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        await router.act(c.EndContact, contact=contact.id)
        await is_idle(ann)
        await is_idle(caller)
        await nothing_is_left(router, server)


async def test_wrapping_up_keeps_no_line(server, ann, caller):
    async with Router(server, queue={"wrap_up": 30 * SECOND}) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        ann.hang_up()
        await router.contact(id=contact.id, state="wrapping")
        await is_idle(caller)
        await router.until(lambda: not server.channels(), "no channel left")
        await router.act(c.FinishWrapUp, contact=contact.id, agent="ann")
        await nothing_is_left(router, server)


async def test_a_number_without_an_entry_point_is_turned_away(server, caller):
    async with Router(server) as router:
        caller.dial("999")
        await is_hung_up_on(caller)
        await nothing_is_left(router, server)
        assert not router.said


async def test_a_limit_for_callers_whom_no_router_takes_does_not_cut_conversations(
    server, ann, caller
):
    async with Router(server) as router:
        await router.ready("ann")
        await call(router, caller, ann, "900")  # TIMEOUT(absolute) is 4 seconds
        await asyncio.sleep(4.5)
        await hears(caller, ANN)
        assert not router.events(e.ContactEnded)
