"""A queue's headcount: only agents who could serve it, each doing one thing."""

from __future__ import annotations

import pytest

from reporting.staff import Headcount, Staff
from router.core import commands as c
from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.machine import RoutingCore
from router.core.requirements import SkillAtLeast, Step, Traits
from router.core.state import State


def queue(name: str, *levels: int) -> Queue:
    steps = tuple(
        Step(condition=SkillAtLeast(skill=name, level=level), lasts=1_000_000) for level in levels
    )
    return Queue(id=name, label=name, steps=steps)


def agent(name: str, **skills: int) -> AgentDefinition:
    traits = Traits(skills=tuple(sorted(skills.items())))
    return AgentDefinition(id=name, name=name, profile="all", traits=traits)


CATALOG = Catalog(
    version=1,
    queues={"tax": queue("tax", 5, 1), "law": queue("law", 3)},
    profiles={
        "all": Profile(
            id="all",
            label="All",
            queues=(ProfileQueue(queue="tax"), ProfileQueue(queue="law")),
            capacity={"voice": 1},
        )
    },
    agents={a.id: a for a in (agent("ann", tax=1, law=3), agent("ben", law=2))},
    skills={"tax": "Tax", "law": "Law"},
)


class Centre:
    def __init__(self) -> None:
        self.core = RoutingCore(State())
        self.at = 1_000_000
        self.do(c.PublishCatalog(id="", catalog=CATALOG, replaces=0))
        self.staff = Staff(self.core.state)

    def do(self, command: c.Command) -> None:
        self.at += 1
        assert isinstance(self.core.handle(command, self.at), list)

    def look(self, agent_id: str) -> set[str]:
        return self.staff.look(self.core.state, [agent_id])


@pytest.fixture
def centre() -> Centre:
    made = Centre()
    for agent_id in CATALOG.agents:
        made.do(c.SignIn(id="", agent=agent_id))
        made.look(agent_id)
    return made


def test_an_agent_counts_where_they_meet_the_broadest_demand(centre: Centre):
    assert centre.staff.of_queue("tax") == Headcount(not_ready=1)
    assert centre.staff.of_queue("law") == Headcount(not_ready=1)


def test_going_ready_changes_the_queues_one_can_serve_and_no_other(centre: Centre):
    centre.do(c.SetReady(id="", agent="ben"))
    assert centre.look("ben") == set()
    centre.do(c.SetReady(id="", agent="ann"))
    assert centre.look("ann") == {"tax", "law"}
    assert centre.staff.of_queue("tax") == Headcount(ready=1)


def test_lent_skills_count_at_once(centre: Centre):
    centre.do(c.LendSkills(id="", agent="ben", skills={"tax": 1}))
    assert centre.look("ben") == {"tax"}
    assert centre.staff.of_queue("tax") == Headcount(not_ready=2)


def test_signed_out_agents_count_nowhere(centre: Centre):
    centre.do(c.SignOut(id="", agent="ann"))
    assert centre.look("ann") == {"tax", "law"}
    assert centre.staff.of_queue("tax") == Headcount()


def test_a_count_made_anew_is_the_same(centre: Centre):
    centre.do(c.SetReady(id="", agent="ann"))
    centre.look("ann")
    again = Staff(centre.core.state)
    for name in CATALOG.queues:
        assert again.of_queue(name) == centre.staff.of_queue(name)
