"""Position and estimated wait: in the real order, as a range, and never growing for nothing."""

from __future__ import annotations

from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core import commands as c
from router.core.catalog import MINUTE, SECOND, CallbackOffer, Credits, ProfileQueue
from router.core.estimates import (
    UNSTEADY,
    Estimate,
    estimate,
    estimate_arrival,
    gamma_quantile,
    time_to_go,
)
from router.core.experience import Impatience, ServiceTime
from router.core.model import ContactState
from router.core.requirements import ANYONE, TeamIs
from tests.unit.router.core.centre import (
    GOLD,
    Centre,
    agent,
    profile,
    queue,
    skill,
    steps,
)

MEAN = 100 * SECOND


def known(centre: Centre, *keys: str, mean: int = MEAN, lost: float = 0) -> None:
    """As if contacts of these queues and channels had long taken ``mean`` each, and ``lost`` of
    them hung up for each minute of waiting.
    """
    for key in keys or ("q voice",):
        centre.state.service[key] = ServiceTime(mean=mean, count=64)
        centre.state.impatience[key] = Impatience(lost=round(lost * 1_000_000), waited=MINUTE)


def busy(*names: str, waiting: int = 0, **rules) -> Centre:
    """Everybody talks, ``waiting`` contacts wait: k0, k1 …"""
    centre = Centre(queue(**rules), *(agent(name) for name in names))
    centre.ready(*names)
    for name in names:
        centre.talk(f"with {name}")
    for number in range(waiting):
        centre.at += 1
        centre.arrive(f"k{number}")
    return centre


def now(centre: Centre, contact: str) -> Estimate:
    found = estimate(centre.state, contact, centre.at)
    assert found is not None
    return found


def position(centre: Centre, contact: str) -> int:
    return now(centre, contact).position


# -- position ---------------------------------------------------------------------------------


def test_position_counts_from_one_in_the_order_of_service():
    centre = busy("ann", waiting=3)
    assert [position(centre, f"k{n}") for n in range(3)] == [1, 2, 3]
    centre.do(c.Reprioritise(id="", contact="k2", boost=MINUTE))
    assert [position(centre, f"k{n}") for n in range(3)] == [2, 3, 1]


def test_a_contact_that_rings_is_first_and_waits_no_more():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.arrive("k")
    assert now(centre, "k") == Estimate(position=1, low=0, high=0)


def test_there_is_none_for_what_does_not_wait():
    centre = busy("ann")
    assert estimate(centre.state, "with ann", centre.at) is None
    assert estimate(centre.state, "nobody", centre.at) is None
    centre.do(c.Arrive(id="", contact="k", channel="voice"))
    assert estimate(centre.state, "k", centre.at) is None


def two_queues(order: str = "wait", second: ProfileQueue | str = "r") -> Centre:
    centre = Centre(
        queue(service_within=10 * SECOND),
        queue("r", service_within=60 * SECOND),
        profile(queues=("q", second), order=order),
        agent("ann"),
    )
    centre.ready("ann")
    centre.talk("busy")
    return centre


def test_older_contacts_of_other_queues_of_the_same_agents_are_before():
    centre = two_queues()
    centre.arrive("other", queue="r")
    centre.at += 1
    centre.arrive("k")
    assert position(centre, "k") == 2
    assert position(centre, "other") == 1


def test_a_lower_band_is_before_however_young():
    centre = two_queues(second=ProfileQueue(queue="r", band=2))
    centre.arrive("late band", queue="r")
    centre.wait(60)
    centre.arrive("k")
    assert (position(centre, "k"), position(centre, "late band")) == (1, 2)


def test_by_objective_the_more_urgent_is_before():
    centre = two_queues(order="objective")
    centre.arrive("older", queue="r")
    centre.wait(30)
    centre.arrive("k")
    centre.wait(3)  # 3/10 against 33/60
    assert (position(centre, "older"), position(centre, "k")) == (1, 2)
    centre.wait(12)  # 15/10 against 45/60
    assert (position(centre, "older"), position(centre, "k")) == (2, 1)


