"""Customers come as the rates say, and are the same ones however the centre is arranged."""

from itertools import pairwise
from math import sqrt

import msgspec
import numpy as np
import pytest

from router.core.durations import HOUR, MINUTE, SECOND
from router.core.model import CustomerRef
from router.core.requirements import SkillAtLeast, Step
from simulator.contacts import (
    MAX_CONTACTS,
    Rate,
    SimulatedContact,
    Stream,
    TooManyContacts,
    draw_contacts,
)
from simulator.distributions import NEVER, Constant, Exponential, Lognormal

START = 1_772_438_400 * SECOND


def rate(begins: float, ends: float, per_hour: float) -> Rate:
    """Times in hours from the start."""
    return Rate(
        begins=START + round(begins * HOUR), ends=START + round(ends * HOUR), per_hour=per_hour
    )


def stream(name: str = "calls", *rates: Rate, **given: object) -> Stream:
    return msgspec.structs.replace(
        Stream(
            name=name,
            channel="voice",
            queue="q",
            rates=rates or (rate(0, 10, 100),),
            handling=Exponential(average=3 * MINUTE),
            patience=Exponential(average=2 * MINUTE),
        ),
        **given,
    )


def arrivals(contacts: list[SimulatedContact]) -> np.ndarray:
    return np.array([contact.at for contact in contacts]) - START


# -- when they come ---------------------------------------------------------------------------


def test_as_many_come_in_each_span_as_its_rate_says() -> None:
    """Within four standard deviations of a Poisson number."""
    spans = [(0, 1, 3_000), (1, 2.5, 12_000), (2.5, 4, 0), (4, 5, 600)]
    times = arrivals(draw_contacts([stream("calls", *(rate(*span) for span in spans))], seed=3))
    for begins, ends, per_hour in spans:
        expected = per_hour * (ends - begins)
        came = ((times >= begins * HOUR) & (times < ends * HOUR)).sum()
        assert came == pytest.approx(expected, abs=4 * sqrt(expected))


def test_the_number_that_comes_varies_like_a_poisson_number() -> None:
    numbers = [len(draw_contacts([stream("calls", rate(0, 1, 50))], seed)) for seed in range(400)]
    assert np.mean(numbers) == pytest.approx(50, abs=4 * sqrt(50 / 400))
    assert np.var(numbers) == pytest.approx(50, rel=0.3)


def test_gaps_between_arrivals_are_exponential() -> None:
    times = arrivals(draw_contacts([stream("calls", rate(0, 10, 3_600))], seed=5))
    gaps = np.diff(times) / SECOND
    assert gaps.mean() == pytest.approx(1.0, abs=0.03)
    assert gaps.std() == pytest.approx(1.0, abs=0.04)
    assert np.corrcoef(gaps[:-1], gaps[1:])[0, 1] == pytest.approx(0, abs=0.03)


def test_contacts_are_in_order_of_arrival_whatever_their_stream() -> None:
    drawn = draw_contacts([stream("a"), stream("b", rate(2, 8, 500))], seed=1)
    assert all(one.at <= following.at for one, following in pairwise(drawn))
    assert {contact.stream for contact in drawn} == {"a", "b"}


@pytest.mark.parametrize("rates", [(rate(0, 10, 0),), (rate(5, 5, 1_000),), (rate(5, 4, 1_000),)])
def test_nobody_comes_without_a_rate_or_a_time(rates: tuple[Rate, ...]) -> None:
    assert draw_contacts([stream("calls", *rates)], seed=1) == []


def test_without_streams_nobody_comes() -> None:
    assert draw_contacts([], seed=1) == []


def test_too_many_are_refused_before_they_are_drawn() -> None:
    per_hour = MAX_CONTACTS / 10
    with pytest.raises(TooManyContacts, match=r"expects 5,000,500 .* holds 5,000,000"):
        draw_contacts([stream("calls", rate(0, 10, per_hour)), stream("more", rate(0, 1, 500))], 1)


# -- who they are -----------------------------------------------------------------------------


def test_durations_have_the_means_of_their_distributions() -> None:
    drawn = draw_contacts(
        [
            stream(
                "calls",
                rate(0, 10, 3_000),
                handling=Lognormal(average=4 * MINUTE, variation=1.0),
                patience=Exponential(average=2 * MINUTE),
                wrap_up=Constant(value=7 * SECOND),
            )
        ],
        seed=2,
    )
    assert np.mean([one.handling for one in drawn]) == pytest.approx(4 * MINUTE, rel=0.03)
    assert np.mean([one.patience for one in drawn]) == pytest.approx(2 * MINUTE, rel=0.03)
    assert {one.wrap_up for one in drawn} == {7 * SECOND}


