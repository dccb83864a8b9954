"""Channels that are none of ours, and customers whom somebody leads elsewhere past the router."""

from __future__ import annotations

import pytest

from cti_adapters.asterisk.ami.codec import Message
from router.core import events as e
from router.core.events import ContactEvent
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time

NEW = {"Channel": "Local/5@agents-00000001;1", "Uniqueid": "99.1", "Linkedid": "99.1"}


def event(name: str, **headers: str) -> Message:
    return Message((("Event", name), *headers.items()))


def begins(**headers: str) -> Message:
    return event("AsyncAGIStart", **(NEW | {"Context": "patchbay", "Exten": "100"} | headers))


def hung_up(centre: Centre) -> list[str]:
    (manager,) = centre.asterisk.managers
    asked = [dict(headers) for name, headers in manager.asked if name == "Hangup"]
    return [headers["Channel"] for headers in asked]


@in_virtual_time
async def test_whom_a_telephone_passes_our_call_on_to_is_no_caller():
    async with Centre(entry_point="line") as centre:
        centre.asterisk.say(begins(Exten="leg"))
        await centre.rest()
        assert hung_up(centre) == [NEW["Channel"]]
        assert centre.said == []


@in_virtual_time
async def test_a_call_that_could_not_be_made_is_no_caller_and_does_not_wait_for_us():
    async with Centre(entry_point="line") as centre:
        centre.asterisk.say(begins(Channel="OutgoingSpoolFailed", Exten="failed"))
        await centre.rest()
        assert hung_up(centre) == ["OutgoingSpoolFailed"]
        assert centre.said == []


@pytest.mark.parametrize("known", [True, False], ids=["of a leg", "of no leg any more"])
@in_virtual_time
async def test_the_other_half_of_a_local_channel_is_the_dialplans(known):
    async with Centre() as centre:
        await centre.ready("ann")
        await centre.call()
        leg = next(one.unique for one in centre.asterisk.channels.values() if one.party == "ann")
        unique = leg if known else "pb:1:ann:main:gone"
        half = {"Channel": "Local/ann@desk-00000001;2", "Uniqueid": f"{unique};2"}
        centre.asterisk.say(event("Newchannel", **half), begins(**half), event("Hangup", **half))
        await centre.rest()
        assert hung_up(centre) == []
        assert centre.asterisk.rings("ann")


@pytest.mark.parametrize("kind", ["BlindTransfer", "AttendedTransfer"])
@in_virtual_time
async def test_a_customer_who_is_transferred_by_a_telephones_own_key_is_let_go(kind):
    async with Centre() as centre:
        customer = await centre.talking()
        customer.context = "elsewhere"  # where it goes on
        centre.asterisk.say(event(kind, TransfereeUniqueid=customer.unique, Result="Success"))
        await centre.rest()
        assert ended(centre) == ["system"]
        assert customer.name not in hung_up(centre)
        assert not centre.agent("ann").slots


@in_virtual_time
async def test_a_customer_whom_another_program_leads_away_is_let_go():
    async with Centre() as centre:
        customer = await centre.call()
        centre.asterisk.say(
            event(
                "AsyncAGIEnd", Channel=customer.name, Uniqueid=customer.unique, Context="elsewhere"
            )
        )
        await centre.rest()
        assert centre.names([e.Abandoned]) == ["Abandoned"]
        assert hung_up(centre) == []
        assert len(centre.pbx) == 0


@in_virtual_time
async def test_whom_another_program_leads_away_did_not_lose_their_agent():
    """Asterisk hangs up on the agent who is left alone, and says so before the customer is out."""
    async with Centre() as centre:
        customer = await centre.talking()
        agent = next(one for one in centre.asterisk.channels.values() if one.party == "ann")
        theirs = {"Channel": customer.name, "Uniqueid": customer.unique, "Context": "elsewhere"}
        centre.asterisk.say(
            event("BridgeLeave", **theirs, BridgeUniqueid="b"),
            event("Hangup", Channel=agent.name, Uniqueid=agent.unique, Cause="16"),
            event("AsyncAGIExec", **theirs),
            event("AsyncAGIEnd", **theirs),
        )
        await centre.rest()
        assert ended(centre) == ["system"]
        assert customer.name not in hung_up(centre)


@in_virtual_time
async def test_a_transfer_of_somebody_else_is_none_of_our_business():
    async with Centre() as centre:
        await centre.talking()
        before: list[ContactEvent] = list(centre.said)
        centre.asterisk.say(
            event("BlindTransfer", TransfereeUniqueid="77.7"),
            event("BlindTransfer"),
            event("AsyncAGIEnd", **NEW),
        )
        await centre.rest()
        assert centre.said == before


def ended(centre: Centre) -> list[str]:
    return [event.ended_by for event in centre.said if isinstance(event, e.ContactEnded)]
