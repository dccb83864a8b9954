from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.moments import Moments

CHANGES = st.lists(
    st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 20))), max_size=400
)


@given(CHANGES, st.integers(0, 20))
def test_each_name_has_the_moment_that_was_set_last(changes, at):
    moments, now = Moments(), {}
    for name, moment in changes:
        moments.set(name, moment)
        now[name] = moment
        known = [one for one in now.values() if one is not None]
        assert moments.next == min(known, default=None)
    come = {name for name, moment in now.items() if moment is not None and moment <= at}
    taken = moments.take(at)
    assert sorted(taken) == sorted(come)
    left = [one for name, one in now.items() if one is not None and name not in come]
    assert moments.next == min(left, default=None)


def test_a_flood_of_new_moments_takes_no_room():
    moments = Moments()
    for at in range(10_000):
        moments.set("a", 10_000 - at)
    assert len(moments._heap) < 100
    assert moments.take(10_000) == ["a"]
    assert moments.next is None
