"""Calls at a branch, with nothing but a real Mosquitto between it and the centre."""

from __future__ import annotations

import asyncio
import json

import pytest

from router.branch.messages import Commanded, Hello, Item, up_topic, write
from router.core import commands as c
from router.core import events as e
from router.core.durations import SECOND
from router.core.model import ContactState
from router.ports import FlowPrompt, PromptButton, PromptLine
from tests.asterisk.scripted_flow import ScriptedFlow
from tests.branch.world import BRANCH, world
from tests.mqtt.centre import Peer, comes
from tests.mqtt.server import Mosquitto, require_mosquitto

MENU = FlowPrompt(
    turn=0,
    kind="choice",
    say=(PromptLine(text="One or four?"),),
    buttons=(PromptButton(key="1", text="One"), PromptButton(key="4", text="Four")),
    within=60 * SECOND,
)


@pytest.fixture
def broker():
    require_mosquitto()
    with Mosquitto() as mosquitto:
        yield mosquitto


async def over(centre, branch):
    """Everything has come to its end, and nobody has complained."""
    await comes(lambda: not centre.contacts and not branch.asterisk.channels)
    await comes(lambda: not branch.process.site.waiting)
    assert branch.asterisk.complaints == []


async def test_a_call_at_a_branch_reaches_an_agent_at_the_centre(broker, tmp_path):
    async with world(broker.port, tmp_path, ("ann",)) as (centre, branch):
        await branch.working()
        await centre.ready("ann")
        caller = branch.asterisk.call()
        await comes(lambda: branch.asterisk.rings("ann"))
        branch.asterisk.answer("ann")
        await comes(lambda: centre.with_state(ContactState.CONNECTED))
        (contact,) = centre.contacts
        assert contact.id.startswith("lee:")
        assert contact.address == "+442079460001"
        await comes(lambda: caller.bridge is not None)
        branch.asterisk.hang_up(caller)
        await over(centre, branch)


async def test_a_flow_of_the_centre_asks_a_caller_at_a_branch(broker, tmp_path):
    flow = ScriptedFlow(MENU)
    async with world(broker.port, tmp_path, ("ann",), flow) as (centre, branch):
        await branch.working()
        caller = branch.asterisk.call()
        await comes(lambda: centre.contacts)
        (contact,) = centre.contacts
        await comes(lambda: branch.process.site.prompt(contact.id))
        branch.asterisk.press(caller, "4")
        await comes(lambda: centre.with_state(ContactState.QUEUED))
        assert flow.answers == ["4"]
        branch.asterisk.hang_up(caller)
        await over(centre, branch)


async def test_without_a_broker_calls_stay_and_what_happened_is_told_later(broker, tmp_path):
    async with world(broker.port, tmp_path, ("ann", "ben")) as (centre, branch):
        await branch.working()
        await centre.ready("ann")
        talking = branch.asterisk.call()
        await comes(lambda: branch.asterisk.rings("ann"))
        branch.asterisk.answer("ann")
        await comes(lambda: talking.bridge is not None)
        await asyncio.to_thread(broker.kill)
        await comes(lambda: not branch.process.site.connected)
        await comes(lambda: branch.kept)
        waits, gone = branch.asterisk.call(), branch.asterisk.call()
        await comes(lambda: branch.process.site.waiting == 2)
        branch.asterisk.hang_up(gone)
        await branch.die()
        await branch.start()
        await comes(lambda: branch.process.channel is not None)
        await comes(lambda: branch.process.health().startswith("2 calls"))
        assert talking.bridge is not None
        assert waits.unique in branch.asterisk.channels
        await asyncio.to_thread(broker.start)
        await comes(lambda: centre.with_state(ContactState.QUEUED))
        await centre.ready("ben")
        await comes(lambda: branch.asterisk.rings("ben"))
        branch.asterisk.answer("ben")
        await comes(lambda: waits.bridge is not None)
        for caller in (talking, waits):
            branch.asterisk.hang_up(caller)
        await over(centre, branch)
        arrived = [one for one in centre.events() if isinstance(one, e.ContactArrived)]
        assert sorted(one.contact for one in arrived) == sorted(
            f"lee:{one.unique}" for one in (talking, waits, gone)
        )


async def test_a_centre_that_begins_again_goes_on_with_the_branch(broker, tmp_path):
    async with world(broker.port, tmp_path, ("ann",)) as (centre, branch):
        await branch.working()
        caller = branch.asterisk.call()
        await comes(lambda: centre.with_state(ContactState.QUEUED))
        await centre.restart()
        await centre.ready("ann")
        await comes(lambda: branch.asterisk.rings("ann"))
        branch.asterisk.answer("ann")
        await comes(lambda: caller.bridge is not None)
        branch.asterisk.hang_up(caller)
        await over(centre, branch)


async def test_a_telephone_that_is_gone_at_the_branch_is_out_of_reach_at_the_centre(
    broker, tmp_path
):
    async with world(broker.port, tmp_path, ("ann",)) as (centre, branch):
        await branch.working()
        await centre.ready("ann")
        agent = centre.replica.state.agents["ann"]
        branch.asterisk.register("ann", here=False)
        await comes(lambda: agent.unreachable)
        branch.asterisk.register("ann")
        await comes(lambda: not agent.unreachable)
        branch.asterisk.register("ann", here=False)
        await comes(lambda: agent.unreachable)
        await branch.stop()
        await comes(lambda: centre.branches.away() == [BRANCH])
        assert agent.unreachable  # nothing new is known
        assert BRANCH in centre.branches.problems()[0]


async def test_a_hostile_branch_reaches_no_other_calls(broker, tmp_path):
    async with world(broker.port, tmp_path, ("ann",)) as (centre, branch):
        await branch.working()
        await branch.stop()
        await centre.do(c.Arrive(id="york:1/arrive", contact="york:1", channel="voice"))
        peer = await Peer("evil", broker.port).begin(f"patchbay/main/branches/{BRANCH}/down")
        try:
            topic = up_topic("main", BRANCH)

            def say(payload):
                peer.client.publish(topic, payload, qos=1)

            session = centre.clock.now() + 1
            say(b"\xff" * 100)
            say(b"[" * 60_000)
            say(b"x" * 200_000)
            say(json.dumps({"type": "hello", "session": -1}))
            say(write(Hello(session=session, position=0, at=0, floor=1)))
            foreign = c.Abandon(id="lee:1/left/1", contact="york:1")
            others = c.Abandon(id="york:1/left/1", contact="york:1")
            for number, command in enumerate((foreign, others), start=1):
                item = Item(session=session, number=number, request=Commanded(command=command))
                say(write(item))
            unreadable = {"type": "item", "session": session, "number": 3, "request": {"type": "?"}}
            say(json.dumps(unreadable))

            def codes():
                said = [json.loads(one.payload) for one in list(peer.heard)]
                return {one["number"]: one["code"] for one in said if one["type"] == "answer"}

            await comes(lambda: len(codes()) == 3)
            assert codes() == {1: "unauthorised", 2: "unauthorised", 3: "malformed"}
            assert centre.replica.state.contacts["york:1"].state is ContactState.ARRIVING
            stranger = up_topic("main", "york")
            peer.client.subscribe("patchbay/main/branches/york/down", 1)
            peer.client.publish(stranger, write(Hello(session=1, position=0, at=0, floor=1)), qos=1)
            await comes(lambda: any(b'"unfit"' in one.payload for one in list(peer.heard)))
        finally:
            peer.end()
