"""The people of a simulated centre: when they are at work, and how they behave there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from router.core import commands as c
from router.core.catalog import HOUR, SECOND
from simulator.distributions import NOTHING, Constant, Distribution, draws, luck

BREAK = "break"


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Not ready from ``begins`` until ``ends``, microseconds UTC."""

    begins: int
    ends: int


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Signed in from ``begins`` until ``ends``, microseconds UTC; who is in a conversation then
    leaves when it is over.
    """

    begins: int
    ends: int
    pauses: tuple[Pause, ...] = ()

    @property
    def lasts(self) -> int:
        """Microseconds of work, without the pauses."""
        return self.ends - self.begins - sum(one.ends - one.begins for one in self.pauses)


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody works.

    ``accepts_after`` is the time from the ring to the answer; ``misses`` the share of offers they
    let ring out, after which they are ready again in ``returns_after``. Conversations and
    wrap-up take ``pace`` times the drawn length, and longer by ``fatigue`` (a share) for each
    hour at work since the last pause.
    """

    accepts_after: Distribution = NOTHING
    misses: float = 0.0
    returns_after: Distribution = Constant(value=60 * SECOND)
    pace: float = 1.0
    fatigue: float = 0.0


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of the catalog with their shifts."""

    agent: str
    shifts: tuple[Shift, ...]
    behaviour: Behaviour = Behaviour()


def moves(member: Member) -> Iterator[tuple[int, c.Command]]:
    """What the shifts make the agent do, in order of time: nobody gets ready only to leave."""
    agent = member.agent
    for shift in member.shifts:
        yield shift.begins, c.SignIn(id="", agent=agent)
        if not shift.pauses or shift.pauses[0].begins > shift.begins:
            yield shift.begins, c.SetReady(id="", agent=agent)
        for pause in shift.pauses:
            yield pause.begins, c.SetNotReady(id="", agent=agent, reason=BREAK)
            if pause.ends < shift.ends:
                yield pause.ends, c.SetReady(id="", agent=agent)
        yield shift.ends, c.SignOut(id="", agent=agent)


class AtWork:
    """One agent's luck and mood through a run: draws that depend on the seed and the agent."""

    def __init__(self, member: Member, seed: int) -> None:
        self._member = member
        self._rested = True
        self._fresh_since = 0  # when their last pause ended
        self._rng = np.random.default_rng(luck(seed, "agent", member.agent))
        self._accepts = draws(member.behaviour.accepts_after, self._rng)
        self._returns = draws(member.behaviour.returns_after, self._rng)

    def rests(self) -> None:
        self._rested = True

    def comes_back(self, at: int) -> None:
        """Ready again; after a pause also fresh again."""
        if self._rested:
            self._rested = False
            self._fresh_since = at

    def misses(self) -> bool:
        share = self._member.behaviour.misses
        return share > 0 and float(self._rng.random()) < share

    def accepts_after(self) -> int:
        return next(self._accepts)

    def returns_after(self) -> int:
        return next(self._returns)

    def works(self, duration: int, at: int) -> int:
        """How long ``duration`` of work takes them at ``at``."""
        behaviour = self._member.behaviour
        if behaviour.pace == 1.0 and not behaviour.fatigue:
            return duration
        tired = behaviour.fatigue * max(at - self._fresh_since, 0) / HOUR
        return round(duration * behaviour.pace * (1 + tired))

    def at_work(self, at: int) -> bool:
        """Whether a shift is on, and no pause."""
        return any(
            shift.begins <= at < shift.ends
            and not any(one.begins <= at < one.ends for one in shift.pauses)
            for shift in self._member.shifts
        )
