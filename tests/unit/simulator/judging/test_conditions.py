"""The judge's own reading of what a contact asks for."""

from __future__ import annotations

import pytest

from router.core.requirements import (
    AllOf,
    AnyOf,
    AttributeIs,
    Not,
    SiteIs,
    SkillAtLeast,
    TeamIs,
    Traits,
)
from simulator.judging.conditions import failed_parts, in_words, meets, skills_asked

ANN = Traits(skills=(("es", 5),), team="north", site="leeds", attributes=(("vip", "yes"),))
ES, TAX = SkillAtLeast(skill="es", level=3), SkillAtLeast(skill="tax", level=1)
SOUTH = TeamIs(team="south")


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (SkillAtLeast(skill="es", level=5), True),
        (SkillAtLeast(skill="es", level=6), False),
        (TAX, False),
        (TeamIs(team="north"), True),
        (SOUTH, False),
        (SiteIs(site="leeds"), True),
        (SiteIs(site=""), False),
        (AttributeIs(name="vip", value="yes"), True),
        (AttributeIs(name="vip", value="no"), False),
        (AllOf(), True),
        (AllOf(of=(ES, TAX)), False),
        (AnyOf(), False),
        (AnyOf(of=(ES, TAX)), True),
        (Not(of=TAX), True),
        (Not(of=ES), False),
    ],
)
def test_a_condition_is_met_or_not(condition, met):
    assert meets(condition, ANN) is met


@pytest.mark.parametrize(
    ("condition", "failed"),
    [
        (ES, []),
        (TAX, [TAX]),
        (AllOf(of=(ES, TAX, SOUTH)), [TAX, SOUTH]),
        (AnyOf(of=(SOUTH, AllOf(of=(ES, TAX)))), [SOUTH, TAX]),
        (AnyOf(), [AnyOf()]),
        (Not(of=AllOf(of=(ES,))), [Not(of=AllOf(of=(ES,)))]),
    ],
)
def test_what_failed_is_the_smallest_parts(condition, failed):
    assert failed_parts(condition, ANN) == failed


def test_every_skill_that_is_named_is_asked_for():
    assert skills_asked(AllOf(of=(ES, AnyOf(of=(SOUTH, Not(of=TAX)))))) == {"es", "tax"}
    assert skills_asked(AllOf()) == set()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (ES, "es >= 3"),
        (SOUTH, "team = south"),
        (SiteIs(site="leeds"), "site = leeds"),
        (AttributeIs(name="vip", value="yes"), "vip = yes"),
        (AllOf(), "anyone"),
        (AnyOf(), "nobody"),
        (AllOf(of=(ES, AnyOf(of=(TAX, SOUTH)))), "es >= 3 and (tax >= 1 or team = south)"),
        (Not(of=AllOf(of=(ES, TAX))), "not (es >= 3 and tax >= 1)"),
        (AnyOf(of=(AllOf(of=(ES,)), Not(of=SOUTH))), "es >= 3 or not team = south"),
    ],
)
def test_a_condition_in_words(condition, words):
    assert in_words(condition) == words
