"""Shifts become commands, and people behave as they are described."""

from itertools import islice

import msgspec
import numpy as np
import pytest

from router.core import commands as c
from router.core.durations import HOUR, MINUTE, SECOND
from simulator.distributions import Constant, Exponential, draws, luck
from simulator.staff import BREAK, AtWork, Behaviour, Member, Pause, Shift, moves

DAY = (
    Shift(
        begins=8 * HOUR,
        ends=12 * HOUR,
        pauses=(Pause(begins=10 * HOUR, ends=10 * HOUR + 15 * MINUTE),),
    ),
    Shift(begins=13 * HOUR, ends=17 * HOUR),
)


def member(**behaviour: object) -> Member:
    return Member(agent="ann", shifts=DAY, behaviour=Behaviour(**behaviour))  # type: ignore[arg-type]


def test_a_day_is_signing_in_being_ready_the_breaks_and_signing_out() -> None:
    assert list(moves(member())) == [
        (8 * HOUR, c.SignIn(id="", agent="ann")),
        (8 * HOUR, c.SetReady(id="", agent="ann")),
        (10 * HOUR, c.SetNotReady(id="", agent="ann", reason=BREAK)),
        (10 * HOUR + 15 * MINUTE, c.SetReady(id="", agent="ann")),
        (12 * HOUR, c.SignOut(id="", agent="ann")),
        (13 * HOUR, c.SignIn(id="", agent="ann")),
        (13 * HOUR, c.SetReady(id="", agent="ann")),
        (17 * HOUR, c.SignOut(id="", agent="ann")),
    ]


def test_nobody_gets_ready_only_to_go_on_a_break_or_home() -> None:
    pauses = (Pause(begins=0, ends=MINUTE), Pause(begins=50 * MINUTE, ends=HOUR))
    ann = Member(agent="ann", shifts=(Shift(begins=0, ends=HOUR, pauses=pauses),))
    assert [(at, type(command)) for at, command in moves(ann)] == [
        (0, c.SignIn),
        (0, c.SetNotReady),
        (MINUTE, c.SetReady),
        (50 * MINUTE, c.SetNotReady),
        (HOUR, c.SignOut),
    ]


def test_pauses_are_no_work() -> None:
    assert [shift.lasts for shift in DAY] == [4 * HOUR - 15 * MINUTE, 4 * HOUR]


@pytest.mark.parametrize(
    ("at", "working"),
    [
        (8 * HOUR - 1, False),
        (8 * HOUR, True),
        (10 * HOUR - 1, True),
        (10 * HOUR, False),
        (10 * HOUR + 15 * MINUTE, True),
        (12 * HOUR, False),
        (13 * HOUR, True),
        (17 * HOUR, False),
    ],
)
def test_somebody_is_at_work_in_a_shift_and_not_in_a_pause(at: int, working: bool) -> None:
    assert AtWork(member(), 1).at_work(at) is working


def test_offers_are_missed_in_their_share() -> None:
    ann = AtWork(member(misses=0.3), 1)
    missed = sum(ann.misses() for _ in range(20_000)) / 20_000
    assert missed == pytest.approx(0.3, abs=0.013)
    never, always = AtWork(member(), 1), AtWork(member(misses=1.0), 1)
    assert not any(never.misses() for _ in range(100))
    assert all(always.misses() for _ in range(100))


def test_answers_take_as_long_as_described() -> None:
    ann = AtWork(member(accepts_after=Exponential(average=4 * SECOND)), 1)
    took = [ann.accepts_after() for _ in range(20_000)]
    assert np.mean(took) == pytest.approx(4 * SECOND, rel=0.03)
    assert AtWork(member(), 1).accepts_after() == 0
    assert AtWork(member(), 1).returns_after() == 60 * SECOND
    assert AtWork(member(returns_after=Constant(value=5)), 1).returns_after() == 5


def test_luck_depends_on_the_seed_and_the_agent() -> None:
    def answers(seed: int, name: str) -> list[int]:
        slow = msgspec.structs.replace(
            member(accepts_after=Exponential(average=4 * SECOND)), agent=name
        )
        someone = AtWork(slow, seed)
        return [someone.accepts_after() for _ in range(5)]

    assert answers(1, "ann") == answers(1, "ann")
    assert answers(1, "ann") != answers(1, "ben")
    assert answers(1, "ann") != answers(2, "ann")


def test_the_luck_of_agents_is_not_that_of_a_stream_of_the_same_name() -> None:
    ann = AtWork(member(accepts_after=Exponential(average=4 * SECOND)), 1)
    hers = [ann.accepts_after() for _ in range(3)]
    for sequence in (luck(1, "stream", "ann"), *luck(1, "stream", "ann").spawn(5)):
        theirs = draws(Exponential(average=4 * SECOND), np.random.default_rng(sequence))
        assert list(islice(theirs, 3)) != hers


def test_pace_stretches_work() -> None:
    assert AtWork(member(), 1).works(100, 9 * HOUR) == 100
    assert AtWork(member(pace=1.5), 1).works(100, 9 * HOUR) == 150
    assert AtWork(member(pace=0.5), 1).works(101, 9 * HOUR) in {50, 51}


def test_fatigue_grows_by_the_hour_until_the_next_pause() -> None:
    ann = AtWork(member(fatigue=0.1, pace=2.0), 1)
    ann.comes_back(8 * HOUR)
    assert [ann.works(1_000, at * HOUR) for at in (8, 9, 10)] == [2_000, 2_200, 2_400]
    ann.rests()
    ann.comes_back(10 * HOUR)
    assert ann.works(1_000, 10 * HOUR) == 2_000
    assert ann.works(1_000, 9 * HOUR) == 2_000  # never below what a fresh agent takes


def test_who_is_ready_again_after_a_missed_offer_is_no_fresher() -> None:
    ann = AtWork(member(fatigue=0.1), 1)
    ann.comes_back(8 * HOUR)
    ann.comes_back(10 * HOUR)
    assert ann.works(1_000, 10 * HOUR) == 1_200
