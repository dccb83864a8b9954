from cti_adapters.asterisk.guarded import GuardedSink
from cti_adapters.asterisk.settings import OutboundRules, PbxSettings
from router.clock import ManualClock
from router.core.commands import PromiseCallback, SetReady, TransferOut
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
