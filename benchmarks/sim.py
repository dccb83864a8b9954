"""The simulator on the production core beside SimPy and Ciw: one model, one process, in turns.

``python -m benchmarks.sim [--quick] [--json FILE]``. Two models. *One skill*: calls for 90 agents,
84 erlangs, patience half the handling time (Erlang A). *Two skills*: six kinds of calls for 90
agents who know two each; free agents take the longest-waiting call they can, calls the agent who
has been idle longest. An event is an arrival, an end of a call or a customer who gives up. What the
others are given is the least that models it: no log of events, no offers, no deadlines, no
explanations, which the production core has and does here too. All draw their luck within the time
that is measured. Ciw has no such multi-skill model.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import ciw
import msgspec
import simpy

from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.durations import MINUTE, SECOND
from simulator.contacts import Rate, Stream, draw_contacts
from simulator.distributions import Exponential
from simulator.runner import Run, Setup
from simulator.staff import Member, Shift
from simulator.theory import impatient_queue

AGENTS = 90
RATE = 8.4  # calls a minute
HANDLING = 10.0  # minutes
PATIENCE = 5.0
KINDS = "abcdef"
START = 1_700_000_000 * SECOND
NEIGHBOURS = [(kind, KINDS[(n + k) % 6]) for n, kind in enumerate(KINDS) for k in (1, 2, 3, 4, 5)]
SKILLS = [NEIGHBOURS[n % len(NEIGHBOURS)] for n in range(AGENTS)]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    customers: int
    events: int
    lost: int
    seconds: float  # of processor time


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over the rounds. ``ratio`` is this engine's speed ÷ the production core's."""

    model: str
    engine: str
    events_per_second: float
    customers_per_second: float
    lost: float
    ratio: float


# -- the production core ----------------------------------------------------------------------


def patchbay(customers: int, seed: int, *, kinds: str) -> Outcome:
    until = START + round(customers / RATE) * MINUTE
    catalog = _catalog(kinds)
    began = time.process_time()
    setup = Setup(
        catalog=catalog,
        contacts=draw_contacts([_stream(kind, len(kinds), until) for kind in kinds], seed),
        staff=tuple(
            Member(agent=f"a{n}", shifts=(Shift(begins=START, ends=until),)) for n in range(AGENTS)
        ),
        begins=START,
        ends=until,
    )
    ledger = Run(setup, seed=seed).run()
    took = time.process_time() - began
    lost = sum(one.result == "abandoned" for one in ledger.outcomes)
    ended = sum(one.ended_at > 0 for one in ledger.outcomes)
    return Outcome(customers=ledger.arrived, events=ledger.arrived + ended, lost=lost, seconds=took)


def _catalog(kinds: str) -> Catalog:
    served = {f"p{n}": [kind for kind in SKILLS[n] if kind in kinds] for n in range(AGENTS)}
    if len(kinds) == 1:
        served = {f"p{n}": [kinds] for n in range(AGENTS)}
    profiles = {"/".join(queues): queues for queues in served.values()}
    return Catalog(
        queues={kind: Queue(id=kind, label=kind, wrap_up=0, auto_accept=True) for kind in kinds},
        profiles={
            name: Profile(
                id=name,
                label=name,
                queues=tuple(ProfileQueue(queue=queue) for queue in queues),
                capacity={"voice": 1},
            )
            for name, queues in profiles.items()
        },
        agents={
            f"a{n}": AgentDefinition(id=f"a{n}", name=f"a{n}", profile="/".join(served[f"p{n}"]))
            for n in range(AGENTS)
        },
    )


def _stream(kind: str, kinds: int, until: int) -> Stream:
    return Stream(
        name=kind,
        channel="voice",
        queue=kind,
        rates=(Rate(begins=START, ends=until, per_hour=60 * RATE / kinds),),
        handling=Exponential(average=round(HANDLING * MINUTE)),
        patience=Exponential(average=round(PATIENCE * MINUTE)),
    )


# -- SimPy ------------------------------------------------------------------------------------


def simpy_one_skill(customers: int, seed: int) -> Outcome:
    draw = random.Random(seed)
    env = simpy.Environment()
    agents = simpy.Resource(env, AGENTS)
    counts = {"events": 0, "lost": 0}

    def customer() -> Iterator[simpy.Event]:
        with agents.request() as agent:
            won = yield agent | env.timeout(draw.expovariate(1 / PATIENCE))
            if agent in won:
                yield env.timeout(draw.expovariate(1 / HANDLING))
            else:
                counts["lost"] += 1
        counts["events"] += 1

    def arrivals() -> Iterator[simpy.Event]:
        for _ in range(customers):
            yield env.timeout(draw.expovariate(RATE))
            counts["events"] += 1
            env.process(customer())

    env.process(arrivals())
    return _timed(env.run, customers, counts)


