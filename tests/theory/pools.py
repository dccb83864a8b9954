"""Small centres of which theory knows the answer, simulated on the production core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.durations import HOUR, MINUTE, SECOND
from simulator.contacts import Rate, SimulatedContact, Stream, draw_contacts
from simulator.distributions import Exponential, Never
from simulator.ledger import Ledger, Outcome
from simulator.runner import Run, Setup
from simulator.staff import Behaviour, Member, Shift

START = 1_700_000_000 * SECOND
WARM_UP = 2 * HOUR


class Pool:
    """Agents by group, with the group's queues in bands: ``{"g": (3, [("a", 1), ("b", 2)])}``."""

    def __init__(
        self,
        queues: Mapping[str, dict],
        groups: Mapping[str, tuple[int, Sequence[tuple[str, int]]]],
        *,
        order: str = "wait",
        paces: Mapping[str, float] | None = None,
    ) -> None:
        self.catalog = Catalog(
            queues={
                name: Queue(id=name, label=name, wrap_up=0, auto_accept=True, **rules)
                for name, rules in queues.items()
            },
            profiles={
                group: Profile(
                    id=group,
                    label=group,
                    queues=tuple(ProfileQueue(queue=queue, band=band) for queue, band in served),
                    capacity={"voice": 1},
                    order=order,
                )
                for group, (_, served) in groups.items()
            },
            agents={
                agent: AgentDefinition(id=agent, name=agent, profile=group)
                for group, (count, _) in groups.items()
                for agent in _names(group, count)
            },
        )
        self.paces = paces or {}

    def staff(self, until: int) -> tuple[Member, ...]:
        return tuple(
            Member(
                agent=agent.id,
                shifts=(Shift(begins=START, ends=until),),
                behaviour=Behaviour(pace=self.paces.get(agent.profile, 1.0)),
            )
            for agent in self.catalog.agents.values()
        )

    def contacts(
        self, per_minute: Mapping[str, float], until: int, seed: int, *, patience: int | None = None
    ) -> list[SimulatedContact]:
        """Handled in a minute on average, exponentially, as all of it is."""
        streams = [
            Stream(
                name=queue,
                channel="voice",
                queue=queue,
                rates=(Rate(begins=START, ends=until, per_hour=60 * rate),),
                handling=Exponential(average=MINUTE),
                patience=Never() if patience is None else Exponential(average=patience),
            )
            for queue, rate in per_minute.items()
        ]
        return draw_contacts(streams, seed)

    def run(
        self,
        per_minute: Mapping[str, float],
        *,
        contacts: int,
        seed: int,
        patience: int | None = None,
        lines: int | None = None,
    ) -> Ledger:
        """About so many ``contacts``; the books are checked at the end of every run."""
        until = START + WARM_UP + round(contacts / sum(per_minute.values()) * MINUTE)
        setup = self.setup(per_minute, until, seed, patience=patience, lines=lines)
        return Run(setup, seed=seed).run()

    def setup(
        self,
        per_minute: Mapping[str, float],
        until: int,
        seed: int,
        *,
        patience: int | None = None,
        lines: int | None = None,
    ) -> Setup:
        return Setup(
            catalog=self.catalog,
            contacts=self.contacts(per_minute, until, seed, patience=patience),
            staff=self.staff(until),
            begins=START,
            ends=until,
            lines=lines,
        )


def _names(group: str, count: int) -> Iterable[str]:
    return (f"{group}-{n:03}" for n in range(count))


def measured(ledger: Ledger, queue: str | None = None) -> list[Outcome]:
    """Those who came after the warm-up and whose waiting has ended."""
    return [
        one
        for one in ledger.outcomes
        if one.contact.at >= START + WARM_UP
        and one.result != "unfinished"
        and queue in {None, one.contact.queue}
    ]


def mean_wait(outcomes: Sequence[Outcome]) -> float:
    """Minutes, of those who came in."""
    waits = [one.waited for one in outcomes if one.result != "blocked"]
    return sum(waits) / len(waits) / MINUTE


def share(outcomes: Sequence[Outcome], result: str) -> float:
    return sum(one.result == result for one in outcomes) / len(outcomes)


def share_waiting(outcomes: Sequence[Outcome]) -> float:
    return sum(one.waited > 0 for one in outcomes) / len(outcomes)
