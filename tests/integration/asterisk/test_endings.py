"""What callers hear when the router is done with them: a message, a voicemail box."""

from __future__ import annotations

import asyncio

import pytest

from router.core import events as e
from router.core.catalog import OverflowRule, ToMessage, ToVoicemail
from tests.asterisk import hearing
from tests.asterisk.server import AsteriskServer
from tests.integration.asterisk.conftest import CALLER, NUMBER
from tests.integration.asterisk.people import hears, is_hung_up_on, nothing_is_left
from tests.integration.asterisk.router import Router

TOLD = 1_800  # hertz
LASTS = 2.6  # seconds: longer than anything is waited for that Asterisk does not answer


@pytest.fixture(scope="module", autouse=True)
def told(server: AsteriskServer) -> None:
    server.sound("told", TOLD, LASTS)
    server.sound("greeting", TOLD, 0.5)


def when_nobody_is_there(to: ToMessage | ToVoicemail) -> dict[str, object]:
    return {"overflow": (OverflowRule(when="unstaffed", to=to),)}


async def test_a_message_is_told_once_and_the_call_ends(server, caller):
    queue = when_nobody_is_there(ToMessage(text="file:told"))
    async with Router(server, queue=queue) as router:
        caller.dial("100")
        await is_hung_up_on(caller)
        await nothing_is_left(router, server)
        assert len(router.events(e.Overflowed)) == 1
    heard = caller.heard()
    assert hearing.hears(heard, TOLD, for_seconds=LASTS - 0.4)
    assert not hearing.hears(heard, TOLD, for_seconds=LASTS + 0.4)


@pytest.mark.parametrize("key", ["#", ""], ids=["the key", "hanging up"])
async def test_a_message_on_the_voicemail_becomes_a_contact(server, caller, key):
    queue = when_nobody_is_there(ToVoicemail(box="box"))
    async with Router(server, queue=queue, voicemail_greeting="file:greeting") as router:
        caller.dial("100")
        await hears(caller, TOLD)
        await asyncio.sleep(3.5)  # the greeting, the tone, and something is said
        if key:
            caller.press(key)
        else:
            caller.hang_up()
        await is_hung_up_on(caller)
        message = await router.contact(channel="voicemail", state="queued")
        assert (message.address, message.queue) == (NUMBER, "sales")
        assert message.attributes["call"] == router.events(e.Overflowed)[0].contact
        recorded = hearing.read(router.left_behind(message))
        assert hearing.hears(recorded, CALLER, for_seconds=1)
        await router.until(lambda: not server.channels(), "the line is free")
        await asyncio.sleep(0.2)
        assert [contact.channel for contact in router.contacts] == ["voicemail"]


async def test_a_message_that_is_left_while_the_router_is_away_becomes_a_contact(server, caller):
    queue = when_nobody_is_there(ToVoicemail(box="box"))
    async with Router(server, queue=queue, voicemail_greeting="file:greeting") as router:
        caller.dial("100")
        await hears(caller, TOLD)
        await asyncio.sleep(3.5)
        await router.stop()
        caller.hang_up()
        await is_hung_up_on(caller)
        await router.start()
        message = await router.contact(channel="voicemail", state="queued")
        assert (message.address, message.queue) == (NUMBER, "sales")
        assert hearing.hears(hearing.read(router.left_behind(message)), CALLER, for_seconds=1)


async def test_who_says_nothing_leaves_no_message(server, caller):
    queue = when_nobody_is_there(ToVoicemail(box="box"))
    async with Router(server, queue=queue, voicemail_greeting="file:greeting") as router:
        caller.dial("100")
        await hears(caller, TOLD)
        caller.hang_up()
        await is_hung_up_on(caller)
        await nothing_is_left(router, server)
        assert [contact.channel for contact in router.contacts] == []
        assert [type(event) for event in router.said].count(e.ContactArrived) == 1