@pytest.mark.parametrize("order", ["wait", "objective"])
def test_positions_are_the_order_in_which_they_are_served(order: str):
    random = Random(5)
    centre = two_queues(order)
    for number in range(12):
        centre.wait(random.randint(1, 20))
        centre.arrive(f"k{number}", queue=random.choice("qr"))
    centre.wait(30)
    by_position = sorted((position(centre, f"k{n}"), f"k{n}") for n in range(12))
    assert [place for place, _ in by_position] == list(range(1, 13))
    served = []
    centre.end("busy")
    for _ in range(12):
        (ringing,) = (k for k in centre.state.contacts.values() if k.state is ContactState.OFFERED)
        served.append(ringing.id)
        centre.accept(ringing.id)
        centre.end(ringing.id)
    assert served == [contact for _, contact in by_position]


def test_who_shares_no_agent_is_not_before():
    centre = Centre(agent("ann", skills={"x": 1}), agent("ben", skills={"y": 1}))
    centre.ready("ann", "ben")
    for name in ("x", "y"):
        centre.talk(f"with {name}", steps=steps(skill(name)))
        centre.arrive(f"k{name}", steps=steps(skill(name)))
    assert (position(centre, "kx"), position(centre, "ky")) == (1, 1)


def test_mails_that_a_call_may_interrupt_are_not_before_it_and_chats_are():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.talk("busy")
    centre.arrive("mail", "email")
    centre.arrive("chat", "chat")
    centre.at += 1
    centre.arrive("call")
    assert position(centre, "call") == 2


def test_positions_count_also_while_nobody_is_signed_in():
    centre = Centre(agent("ann"))
    centre.arrive("k0")
    centre.at += 1
    centre.arrive("k1")
    assert now(centre, "k1") == Estimate(position=2, low=None, high=None)


# -- the wait ---------------------------------------------------------------------------------


def test_without_enough_experience_nothing_is_invented():
    centre = busy("ann", waiting=1)
    assert now(centre, "k0") == Estimate(position=1, low=None, high=None)
    centre.state.service["q voice"] = ServiceTime(mean=MEAN, count=2)
    assert now(centre, "k0").low is None
    centre.state.service["q voice"] = ServiceTime(mean=MEAN, count=3)
    assert now(centre, "k0").low is not None


def test_another_queue_of_the_channel_is_experience_until_there_is_own():
    centre = two_queues()
    centre.arrive("k")
    known(centre, "r voice", "r chat", mean=3 * MEAN)
    other = now(centre, "k").low
    known(centre, "q voice")
    own = now(centre, "k").low
    assert other == pytest.approx(3 * own, rel=0.01)


def test_the_range_runs_from_the_median_to_the_90th_percentile():
    """Of a gamma time with the mean of one service, as unsteady as an exponential one and more."""
    centre = busy("ann", waiting=1)
    known(centre)
    found = now(centre, "k0")
    shape = 1 / (1 + UNSTEADY**2)
    drawn = np.random.default_rng(1).gamma(shape, 100 / shape, 200_000) * SECOND
    assert found.low == pytest.approx(np.quantile(drawn, 0.5), rel=0.03)
    assert found.high == pytest.approx(np.quantile(drawn, 0.9), rel=0.03)


def test_more_agents_shorten_it_and_those_who_take_no_work_do_not():
    centre = busy("ann", "ben", waiting=1)
    known(centre)
    both = now(centre, "k0").low
    centre.do(c.SetNotReady(id="", agent="ben", reason="lunch"))
    assert now(centre, "k0").low == pytest.approx(2 * both, rel=0.01)
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    assert now(centre, "k0").low is None


def test_who_cannot_be_reached_shortens_no_wait_on_that_channel():
    centre = busy("ann", "ben", waiting=1)
    known(centre, "q voice", "q chat")
    centre.arrive("chat", "chat")
    before = now(centre, "k0").low, now(centre, "chat").low
    phone = c.SetReachable(id="", agent="ben", channel="voice", reachable=False, reason="cut")
    centre.do(phone)
    assert now(centre, "k0").low == pytest.approx(2 * before[0], rel=0.01)
    assert now(centre, "chat").low == before[1]
    centre.do(msgspec.structs.replace(phone, id="", reachable=True))
    assert now(centre, "k0").low == before[0]


