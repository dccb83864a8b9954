"""Who plays an agent in the demo: the simulation, until a person takes the part.

Time is an argument, microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from router.core.durations import SECOND

LEAVE_AFTER = 30 * SECOND  # without a desk this long the person has gone


class Understudies:
    """A container of the agents that are played now, and so need no desk."""

    def __init__(self, agents: Iterable[str]) -> None:
        self._played = set(agents)
        self._missing_since: dict[str, int | None] = {}  # by agent that a person plays
        self.on_claim: Callable[[str], None] = _nobody
        self.on_release: Callable[[str], None] = _nobody

    def __contains__(self, agent: object) -> bool:
        return agent in self._played

    def claim(self, agent: str) -> None:
        """A person opened the agent's desk."""
        if agent in self._played:
            self._played.discard(agent)
            self._missing_since[agent] = None
            self.on_claim(agent)

    def look(self, present: frozenset[str], at: int) -> None:
        """Give back the parts of people who have gone; ``present`` agents have a desk open."""
        for agent, since in list(self._missing_since.items()):
            if agent in present:
                self._missing_since[agent] = None
            elif since is None:
                self._missing_since[agent] = at
            elif at - since >= LEAVE_AFTER:
                del self._missing_since[agent]
                self._played.add(agent)
                self.on_release(agent)


def _nobody(_agent: str) -> None:
    return None
