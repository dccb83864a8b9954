"""Whose telephone rings, and who is next when it is not picked up."""

from __future__ import annotations

import asyncio

import pytest

from cti_adapters.asterisk.phones import NOT_REGISTERED, PRIVATE_CALL
from cti_adapters.asterisk.reachability import REFUSED
from router.core import events as e
from router.core.durations import SECOND
from router.core.model import AgentState
from tests.asterisk.sipp import Caller, Phones
from tests.integration.asterisk.conftest import ANN, BEN, CALLER
from tests.integration.asterisk.people import (
    hears,
    is_idle,
    nothing_is_left,
    rings,
)
from tests.integration.asterisk.router import Router


async def test_who_does_not_pick_up_is_not_ready_and_the_next_agent_is_rung(
    server, ann, ben, caller
):
    async with Router(server, queue={"offer_for": 2 * SECOND}) as router:
        await router.ready("ann")
        caller.dial("100")
        await rings(ann)
        await router.ready("ben")
        await rings(ben)
        await is_idle(ann)
        missed = router.replica.state.agents["ann"]
        assert (missed.state, missed.reason) == (AgentState.NOT_READY, "missed_offer")
        ben.accept()
        await hears(caller, BEN)
        caller.hang_up()
        await nothing_is_left(router, server)
        assert [event.agent for event in router.events(e.OfferTimedOut)] == ["ann"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("486 Busy Here", "busy"),
        ("480 Temporarily Unavailable", "no_answer"),
        ("603 Decline", "declined"),
        ("404 Not Found", "unreachable"),
        ("503 Service Unavailable", "unreachable"),
    ],
)
async def test_a_phone_that_refuses_is_passed_over(server, ben, caller, answer, why):
    with Phones(["ann"], refuse=answer).register(server):
        async with Router(server) as router:
            await router.until(lambda: not _unreachable(router, "ann"), "ann can be rung")
            await router.ready("ann")
            caller.dial("100")
            await router.until(lambda: router.events(e.OfferRejected), "the refusal")
            refusal = router.events(e.OfferRejected)[0]
            assert refusal.agent == "ann"
            assert refusal.reason in (why, "unreachable")  # Asterisk's events come in any order
            await router.ready("ben")
            await rings(ben)
            caller.hang_up()
            await nothing_is_left(router, server)
            assert len(router.events(e.OfferRejected)) == 1


async def test_a_phone_that_refuses_is_not_rung_for_everybody_who_waits(server):
    with Phones(["ann"], refuse="486 Busy Here").register(server):
        async with Router(server) as router:
            with Caller("100", talk=3, frequency=None).call(server, calls=5):
                await router.until(lambda: len(router.contacts) == 5, "five wait")
                await router.ready("ann")
                await router.until(lambda: _unreachable(router, "ann") == REFUSED, "ann rests")
                await asyncio.sleep(0.5)
                assert len(router.events(e.OfferRejected)) == 1
                assert {contact.state for contact in router.contacts} == {"queued"}
                await nothing_is_left(router, server)


async def test_a_phone_that_is_not_registered_is_not_rung_until_it_is(server, phone, caller):
    ann = phone("ann", frequency=ANN)
    async with Router(server) as router:
        await router.ready("ann")
        ann.leave()
        await router.until(lambda: _unreachable(router, "ann") == NOT_REGISTERED, "ann is away")
        caller.dial("100")
        await router.contact(state="queued")
        ann.start()
        await rings(ann)
        ann.accept()
        await hears(ann, CALLER)
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_an_agent_in_a_private_call_is_rung_when_it_is_over(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        ann.dial("private")
        await router.until(lambda: _unreachable(router, "ann") == PRIVATE_CALL, "ann is busy")
        caller.dial("100")
        await router.contact(state="queued")
        ann.hang_up()
        await rings(ann)
        ann.accept()
        await hears(ann, CALLER)
        assert not _unreachable(router, "ann")
        caller.hang_up()
        await nothing_is_left(router, server)


async def test_with_ring_all_the_first_who_answers_has_the_call(server, ann, ben, chi, caller):
    async with Router(server, queue={"strategy": "ring_all"}) as router:
        await router.ready("ann", "ben", "chi")
        caller.dial("100")
        for phone in (ann, ben, chi):
            await rings(phone)
        ben.accept()
        await hears(caller, BEN)
        for phone in (ann, chi):
            await is_idle(phone)
        caller.hang_up()
        await nothing_is_left(router, server)
        assert [event.agent for event in router.events(e.OfferAccepted)] == ["ben"]


async def test_an_agent_who_talks_is_not_rung_and_then_rung_for_who_waits(server, ann, phone):
    first = phone("+441632960001", frequency=CALLER, registers=False)
    second = phone("+441632960002", frequency=CALLER + 60, registers=False)
    async with Router(server) as router:
        await router.ready("ann")
        first.dial("100")
        await rings(ann)
        ann.accept()
        await hears(ann, CALLER)
        second.dial("100")
        await router.contact(state="queued", address=second.name)
        first.hang_up()
        await is_idle(first)
        await rings(ann)
        ann.accept()
        await hears(ann, CALLER + 60)
        second.hang_up()
        await nothing_is_left(router, server)


def _unreachable(router: Router, agent: str) -> str | None:
    return router.replica.state.agents[agent].unreachable.get("voice")
