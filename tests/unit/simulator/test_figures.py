import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.durations import SECOND
from simulator.figures import RATIOS, WAIT_EDGES, Tally, summarise
from simulator.ledger import Outcome
from tests.unit.simulator.centres import outcome

WITHIN = 20 * SECOND


def tally(*outcomes: Outcome) -> Tally:
    return summarise(outcomes, lambda queue: WITHIN).tally


def test_the_service_level_leaves_out_who_gave_up_at_once() -> None:
    found = tally(
        outcome("answered", 20 * SECOND),
        outcome("answered", 21 * SECOND),
        outcome("abandoned", 5 * SECOND),
        outcome("abandoned", 6 * SECOND),
    )
    assert found.ratio("service_level") == pytest.approx(1 / 3)
    assert found.ratio("abandonment") == 0.5


def test_who_overflowed_was_blocked_or_still_waits_is_counted_and_is_in_no_wait() -> None:
    results = ("overflowed", "blocked", "unfinished")
    found = tally(outcome("answered", SECOND), *(outcome(one, 99 * SECOND) for one in results))
    assert (found.contacts, found.ended) == (4, 1)
    assert (found.overflowed, found.blocked, found.unfinished) == (1, 1, 1)
    assert found.ratio("mean_wait") == 1.0


def test_a_conversation_that_goes_on_is_answered_and_not_yet_handled() -> None:
    found = tally(outcome("answered", 0, talked=60 * SECOND), outcome("answered", 0))
    assert (found.answered, found.talked) == (2, 1)
    assert found.ratio("mean_handling") == 60.0


def test_waits_are_of_all_who_waited_to_an_end() -> None:
    found = tally(outcome("answered", 10 * SECOND), outcome("abandoned", 40 * SECOND))
    assert found.ratio("mean_wait") == 25.0
    assert found.ratio("mean_wait_answered") == 10.0
    assert tally(outcome("answered"), outcome("answered", SECOND)).ratio("waited") == 0.5


def test_nobody_has_no_figures() -> None:
    group = summarise([], lambda queue: WITHIN)
    assert [group.tally.ratio(figure) for figure in RATIOS] == [None] * len(RATIOS)
    assert (group.quantiles, group.waits) == ({}, ())


def test_quantiles_are_of_the_waits() -> None:
    group = summarise([outcome("answered", n * SECOND) for n in range(101)], lambda queue: WITHIN)
    assert group.quantiles == {"median_wait": 50.0, "wait_90": 90.0, "wait_99": 99.0}


results = st.sampled_from(["answered", "abandoned", "overflowed", "blocked", "unfinished"])
outcomes = st.lists(
    st.builds(outcome, results, st.integers(0, 200_000 * SECOND) | st.just(0)), max_size=30
)


@given(outcomes, outcomes)
def test_tallies_of_parts_add_up_to_the_whole(some: list[Outcome], others: list[Outcome]) -> None:
    added = tally(*some)
    added.merge(tally(*others))
    whole = tally(*some, *others)
    for name in Tally.__struct_fields__:
        assert getattr(added, name) == pytest.approx(getattr(whole, name))


@given(outcomes)
def test_every_wait_to_an_end_is_in_one_class_of_waits(some: list[Outcome]) -> None:
    group = summarise(some, lambda queue: WITHIN)
    assert sum(group.waits) == group.tally.ended
    if group.waits:
        assert len(group.waits) == len(WAIT_EDGES) + 1
        assert group.waits[0] == group.tally.ended - group.tally.waited_at_all
        assert sum(group.waits[: 1 + WAIT_EDGES.index(5)]) == sum(
            one.result in {"answered", "abandoned"} and one.waited <= 5 * SECOND for one in some
        )
