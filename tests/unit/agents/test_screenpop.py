"""Pops: instant, in three cases, and honest when the record store is not there."""

from __future__ import annotations

import asyncio

import pytest

from agents.screenpop import PopLimits, ScreenPops
from router.core import commands as c
from router.core.model import Contact, CustomerRef
from router.customers import CustomerRecord, Identification

MARIA = CustomerRef(id="7", name="María Díaz", tier="gold", value=3_200)
PEDRO = CustomerRef(id="8", name="Pedro Ruiz")


def contact(customer=None, address="x@example.org"):
    return Contact(
        id="k1", number=1, channel="chat", direction="inbound", arrived_at=0,
        customer=customer, address=address,
    )  # fmt: skip


@pytest.fixture
async def pops(centre):
    """The centre's pops, with the contacts whose pop changed later in ``changed``."""
    made = centre.pops
    made.changed = []
    made.on_change = made.changed.append
    centre.records.records = {
        "7": CustomerRecord(id="7", name="María Díaz", watch_out="deaf"),
        "8": CustomerRecord(id="8", name="Pedro Ruiz"),
    }
    return made


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_match_offers_to_create(pops):
    pops.prefetch("k1", Identification())
    pop = pops.pop(contact())
    assert (pop.case, pop.customer, pop.candidates) == ("none", None, ())


async def test_one_match_is_there_before_the_offer(pops):
    pops.prefetch("k1", Identification(customers=(MARIA,), matched_by=("email",)))
    await settle()
    pop = pops.pop(contact(MARIA))
    assert pop.case == "one"
    assert pop.customer is not None
    assert pop.customer.watch_out == "deaf"


async def test_several_matches_say_why_each_matched(pops, centre):
    found = Identification(customers=(MARIA, PEDRO), matched_by=("phone", "email"))
    pops.prefetch("k1", found)
    await settle()
    pop = pops.pop(contact())
    assert pop.case == "several"
    assert [(x.customer.id, x.matched_by) for x in pop.candidates] == [
        ("7", "phone"),
        ("8", "email"),
    ]
    assert centre.records.asked == []


async def test_choosing_one_of_several_brings_the_record(pops):
    pops.prefetch("k1", Identification(customers=(MARIA, PEDRO), matched_by=("phone", "phone")))
    pops.identified("k1", PEDRO)
    assert pops.pop(contact(PEDRO)).customer == CustomerRecord(id="8", name="Pedro Ruiz")
    await settle()
    assert pops.changed[-1] == "k1"
    pops.identified("k1", None)
    assert pops.pop(contact()).case == "several"


async def test_a_late_ambiguous_answer_does_not_undo_a_choice(pops):
    pops.identified("k1", PEDRO)
    pops.prefetch("k1", Identification(customers=(MARIA, PEDRO), matched_by=("phone", "phone")))
    pop = pops.pop(contact(PEDRO))
    assert pop.customer is not None
    assert pop.customer.id == "8"


async def test_while_the_store_is_slow_the_pop_shows_what_routing_knows(pops, centre):
    centre.records.gate = asyncio.Event()
    pops.prefetch("k1", Identification(customers=(MARIA,), matched_by=("email",)))
    await settle()
    pop = pops.pop(contact(MARIA))
    assert pop.customer is not None
    assert (pop.customer.name, pop.customer.tier, pop.customer.value) == (
        "María Díaz",
        "gold",
        3_200,
    )
    pops.changed.clear()
    centre.records.gate.set()
    await settle()
    assert pops.changed == ["k1"]
    assert pops.pop(contact(MARIA)).customer == centre.records.records["7"]


async def test_a_store_that_fails_once_is_asked_again(pops, centre):
    centre.records.failures = 1
    pops.prefetch("k1", Identification(customers=(MARIA,), matched_by=("email",)))
    await settle()
    assert centre.records.asked == ["7", "7"]
    assert pops.pop(contact(MARIA)).customer == centre.records.records["7"]


async def test_a_store_that_stays_away_costs_nothing_but_the_record(pops, centre):
    centre.records.failures = 99
    pops.prefetch("k1", Identification(customers=(MARIA,), matched_by=("email",)))
    await settle()
    pop = pops.pop(contact(MARIA))
    assert pop.customer is not None
    assert pop.customer.name == "María Díaz"


async def test_a_store_that_hangs_is_given_up(centre):
    centre.records.gate = asyncio.Event()
    pops = ScreenPops(centre.records, centre.records, PopLimits(timeout=0.0, pauses=()))
    pops.prefetch("k1", Identification(customers=(MARIA,), matched_by=("email",)))
    await settle()
    assert pops.pop(contact(MARIA)).case == "one"
    await pops.close()


async def test_a_contact_nobody_prefetched_is_looked_up_when_it_is_shown(pops, centre):
    centre.records.found = Identification(customers=(MARIA,), matched_by=("email",))
    assert pops.pop(contact()).case == "none"
    await settle()
    assert pops.changed[-1] == "k1"
    assert pops.pop(contact()).customer == centre.records.records["7"]
    assert centre.records.asked == ["x@example.org", "7"]


async def test_an_edited_record_is_fetched_again_for_whoever_shows_it(pops, centre):
    pops.prefetch("k1", Identification(customers=(MARIA,), matched_by=("email",)))
    pops.prefetch("k2", Identification(customers=(PEDRO,), matched_by=("email",)))
    await settle()
    centre.records.records["7"] = CustomerRecord(id="7", name="María D.")
    pops.changed.clear()
    pops.customer_changed("7")
    await settle()
    assert pops.changed == ["k1"]
    pop = pops.pop(contact(MARIA))
    assert pop.customer is not None
    assert pop.customer.name == "María D."


async def test_pops_are_released_with_their_contact_and_bounded(centre):
    pops = ScreenPops(centre.records, centre.records, PopLimits(contacts=3))
    for number in range(10):
        pops.prefetch(f"k{number}", Identification(customers=(MARIA,), matched_by=("x",)))
    assert len(pops) == 3
    pops.release("k9")
    assert len(pops) == 2
    await pops.close()


async def test_the_hub_lets_go_of_pops_when_contacts_are_over(centre):
    centre.ready("ann")
    for number in range(4):
        centre.arrive(f"k{number}")
        centre.pops.prefetch(f"k{number}", Identification())
    centre.say(c.Abandon, contact="k3")
    assert len(centre.pops) == 3
