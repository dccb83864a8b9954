"""The index of who could serve whom: kept up to date step by step, always what a rebuild gives."""

from __future__ import annotations

from random import Random

from core_world import STRATEGY_NAMES, World
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core import commands as c
from router.core import matching
from router.core.catalog import SECOND, ProfileQueue
from router.core.matching import NEVER, Index, barred_agents
from router.core.requirements import ANYONE
from router.core.state import State
from tests.unit.router.core.centre import Centre, agent, profile, queue, skill, steps


def picture(index: Index) -> dict[str, object]:
    """What the index knows, without the numbers it gave to groups and classes."""
    groups = {
        (group.traits, group.profile.id, group.weight): (
            sorted(group.members),
            sorted(group.taking),
            {channel: sorted(members) for channel, members in group.unreachable.items()},
            {where: row for where, row in group.standing.items() if row},
        )
        for group in index.groups()
    }
    names = {group.number: key for key, group in index._group_of_key.items()}

    def served_by(bits: int) -> set[object]:
        return {names[n] for n in range(bits.bit_length()) if bits >> n & 1}

    classes = {
        key: (one.waiting, one.ringing, served_by(one.groups))
        for key, one in index._class_of_key.items()
        if one.waiting or one.ringing
    }
    kept = {who: places for who, places in index._kept.items() if places}
    lengths = {name: count for name, count in index._lengths.items() if count}
    return {"groups": groups, "classes": classes, "kept": kept, "lengths": lengths} | {
        "excluded": {k: v for k, v in index._excluded.items() if v},
        "waiting": {one.bit for one in index._classes.values() if one.waiting}
        == {one.bit for one in index.waiting_classes()},
    }


def rebuilt(state: State) -> dict[str, object]:
    return picture(State.restore(state.snapshot()).index)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_index_is_always_what_a_rebuild_gives(seed: int):
    random = Random(seed)
    world = World(random.choice(STRATEGY_NAMES))
    for _ in range(4):
        world.busy_stretch(random, 15)
        assert picture(world.state.index) == rebuilt(world.state)


def test_agents_who_are_the_same_share_a_group_and_it_goes_with_the_last():
    centre = Centre(
        agent("ann"), agent("ben"), agent("chi", skills={"es": 1}), agent("dora", weight=2)
    )
    centre.ready("ann", "ben", "chi", "dora")
    index = centre.state.index
    assert sorted(sorted(group.members) for group in index.groups()) == [
        ["ann", "ben"],
        ["chi"],
        ["dora"],
    ]
    for name in ("ann", "ben"):
        centre.do(c.SignOut(id="", agent=name))
    assert sorted(sorted(group.members) for group in index.groups()) == [["chi"], ["dora"]]


def test_numbers_of_groups_and_classes_are_used_again():
    """Bit masks stay as short as the centre is large, however long it runs."""
    centre = Centre(agent("ann"), skills=("es",))
    for level in range(1, 11):
        centre.ready("ann")
        centre.do(c.LendSkills(id="", agent="ann", skills={"es": level}))
        centre.do(c.SignOut(id="", agent="ann"))
    centre.ready("ann")
    assert max(group.number for group in centre.state.index.groups()) <= 1


def test_classes_nobody_waits_in_are_dropped_before_there_are_too_many(monkeypatch):
    monkeypatch.setattr(matching, "MAX_IDLE_CLASSES", 10)
    centre = Centre(agent("ann", skills={"es": 9}))
    centre.ready("ann")
    centre.talk("busy")
    centre.arrive("stays", steps=steps(skill("es", 10)))
    for number in range(50):
        centre.arrive(f"k{number}", steps=steps(skill(f"s{number}")))
        centre.do(c.Abandon(id="", contact=f"k{number}"))
    assert len(centre.state.index._classes) <= 11
    centre.do(c.LendSkills(id="", agent="ann", skills={"es": 10}))
    centre.end("busy")
    assert centre.ringing("stays") == ["ann"]


def test_a_class_knows_which_profiles_see_it_after_which_wait():
    late = profile("late", queues=(ProfileQueue(queue="q", delay=30 * SECOND),))
    centre = Centre(profile(), late, agent("ann"), agent("ben", "late"))
    centre.ready("ann", "ben")
    index = centre.state.index
    one = index.class_for("q", "voice", ANYONE)
    assert index.delays("q") == [30 * SECOND]
    early = {who for g in index.each_group(one.reached_after(0)) for who in g.members}
    later = {who for g in index.each_group(one.reached_after(30 * SECOND)) for who in g.members}
    assert (early, later) == ({"ann"}, {"ann", "ben"})


def test_asking_what_would_be_changes_nothing():
    centre = Centre(agent("ann"), queue())
    centre.ready("ann")
    before = centre.state.snapshot()
    one = centre.state.index.class_for("q", "voice", skill("es"))
    assert centre.state.index.candidates(one, centre.at, {}, centre.at) is None
    assert centre.state.snapshot() == before


def test_who_writes_it_up_or_rings_already_is_barred_without_end():
    centre = Centre(queue(strategy="ring_all", wrap_up=60 * SECOND), agent("ann"), agent("ben"))
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.TransferToQueue(id="", contact="k", queue="q"))
    centre.ready("ben")
    barred = barred_agents(centre.contact("k"))
    assert barred == {"ann": NEVER, "ben": NEVER}


def test_removing_what_does_not_wait_is_nothing():
    index = Centre(agent("ann")).state.index
    index.remove_contact("nobody")
    assert index.length("q") == 0
