"""How well an order of service explains whom agents really took next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from simulator.call_log import RecordedCall
from simulator.staffing.skills import Skills
from simulator.staffing.work import SETTLING, Work, first_others, place_of


class OrderFit(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``judged`` calls, taken while others waited for the agent, so many were in order."""

    judged: int
    in_order: int

    @property
    def share(self) -> float:
        return self.in_order / self.judged if self.judged else 1.0


def served_in_order(
    calls: Sequence[RecordedCall], work: Work, skills: Skills, credit: Mapping[str, int]
) -> OrderFit:
    """How often the call taken was first by waiting time and ``credit`` (microseconds by tier)."""
    serves = {
        call.line: kinds
        for agent, taken in work.items()
        for call, kinds in zip(taken, skills[agent], strict=True)
    }
    judged = in_order = 0
    for call, others in first_others(calls, credit):
        rivals = [place for kind, place in others.items() if kind in serves.get(call.line, ())]
        if rivals:
            judged += 1
            in_order += place_of(call, credit) <= min(rivals) + SETTLING
    return OrderFit(judged=judged, in_order=in_order)
