"""Warnings about a scenario that can be run but gives what nobody meant; and its size.

Needs the compiled scenario: it asks who could serve what, and how much comes.
"""

from __future__ import annotations

from collections.abc import Iterable

from config.catalog.checks import Checker
from config.durations import format_duration
from config.problems import Path, excerpt
from router.core.catalog import Catalog
from simulator.contacts import MAX_CONTACTS, Stream
from simulator.distributions import Never
from simulator.scenario.clock import clock_text
from simulator.scenario.compile import people_in
from simulator.scenario.crews import capacity_for
from simulator.scenario.document import ScenarioSource
from simulator.scenario.load_check import Overload, overloads
from simulator.scenario.model import Scenario


def check_service(scenario: Scenario, document: ScenarioSource, checker: Checker) -> None:
    """Report one error, too many contacts, and warn of everything else."""
    expected = sum(stream.expected for stream in scenario.streams)
    if expected > MAX_CONTACTS:
        checker.report(
            ("arrivals",),
            f"{expected:,.0f} contacts are to be expected and a run holds {MAX_CONTACTS:,}",
            "shorten the scenario or lower its rates",
        )
        return
    if not scenario.streams:
        checker.warn(("arrivals",), "nobody contacts this centre", "add arrivals")
    if not scenario.staff:
        checker.warn(("staff",), "nobody works here: every contact waits in vain", "add staff")
    for stream in scenario.streams:
        _check_stream(stream, document, scenario, checker)
    if scenario.staff and scenario.streams:
        _check_agents(scenario, document, checker)
    _check_load(scenario, checker)


def _check_stream(
    stream: Stream, document: ScenarioSource, scenario: Scenario, checker: Checker
) -> None:
    path: Path = ("arrivals", stream.name)
    catalog = scenario.catalog
    for tier in stream.tiers:
        if tier not in catalog.credits.tiers:
            checker.warn(
                (*path, "tiers", tier),
                f"the catalog's credits do not know the tier '{excerpt(tier)}'",
                f"it gives no head start; known: {', '.join(catalog.credits.tiers) or 'none'}",
            )
    _check_wrap_up(path, stream, document, catalog, checker)
    if not stream.expected:
        checker.warn((*path, "per_hour"), "nobody comes in all this time", "raise the rate")
    if scenario.staff and not any(_serves(catalog, one.agent, stream) for one in scenario.staff):
        checker.warn(
            path,
            f"nobody of the staff can serve queue {stream.queue} by {stream.channel}",
            "see their profiles, their skills and what the steps ask",
        )


def _check_wrap_up(
    path: Path, stream: Stream, document: ScenarioSource, catalog: Catalog, checker: Checker
) -> None:
    written = (document.arrivals or {})[stream.name].wrap_up
    if written is None:
        return
    queue = catalog.queues[stream.queue]
    limit = max(queue.wrap_up_limit, queue.wrap_up)
    if not queue.wrap_up and written.mean() > 0:
        checker.warn(
            (*path, "wrap_up"),
            f"queue {stream.queue} has no wrap-up, so this is not used",
            "remove it, or give the queue a wrap_up in the catalog",
        )
    elif written.mean() > limit:
        checker.warn(
            (*path, "wrap_up"),
            f"queue {stream.queue} ends wrap-up after {format_duration(limit)}, before the mean",
            "raise the queue's wrap_up_limit in the catalog or shorten this",
        )


def _serves(catalog: Catalog, agent: str, stream: Stream) -> bool:
    return capacity_for(catalog, agent, stream) > 0


def _check_agents(scenario: Scenario, document: ScenarioSource, checker: Checker) -> None:
    """Who is at work and is never offered anything, once for each group."""
    catalog = scenario.catalog
    idle = {
        member.agent
        for member in scenario.staff
        if not any(_serves(catalog, member.agent, stream) for stream in scenario.streams)
    }
    for name, group in (document.staff or {}).items():
        people = [agent for agent in people_in(group, catalog) if agent in idle]
        if people:
            more = f" and {len(people) - 1} more" if len(people) > 1 else ""
            checker.warn(
                ("staff", name, "agents"),
                f"'{people[0]}'{more} can serve none of the arrivals",
                _why_idle(catalog, people[0], scenario.streams),
            )


def _why_idle(catalog: Catalog, agent: str, streams: Iterable[Stream]) -> str:
    profile = catalog.profiles[catalog.agents[agent].profile]
    queues = {entry.queue for entry in profile.queues}
    theirs = [stream for stream in streams if stream.queue in queues]
    if not theirs:
        return f"profile {profile.id} has none of their queues"
    lacking = sorted({one.channel for one in theirs if not profile.capacity.get(one.channel)})
    if lacking:
        return f"profile {profile.id} has no capacity for {', '.join(lacking)}"
    return "they meet none of the steps"


# -- load -------------------------------------------------------------------------------------


def _check_load(scenario: Scenario, checker: Checker) -> None:
    """The worst stretch of each set of streams that is too much for the staff."""
    if not scenario.staff:
        return
    worst: dict[tuple[str, ...], Overload] = {}
    for one in overloads(scenario):
        known = worst.get(one.streams)
        if known is None or one.offered - one.present > known.offered - known.present:
            worst[one.streams] = one
    patient = {one.name for one in scenario.streams if isinstance(one.patience, Never)}
    for one in worst.values():
        checker.warn(
            ("arrivals", one.streams[0], "per_hour"),
            overload_text(one, scenario.zone),
            "add staff; as it is, the line grows "
            + ("without end" if patient & set(one.streams) else "until customers give up"),
        )


def overload_text(one: Overload, zone: str) -> str:
    """Who asks for how much, and when, in one line."""
    names = ", ".join(f"'{excerpt(name)}'" for name in one.streams[:3])
    more = f" and {len(one.streams) - 3} more" if len(one.streams) > 3 else ""
    return (
        f"unstable from {clock_text(one.begins, zone)} to {clock_text(one.ends, zone)}: {names}"
        f"{more} would keep {one.offered:.1f} agents busy, and of those who can serve"
        f" {one.present:.1f} are there"
    )
