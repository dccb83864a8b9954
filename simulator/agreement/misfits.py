"""Why the formulas for one queue, Erlang C and A, do not hold exactly for a simulated one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final

from router.core.catalog import Catalog, ToQueue
from router.core.requirements import satisfies
from simulator.agreement.served import ServedQueue
from simulator.agreement.stretches import stretches
from simulator.contacts import Stream
from simulator.distributions import Distribution, Exponential, Never
from simulator.scenario.model import Scenario
from simulator.staff import Member

_SAME: Final = 1e-9


def hopeless(served: ServedQueue) -> list[str]:
    """Why no formula for one queue comes even near."""
    reasons = []
    channels = sorted({stream.channel for stream in served.streams})
    if len(channels) > 1:
        reasons.append(f"contacts come by {' and '.join(channels)}")
    if not served.members:
        reasons.append("nobody of the staff can serve it")
    others = sorted({stream.queue for stream in served.others})
    if others:
        more = f" and {len(others) - 2} more queues" if len(others) > 2 else ""
        reasons.append(f"its agents also serve {', '.join(others[:2])}{more}")
    reasons += _flows_in(served)
    return reasons


def misfits(served: ServedQueue) -> list[str]:
    """Everything in which the queue differs from M/M/n or M/M/n+M; empty when nothing does."""
    return [reason for check in _CHECKS for reason in check(served)]


def one_order(served: ServedQueue) -> bool:
    """Whether everybody is served first come first served: nobody has a credit of their own."""
    catalog = served.scenario.catalog
    return len({one for stream in served.streams for one in _credits(catalog, stream)}) < 2


def _credits(catalog: Catalog, stream: Stream) -> Iterator[int]:
    value = [one.credit for one in catalog.credits.values if stream.value >= one.at_least]
    shares = {**stream.tiers, "": 1 - sum(stream.tiers.values())}
    for tier, share in shares.items():
        if share > _SAME:
            yield catalog.credits.tiers.get(tier, 0) + (value[-1] if value else 0)


# -- what differs -----------------------------------------------------------------------------


def _arrivals(served: ServedQueue) -> Iterator[str]:
    rates = [stretch.per_hour for stretch in stretches(served, with_warm_up=True)]
    if max(rates) - min(rates) > _SAME * max(rates):
        yield "the rate of arrivals changes"


def _flows_in(served: ServedQueue) -> Iterator[str]:
    sources = {stream.queue for stream in served.scenario.streams if stream.expected}
    for queue in served.scenario.catalog.queues.values():
        ways = [rule.to.queue for rule in queue.overflow if isinstance(rule.to, ToQueue)]
        if queue.id != served.queue.id and queue.id in sources and served.queue.id in ways:
            yield f"contacts of {queue.id} overflow into it"


def _handling(served: ServedQueue) -> Iterator[str]:
    kinds = [stream.handling for stream in served.streams]
    yield from _not_exponential("handling", kinds)
    written = [one for one in served.streams if one.wrap_up.mean() > 0]
    if served.queue.wrap_up and written:
        yield "agents write up after each conversation"


def _patience(served: ServedQueue) -> Iterator[str]:
    kinds = [stream.patience for stream in served.streams]
    if not all(isinstance(one, Never) for one in kinds):
        yield from _not_exponential("patience", kinds)


def _not_exponential(what: str, kinds: Iterable[Distribution]) -> Iterator[str]:
    kinds = list(kinds)
    other = next((one for one in kinds if not isinstance(one, Exponential)), None)
    if other is not None:
        yield f"{what} is {_NAMES.get(type(other).__name__, 'not exponential')}"
    elif len(set(kinds)) > 1:
        yield f"{what} differs between its streams"


_NAMES: Final = {
    "Constant": "always the same",
    "Uniform": "uniform",
    "Lognormal": "lognormal",
    "Empirical": "empirical",
    "Never": "endless for some",
}


def _presence(served: ServedQueue) -> Iterator[str]:
    if any(shift.pauses for member in served.members for shift in member.shifts):
        yield "agents take breaks"
    if not all(_always_there(member, served.scenario) for member in served.members):
        yield "agents come and go"


def _always_there(member: Member, scenario: Scenario) -> bool:
    shifts = member.shifts
    return (
        shifts[0].begins <= scenario.begins
        and scenario.ends <= shifts[-1].ends
        and all(one.ends == following.begins for one, following in pairwise(shifts))
    )


def _behaviour(served: ServedQueue) -> Iterator[str]:
    manners = [member.behaviour for member in served.members]
    if not served.queue.auto_accept:
        if any(one.accepts_after.mean() for one in manners):
            yield "agents take time to answer"
        if any(one.misses for one in manners):
            yield "agents miss offers"
    if len({one.pace for one in manners}) > 1:
        yield "agents work at different paces"
    if any(one.fatigue for one in manners):
        yield "agents tire"


def _steps(served: ServedQueue) -> Iterator[str]:
    catalog = served.scenario.catalog
    firsts = [(stream.steps or served.queue.steps)[0] for stream in served.streams]
    agents = [catalog.agents[member.agent] for member in served.members]
    if not all(satisfies(step.condition, one.traits) for step in firsts for one in agents):
        yield "some agents are asked only after a while"
    profiles = {catalog.profiles[agent.profile].id for agent in agents}
    if any(
        entry.delay
        for name in profiles
        for entry in catalog.profiles[name].queues
        if entry.queue == served.queue.id
    ):
        yield "some agents are offered its contacts only after a delay"


def _rules(served: ServedQueue) -> Iterator[str]:
    if served.queue.overflow:
        yield "its overflow rules take contacts away"


_CHECKS: Final[tuple[Callable[[ServedQueue], Iterable[str]], ...]] = (
    _arrivals,
    _handling,
    _patience,
    _presence,
    _behaviour,
    _steps,
    _rules,
)
