"""The cases of Asterisk's own test suite that are about agents: see ``test_app_queue_cases.py``."""

from __future__ import annotations

from router.core import commands as c
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time
from tests.integration.asterisk.app_queue import publish, refusal, rung


@in_virtual_time
async def test_reason_pause_ami():
    async with Centre() as centre:
        await centre.ready("ann")
        await centre.act(c.SetNotReady, agent="ann", reason="lunch")
        assert (centre.agent("ann").state, centre.agent("ann").reason) == ("not_ready", "lunch")


@in_virtual_time
async def test_reload_queue_members():
    async with Centre() as centre:
        await centre.ready("ann", "ben")
        await publish(centre, names=("ben", "dot"))
        assert list(centre.replica.state.catalog.agents) == ["ben", "dot"]
        await centre.call()
        assert rung(centre) == ["ben"]
        assert await refusal(centre, c.SignIn, agent="ann") == "unknown_agent"


@in_virtual_time
async def test_agent_login_and_acknowledgement():
    """tests/apps/agents: login, already logged in, invalid, acknowledged or not, device states."""
    async with Centre() as centre:
        assert await refusal(centre, c.SignIn, agent="zoe") == "unknown_agent"
        await centre.ready("ann")
        position = centre.replica.position
        await centre.act(c.SignIn, agent="ann")
        assert centre.replica.position == position
        caller = await centre.call()
        assert centre.contact.state == "offered"
        await centre.answer("ann")
        assert caller.talks_with == ["ann"]
        assert centre.agent("ann").unreachable == {}
        await centre.hang_up("ann")
        await centre.call()
        await centre.passes(20)
        assert (centre.agent("ann").state, centre.agent("ann").reason) == (
            "not_ready",
            "missed_offer",
        )
        told = [event for event in centre.asterisk.told if event.get("Device") == "PJSIP/ann"]
        assert [event.get("State") for event in told] == [
            "RINGING",
            "INUSE",
            "NOT_INUSE",
            "RINGING",
            "NOT_INUSE",
        ]
