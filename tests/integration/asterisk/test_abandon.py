"""The caller hangs up, at every step: nothing is left, and the call ends exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import get_args

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import Announcement, OverflowRule, ToCallback, ToMessage, ToVoicemail
from router.core.durations import SECOND
from tests.asterisk.baresip import Phone
from tests.asterisk.server import MUSIC, AsteriskServer
from tests.integration.asterisk.conftest import CALLER
from tests.integration.asterisk.people import (
    call,
    hears,
    is_hung_up_on,
    is_idle,
    nothing_is_left,
    rings,
)
from tests.integration.asterisk.router import Router

TOLD = 1_800  # hertz


@pytest.fixture(scope="module", autouse=True)
def told(server: AsteriskServer) -> None:
    server.sound("told", TOLD, 10)


@dataclass
class Centre:
    router: Router
    caller: Phone
    ann: Phone
    ben: Phone


Step = Callable[[Centre], Awaitable[object]]


async def before_anybody_could_answer(centre: Centre) -> None:
    centre.caller.dial("100")


async def at_the_door(centre: Centre) -> None:
    centre.caller.dial("100")
    await centre.router.until(lambda: centre.router.said, "it has arrived")


async def while_waiting(centre: Centre) -> None:
    centre.caller.dial("100")
    await hears(centre.caller, MUSIC)


async def while_it_rings(centre: Centre) -> None:
    await centre.router.ready("ann")
    centre.caller.dial("100")
    await rings(centre.ann)


async def when_the_agent_is_about_to_answer(centre: Centre) -> None:
    await while_it_rings(centre)
    centre.ann.accept()


async def when_the_desk_has_accepted(centre: Centre) -> None:
    await while_it_rings(centre)
    await centre.router.act(c.Accept, offer=centre.router.events(e.Offered)[0].offer)


async def while_they_talk(centre: Centre) -> None:
    await centre.router.ready("ann")
    await call(centre.router, centre.caller, centre.ann)


async def just_when_put_on_hold(centre: Centre) -> None:
    await while_they_talk(centre)
    await centre.router.act(c.Hold, contact=centre.router.contacts[0].id)


async def on_hold(centre: Centre) -> None:
    await just_when_put_on_hold(centre)
    await hears(centre.caller, MUSIC)


async def while_a_colleague_is_asked_for(centre: Centre) -> None:
    await while_they_talk(centre)
    await centre.router.ready("ben")
    held = centre.router.contacts[0].id
    await centre.router.act(c.Consult, contact=held, consult="asked", agent="ben")
    await rings(centre.ben)


async def during_a_consultation(centre: Centre) -> None:
    await while_a_colleague_is_asked_for(centre)
    centre.ben.accept()
    await hears(centre.ben, centre.ann.frequency)


async def during_a_conference(centre: Centre) -> None:
    await during_a_consultation(centre)
    await centre.router.act(c.Conference, contact=centre.router.contacts[0].id)
    await hears(centre.ben, CALLER)


async def during_an_announcement(centre: Centre) -> None:
    centre.caller.dial("100")
    await hears(centre.caller, TOLD)


COMFORT = {"announcements": (Announcement(text="file:told", after=SECOND),)}
QUEUES: dict[Step, dict[str, object]] = {during_an_announcement: COMFORT}
STEPS: list[Step] = [
    before_anybody_could_answer,
    at_the_door,
    while_waiting,
    while_it_rings,
    when_the_agent_is_about_to_answer,
    when_the_desk_has_accepted,
    while_they_talk,
    just_when_put_on_hold,
    on_hold,
    while_a_colleague_is_asked_for,
    during_a_consultation,
    during_a_conference,
    during_an_announcement,
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
async def test_a_caller_may_hang_up(server, ann, ben, caller, step):
    async with Router(server, queue=QUEUES.get(step, {})) as router:
        await step(Centre(router, caller, ann, ben))
        caller.hang_up()
        await is_hung_up_on(caller)
        await asyncio.sleep(0.2)  # what came and went at once is heard of, too
        await nothing_is_left(router, server)
        await is_idle(ann)
        await is_idle(ben)
        assert terminals(router) == (1 if router.said else 0)


@pytest.mark.parametrize(
    "to",
    [ToMessage(text="file:told"), ToVoicemail(box="box"), ToCallback()],
    ids=["a message", "a voicemail's greeting", "the promise of a callback"],
)
async def test_a_caller_may_hang_up_while_being_told(server, caller, to):
    full = OverflowRule(when="unstaffed", to=to)
    told = {"voicemail_greeting": "file:told", "callback_promised": "file:told"}
    async with Router(server, queue={"overflow": (full,)}, **told) as router:
        caller.dial("100")
        await hears(caller, TOLD)
        caller.hang_up()
        await is_hung_up_on(caller)
        await router.until(lambda: not server.channels(), "no channel left")
        await asyncio.sleep(0.2)
        promised = isinstance(to, ToCallback)
        assert len(router.channel.pbxs[0]) == promised  # whoever is called back is a call to come
        assert terminals(router) == (0 if promised else 1)
        assert [contact.state for contact in router.contacts] == ["callback_promised"] * promised


def terminals(router: Router) -> int:
    """Events that end a contact, consultations aside."""
    return sum(
        isinstance(event, get_args(e.Terminal)) and event.contact != "asked"
        for event in router.said
    )
