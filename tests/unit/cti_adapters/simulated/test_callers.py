"""``simulated.callers``: people who call behave like people, and the same way for the same seed."""

from collections import Counter

import msgspec
import pytest

from cti_adapters.simulated.callers import NEXT_CALL, Callers
from cti_adapters.simulated.settings import CallerBehaviour, SimulationSettings
from router.core import events as e
from router.core.catalog import Catalog, EntryPoint
from router.core.commands import Abandon, EndContact, FailCallback, PromiseCallback
from router.core.durations import MINUTE, SECOND
from router.core.model import Callback, Contact, ContactState
from router.ports import Arrival

CATALOG = Catalog(
    entry_points={
        "line": EntryPoint(id="line", channel="voice", queue="q", choices={"1": "a", "2": "b"}),
        "vip": EntryPoint(id="vip", channel="voice", queue="q"),
        "site": EntryPoint(id="site", channel="chat", queue="q"),
    }
)
QUIET = SimulationSettings(calls_per_minute=0)


def callers(**behaviour):
    settings = msgspec.structs.replace(QUIET, caller=CallerBehaviour(**behaviour))
    made = Callers(settings, 0)
    return made, made.place(CATALOG.entry_points["line"], "+34600", 0).contact


def until_act(party, start, limit=3600 * SECOND):
    """The next act and when it comes."""
    at = start
    while (deadline := party.next_deadline()) is not None and deadline <= start + limit:
        at = deadline
        acts = party.due(at, CATALOG)
        if acts:
            return at, acts[0]
    return at, None


def accepted(contact, sequence):
    return e.OfferAccepted(
        contact=contact, sequence=sequence, offer="o", agent="ann", waited=1, waited_in_queue=1
    )


def test_calls_come_at_the_asked_rate_spread_over_the_entry_points_for_calls():
    settings = SimulationSettings(calls_per_minute=6, callers=("+1", "+2"), shares={"vip": 3.0})
    party = Callers(settings, 0)
    arrivals = []
    while (at := party.next_deadline()) <= 1_000 * MINUTE:
        for act in party.due(at, CATALOG):
            if isinstance(act, Arrival):
                arrivals.append(act)
                party.forget(act.contact)
    assert 5_700 < len(arrivals) < 6_300
    by_entry = Counter(arrival.entry_point for arrival in arrivals)
    assert set(by_entry) == {"line", "vip"}
    assert 2.5 < by_entry["vip"] / by_entry["line"] < 3.5
    known = sum(arrival.address in ("+1", "+2") for arrival in arrivals) / len(arrivals)
    assert 0.7 < known < 0.8
    assert {arrival.choice for arrival in arrivals} == {"", "1", "2"}
    assert all("topic" in arrival.attributes for arrival in arrivals)
    assert len({arrival.contact for arrival in arrivals}) == len(arrivals)


def test_the_same_seed_makes_the_same_calls_and_another_makes_others():
    def first_calls(seed):
        party = Callers(SimulationSettings(seed=seed), 0)
        return [until_act(party, 0) for _ in range(20)]

    assert first_calls(1) == first_calls(1)
    assert first_calls(1) != first_calls(2)


def test_a_caller_who_is_not_answered_hangs_up():
    party, contact = callers(asks_for_callback=0)
    at, act = until_act(party, 0)
    assert isinstance(act, Abandon)
    assert act.contact == contact
    assert at >= 15 * SECOND


def test_an_answered_caller_talks_and_hangs_up():
    party, contact = callers(hangs_up_first=1)
    party.observe(accepted(contact, 2), 10 * SECOND)
    at, act = until_act(party, 10 * SECOND)
    assert isinstance(act, EndContact)
    assert act.ended_by == "customer"
    assert at > 20 * SECOND


def test_some_wait_for_the_agent_to_end_the_call_but_not_for_ever():
    party, contact = callers(hangs_up_first=0)
    party.observe(accepted(contact, 2), 0)
    talked = party.next_deadline()
    assert party.due(talked, CATALOG) == []
    at, act = until_act(party, talked)
    assert isinstance(act, EndContact)
    assert at == talked + 60 * SECOND
    party.observe(e.ContactEnded(contact=contact, sequence=3, ended_by="agent"), at)
    assert contact not in party
    assert party.next_deadline() is None


def test_on_hold_the_clock_of_the_talk_stands_still():
    party, contact = callers(hangs_up_first=1, hold_patience=10_000 * MINUTE)
    party.observe(accepted(contact, 2), 0)
    ends = party.next_deadline()
    party.observe(e.Held(contact=contact, sequence=3), 10 * SECOND)
    party.observe(e.Retrieved(contact=contact, sequence=4), 40 * SECOND)
    assert party.next_deadline() == ends + 30 * SECOND


