"""The processes of these tests know the standard library: they cannot import a test module."""

import os
from multiprocessing import active_children
from operator import call, floordiv, mul

import pytest

from simulator.workers import WorkerLost, in_order


def counted(common: list[int], item: int) -> int:
    common.append(item)
    return len(common)


def test_answers_come_in_the_order_of_the_items_whoever_is_first() -> None:
    assert list(in_order(mul, 3, range(20), 2)) == list(range(0, 60, 3))


def test_one_worker_is_this_very_process() -> None:
    common: list[int] = []
    assert list(in_order(counted, common, [5, 6], 1)) == [1, 2]
    assert common == [5, 6]


def test_nothing_to_do_is_nothing() -> None:
    assert list(in_order(mul, 3, [], 2)) == []


def test_what_the_work_raises_is_raised_with_its_place_in_the_work() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        list(in_order(floordiv, 1, [1, 0, 1], 2))
    assert "in _serve" in caught.value.__notes__[0]


def test_a_process_that_dies_is_told_of_and_does_not_hang() -> None:
    with pytest.raises(WorkerLost, match="fewer workers"):
        list(in_order(call, os._exit, range(4), 2))


def test_who_stops_asking_ends_the_processes() -> None:
    before = set(active_children())
    answers = in_order(mul, 3, range(1_000_000), 2)
    assert next(answers) == 0
    assert set(active_children()) - before
    answers.close()
    assert set(active_children()) == before
