"""Conditions, steps, and which part of a condition keeps whom out."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.requirements import (
    MAX_DEPTH,
    MAX_LEAVES,
    AllOf,
    AnyOf,
    AttributeIs,
    Condition,
    Not,
    SiteIs,
    SkillAtLeast,
    Step,
    TeamIs,
    Traits,
    describe,
    failed_leaves,
    problem_with,
    satisfies,
    skills_named,
    step_end,
)

ANN = Traits(
    skills=(("es", 5), ("tax", 2)), team="north", site="madrid", attributes=(("vip", "yes"),)
)
ES = SkillAtLeast(skill="es", level=5)
TAX = SkillAtLeast(skill="tax", level=3)

leaves = st.one_of(
    st.builds(SkillAtLeast, skill=st.sampled_from(["es", "tax", "x"]), level=st.integers(1, 10)),
    st.builds(TeamIs, team=st.sampled_from(["north", "south"])),
    st.builds(SiteIs, site=st.sampled_from(["madrid", "lyon"])),
    st.builds(AttributeIs, name=st.just("vip"), value=st.sampled_from(["yes", "no"])),
)
conditions = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.builds(AllOf, of=st.lists(part, max_size=3).map(tuple)),
        st.builds(AnyOf, of=st.lists(part, max_size=3).map(tuple)),
        st.builds(Not, of=part),
    ),
    max_leaves=8,
)
traits = st.builds(
    Traits,
    skills=st.dictionaries(st.sampled_from(["es", "tax", "x"]), st.integers(1, 10)).map(
        lambda levels: tuple(sorted(levels.items()))
    ),
    team=st.sampled_from(["north", "south", ""]),
    site=st.sampled_from(["madrid", ""]),
    attributes=st.sampled_from([(), (("vip", "yes"),)]),
)


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (ES, True),
        (SkillAtLeast(skill="es", level=6), False),
        (SkillAtLeast(skill="french"), False),
        (TeamIs(team="north"), True),
        (TeamIs(team="south"), False),
        (SiteIs(site="madrid"), True),
        (SiteIs(site="lyon"), False),
        (AttributeIs(name="vip", value="yes"), True),
        (AttributeIs(name="vip", value="no"), False),
        (AttributeIs(name="age", value="yes"), False),
        (AllOf(of=(ES, TeamIs(team="north"))), True),
        (AllOf(of=(ES, TAX)), False),
        (AnyOf(of=(TAX, ES)), True),
        (AnyOf(of=(TAX, TeamIs(team="south"))), False),
        (Not(of=TAX), True),
        (Not(of=ES), False),
    ],
)
def test_each_kind_of_condition_is_met_by_its_own_trait(condition: Condition, met: bool):
    assert satisfies(condition, ANN) is met


def test_all_of_nothing_asks_for_nothing_and_any_of_nothing_is_never_met():
    assert satisfies(AllOf(), Traits())
    assert not satisfies(AnyOf(), ANN)


@given(condition=conditions, who=traits)
def test_leaves_fail_exactly_when_the_condition_does(condition: Condition, who: Traits):
    failed = failed_leaves(condition, who)
    assert (failed == ()) == satisfies(condition, who)
    assert not any(satisfies(leaf, who) for leaf in failed)


@pytest.mark.parametrize(
    ("condition", "failed"),
    [
        (AllOf(of=(ES, TAX, TeamIs(team="south"))), (TAX, TeamIs(team="south"))),
        (AnyOf(of=(TAX, SiteIs(site="lyon"))), (TAX, SiteIs(site="lyon"))),
        (AllOf(of=(AnyOf(of=(TAX, ES)), TAX)), (TAX,)),
        (Not(of=AllOf(of=(ES,))), (Not(of=AllOf(of=(ES,))),)),
        (AnyOf(), (AnyOf(),)),
    ],
)
def test_the_failed_leaves_are_the_smallest_obstacles(
    condition: Condition, failed: tuple[Condition, ...]
):
    assert failed_leaves(condition, ANN) == failed


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (AllOf(), "anyone"),
        (AnyOf(), "nobody"),
        (ES, "es >= 5"),
        (AttributeIs(name="vip", value="yes"), "vip = yes"),
        (Not(of=SiteIs(site="lyon")), "not site = lyon"),
        (
            AllOf(of=(ES, AnyOf(of=(TAX, TeamIs(team="north"))))),
            "es >= 5 and (tax >= 3 or team = north)",
        ),
        (Not(of=AllOf(of=(ES, TAX))), "not (es >= 5 and tax >= 3)"),
        (AllOf(of=(AllOf(of=(ES,)),)), "es >= 5"),
    ],
)
def test_a_condition_reads_as_words(condition: Condition, words: str):
    assert describe(condition) == words


def test_every_skill_a_condition_mentions_is_named_once():
    condition = AllOf(of=(ES, Not(of=AnyOf(of=(TAX, ES))), TeamIs(team="north")))
    assert skills_named(condition) == {"es", "tax"}


def _nested(depth: int) -> Condition:
    condition: Condition = ES
    for _ in range(depth - 1):
        condition = Not(of=condition)
    return condition


def test_conditions_are_bounded_in_depth_and_in_leaves():
    assert problem_with(_nested(MAX_DEPTH)) is None
    assert "deep" in (problem_with(_nested(MAX_DEPTH + 1)) or "")
    assert problem_with(AnyOf(of=(ES,) * MAX_LEAVES)) is None
    assert "tests" in (problem_with(AnyOf(of=(ES,) * (MAX_LEAVES + 1))) or "")


def test_a_condition_nested_beyond_all_measure_is_refused_without_a_crash():
    assert problem_with(_nested(900)) is not None


@pytest.mark.parametrize("level", [0, 11, -1])
def test_a_level_lies_between_1_and_10(level: int):
    bad = AllOf(of=(TeamIs(team="x"), Not(of=SkillAtLeast(skill="es", level=level))))
    assert "between 1 and 10" in (problem_with(bad) or "")


@given(condition=conditions)
def test_conditions_survive_their_wire_form(condition: Condition):
    wire = msgspec.json.encode(condition)
    assert msgspec.json.decode(wire, type=Condition) == condition


def test_the_last_step_never_ends_and_another_ends_when_its_time_is_over():
    steps = (Step(lasts=10), Step(), Step(lasts=10))
    assert step_end(steps, 0, 100) == 110
    assert step_end(steps, 1, 100) == 0
    assert step_end(steps, 2, 100) == 0


def test_a_step_of_no_length_still_ends_after_it_began():
    assert step_end((Step(lasts=0), Step()), 0, 100) == 101
