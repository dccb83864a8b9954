"""Position and estimated wait, in the order that will really be used.

A contact waits until everybody before it is gone and one more agent comes free. Slots that can
serve it come free at rate ``servers ÷ mean service time``, and customers ahead hang up at the rate
at which they have lately done: with k ahead the next one goes after 1 ÷ (rate + k × hang-up rate)
on average (Whitt, Management Science 45:870, 1999). Mean and variance add up over those stages. The
rate does not stay as it is: agents come and go, and contacts with more credit go ahead; by the law
of total variance that adds the square of its share of the mean, ``UNSTEADY``, to the variance. The
quantiles are those of the gamma distribution that has them, by the Wilson-Hilferty approximation
(Proc. Nat. Acad. Sci. 17:684, 1931). Contacts ahead that other agents could take as well count by
the share of their agents that is common to both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from math import ceil, log, sqrt
from typing import Final

import msgspec

from router.core.capacity import goes_beside
from router.core.experience import ServiceTime
from router.core.groups import ContactClass, Group, Place
from router.core.model import ContactState
from router.core.state import WAITING, State

ENOUGH_OBSERVATIONS = 3
UNSTEADY: Final = 0.4
"""How far the mean wait is off for reasons that nobody knows beforehand, as a share of it. Measured
in a bank's fortnight: with 0.4 half of the callers waited no longer than the median (52 % with 0).
"""
_Z_MEDIAN = 0.0
_Z_90 = 1.2816
_SINGLE_STAGES: Final = 32
_FLAT: Final = 1e-9


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """``position`` counts from 1; ``low`` and ``high`` are the 50th and 90th percentile of the
    wait still to come, microseconds, None when nothing is known to estimate from.
    """

    position: int
    low: int | None
    high: int | None


def estimate(state: State, contact_id: str, at: int) -> Estimate | None:
    """For a contact that waits or rings; None for any other."""
    contact = state.contacts.get(contact_id)
    if contact is None:
        return None
    if contact.state is ContactState.OFFERED:
        return Estimate(position=1, low=0, high=0)
    if contact.state not in WAITING:
        return None
    place: Place = (contact.waiting_since, contact.number, contact.id)
    found = _of_place(state, state.index.class_of(contact), place, at)
    pause = contact.callback.not_before - at if contact.callback is not None else 0
    return _later(found, pause) if pause > 0 else found


def _later(estimate: Estimate, pause: int) -> Estimate:
    """For a callback that is not tried before ``pause`` microseconds have passed."""
    if estimate.low is None or estimate.high is None:
        return estimate
    return Estimate(
        position=estimate.position,
        low=max(estimate.low, pause),
        high=max(estimate.high, pause),
    )


def estimate_arrival(
    state: State, queue: str, at: int, channel: str | None = None
) -> Estimate | None:
    """For a contact without customer credit that would enter ``queue`` now."""
    rules = state.catalog.queues.get(queue)
    if rules is None:
        return None
    channel = channel or _usual_channel(state, queue)
    contact_class = state.index.class_for(queue, channel, rules.steps[0].condition)
    place: Place = (at - rules.credit, state.arrivals + 1, "")
    free = state.index.candidates(contact_class, place[0], {}, at)
    if free is not None:
        return Estimate(position=1, low=0, high=0)
    return _of_place(state, contact_class, place, at)


def _usual_channel(state: State, queue: str) -> str:
    counts = {
        key.rpartition(" ")[2]: seen.count
        for key, seen in state.service.items()
        if key.rpartition(" ")[0] == queue
    }
    return max(counts, key=counts.__getitem__, default="voice")


def _of_place(state: State, mine: ContactClass, place: Place, at: int) -> Estimate:
    groups = list(state.index.groups_for(mine))
    servers = sum(working(group, mine.channel) for group in groups)
    line = bisect_left(mine.waiting, place)
    position, load = line + 1, line + 1.0
    for rival, ahead in _rivals(state, mine, groups, place, at):
        position += ahead
        load += ahead * _share(state, rival, mine.groups)
    mean = mean_service(state, mine.queue, mine.channel)
    if not servers or not mean:
        return Estimate(position=position, low=None, high=None)
    seen = state.impatience.get(f"{mine.queue} {mine.channel}")
    mean_wait, variance = time_to_go(load, servers / mean, 0.0 if seen is None else seen.rate)
    spread = variance + (UNSTEADY * mean_wait) ** 2
    return Estimate(
        position=position,
        low=round(gamma_quantile(mean_wait, spread, _Z_MEDIAN)),
        high=round(gamma_quantile(mean_wait, spread, _Z_90)),
    )


def _rivals(
    state: State, mine: ContactClass, groups: list[Group], place: Place, at: int
) -> Iterator[tuple[ContactClass, int]]:
    """Classes of other contacts that the same agents may serve first, and how many of each."""
    bits = sum(group.bit for group in groups)
    for other in state.index.waiting_classes():
        shared = other.groups & bits
        if other is mine or not shared:
            continue
        group = state.index.first_group(shared)
        if goes_beside(group.profile, mine.channel, other.channel):
            continue
        before = _before(mine, other, group, place, at)
        if before:
            yield other, before


def _share(state: State, rival: ContactClass, groups: int) -> float:
    """The share of the rival's agents who are in ``groups`` too. Whoever is signed in counts,
    ready or not: somebody who comes back from a break makes nobody's wait longer.
    """
    everyone = _places(state, rival, rival.groups)
    return _places(state, rival, rival.groups & groups) / everyone if everyone else 1.0


def _places(state: State, rival: ContactClass, bits: int) -> int:
    return sum(
        len(group.members) * group.profile.capacity.get(rival.channel, 0)
        for group in state.index.each_group(bits)
    )


def _before(mine: ContactClass, other: ContactClass, group: Group, place: Place, at: int) -> int:
    """How many of ``other`` the agents of ``group`` would serve first now: by band, then by wait
    or by wait ÷ service objective.
    """
    my_band = mine.terms[group.profile.id].band
    band = other.terms[group.profile.id].band
    if band != my_band:
        return len(other.waiting) if band < my_band else 0
    if group.profile.order != "objective":
        return bisect_left(other.waiting, place)
    as_urgent = at - (at - place[0]) * other.objective / mine.objective
    return bisect_left(other.waiting, (as_urgent, place[1], place[2]))


def working(group: Group, channel: str) -> int:
    """Contacts of ``channel`` that the group's agents who take work can have in hand at once."""
    return group.taking_on(channel) * group.profile.capacity.get(channel, 0)


