"""``cti_adapters.email.side_by_side``: nobody overtakes whom they meet, all else goes at once."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.side_by_side import all_of, in_turn

meeting = st.lists(st.frozensets(st.sampled_from("abcdef"), max_size=3), max_size=30)


def placed(keys):
    """The group of each, by its number."""
    groups = in_turn(range(len(keys)), keys.__getitem__)
    return {one: place for place, group in enumerate(groups) for one in group}


@given(meeting)
def test_each_is_in_one_group_and_behind_whom_it_meets(keys):
    groups = in_turn(range(len(keys)), keys.__getitem__)
    assert sorted(one for group in groups for one in group) == list(range(len(keys)))
    place = placed(keys)
    for later in range(len(keys)):
        before = [place[one] for one in range(later) if keys[one] & keys[later]]
        assert place[later] == max((one + 1 for one in before), default=0)


@given(meeting)
def test_a_group_keeps_the_order_in_which_they_came(keys):
    assert all(group == sorted(group) for group in in_turn(range(len(keys)), keys.__getitem__))


async def test_one_that_fails_ends_no_other_and_is_told():
    done = []

    async def work(number):
        await asyncio.sleep(0)
        if number == 1:
            raise RuntimeError("a fault")
        await asyncio.sleep(0)
        done.append(number)

    with pytest.raises(RuntimeError, match="a fault"):
        await all_of([work(number) for number in range(3)])
    assert done == [0, 2]


async def test_of_several_that_fail_the_first_is_raised_and_the_others_are_logged(caplog):
    faults = [RuntimeError("one"), ValueError("two"), KeyError("three")]

    async def work(fault):
        raise fault

    with pytest.raises(RuntimeError, match="one"):
        await all_of([work(fault) for fault in faults])
    assert [record.exc_info[1] for record in caplog.records] == faults[1:]
    assert {record.levelname for record in caplog.records} == {"ERROR"}


async def test_an_outage_that_ends_them_all_is_told_once(caplog):
    async def work():
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        await all_of([work() for _ in range(50)])
    assert caplog.records == []


async def test_nothing_to_do_is_done():
    await all_of([])
