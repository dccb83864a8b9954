"""The recorded centre as a catalog: what the log shows of queues, skills and credits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from router.core.catalog import AgentDefinition, Catalog, Credits, Profile, ProfileQueue, Queue
from router.core.durations import HOUR, SECOND
from router.core.requirements import SkillAtLeast, Step, Traits
from simulator.replay.recorded import CHANNEL, queue_of

OBJECTIVE = 20 * SECOND
_PROFILE = "everybody"


def infer_catalog(
    kinds: Iterable[str], skills: Mapping[str, Collection[str]], head_starts: Mapping[str, int]
) -> Catalog:
    """A queue for each type of call, which asks for the skill of its name; agents with the types
    they were seen to serve (``skills``, by agent); ``head_starts`` by tier, microseconds.
    """
    names = {kind: queue_of(kind) for kind in sorted(set(kinds))}
    return Catalog(
        queues={name: _queue(kind, name) for kind, name in names.items()},
        profiles={
            _PROFILE: Profile(
                id=_PROFILE,
                label="Everybody",
                queues=tuple(ProfileQueue(queue=name) for name in dict.fromkeys(names.values())),
                capacity={CHANNEL: 1},
            )
        },
        agents={
            agent: AgentDefinition(id=agent, name=agent, profile=_PROFILE, traits=_traits(served))
            for agent, served in sorted(skills.items())
        },
        skills={name: kind for kind, name in names.items()},
        credits=Credits(tiers=dict(head_starts)),
    )


def _queue(kind: str, name: str) -> Queue:
    """Answered at once by whoever is chosen; the agent is busy until the drawn wrap-up is over."""
    return Queue(
        id=name,
        label=kind,
        steps=(Step(condition=SkillAtLeast(skill=name)),),
        service_within=OBJECTIVE,
        auto_accept=True,
        wrap_up=HOUR,
        wrap_up_limit=HOUR,
    )


def _traits(served: Collection[str]) -> Traits:
    return Traits(skills=tuple(sorted((queue_of(kind), 1) for kind in served)))
