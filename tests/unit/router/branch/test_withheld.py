"""``router.branch.withheld``: a branch folds what it gets, and learns of no other customers."""

from __future__ import annotations

import pytest

from router.branch.withheld import image_for, withheld
from router.clock import ManualClock
from router.core import commands as c
from router.core.catalog import (
    AgentDefinition,
    Catalog,
    EntryPoint,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.model import CustomerRef
from router.core.state import State
from router.engine import Engine
from router.journal.codec import decode, encode
from router.journal.memory import MemoryJournal
from router.ports import Accepted

OWN = frozenset({"lee"})
SECRET = "hush-hush"


def catalog():
    served = (ProfileQueue(queue="care"),)
    return Catalog(
        version=1,
        queues={"care": Queue(id="care", label="Care")},
        profiles={"all": Profile(id="all", label="All", queues=served, capacity={"voice": 1})},
        agents={"ann": AgentDefinition(id="ann", name="Ann", profile="all")},
        entry_points={"line": EntryPoint(id="line", channel="voice", queue="care")},
    )


def commands():
    yield c.PublishCatalog(id="catalog", catalog=catalog(), replaces=0)
    yield c.SignIn(id="in", agent="ann")
    yield c.SetReady(id="ready", agent="ann")
    for contact in ("lee:1", "chat-1", "york:2"):
        secret = {"attributes": {"about": SECRET}, "address": SECRET}
        yield c.Arrive(id=f"{contact}/arrive", contact=contact, channel="voice", **secret)
        person = CustomerRef(id=SECRET, name=SECRET, tier="gold", value=7)
        yield c.IdentifyCustomer(id=f"{contact}/identify", contact=contact, customer=person)
        said = {"message": f"{contact}/m", "author": "customer", "text": SECRET}
        yield c.PostMessage(id=f"{contact}/said", contact=contact, **said)
        yield c.Enqueue(id=f"{contact}/enqueue", contact=contact, queue="care")
        yield c.EditContact(id=f"{contact}/edit", contact=contact, attributes={"note": SECRET})
    yield c.Accept(id="accept", offer="lee:1.1")
    yield c.TransferOut(id="chat-1/out", contact="lee:1", address="+442079460001")


@pytest.fixture
async def told():
    """The state of the centre, and its log as the branch gets it."""
    engine = await Engine.open(MemoryJournal(), ManualClock(1_000_000))
    await engine.start()
    for command in commands():
        assert isinstance(await engine.submit(command), Accepted)
    await engine.stop()
    entries = [encode(withheld(one, OWN)) async for one in engine._journal.read()]
    return engine.replica.state, entries


async def test_the_log_folds_to_the_same_calls_and_the_same_order(told):
    centre, entries = told
    state = State()
    for record in entries:
        state.apply_entry(decode(record))
    assert state.position == centre.position
    assert state.contacts.get("lee:1") == centre.contacts.get("lee:1")
    assert state.agents == centre.agents
    waiting = [one.id for one in state.waiting("care")]
    assert waiting == [one.id for one in centre.waiting("care")]
    assert set(state.commands) == {one for one in centre.commands if one.startswith("lee:")}


async def test_of_other_customers_nothing_is_told(told):
    _, entries = told
    foreign = [one for one in entries if b"lee:1" not in one]
    assert foreign
    assert not any(SECRET.encode() in one for one in foreign)


async def test_of_its_own_the_branch_is_told_everything(told):
    _, entries = told
    own = [one for one in entries if SECRET.encode() in one]
    assert len(own) == 4
    assert all(b"lee:1" in one for one in own)


async def test_a_state_is_given_in_the_same_way(told):
    centre, _ = told
    image = image_for(centre, OWN)
    state = State.restore(image)
    assert list(state.contacts) == list(centre.contacts)
    assert state.position == centre.position
    assert [one.id for one in state.waiting("care")] == [one.id for one in centre.waiting("care")]
    for contact in state.contacts.values():
        assert (SECRET in str(contact)) == contact.id.startswith("lee:")
    assert {one.address for one in centre.contacts.values()} == {SECRET}  # it is not changed