def test_contacts_ahead_that_others_serve_mostly_count_little():
    """Ahead: ten contacts for ann or ben or chi. Mine: for ann alone."""
    centre = Centre(agent("ann", skills={"x": 1}), *(agent(f"b{n}") for n in range(9)))
    centre.ready("ann", *(f"b{n}" for n in range(9)))
    for number in range(10):
        centre.talk(f"busy{number}")
    for number in range(10):
        centre.arrive(f"k{number}")
    centre.at += 1
    centre.arrive("mine", steps=steps(skill("x")))
    known(centre)
    found = now(centre, "mine")
    assert found.position == 11
    assert found.low < 2 * MEAN, "all ten need about one service time of ten agents"


def test_a_callback_that_pauses_waits_at_least_until_it_is_due():
    centre = Centre(agent("ann"), queue(callback=CallbackOffer(retry_after=10 * MINUTE)))
    centre.arrive("k")
    centre.do(c.PromiseCallback(id="", contact="k", address="+1"))
    centre.ready("ann")
    known(centre)
    centre.accept("k")
    centre.do(c.FailCallback(id="", contact="k"))
    assert now(centre, "k").low == 10 * MINUTE
    centre.wait(60)
    assert now(centre, "k").low == 9 * MINUTE


@pytest.mark.parametrize("lost", [0.0, 0.05, 0.7])
@pytest.mark.parametrize("ahead", [0, 1, 4, 30, 100])
def test_the_range_is_that_of_a_line_that_is_served_and_hangs_up(ahead: int, lost: float):
    random = Random(1)
    drawn = sorted(
        sum(random.expovariate(2.0 + before * lost) for before in range(ahead + 1))
        for _ in range(8_000)
    )
    mean, variance = time_to_go(ahead + 1, 2.0, lost)
    assert mean == pytest.approx(sum(drawn) / 8_000, rel=0.03)
    for z, share in ((0.0, 0.5), (1.2816, 0.9)):
        assert gamma_quantile(mean, variance, z) == pytest.approx(
            drawn[int(8_000 * share)], rel=0.06
        )


@given(load=st.floats(1, 5_000), lost=st.floats(0, 3))
def test_more_in_the_line_never_goes_sooner_and_hanging_up_never_delays(load: float, lost: float):
    mean, variance = time_to_go(load, 1.0, lost)
    longer, wider = time_to_go(load + 0.5, 1.0, lost)
    assert longer > mean
    assert wider > variance
    assert time_to_go(load, 1.0, lost + 0.1)[0] <= mean


def test_a_line_whose_callers_hang_up_is_shorter_than_it_looks():
    centre = busy("ann", waiting=5)
    known(centre)
    patient = now(centre, "k4")
    known(centre, lost=0.5)
    hasty = now(centre, "k4")
    assert hasty.low < 0.8 * patient.low
    assert hasty.position == patient.position
    assert now(centre, "k0") == now(busy_known(), "k0"), "nobody is before the first"


def busy_known() -> Centre:
    centre = busy("ann", waiting=1)
    known(centre)
    return centre


# -- before entering --------------------------------------------------------------------------


def test_who_would_be_served_at_once_is_told_so():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    assert estimate_arrival(centre.state, "q", centre.at) == Estimate(position=1, low=0, high=0)


def test_the_door_tells_what_the_queue_would():
    centre = busy("ann", waiting=2)
    known(centre)
    before = estimate_arrival(centre.state, "q", centre.at + 1)
    centre.at += 1
    centre.arrive("k2")
    assert now(centre, "k2") == before


def test_the_channel_is_the_usual_one_unless_it_is_named():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    centre.talk("k")
    known(centre, "q chat")
    voice, chat, usual = (
        estimate_arrival(centre.state, "q", centre.at, channel)
        for channel in ("voice", "chat", None)
    )
    assert voice.low is None
    assert chat.low > 0
    assert usual == chat
    assert estimate_arrival(centre.state, "nowhere", centre.at) is None


# -- it never grows while nothing got worse ----------------------------------------------------


