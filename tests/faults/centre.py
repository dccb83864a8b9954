"""A small centre in a hurry: short timers, so that every kind of event is under way at a kill."""

from __future__ import annotations

from router.core.catalog import (
    SECOND,
    AgentDefinition,
    Catalog,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.requirements import SkillAtLeast, Step, Traits

AGENTS = 24
CHANNELS = {"calls": "voice", "chats": "chat"}
CAPACITY = {"voice": 1, "chat": 3}


def queue(name: str) -> Queue:
    return Queue(
        id=name,
        label=name,
        steps=(
            Step(condition=SkillAtLeast(skill=name, level=4), lasts=SECOND // 10),
            Step(condition=SkillAtLeast(skill=name, level=1)),
        ),
        offer_for=SECOND // 4,
        missed_offer="not_ready",
        reoffer_after=SECOND // 5,
        wrap_up=SECOND // 10,
        wrap_up_limit=SECOND,
        preferred_for=SECOND // 10,
    )


def agent(number: int) -> AgentDefinition:
    skills = (("calls", 1 + number % 8), ("chats", 8 - number % 8))
    return AgentDefinition(
        id=f"agent{number}",
        name=f"Agent {number}",
        profile="everything",
        traits=Traits(skills=skills),
    )


def catalog(agents: int = AGENTS) -> Catalog:
    everything = Profile(
        id="everything",
        label="Everything",
        queues=tuple(ProfileQueue(queue=name) for name in CHANNELS),
        capacity=CAPACITY,
        alone=(),
    )
    return Catalog(
        version=1,
        queues={name: queue(name) for name in CHANNELS},
        profiles={"everything": everything},
        agents={definition.id: definition for definition in map(agent, range(agents))},
        skills={name: name for name in CHANNELS},
    )