def mean_service(state: State, queue: str, channel: str) -> int | None:
    """Mean time one contact takes an agent: of this queue, else of the channel; None: unknown."""
    own = state.service.get(f"{queue} {channel}")
    if own is not None and own.count >= ENOUGH_OBSERVATIONS:
        return own.mean
    alike = [seen for key, seen in state.service.items() if key.endswith(f" {channel}")]
    return _pooled(alike)


def _pooled(seen: list[ServiceTime]) -> int | None:
    total = sum(one.count for one in seen)
    if total < ENOUGH_OBSERVATIONS:
        return None
    return sum(one.mean * one.count for one in seen) // total


def time_to_go(load: float, served: float, lost: float) -> tuple[float, float]:
    """Mean and variance of the time until ``load`` contacts, the last of which stays, are gone:
    one of them at a time is ``served`` at that rate, and each of the others ``lost`` at its own.
    """
    stages = min(ceil(load), _SINGLE_STAGES)
    mean = variance = 0.0
    for ahead in range(stages):
        part = min(load - ahead, 1.0)  # a contact that counts for less than one goes sooner
        time = 1.0 / (served + ahead * lost)
        mean += part * time
        variance += part * time * time
    rest = load - stages
    if rest <= 0:
        return mean, variance
    slow = served + (stages - 0.5) * lost  # the sum of many stages is nearly the integral
    fast = slow + rest * lost
    if fast - slow < _FLAT * slow:
        return mean + rest / slow, variance + rest / slow**2
    return mean + log(fast / slow) / lost, variance + (1 / slow - 1 / fast) / lost


def gamma_quantile(mean: float, variance: float, z: float) -> float:
    """Quantile of a gamma time with this mean and variance, for a normal ``z``."""
    ninth = variance / (9.0 * mean * mean)
    return float(mean * max(1.0 - ninth + z * sqrt(ninth), 0.0) ** 3)