def test_what_a_contact_has_does_not_depend_on_its_other_traits() -> None:
    drawn = draw_contacts([stream("calls", rate(0, 10, 3_000), tiers={"gold": 0.5})], seed=2)
    table = np.array(
        [[one.at - START, one.handling, one.patience, one.tier == "gold"] for one in drawn]
    )
    between = np.corrcoef(table.T)[np.triu_indices(4, 1)]
    assert between == pytest.approx(np.zeros(6), abs=0.03)


def test_tiers_have_their_shares_and_the_rest_has_none() -> None:
    drawn = draw_contacts(
        [stream("calls", rate(0, 10, 3_000), tiers={"gold": 0.1, "silver": 0.3})], seed=4
    )
    shares = [
        sum(one.tier == tier for one in drawn) / len(drawn) for tier in ("gold", "silver", "")
    ]
    assert shares == pytest.approx([0.1, 0.3, 0.6], abs=0.015)
    customers = {one.tier: one.customer for one in drawn}
    assert customers == {
        "gold": CustomerRef(id="calls/gold", tier="gold"),
        "silver": CustomerRef(id="calls/silver", tier="silver"),
        "": None,
    }


def test_tiers_that_are_everybody_leave_nobody_without() -> None:
    tiers = {f"t{n}": 0.1 for n in range(10)}  # adds up to 0.9999999999999999
    drawn = draw_contacts([stream("calls", rate(0, 10, 5_000), tiers=tiers)], seed=4)
    assert {one.tier for one in drawn} == set(tiers)


def test_worth_makes_a_customer_of_everybody() -> None:
    drawn = draw_contacts([stream(value=250, tiers={"gold": 0.5})], seed=4)
    assert {(one.tier, one.customer.value) for one in drawn if one.customer} == {
        ("gold", 250),
        ("", 250),
    }
    assert all(one.customer for one in drawn)


def test_what_the_stream_says_of_all_is_with_each() -> None:
    steps = (Step(condition=SkillAtLeast(skill="es", level=2)),)
    mails = stream("mails", channel="email", steps=steps, attributes={"a": "b"})
    one = draw_contacts([mails], 1)[0]
    assert (one.stream, one.channel, one.queue) == ("mails", "email", "q")
    assert (one.steps, one.attributes) == (steps, {"a": "b"})


def test_ids_are_unique() -> None:
    drawn = draw_contacts([stream("a"), stream("b"), stream("a")], seed=1)
    assert len({one.id for one in drawn}) == len(drawn)


def test_without_patience_customers_wait_for_ever() -> None:
    patient = Stream(
        name="s", channel="voice", queue="q", rates=(rate(0, 1, 10),), handling=Constant(value=1)
    )
    assert {one.patience for one in draw_contacts([patient], 1)} == {NEVER}


# -- common random numbers --------------------------------------------------------------------


def of(contacts: list[SimulatedContact], name: str) -> list[SimulatedContact]:
    return [one for one in contacts if one.stream == name]


def test_the_same_seed_draws_the_same_customers_and_another_seed_others() -> None:
    streams = [stream("a", tiers={"gold": 0.2}), stream("b")]
    assert draw_contacts(streams, 1) == draw_contacts(streams, 1)
    assert draw_contacts(streams, 1) != draw_contacts(streams, 2)


def test_another_stream_does_not_change_the_customers_of_the_first() -> None:
    alone = draw_contacts([stream("a", tiers={"gold": 0.2})], 7)
    joined = draw_contacts([stream("a", tiers={"gold": 0.2}), stream("b")], 7)
    assert of(joined, "a") == alone


def test_streams_that_are_written_alike_are_not_the_same_customers() -> None:
    drawn = draw_contacts([stream("a"), stream("b")], 7)
    a, b = arrivals(of(drawn, "a")), arrivals(of(drawn, "b"))
    assert a[:10].tolist() != b[:10].tolist()


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"handling": Constant(value=MINUTE)}, ("id", "at", "patience", "wrap_up", "tier")),
        ({"patience": Constant(value=MINUTE)}, ("id", "at", "handling", "wrap_up", "tier")),
        ({"wrap_up": Exponential(average=MINUTE)}, ("id", "at", "handling", "patience", "tier")),
        ({"tiers": {"gold": 0.9}}, ("id", "at", "handling", "patience", "wrap_up")),
        ({"queue": "other", "value": 3}, ("id", "at", "handling", "patience", "wrap_up", "tier")),
    ],
)
def test_a_change_of_one_thing_leaves_the_luck_of_the_others(
    change: dict[str, object], kept: tuple[str, ...]
) -> None:
    before = draw_contacts([stream(tiers={"gold": 0.2})], 7)
    after = draw_contacts([stream(**{"tiers": {"gold": 0.2}, **change})], 7)
    for name in kept:
        assert [getattr(one, name) for one in before] == [getattr(one, name) for one in after]
    assert before != after
