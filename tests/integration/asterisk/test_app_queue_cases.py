"""The cases of Asterisk's own test suite for its queues and agents, as Patchbay has them.

Each test bears the name of its case (tests/apps/queues, tests/apps/agents). Telephones and Asterisk
are in memory and time is virtual, so that a wrap-up of 20 s is exactly that; the cases that are
about agents are in ``test_app_queue_agents.py``, and those about what
telephones do to calls in ``test_app_queue_calls.py``, with a real Asterisk.

What of a case does not apply:

====================================  ==========================================================
position_priority_maxlen: a position  Nobody takes a place in a queue; a head start in seconds
                                      takes the part of the priority.
ringinuse_and_pause: ringinuse=yes    A telephone that is in use is never rung.
wrapup_time: per queue                Who writes up a call writes it up, in whichever queue: all
                                      queues behave as with shared_lastcall.
set_penalty: penalties                Skills, which may be lent for a while, decide who is rung.
queue_transfer_callee (F option)      An agent's leg has no life in the dialplan after the call.
gosub_test (skipped there, too)       What happens on an answer follows the router's events.
agents: AgentRequest, AgentLogin      An agent is no channel that waits in the dialplan; signing
                                      in, acknowledging and states are tested here all the same.
cdr/app_queue, accountcode/queue_*    The journal is the record; Asterisk's own stay as they are.
====================================  ==========================================================
"""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import OverflowRule, ToMessage
from router.core.durations import SECOND
from router.core.model import AgentState
from router.core.requirements import SkillAtLeast, Step
from tests.asterisk.centre import Centre
from tests.asterisk.fake_channel import Channel
from tests.asterisk.virtual_time import in_virtual_time
from tests.integration.asterisk.app_queue import handled_by, publish, rung, writes_on

FULL = OverflowRule(when="length", at=11, to=ToMessage(text="All lines are busy."))
PATIENCE = OverflowRule(when="wait", at=40 * SECOND, to=ToMessage(text="Please call again."))
VIP = {"steps": (Step(condition=SkillAtLeast(skill="vip", level=5)),)}


@in_virtual_time
async def test_queue_baseline():
    async with Centre() as centre:
        caller = await centre.talking("ann")
        await centre.hang_up(caller)
        steps = (e.Enqueued, e.Offered, e.OfferAccepted, e.ContactEnded, e.Completed)
        assert centre.names(steps) == [step.__name__ for step in steps]
        centre.quiet()


@in_virtual_time
async def test_position_priority_maxlen():
    priorities = {"a": 0, "b": 0, "c": 1, "d": 1, "e": 2, "f": 0, "g": 0, "h": 0, "i": 8, "j": 1}
    async with Centre({"overflow": (FULL,)}) as centre:
        callers: dict[str, Channel] = {}
        for name, priority in (priorities | {"k": 1}).items():
            callers[name] = await centre.call(caller=name)
            await centre.passes(1)
            contact = centre.contacts[-1].id
            await centre.act(c.Reprioritise, contact=contact, boost=priority * 1_000 * SECOND)
        twelfth = await centre.call(caller="l")
        await centre.passes(5)
        assert twelfth.unique not in centre.asterisk.channels
        assert [event.cause for event in centre.said if isinstance(event, e.Overflowed)] == [
            "length"
        ]
        order = []
        await centre.ready("ann")
        while centre.contacts:
            await centre.answer("ann")
            talking = next(contact for contact in centre.contacts if contact.agent == "ann")
            order.append(talking.attributes["name"])
            await centre.hang_up(callers[order[-1]])
        assert order == ["i", "e", "c", "d", "j", "k", "a", "b", "f", "g", "h"]


