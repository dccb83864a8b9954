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
from router.ports import Accepted, Overloaded

ALLOWED, ABROAD = "+442079460018", "+33142685300"


class Sink:
    """A router that takes each id once, and everything but contacts of the name ``gone``."""

    def __init__(self):
        self.commands = []
        self.busy = False

    async def submit(self, command):
        if self.busy:
            raise Overloaded("Too many commands are waiting already.")
        if getattr(command, "contact", "").endswith(":gone"):
            return Rejected(code="unknown", reason="There is no such contact.")
        again = command.id in [one.id for one in self.commands]
        self.commands.append(command)
        return Accepted(position=1, events=() if again else (command,))


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


async def test_what_the_router_refuses_counts_for_nothing():
    guard, _, _ = guarded(per_agent=1)
    for ident in ("a", "a", "b", "c"):
        refused = await guard.submit(transfer(ALLOWED, contact="main:gone", ident=ident))
        assert refused.code == "unknown"
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="d")), Accepted)


async def test_a_number_that_may_not_be_dialled_counts_for_nothing():
    guard, _, _ = guarded(per_agent=1)
    assert isinstance(await guard.submit(transfer(ABROAD, ident="a")), Rejected)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="b")), Accepted)


async def test_what_a_busy_router_does_not_take_counts_for_nothing():
    guard, sink, _ = guarded(per_agent=1)
    sink.busy = True
    with pytest.raises(Overloaded):
        await guard.submit(transfer(ALLOWED))
    sink.busy = False
    assert isinstance(await guard.submit(transfer(ALLOWED)), Accepted)


async def test_a_transfer_that_is_asked_for_again_counts_once():
    guard, _, _ = guarded(per_agent=2)
    for _ in range(4):
        assert isinstance(await guard.submit(transfer(ALLOWED, ident="same")), Accepted)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="b")), Accepted)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="c")), Rejected)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="same")), Accepted), "as it was"


async def test_one_that_was_decided_before_a_restart_counts_for_nothing_when_it_is_asked_again():
    guard, sink, _ = guarded(per_agent=1)
    sink.commands.append(transfer(ALLOWED, ident="before"))
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="before")), Accepted)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="new")), Accepted)


async def test_without_an_id_every_transfer_is_another():
    guard, _, _ = guarded(per_agent=1)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="")), Accepted)
    assert isinstance(await guard.submit(transfer(ALLOWED, ident="")), Rejected)


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


def turn(end, contact="main:1.1", ident="f", flow="main"):
    node = f"{flow}/1/out"
    return AdvanceFlow(
        id=ident, by="flow", contact=contact, turn=2, node=node, session=b"", leads_to=end
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


async def test_a_flow_that_transfers_too_often_is_refused_and_the_next_one_is_not():
    guard, _, clock = guarded(per_flow=2, per=HOUR)
    out = OutTo(address=ALLOWED)
    for ident in ("a", "b", "b"):
        assert isinstance(await guard.submit(turn(out, ident=ident)), Accepted)
    refused = await guard.submit(turn(out, contact="main:1.2", ident="c"))
    assert isinstance(refused, Rejected)
    assert refused.code == "not_allowed", "so the caller goes to the flow's safe queue"
    assert refused.reason.startswith("This flow has dialled too often")
    assert isinstance(await guard.submit(turn(out, ident="d", flow="other")), Accepted)
    assert isinstance(await guard.submit(transfer(ALLOWED)), Accepted), "an agent's own"
    assert isinstance(await guard.submit(turn(None, ident="e")), Accepted)
    clock.advance(HOUR // 2)
    assert isinstance(await guard.submit(turn(out, ident="c")), Accepted)


async def test_a_transfer_of_a_flow_that_the_router_refuses_counts_for_nothing():
    guard, sink, _ = guarded(per_flow=1)
    out = OutTo(address=ALLOWED)
    assert isinstance(await guard.submit(turn(out, contact="main:gone")), Rejected)
    sink.busy = True
    with pytest.raises(Overloaded):
        await guard.submit(turn(out))
    sink.busy = False
    assert isinstance(await guard.submit(turn(out)), Accepted)
