import pytest

from cti_adapters.asterisk.guarded import GuardedSink
from cti_adapters.asterisk.settings import OutboundRules, PbxSettings
from router.clock import ManualClock
from router.core.commands import (
    AdvanceFlow,
    IntoQueue,
    IntoVoicemail,
    OutTo,
    PromiseCallback,
    SaidGoodbye,
    SetReady,
    TransferOut,
)
from router.core.durations import HOUR
from router.core.events import Rejected
from router.ports import Accepted

ALLOWED, ABROAD = "+442079460018", "+33142685300"


class Sink:
    def __init__(self):
        self.commands = []

    async def submit(self, command):
        self.commands.append(command)
        return Accepted(position=1)


def guarded(**changes):
    rules = OutboundRules(allow=("+44",), **changes)
    pbx = PbxSettings(id="main", trunk="PJSIP/{number}@trunk", outbound=rules)
    sink, clock = Sink(), ManualClock(0)
    return GuardedSink(sink, (pbx, PbxSettings(id="closed")), clock), sink, clock


def transfer(number, contact="main:1.1", ident="t"):
    return TransferOut(id=ident, by="ann", contact=contact, address=number)


async def test_a_transfer_that_may_not_be_dialled_is_refused_before_it_is_decided():
    guard, sink, _ = guarded()
    assert isinstance(await guard.submit(transfer(ABROAD)), Rejected)
    assert isinstance(await guard.submit(transfer(ALLOWED, contact="closed:1.1")), Rejected)
    assert sink.commands == []
    assert isinstance(await guard.submit(transfer(ALLOWED)), Accepted)


async def test_who_transfers_too_often_is_refused_and_the_customer_stays():
    guard, sink, clock = guarded(per_agent=1, per=HOUR)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="a")), Accepted)
    refused = await guard.submit(transfer(ALLOWED, ident="b"))
    assert isinstance(refused, Rejected)
    assert "too often" in refused.reason
    assert len(sink.commands) == 1
    clock.advance(HOUR)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="c")), Accepted)


async def test_a_callback_is_promised_to_numbers_alone_that_may_be_dialled():
    guard, sink, _ = guarded()
    promise = PromiseCallback(id="p", contact="main:1.1", address=ABROAD)
    assert isinstance(await guard.submit(promise), Rejected)
    assert sink.commands == []


async def test_what_is_of_no_telephone_system_is_not_judged_here():
    guard, sink, _ = guarded()
    await guard.submit(transfer(ABROAD, contact="chat-1"))
    await guard.submit(SetReady(id="r", agent="ann"))
    assert len(sink.commands) == 2


def turn(end, contact="main:1.1"):
    return AdvanceFlow(
        id="f", by="flow", contact=contact, turn=2, node="n", session=b"", leads_to=end
    )


@pytest.mark.parametrize(
    "end",
    [OutTo(address=ABROAD), OutTo(address="112"), IntoQueue(queue="q", call_back=ABROAD)],
    ids=str,
)
async def test_a_flow_may_dial_what_a_person_may(end):
    guard, sink, _ = guarded()
    refused = await guard.submit(turn(end))
    assert isinstance(refused, Rejected)
    assert refused.code == "not_allowed"
    assert sink.commands == []


@pytest.mark.parametrize(
    "end", [OutTo(address=ALLOWED), IntoQueue(queue="q", call_back=ALLOWED)], ids=str
)
async def test_a_flow_dials_nothing_where_there_is_no_trunk(end):
    guard, sink, _ = guarded()
    assert isinstance(await guard.submit(turn(end, contact="closed:1.1")), Rejected)
    assert isinstance(await guard.submit(turn(end)), Accepted)
    assert len(sink.commands) == 1


@pytest.mark.parametrize(
    "end", [None, IntoQueue(queue="q"), IntoVoicemail(box="b"), SaidGoodbye()], ids=str
)
async def test_a_turn_of_a_flow_that_dials_nothing_is_not_judged(end):
    guard, _, _ = guarded()
    assert isinstance(await guard.submit(turn(end, contact="closed:1.1")), Accepted)
