"""``ivr.core.trees``: conditions as admins write them."""

import pytest

from ivr.core.conditions import (
    AllOf,
    AnyOf,
    AttributeAtLeast,
    AttributeKnown,
    AttributeSays,
    CustomerKnown,
    HoursOpen,
    Not,
    QueueLengthAtLeast,
    QueueStaffed,
    QueueWaitAtLeast,
    Says,
    TierIs,
    TimeIs,
    ValueAtLeast,
)
from ivr.core.trees import CONDITION, DEMAND, read_tree, write_tree
from router.core import requirements as r
from router.core.durations import MINUTE
from router.core.requirements import AttributeIs

GOLD = TierIs(tier="gold")


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ({"tier": "gold"}, GOLD),
        ({"tier": "gold", "known": "true"}, AllOf(of=(GOLD, CustomerKnown()))),
        (
            {"any": [{"tier": "gold"}, {"value": "500"}]},
            AnyOf(of=(GOLD, ValueAtLeast(at_least=500))),
        ),
        ({"not": {"open": "office"}}, Not(of=HoursOpen(hours="office"))),
        ({"all": []}, AllOf()),
        ({"all": [{"tier": "gold"}]}, AllOf(of=(GOLD,))),
        (
            {"attributes": {"a": "1", "b": "2"}},
            AllOf(of=(AttributeIs(name="a", value="1"), AttributeIs(name="b", value="2"))),
        ),
        ({"at_least": {"debt": 100}}, AttributeAtLeast(name="debt", at_least=100)),
        ({"says": "refund"}, Says(phrases=("refund",))),
        ({"says": ["refund", 12]}, Says(phrases=("refund", "12"))),
        ({"subject": ["退款"]}, Says(phrases=("退款",), where="subject")),
        ({"text": ["a", "b"]}, Says(phrases=("a", "b"), where="text")),
        ({"sender": "@x.org"}, Says(phrases=("@x.org",), where="sender")),
        (
            {"contains": {"mail_to": ["billing"], "name": "ann"}},
            AllOf(
                of=(
                    AttributeSays(name="mail_to", phrases=("billing",)),
                    AttributeSays(name="name", phrases=("ann",)),
                )
            ),
        ),
        ({"has": "account"}, AttributeKnown(name="account")),
        ({"staffed": "support"}, QueueStaffed(queue="support")),
        ({"length": {"support": 5}}, QueueLengthAtLeast(queue="support", at_least=5)),
        ({"wait": {"support": "5m"}}, QueueWaitAtLeast(queue="support", at_least=5 * MINUTE)),
        ({"time": "mon-tue 09:00-10:00"}, TimeIs(begins=540, ends=600, days=(1, 2))),
    ],
)
def test_conditions_are_read_and_written_so_that_they_are_the_same(written, tree):
    assert read_tree(CONDITION, written) == tree
    assert read_tree(CONDITION, write_tree(CONDITION, tree)) == tree


def test_lines_stay_lines_where_reading_them_gives_the_same():
    lines = {"tier": "gold", "attributes": {"a": "1", "b": "2"}, "known": True}
    assert write_tree(CONDITION, read_tree(CONDITION, lines)) == lines
    twice = AllOf(of=(GOLD, TierIs(tier="silver")))
    assert write_tree(CONDITION, twice) == {"all": [{"tier": "gold"}, {"tier": "silver"}]}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"teir": "gold"}, "did you mean 'tier'"),
        ({"python": "1+1"}, "is no condition"),
        ({}, "write a condition"),
        ("tier is gold", "write a condition"),
        (None, "write a condition"),
        ([{"tier": "gold"}], "write a condition"),
        ({"all": {"tier": "gold"}}, "write 'all:"),
        ({"any": [{}] * 65}, "64 at most"),
        ({"value": "much"}, "whole number"),
        ({"value": True}, "whole number"),
        ({"known": "maybe"}, "true or false"),
        ({"tier": ["gold"]}, "one word"),
        ({"tier": "x" * 81}, "characters"),
        ({"length": 5}, "write 'length"),
        ({"says": []}, "1 to 50 words"),
        ({"says": ["x"] * 51}, "1 to 50 words"),
        ({"says": "!?"}, "letters or digits"),
        ({"subject": ["x" * 81]}, "characters"),
        ({"text": [{"x": 1}]}, "one word"),
        ({"sender": {"x": 1}}, "one word"),
        ({"contains": "x"}, "write 'contains"),
        ({"contains": {"x": []}}, "1 to 50 words"),
        ({"wait": {"q": 5}}, "unit"),
        ({"any": [{"any": [{"known": True}] * 40}] * 2}, "64 tests"),
    ],
)
def test_what_is_no_condition_says_what_to_write(written, says):
    with pytest.raises(ValueError, match=says):
        read_tree(CONDITION, written)


def test_nesting_is_bounded():
    deep = {"known": True}
    for _ in range(100):
        deep = {"not": deep}
    with pytest.raises(ValueError, match="deep"):
        read_tree(CONDITION, deep)


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("anyone", r.ANYONE),
        ("english", r.SkillAtLeast(skill="english")),
        ({"english": 3}, r.SkillAtLeast(skill="english", level=3)),
        (
            {"english": "3", "not": {"team": "new"}},
            r.AllOf(of=(r.SkillAtLeast(skill="english", level=3), r.Not(of=r.TeamIs(team="new")))),
        ),
        (
            {"site": "a", "attributes": {"desk": 9}},
            r.AllOf(of=(r.SiteIs(site="a"), AttributeIs(name="desk", value="9"))),
        ),
    ],
)
def test_demands_are_written_as_in_the_catalog(written, tree):
    assert read_tree(DEMAND, written) == tree
    assert read_tree(DEMAND, write_tree(DEMAND, tree)) == tree


def test_a_demand_has_the_bounds_of_routing():
    with pytest.raises(ValueError, match="between 1 and 10"):
        read_tree(DEMAND, {"english": 11})
