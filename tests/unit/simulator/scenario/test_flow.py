"""The work that is too much for those who can do it is named exactly."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.flow import Excess, excesses


def test_work_that_fits_is_no_excess() -> None:
    assert excesses([1.0, 2.0], [1.0, 2.0], [[0], [1]]) == []
    assert excesses([0.0], [], [[]]) == []
    assert excesses([], [1.0], []) == []


def test_work_that_nobody_can_do_is_an_excess() -> None:
    assert excesses([0.5], [3.0], [[]]) == [Excess(work=(0,), demand=0.5, supply=0.0)]


def test_two_kinds_of_work_may_fit_alone_and_not_together() -> None:
    assert excesses([0.6, 0.6], [1.0], [[0], [0]]) == [Excess(work=(0, 1), demand=1.2, supply=1.0)]


def test_work_moves_over_to_those_who_have_time() -> None:
    """Everybody can do the first kind: it must leave the only ones who can do the second."""
    assert excesses([4.0, 2.0], [2.0, 4.0], [[0, 1], [0]]) == []


def test_a_few_specialists_are_seen_among_many_people() -> None:
    able = [[0], [0], [0, 1]]
    assert excesses([1.0, 1.5, 50.0], [2.0, 100.0], able) == [
        Excess(work=(0, 1), demand=2.5, supply=2.0)
    ]


def test_teams_that_share_nobody_are_told_of_apart() -> None:
    assert [one.work for one in excesses([2.0, 1.0, 3.0], [1.0, 2.0, 1.0], [[0], [1], [2]])] == [
        (0,),
        (2,),
    ]


def test_absurd_amounts_come_to_an_end() -> None:
    demand, able = [1e10 / 3, 0.1, 1e10 / 7], [[0, 1], [1], [0, 2]]
    assert excesses(demand, [1e10 / 3, 1e9 / 3, 0.3], able)[0].work == (0, 1, 2)
    assert excesses([0.1, 1e-12], [1e12, 0.0], [[0], [1]]) == []


CENTRES = st.integers(1, 4).flatmap(
    lambda people: st.tuples(
        st.lists(st.integers(0, 8).map(float), min_size=people, max_size=people),
        st.lists(
            st.tuples(
                st.integers(0, 8).map(float),
                st.lists(st.integers(0, people - 1), unique=True).map(sorted),
            ),
            max_size=5,
        ),
    )
)


@given(CENTRES)
def test_the_excess_is_the_largest_of_any_set_of_work(
    centre: tuple[list[float], list[tuple[float, list[int]]]],
) -> None:
    supply, jobs = centre
    demand, able = [amount for amount, _ in jobs], [people for _, people in jobs]
    every_set = chain.from_iterable(combinations(range(len(jobs)), n) for n in range(len(jobs) + 1))
    worst = max(
        sum(demand[one] for one in work)
        - sum(supply[p] for p in set().union(*(able[one] for one in work)))
        for work in every_set
    )
    found = excesses(demand, supply, able)
    assert sum(one.demand - one.supply for one in found) == pytest.approx(worst)
    assert all(one.demand > one.supply for one in found)
