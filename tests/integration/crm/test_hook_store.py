"""What every store of the webhook channel promises (``cti_adapters.webhook.ports``)."""

import pytest
from msgspec.structs import replace

from cti_adapters.webhook.events import Event, Kind
from cti_adapters.webhook.memory import MemoryHookStore
from cti_adapters.webhook.ports import Conversation, Incoming, Outgoing, Sending
from server.hook_store import SqlHookStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def store(kind, request):
    if kind == "memory":
        return MemoryHookStore()
    return SqlHookStore(request.getfixturevalue("database"))


def came(number, conversation="c1", *, due=0, at=0, sequence=0):
    event = Event(kind=Kind.MESSAGE, id=f"e{number}", text="Hello", at=at, sequence=sequence)
    return Incoming(
        id=f"{number:032x}", hook="sms", conversation=conversation, at=number, due=due, event=event
    )


def ours(number, conversation="c1", **given):
    known = {
        "id": f"{number:032x}",
        "hook": "sms",
        "conversation": conversation,
        "contact": "k",
        "message": f"m{number}",
        "text": "Hi",
        "author": "agent",
        "name": "Ann",
        "at": number,
    }
    return Outgoing(**(known | given))


async def test_an_event_is_kept_once_and_stays_as_it_was(store):
    assert await store.keep([came(1), came(2)]) == 2
    assert await store.keep([replace(came(1), reason="again"), came(3)]) == 1
    assert await store.of_conversation("c1", 9, 9) == [came(1), came(2), came(3)]


async def test_nothing_is_ready_before_it_is_due_or_once_it_is_done(store):
    await store.keep([came(1, "late", due=50), came(2, "b"), came(3, "a"), came(4, "b")])
    assert await store.ready("sms", 10, 9) == ["b", "a"]
    assert await store.ready("sms", 10, 1) == ["b"]
    for number in (2, 4):
        await store.settle(replace(came(number, "b"), done=True), None)
    assert await store.ready("sms", 50, 9) == ["late", "a"]
    await store.settle(replace(came(3, "a"), done=True), None)
    assert await store.next_due("sms") == 50


async def test_each_hook_is_ready_and_counted_by_itself(store):
    other = replace(came(3, "o", due=7), hook="other")
    await store.keep([came(1, "a"), came(2, "b"), other])
    assert await store.ready("sms", 10, 9) == ["a", "b"]
    assert await store.ready("other", 10, 9) == ["o"]
    assert await store.next_due("other") == 7
    assert await store.next_due("third") is None
    assert await store.waiting() == {"sms": 2, "other": 1}
    await store.settle(replace(other, done=True), None)
    assert await store.waiting() == {"sms": 2}


async def test_events_of_a_conversation_come_as_the_service_orders_them(store):
    await store.keep([came(1, at=30), came(2, at=10), came(3, at=20)])
    assert [one.id[-1] for one in await store.of_conversation("c1", 9, 9)] == ["2", "3", "1"]
    await store.keep([came(4, "c2", sequence=2), came(5, "c2", sequence=1)])
    assert [one.id[-1] for one in await store.of_conversation("c2", 9, 9)] == ["5", "4"]


async def test_who_answered_stays_when_the_conversation_is_written(store):
    known = Conversation(key="c1", hook="sms", name="n", address="a", contact="k1")
    await store.keep([came(1)])
    await store.settle(came(1), known)
    await store.answered("c1", "ann", 7)
    await store.answered("c9", "ann", 7)
    await store.settle(came(1), replace(known, contact="k2"))
    found = await store.conversation("c1")
    assert found == replace(known, contact="k2", agent="ann", answered_at=7)
    assert await store.conversation("c9") is None


async def test_a_message_is_prepared_once_together_with_the_position(store):
    assert await store.position() is None
    assert await store.prepare([ours(1)], 5) == 1
    assert await store.prepare([replace(ours(1), text="other"), ours(2)], 6) == 1
    assert await store.prepare([], 9) == 0
    assert await store.position() == 9
    assert await store.outgoing(ours(1).id) == ours(1)
    assert await store.outgoing("none") is None


