"""What a replay found, in words."""

from __future__ import annotations

import pytest

from simulator.replay import CentreChange, Replay, replay, study
from simulator.replay.sentences import (
    effect_sentences,
    fidelity_sentence,
    hours_of,
    misfits,
    source_sentences,
    tier_sentence,
    tiers_of,
    types_of,
)
from tests.unit.simulator.replay.logs import recorded


@pytest.fixture(scope="module")
def found() -> Replay:
    return replay(study(recorded(), 1), change=CentreChange(credits={"gold": 0}))


def test_groups_come_in_the_order_people_think_of_them(found: Replay) -> None:
    assert tiers_of(found) == ["gold", "plain"]
    assert types_of(found) == ["sales", "help"]
    assert hours_of(found) == ["08"]


def test_a_change_of_credit_is_told_for_those_who_have_it_and_the_others(found: Replay) -> None:
    sentences = effect_sentences(found)
    assert [one.partition(":")[0] for one in sentences] == [
        "Mean wait",
        "Abandoned",
        "Service level",
    ]
    assert sentences[0].startswith("Mean wait: gold customers +")
    assert ", others " in sentences[0]


def test_any_other_change_is_told_by_tier_and_for_everybody() -> None:
    found = replay(study(recorded(), 1), change=CentreChange(handling=2))
    waits = effect_sentences(found)[0]
    assert waits.startswith("Mean wait: gold customers +")
    assert ", plain customers +" in waits
    assert ", everybody +" in waits


def test_without_a_change_there_is_nothing_to_tell() -> None:
    assert effect_sentences(replay(study(recorded(), 1))) == []


def test_what_is_further_off_than_a_tenth_is_named(found: Replay) -> None:
    off = misfits(found)
    said = fidelity_sentence(found)
    assert all(abs(one.off) > 0.1 for one in off)
    assert ("Further off than 10%" in said) is bool(off)
    for one in off:
        assert ("all calls" if one.group == "all" else one.group) in said


def test_where_the_people_come_from(found: Replay) -> None:
    said = " ".join(source_sentences(found))
    assert said.startswith("2 agents with ")
    assert "inferred from the calls they took" in said
    assert tier_sentence(found) == ""
