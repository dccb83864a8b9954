"""Demands (``ask``) in all their spellings, and what is refused in them."""

import pytest

from config.catalog import check_text
from config.problems import Problem
from router.core.requirements import (
    ANYONE,
    AllOf,
    AnyOf,
    AttributeIs,
    Condition,
    Not,
    SiteIs,
    SkillAtLeast,
    TeamIs,
)

FRAME = """\
skills: {{spanish: , billing: , sales: }}
queues:
  q:
    steps:
      - ask: {ask}
profiles: {{p: {{queues: [q], capacity: {{voice: 1}}}}}}
agents: {{ann: {{name: Ann, profile: p, skills: {{spanish: 9}}}}}}
"""
SPANISH, BILLING = SkillAtLeast(skill="spanish", level=3), SkillAtLeast(skill="billing", level=2)


def asked(ask: str) -> Condition:
    report = check_text(FRAME.format(ask=ask), at=0)
    assert report.catalog is not None, report.problems
    return report.catalog.queues["q"].steps[0].condition


def errors(ask: str) -> tuple[Problem, ...]:
    return check_text(FRAME.format(ask=ask), at=0).errors


@pytest.mark.parametrize(
    ("ask", "condition"),
    [
        ("anyone", ANYONE),
        ("", ANYONE),
        ("{}", ANYONE),
        ("spanish", SkillAtLeast(skill="spanish", level=1)),
        ("{spanish: 3}", SPANISH),
        ("{spanish: 3, billing: 2}", AllOf(of=(SPANISH, BILLING))),
        ("{all: [{spanish: 3}, {billing: 2}]}", AllOf(of=(SPANISH, BILLING))),
        ("{any: [{spanish: 3}, {billing: 2}]}", AnyOf(of=(SPANISH, BILLING))),
        ("{any: [spanish]}", SkillAtLeast(skill="spanish")),
        ("{not: {team: night}}", Not(of=TeamIs(team="night"))),
        ("{spanish: 3, site: home}", AllOf(of=(SPANISH, SiteIs(site="home")))),
        ("{attributes: {floor: 2}}", AttributeIs(name="floor", value="2")),
        (
            "{attributes: {floor: 2, desk: a}}",
            AllOf(of=(AttributeIs(name="floor", value="2"), AttributeIs(name="desk", value="a"))),
        ),
        (
            "{spanish: 3, any: [{billing: 2}, {not: {sales: 1}}]}",
            AllOf(of=(SPANISH, AnyOf(of=(BILLING, Not(of=SkillAtLeast(skill="sales")))))),
        ),
    ],
)
def test_a_demand_means_all_of_its_lines(ask: str, condition: Condition) -> None:
    assert asked(ask) == condition


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        ("{spanish: 11}", "ask.spanish"),
        ("{spanish: 0}", "ask.spanish"),
        ("{spanish: 1e999}", "ask.spanish"),
        ("{spanish: [3]}", "ask.spanish"),
        ("{spnish: 3}", "ask.spnish"),
        ("spnish", "ask"),
        ("[spanish]", "ask"),
        ("{any: []}", "ask.any"),
        ("{any: {spanish: 3}}", "ask.any"),
        ("{not: }", "ask.not"),
        ("{team: [a]}", "ask.team"),
        ("{attributes: {}}", "ask.attributes"),
        ("{any: [{spanish: 99}, {billing: 2}]}", "ask.any[0].spanish"),
        ("{all: [" + ", ".join(["spanish"] * 65) + "]}", "ask"),
    ],
)
def test_what_cannot_be_asked_is_refused_where_it_stands(ask: str, path: str) -> None:
    assert [one.path for one in errors(ask)] == [f"queues.q.steps[0].{path}"]


def test_every_bad_leaf_of_a_demand_is_reported() -> None:
    found = errors("{any: [{spnish: 3}, {billing: 0}], saels: 2}")
    assert [one.path.rpartition("ask.")[2] for one in found] == [
        "any[0].spnish",
        "any[1].billing",
        "saels",
    ]


def test_demands_are_not_nested_without_end() -> None:
    ask = "{not: " * 9 + "spanish" + "}" * 9
    assert "nested 8 deep" in errors(ask)[0].fix


@pytest.mark.parametrize("name", ["all", "any", "not", "team", "site", "attributes", "anyone"])
def test_a_skill_cannot_bear_a_name_that_demands_use(name: str) -> None:
    report = check_text(FRAME.format(ask="anyone").replace("sales:", f"{name}:"), at=0)
    assert [one.path for one in report.errors] == [f"skills.{name}"]