async def test_only_the_first_of_each_conversation_may_be_sent(store):
    messages = [ours(1, due=40), ours(2), ours(3, "c2", due=5), ours(4, "c3"), ours(5, hook="x")]
    await store.prepare(messages, 1)
    assert await store.heads("sms", 10, 9, ()) == [ours(4, "c3"), ours(3, "c2", due=5)]
    assert await store.heads("sms", 10, 1, {"c3"}) == [ours(3, "c2", due=5)]
    assert await store.next_head("sms", {"c2", "c3"}) == 40
    assert await store.next_head("sms", {"c1", "c2", "c3"}) is None
    sent = replace(ours(1), state=Sending.SENT)
    assert await store.advance(sent, was=(Sending.HELD,))
    assert ours(2) in await store.heads("sms", 10, 9, ())


async def test_a_state_that_has_changed_meanwhile_is_not_overwritten(store):
    await store.prepare([ours(1)], 1)
    dead = replace(ours(1), state=Sending.DEAD)
    assert not await store.advance(dead, was=(Sending.SENT,))
    assert await store.advance(dead, was=(Sending.HELD,))
    assert not await store.advance(dead, was=(Sending.HELD,))
    assert await store.dead(9) == [dead]
    assert await store.counts() == {("sms", Sending.DEAD): 1}


async def test_a_message_is_found_by_the_services_id_of_its_own_hook(store):
    await store.prepare([ours(1), ours(2, hook="x")], 1)
    for one in (ours(1), ours(2, hook="x")):
        sent = replace(one, state=Sending.SENT, remote="r1")
        await store.advance(sent, was=(Sending.HELD,))
    assert (await store.outgoing_as("sms", "r1")).id == ours(1).id
    assert await store.outgoing_as("sms", "") is None
    assert await store.outgoing_as("sms", "r2") is None


@pytest.mark.parametrize("kind", ["sqlite", "postgres"], indirect=False)
async def test_what_is_done_and_old_is_forgotten_a_few_at_a_time(kind, database):
    store = SqlHookStore(database)
    for number in range(1, 6):
        await store.keep([came(number)])
        if number != 2:
            await store.settle(replace(came(number), done=True), None)
    states = (Sending.SENT, Sending.HELD, Sending.DEAD, Sending.READ)
    sent = [ours(n, f"c{n}", state=state) for n, state in enumerate(states, start=1)]
    await store.prepare(sent, 1)
    assert await store.prune(5, 2, ())
    while await store.prune(5, 2, ()):
        pass
    assert await store.of_conversation("c1", 9, 9) == [came(2)]
    assert [await store.keep([came(number)]) for number in range(1, 6)] == [1, 0, 1, 1, 0]
    assert [await store.outgoing(one.id) for one in sent] == [None, sent[1], sent[2], None]


async def test_a_conversation_goes_once_nothing_of_it_is_left_and_its_contact_is_over(store):
    names = ("waits", "dead", "live", "answered", "through", "sent")
    for number, name in enumerate(names, start=1):
        known = Conversation(key=name, hook="sms", name=name, address="a", contact="k")
        await store.keep([came(number, name)])
        await store.settle(replace(came(number, name), done=name != "waits"), known)
    await store.prepare(
        [ours(1, "dead", state=Sending.DEAD), ours(2, "sent", state=Sending.SENT)], 1
    )
    await store.answered("answered", "ann", 60)
    while await store.prune(50, 2, {"live"}):
        pass
    left = [name for name in names if await store.conversation(name) is not None]
    assert left == ["waits", "dead", "live", "answered"]
    while await store.prune(70, 2, set()):
        pass
    left = [name for name in names if await store.conversation(name) is not None]
    assert left == ["waits", "dead"]
