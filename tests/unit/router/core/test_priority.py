"""Credit in seconds: who stands where, and what counts as waiting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.core import commands as c
from router.core import events as e
from router.core.catalog import SECOND, Credits, ValueCredit
from router.core.model import CreditPart, CustomerRef
from router.core.priority import credit_for, waiting_since
from tests.unit.router.core.centre import GOLD, Centre, agent, catalog, only, queue

CREDITS = Credits(
    tiers={"gold": 90 * SECOND},
    values=(
        ValueCredit(at_least=1_000, credit=10 * SECOND),
        ValueCredit(at_least=5_000, credit=60 * SECOND),
    ),
)


def parts(customer: CustomerRef | None, boost: int = 0, **rules: int) -> dict[str, int]:
    made = catalog(queue(**rules), credits=CREDITS)
    return {part.source: part.credit // SECOND for part in credit_for(made, "q", customer, boost)}


def test_credit_adds_up_from_queue_tier_value_and_boost():
    customer = CustomerRef(id="1", tier="gold", value=7_000)
    assert parts(customer, boost=-5 * SECOND, credit=15 * SECOND) == {
        "queue q": 15,
        "tier gold": 90,
        "value 7000": 60,
        "boost": -5,
    }


def test_only_the_highest_value_reached_counts():
    assert parts(CustomerRef(id="1", value=4_999)) == {"value 4999": 10}
    assert parts(CustomerRef(id="1", value=5_000)) == {"value 5000": 60}


def test_what_is_worth_nothing_is_not_mentioned():
    assert parts(CustomerRef(id="1", tier="none", value=3)) == {}
    assert parts(None) == {}


@given(
    queued=st.integers(0, 10**15),
    credit=st.lists(st.integers(-(10**9), 10**9)),
    waited=st.integers(0, 10**9),
    more=st.integers(0, 10**9),
)
def test_credit_moves_the_place_by_exactly_its_length(queued, credit, waited, more):
    given_credit = tuple(CreditPart(source="x", credit=one) for one in credit)
    since = waiting_since(queued, given_credit, waited)
    assert since == queued - sum(credit) - waited
    extra = (*given_credit, CreditPart(source="y", credit=more))
    assert waiting_since(queued, extra, waited) == since - more


def test_a_gold_customer_stands_where_somebody_stands_who_came_90_s_before():
    centre = Centre(agent("ann"), credits=CREDITS)
    centre.arrive("early")
    centre.wait(89)
    centre.arrive("gold", customer=GOLD)
    assert centre.line() == ["gold", "early"]
    centre.wait(2)
    centre.arrive("gold too", customer=GOLD)
    assert centre.line() == ["gold", "early", "gold too"]


def test_equal_places_go_by_order_of_arrival():
    centre = Centre(agent("ann"))
    centre.do(c.Arrive(id="", contact="b", channel="voice"))
    centre.do(c.Arrive(id="", contact="a", channel="voice"))
    centre.do(c.Enqueue(id="", contact="a", queue="q"))
    centre.do(c.Enqueue(id="", contact="b", queue="q"))
    assert centre.line() == ["b", "a"]


def test_nobody_is_starved_by_credit():
    """Who has waited longer than the largest credit is overtaken by nobody any more."""
    centre = Centre(agent("ann"), credits=CREDITS)
    centre.arrive("plain")
    centre.wait(91)
    for number in range(20):
        centre.arrive(f"gold{number}", customer=GOLD)
    assert centre.line()[0] == "plain"


def test_recognising_the_customer_late_moves_the_contact_at_once():
    centre = Centre(agent("ann"), credits=CREDITS)
    centre.arrive("first")
    centre.arrive("second")
    centre.do(c.IdentifyCustomer(id="", contact="second", customer=GOLD))
    assert centre.line() == ["second", "first"]
    centre.do(c.IdentifyCustomer(id="", contact="second", customer=None))
    assert centre.line() == ["first", "second"]


def test_recognising_the_same_customer_again_is_no_event():
    centre = Centre(agent("ann"), credits=CREDITS)
    centre.arrive("k", customer=GOLD)
    assert centre.do(c.IdentifyCustomer(id="", contact="k", customer=GOLD)) == []


def test_who_is_recognised_during_the_talk_has_the_credit_when_given_back():
    centre = Centre(agent("ann"), credits=CREDITS)
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.IdentifyCustomer(id="", contact="k", customer=GOLD))
    assert centre.contact("k").credit == ()
    centre.do(c.Requeue(id="", contact="k"))
    contact = centre.contact("k")
    assert contact.credit == (CreditPart(source="tier gold", credit=90 * SECOND),)
    assert contact.waiting_since == contact.queued_at - 90 * SECOND


def test_time_in_an_agents_hands_does_not_count_as_waiting():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(5)
    centre.accept("k")
    centre.wait(600)
    centre.do(c.Requeue(id="", contact="k"))
    centre.wait(3)
    centre.ready("ben")
    accepted = only(centre.accept("k"), e.OfferAccepted)
    assert 8 * SECOND <= accepted.waited_in_queue < 9 * SECOND
    assert accepted.waited >= 608 * SECOND


def test_a_transfer_carries_the_waits_and_not_the_talks():
    centre = Centre(agent("ann"), agent("ben"), queue(), queue("r"))
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(5)
    centre.accept("k")
    centre.wait(600)
    moved = only(centre.do(c.TransferToQueue(id="", contact="k", queue="r")), e.Enqueued)
    assert moved.waited == 5 * SECOND
    centre.wait(7)
    centre.ready("ben")
    centre.accept("k")
    centre.wait(600)
    moved = only(centre.do(c.TransferToQueue(id="", contact="k", queue="q")), e.Enqueued)
    assert 12 * SECOND <= moved.waited < 13 * SECOND
