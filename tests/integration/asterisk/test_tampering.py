"""Callers who write events of their own into their numbers, against a real Asterisk."""

from __future__ import annotations

import asyncio

import pytest

from router.core import events as e
from tests.asterisk.forger import Forger
from tests.integration.asterisk.conftest import ANN, CALLER
from tests.integration.asterisk.people import call, hears, is_idle, nothing_is_left
from tests.integration.asterisk.router import Router

# By what is written and where; {} is the channel of somebody else's call. Asterisk keeps 79
# characters of a number.
FORGERIES = {
    "an event in the number": ("44\r\n\r\nEvent:Hangup\r\nUniqueid:{}\r\nCause:16\r\n\r\n", "100"),
    "a header in the number": ("44\r\nUniqueid:{}\r\n", "100"),
    "an event in what is dialled": ("44", "100\r\n\r\nEvent: Hangup\r\nUniqueid: {}\r\n\r\n"),
    "the own events are about another": (
        "44",
        "1\r\nPriority:1\r\nUniqueid:{0}\r\nLinkedid:1\r\n\r\nEvent:A",
    ),
}


def channels(server):
    with server.judge() as judge:
        return {one["Uniqueid"]: one["Channel"] for one in judge.list("CoreShowChannels")}


@pytest.mark.parametrize(("number", "dialled"), FORGERIES.values(), ids=FORGERIES)
async def test_who_forges_the_end_of_anothers_call_is_hung_up_and_the_call_goes_on(
    server, ann, caller, number, dialled, caplog
):
    async with Router(server) as router:
        await router.ready("ann")
        contact = await call(router, caller, ann)
        before = await asyncio.to_thread(channels, server)
        for victim in before:
            with Forger(server, number.format(victim), dialled.format(victim)) as forger:
                assert await asyncio.to_thread(forger.is_hung_up_on)
        await router.until(lambda: len(server.channels()) == len(before), "only forgers gone")
        assert await asyncio.to_thread(channels, server) == before
        await hears(caller, ANN)
        await hears(ann, CALLER)
        await router.contact(id=contact.id, state="connected", agent="ann")
        assert len(router.contacts) == 1
        assert not router.events(e.ContactEnded)
        assert not router.events(e.Returned)
        assert router.channel.pbxs[0].was_forged
        assert not router.channel.pbxs[0].problem
        assert "a caller forges events" in caplog.text
        assert "its caller's text forges events" in caplog.text
        caller.hang_up()
        await is_idle(ann)
        await nothing_is_left(router, server)
        assert [event.ended_by for event in router.events(e.ContactEnded)] == ["customer"]


async def test_a_forger_does_not_keep_others_from_calling(server, ann, caller):
    async with Router(server) as router:
        await router.ready("ann")
        forgers = [Forger(server, "44\r\n\r\nEvent:Hangup\r\n\r\n", "100") for _ in range(20)]
        contact = await call(router, caller, ann)
        for forger in forgers:
            with forger:
                assert await asyncio.to_thread(forger.is_hung_up_on)
        await hears(caller, ANN)
        await router.contact(id=contact.id, state="connected", agent="ann")
        caller.hang_up()
        await nothing_is_left(router, server)
        assert len(router.events(e.ContactEnded)) == 1