def test_a_caller_on_hold_for_too_long_hangs_up():
    party, contact = callers(hold_patience=MINUTE)
    party.observe(accepted(contact, 2), 0)
    party.observe(e.Held(contact=contact, sequence=3), SECOND)
    assert isinstance(until_act(party, SECOND)[1], EndContact)


def test_a_transferred_caller_waits_with_new_patience():
    party, contact = callers(asks_for_callback=0)
    party.observe(accepted(contact, 2), 0)
    event = e.Enqueued(
        contact=contact,
        sequence=3,
        queue="q2",
        steps=(),
        step_until=0,
        waiting_since=0,
        credit=(),
        waited=0,
        reason="transfer",
    )
    party.observe(event, 10 * SECOND)
    at, act = until_act(party, 10 * SECOND)
    assert isinstance(act, Abandon)
    assert at >= 25 * SECOND


def test_a_missed_offer_does_not_renew_the_callers_patience():
    party, contact = callers(asks_for_callback=0)
    before = party.next_deadline()
    party.observe(e.Returned(contact=contact, sequence=2, reason="missed", waiting_since=0), SECOND)
    assert party.next_deadline() == before


def test_a_promised_callback_waits_without_patience_and_talks_when_called():
    party, contact = callers(asks_for_callback=1, misses_callback=0, hangs_up_first=1)
    at, act = until_act(party, 0)
    assert isinstance(act, PromiseCallback)
    assert act.address == "+34600"
    callback = Callback(address="+34600", promised_at=at)
    party.observe(e.CallbackPromised(contact=contact, sequence=2, callback=callback), at)
    assert party.next_deadline() is None
    party.observe(accepted(contact, 3), at + MINUTE)
    assert isinstance(until_act(party, at)[1], EndContact)


def test_a_refused_callback_leaves_the_caller_waiting_as_before():
    party, _ = callers(asks_for_callback=1)
    at, act = until_act(party, 0)
    party.failed(act, at)
    assert isinstance(until_act(party, at)[1], Abandon)


def test_some_do_not_pick_up_when_they_are_called_back():
    party, contact = callers(asks_for_callback=1, misses_callback=1)
    at, _ = until_act(party, 0)
    callback = Callback(address="+34600", promised_at=at)
    party.observe(e.CallbackPromised(contact=contact, sequence=2, callback=callback), at)
    party.observe(accepted(contact, 3), at)
    assert isinstance(until_act(party, at)[1], FailCallback)


def test_what_the_router_did_not_take_is_tried_again():
    party, _ = callers(asks_for_callback=0)
    at, act = until_act(party, 0)
    party.failed(act, at)
    again, repeated = until_act(party, at)
    assert again == at + 5 * SECOND
    assert (type(repeated), repeated.id) == (Abandon, act.id)


def test_events_seen_before_and_of_others_change_nothing():
    party, contact = callers(hangs_up_first=1)
    party.observe(accepted(contact, 2), 0)
    before = party.next_deadline()
    party.observe(accepted(contact, 2), 50 * SECOND)
    party.observe(accepted("somebody else's", 9), 50 * SECOND)
    assert party.next_deadline() == before


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (ContactState.QUEUED, Abandon),
        (ContactState.OFFERED, Abandon),
        (ContactState.CONNECTED, EndContact),
        (ContactState.HELD, EndContact),
        (ContactState.WRAPPING, None),
    ],
)
def test_calls_under_way_go_on_after_a_restart(state, act):
    party = Callers(msgspec.structs.replace(QUIET, caller=CallerBehaviour(asks_for_callback=0)), 0)
    contact = Contact(
        id="sim-call-1", number=1, channel="voice", direction="inbound", arrived_at=0, state=state
    )
    party.adopt(contact, 100 * SECOND)
    found = until_act(party, 100 * SECOND)[1]
    assert found is None if act is None else isinstance(found, act)


def test_a_machine_that_slept_does_not_make_up_for_the_calls_it_missed():
    party = Callers(SimulationSettings(calls_per_minute=60), 0)
    acts = party.due(24 * 3600 * SECOND, CATALOG)
    assert len(acts) == 1


def test_no_entry_point_for_calls_means_no_calls():
    party = Callers(SimulationSettings(calls_per_minute=60), 0)
    assert party.due(party.next_deadline(), Catalog()) == []
    assert len(party) == 0


def test_a_rate_of_nought_stops_new_calls_and_a_new_rate_starts_them():
    party = Callers(SimulationSettings(calls_per_minute=60), 0)
    party.set_rate(0, 0)
    assert party.next_deadline() is None
    party.set_rate(60, 0)
    assert party.next_deadline() is not None
    assert NEXT_CALL not in party
