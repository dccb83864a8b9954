"""What may go on at once, and what has to wait for one before it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Hashable, Sequence
from typing import TypeVar

OneT = TypeVar("OneT")

log = logging.getLogger(__name__)


def in_turn(
    ones: Sequence[OneT], meets: Callable[[OneT], Collection[Hashable]]
) -> list[list[OneT]]:
    """Groups to be done one after another, each side by side: of two that have something of what
    they meet in common the earlier one comes in an earlier group, and no group is earlier than it
    has to be.
    """
    groups: list[list[OneT]] = []
    last: dict[Hashable, int] = {}  # the last group in which somebody met it
    for one in ones:
        met = meets(one)
        place = max((last[key] + 1 for key in met if key in last), default=0)
        if place == len(groups):
            groups.append([])
        groups[place].append(one)
        last.update(dict.fromkeys(met, place))
    return groups


async def all_of(work: Sequence[Coroutine[object, object, None]]) -> None:
    """Do all of it at once, to its end. Raises what the first one that failed raised, and logs
    what others say beyond that: an outage that ends them all is told once.
    """
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    faults = [one for one in outcomes if isinstance(one, BaseException)]
    told = {repr(one) for one in faults[:1]}
    for other in faults[1:]:
        if repr(other) not in told:
            told.add(repr(other))
            log.error("something else that went on at once failed too", exc_info=other)
    if faults:
        raise faults[0]