@in_virtual_time
async def test_queue_no_answer():
    async with Centre({"overflow": (PATIENCE,)}) as centre:
        await centre.ready("ann", "ben")
        await centre.call()
        await centre.passes(60)
        assert rung(centre) == ["ann", "ben"]
        outcome = (e.OfferTimedOut, e.Overflowed, e.Abandoned, e.Completed)
        assert centre.names(outcome) == ["OfferTimedOut", "OfferTimedOut", "Overflowed"]
        assert {centre.agent(name).reason for name in ("ann", "ben")} == {"missed_offer"}
        centre.quiet()


@in_virtual_time
async def test_queue_all_paused_no_answer():
    async with Centre({"overflow": (PATIENCE,)}) as centre:
        await centre.ready("ann", "ben")
        for agent in ("ann", "ben"):
            await centre.act(c.SetNotReady, agent=agent, reason="lunch")
        await centre.call()
        await centre.passes(60)
        assert rung(centre) == []
        assert centre.asked("Originate") == []
        assert centre.names([e.Overflowed]) == ["Overflowed"]
        centre.quiet()


@in_virtual_time
async def test_queue_one_paused_no_answer():
    async with Centre({"overflow": (PATIENCE,)}) as centre:
        await centre.ready("ann", "ben")
        await centre.act(c.SetNotReady, agent="ann", reason="lunch")
        await centre.call()
        await centre.passes(60)
        assert rung(centre) == ["ben"]
        centre.quiet()


@in_virtual_time
async def test_queue_penalty_outside_range():
    async with Centre(VIP | {"overflow": (PATIENCE,)}) as centre:
        await publish(centre, ann=4, ben=5)
        await centre.ready("ann", "ben")
        await centre.call()
        await centre.passes(60)
        assert rung(centre) == ["ben"]


@in_virtual_time
async def test_ringinuse_and_pause():
    async with Centre() as centre:
        await centre.ready("ann", "ben", "chi")
        await centre.act(c.SetNotReady, agent="chi", reason="lunch")
        centre.asterisk.private_call("ann")
        await centre.rest()
        await centre.talking("ben")
        await centre.call()
        await centre.passes(30)
        assert rung(centre) == ["ben"]
        assert centre.agent("ann").state is AgentState.READY
        centre.asterisk.private_call("ann", over=True)
        await centre.rest()
        assert rung(centre) == ["ben", "ann"]


@pytest.mark.parametrize("lines", [("line", "line", "line"), ("line", "shop", "line")])
@in_virtual_time
async def test_wrapup_time(lines):
    async with Centre() as centre:
        await publish(centre, wrap_up=20 * SECOND)
        await centre.ready("ann", "ben")
        assert [await handled_by(centre, line) for line in lines] == ["ann", "ben", ""]
        await centre.passes(20)
        assert await handled_by(centre) == "ann"


@in_virtual_time
async def test_wrapup_time_per_member():
    async with Centre() as centre:
        await publish(centre, wrap_up=10 * SECOND)
        await centre.ready("ann", "ben")
        handled = [await handled_by(centre), await handled_by(centre)]
        await writes_on(centre, "ann")
        await centre.passes(11)
        handled.append(await handled_by(centre))
        await centre.passes(10)
        handled += [await handled_by(centre), await handled_by(centre), await handled_by(centre)]
        assert handled == ["ann", "ben", "ben", "ann", "ben", ""]


@pytest.mark.parametrize("skills", [("vip",), ("vip", "tax")], ids=["one queue", "all queues"])
@in_virtual_time
async def test_set_penalty(skills):
    async with Centre(VIP) as centre:
        await publish(centre, ann=4)
        await centre.ready("ann")
        await centre.call()
        assert rung(centre) == []
        before = centre.replica.position
        await centre.act(c.LendSkills, agent="ann", skills=dict.fromkeys(skills, 9))
        entries = [entry async for entry in centre.journal.read(after=before)]
        changed = [event for entry in entries for event in entry.events]
        assert [type(event).__name__ for event in changed[:2]] == ["SkillsLent", "Offered"]
        assert dict(changed[0].traits.skills) == {"vip": 4} | dict.fromkeys(skills, 9)