def _all(centre: Centre) -> dict[str, Estimate]:
    return {
        contact.id: now(centre, contact.id)
        for contact in centre.state.contacts.values()
        if contact.state is ContactState.QUEUED
    }


def _grew(before: dict[str, Estimate], after: dict[str, Estimate]) -> list[str]:
    return [
        name
        for name, found in after.items()
        if name in before
        and (
            found.position > before[name].position
            or found.low > before[name].low
            or found.high > before[name].high
        )
    ]


def test_served_one_by_one_every_estimate_shrinks_step_by_step():
    centre = busy("ann", "ben", waiting=10)
    known(centre)
    before = _all(centre)
    for number in range(10):
        centre.wait(7)
        known(centre)
        assert _all(centre) == before, "time alone changes nothing"
        centre.end(f"with {('ann', 'ben')[number % 2]}" if number < 2 else f"k{number - 2}")
        centre.accept(f"k{number}")
        known(centre)
        after = _all(centre)
        assert _grew(before, after) == []
        assert all(after[name].low < before[name].low for name in after)
        before = after
    assert before == {}


DEMANDS = (ANYONE, skill("x"), skill("y"), TeamIs(team="north"))


def _mixed(random: Random) -> Centre:
    people = [
        agent(
            f"a{n}",
            skills={name: 1 for name in "xy" if random.random() < 0.5},
            team=random.choice(("north", "south")),
        )
        for n in range(6)
    ]
    centre = Centre(queue(), queue("r"), profile(queues=("q", "r")), *people)
    centre.ready(*(one.id for one in people))
    for n in range(40):
        centre.at += SECOND
        demand = steps(random.choice(DEMANDS))
        centre.arrive(f"k{n}", queue=random.choice("qr"), steps=demand)
        if centre.ringing(f"k{n}"):
            centre.accept(f"k{n}")
    return centre


def _improve(centre: Centre, random: Random) -> None:
    """Something happens that makes nobody's wait longer."""
    away = [one.id for one in centre.state.agents.values() if one.state != "ready"]
    waiting = [k.id for k in centre.state.contacts.values() if k.state is ContactState.QUEUED]
    talking = [k.id for k in centre.state.contacts.values() if k.agent]
    kind = random.choice(("end", "end", "leave", "time", "later", "ready"))
    if kind == "end" and talking:
        centre.end(random.choice(talking))
        for contact in list(centre.state.contacts.values()):
            if contact.offers:
                centre.accept(contact.id)
    elif kind == "leave" and waiting:
        centre.do(c.Abandon(id="", contact=random.choice(waiting)))
    elif kind == "later":
        name = f"later{centre.numbers}"
        centre.arrive(name, queue=random.choice("qr"), steps=steps(random.choice(DEMANDS)))
        if centre.ringing(name):
            centre.accept(name)
    elif kind == "ready" and away:
        centre.ready(random.choice(away))
        for contact in list(centre.state.contacts.values()):
            if contact.offers:
                centre.accept(contact.id)
    centre.at += 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_estimate_grows_while_nothing_gets_worse(seed: int):
    random = Random(seed)
    centre = _mixed(random)
    for name in random.sample(list(centre.state.agents), 3):
        centre.do(c.ForceState(id="", agent=name, state="not_ready"))
    for _ in range(40):
        known(centre, "q voice", "r voice", lost=0.2)
        before = {k: found for k, found in _all(centre).items() if found.low is not None}
        _improve(centre, random)
        known(centre, "q voice", "r voice", lost=0.2)
        assert _grew(before, _all(centre)) == []


def test_what_does_get_worse_is_told():
    centre = busy("ann", waiting=2)
    known(centre)
    before = now(centre, "k1").low
    centre.arrive("gold", boost=MINUTE)
    assert now(centre, "k1").low > before


def test_credit_of_the_customer_counts_in_the_position():
    centre = Centre(agent("ann"), credits=Credits(tiers={"gold": MINUTE}))
    centre.ready("ann")
    centre.talk("busy")
    centre.arrive("k0")
    centre.at += 1
    centre.arrive("gold", customer=GOLD)
    assert (position(centre, "gold"), position(centre, "k0")) == (1, 2)