def simpy_two_skills(customers: int, seed: int) -> Outcome:
    """Longest idle agent, longest waiting call: by hand, for SimPy has no such resource."""
    draw = random.Random(seed)
    env = simpy.Environment()
    counts = {"events": 0, "lost": 0}
    idle: dict[int, None] = dict.fromkeys(range(AGENTS))  # in the order they became free
    lines: dict[str, deque[tuple[float, simpy.Event]]] = {kind: deque() for kind in KINDS}

    def free(agent: int) -> None:
        heads = []
        for kind in SKILLS[agent]:
            line = lines[kind]
            while line and line[0][1].triggered:  # gave up
                line.popleft()
            if line:
                heads.append((line[0][0], kind))
        if heads:
            lines[min(heads)[1]].popleft()[1].succeed(agent)
        else:
            idle[agent] = None

    def customer(kind: str) -> Iterator[simpy.Event]:
        agent = next((n for n in idle if kind in SKILLS[n]), None)
        if agent is not None:
            del idle[agent]
        else:
            turn = env.event()
            lines[kind].append((env.now, turn))
            won = yield turn | env.timeout(draw.expovariate(1 / PATIENCE))
            if turn not in won:
                turn.succeed()
                counts["lost"] += 1
                counts["events"] += 1
                return
            agent = turn.value
        yield env.timeout(draw.expovariate(1 / HANDLING))
        counts["events"] += 1
        free(agent)

    def arrivals() -> Iterator[simpy.Event]:
        for _ in range(customers):
            yield env.timeout(draw.expovariate(RATE))
            counts["events"] += 1
            env.process(customer(draw.choice(KINDS)))

    env.process(arrivals())
    return _timed(env.run, customers, counts)


def _timed(run: Callable[[], object], customers: int, counts: dict[str, int]) -> Outcome:
    began = time.process_time()
    run()
    took = time.process_time() - began
    return Outcome(customers=customers, events=counts["events"], lost=counts["lost"], seconds=took)


# -- Ciw --------------------------------------------------------------------------------------


def ciw_one_skill(customers: int, seed: int) -> Outcome:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE)],
        service_distributions=[ciw.dists.Exponential(1 / HANDLING)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE)],
        number_of_servers=[AGENTS],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_customers(customers, method="Arrive")
    took = time.process_time() - began
    records = simulation.get_all_records()
    lost = sum(record.record_type == "renege" for record in records)
    return Outcome(customers=customers, events=customers + len(records), lost=lost, seconds=took)


# -- in turns ---------------------------------------------------------------------------------

Engine = Callable[[int, int], Outcome]
MODELS: dict[str, dict[str, Engine]] = {
    "one skill": {
        "Patchbay": lambda customers, seed: patchbay(customers, seed, kinds="a"),
        "SimPy": simpy_one_skill,
        "Ciw": ciw_one_skill,
    },
    "two skills": {
        "Patchbay": lambda customers, seed: patchbay(customers, seed, kinds=KINDS),
        "SimPy": simpy_two_skills,
    },
}


def measure(model: str, rounds: int, customers: int) -> list[Row]:
    found: dict[str, list[Outcome]] = {name: [] for name in MODELS[model]}
    for seed in range(rounds):
        for name, engine in MODELS[model].items():
            found[name].append(engine(customers, seed))
    speeds = {name: _median(found[name], lambda one: one.events / one.seconds) for name in found}
    return [
        Row(
            model=model,
            engine=name,
            events_per_second=round(speeds[name]),
            customers_per_second=round(_median(runs, lambda one: one.customers / one.seconds)),
            lost=round(_median(runs, lambda one: one.lost / one.customers), 5),
            ratio=round(speeds[name] / speeds["Patchbay"], 2),
        )
        for name, runs in found.items()
    ]


def _median(runs: list[Outcome], figure: Callable[[Outcome], float]) -> float:
    return statistics.median(figure(one) for one in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer customers")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    customers = 5_000 if options.quick else 30_000
    exact = impatient_queue(RATE, 1 / HANDLING, AGENTS, 1 / PATIENCE).p_abandon
    rows = []
    print("events a second (speed beside Patchbay's), share of customers lost")
    for model in MODELS:
        for row in measure(model, rounds=3, customers=customers):
            rows.append(row)
            print(
                f"{row.model}: {row.engine:9} {row.events_per_second:>9,}"
                f" ({row.ratio:.2f}x), {row.lost:.4f} lost",
                flush=True,
            )
    print(f"one skill, exact (Erlang A): {exact:.4f} lost")
    if options.json:
        options.json.write_text(json.dumps(msgspec.to_builtins(rows), indent=1))


if __name__ == "__main__":
    main()
