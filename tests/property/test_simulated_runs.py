"""Any centre, staff and customers: a run ends, keeps its accounts, and asks nothing absurd.

``Run.run`` itself raises when the core refuses what the simulator asks for, or when conservation
or Little's law does not hold; so to come to the end is most of the test.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.core.catalog import (
    Catalog,
    Destination,
    OverflowRule,
    ToCallback,
    ToMessage,
    ToQueue,
)
from router.core.durations import SECOND
from router.core.requirements import ANYONE
from router.core.strategies import STRATEGIES
from simulator.contacts import SimulatedContact
from simulator.distributions import NEVER, NOTHING, Constant, Exponential, Uniform
from simulator.ledger import Ledger
from simulator.runner import Run, Setup
from simulator.staff import Behaviour, Member, Pause, Shift
from tests.unit.router.core.centre import GOLD, agent, catalog, profile, queue, skill, steps

START = 1_772_438_400 * SECOND
LENGTH = 600  # seconds
QUEUES = ("q", "r")
MOMENT = st.integers(0, LENGTH // 2)
SECONDS = st.integers(0, 90).map(lambda seconds: seconds * SECOND)
DURATION = st.one_of(
    SECONDS.map(lambda value: Constant(value=value)),
    SECONDS.map(lambda value: Exponential(average=value)),
    st.tuples(SECONDS, SECONDS).map(lambda ends: Uniform(low=min(ends), high=max(ends))),
)
TO = st.sampled_from(
    [ToCallback(), ToMessage(text="later"), ToQueue(queue="r"), ToQueue(queue="q")]
)


def _rule(when: str, to: Destination, at: int) -> OverflowRule:
    limit = at % 4 if when == "length" else at * SECOND
    return OverflowRule(when=when, to=to, at=limit)  # type: ignore[arg-type]


RULES = st.fixed_dictionaries(
    {
        "strategy": st.sampled_from(sorted(STRATEGIES)),
        "offer_for": st.integers(1, 30).map(lambda seconds: seconds * SECOND),
        "auto_accept": st.booleans(),
        "missed_offer": st.sampled_from(["ready", "not_ready"]),
        "reoffer_after": st.integers(1, 30).map(lambda seconds: seconds * SECOND),
        "ring_all_limit": st.integers(1, 3),
        "steps": st.sampled_from(
            [steps(ANYONE), steps((skill("es", 5), 20), ANYONE), steps(skill("es"))]
        ),
        "overflow": st.lists(
            st.builds(
                _rule,
                st.sampled_from(["wait", "wait", "length", "estimated_wait", "unstaffed"]),
                TO,
                st.integers(0, 60),
            ),
            max_size=2,
        ).map(tuple),
    }
)
WRAP_UP = st.tuples(st.integers(0, 40), st.sampled_from([0, 20, 40])).map(
    lambda both: {"wrap_up": both[0] * SECOND, "wrap_up_limit": (both[0] + both[1]) * SECOND}
)
SKILLS = st.sampled_from([{}, {"es": 3}, {"es": 9}])
QUEUE = st.tuples(RULES, WRAP_UP).map(lambda parts: {**parts[0], **parts[1]})


@st.composite
def catalogs(draw: st.DrawFn, agents: int) -> Catalog:
    capacity = {"voice": draw(st.sampled_from([1, 2, 0])), "chat": draw(st.integers(0, 3))}
    return catalog(
        *(queue(name, **draw(QUEUE)) for name in QUEUES),
        profile(queues=QUEUES, capacity=capacity),
        *(agent(f"a{n}", skills=draw(SKILLS)) for n in range(agents)),
        skills=("es",),
    )


@st.composite
def shifts(draw: st.DrawFn) -> tuple[Shift, ...]:
    """In order and disjoint; they may touch, begin before the run and end after it."""
    if draw(st.booleans()):
        return (Shift(begins=START, ends=_at(LENGTH)),)
    edges = sorted(draw(st.lists(st.integers(-60, LENGTH + 60), min_size=2, max_size=6)))
    made = []
    for begins, ends in zip(edges[::2], edges[1::2], strict=False):
        within = sorted(draw(st.lists(st.integers(begins, ends), max_size=4)))
        pauses = zip(within[::2], within[1::2], strict=False)
        made.append(
            Shift(
                begins=_at(begins),
                ends=_at(ends),
                pauses=tuple(Pause(begins=_at(away), ends=_at(back)) for away, back in pauses),
            )
        )
    return tuple(made)


def _at(second: int) -> int:
    return START + second * SECOND


BEHAVIOUR = st.builds(
    Behaviour,
    accepts_after=st.one_of(st.just(NOTHING), DURATION),
    misses=st.sampled_from([0.0, 0.3, 1.0]),
    returns_after=DURATION,
    pace=st.sampled_from([0.5, 1.0, 2.0]),
    fatigue=st.sampled_from([0.0, 0.2]),
)


@st.composite
def contacts(draw: st.DrawFn) -> list[SimulatedContact]:
    moments = sorted(
        draw(st.lists(MOMENT, min_size=draw(st.sampled_from([0, 8, 15])), max_size=25))
    )
    return [
        SimulatedContact(
            id=f"c{n}",
            at=_at(moment),
            stream="s",
            channel=draw(st.sampled_from(["voice", "chat"])),
            queue=draw(st.sampled_from(QUEUES)),
            patience=draw(st.one_of(st.just(NEVER), SECONDS)),
            handling=draw(SECONDS),
            wrap_up=draw(SECONDS),
            customer=draw(st.sampled_from([None, GOLD])),
            steps=draw(st.sampled_from([(), steps(skill("es", 2))])),
        )
        for n, moment in enumerate(moments)
    ]


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    agents = draw(st.sampled_from([2, 1, 3, 4, 0]))
    return Setup(
        catalog=draw(catalogs(agents)),
        contacts=draw(contacts()),
        staff=tuple(
            Member(agent=f"a{n}", shifts=draw(shifts()), behaviour=draw(BEHAVIOUR))
            for n in range(agents)
        ),
        begins=START,
        ends=START + LENGTH * SECOND,
        lines=draw(st.sampled_from([None, None, 4])),
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(setups(), st.integers(0, 9))
def test_any_run_comes_to_its_end_with_its_accounts_in_order(setup: Setup, seed: int) -> None:
    _check(Run(setup, seed=seed).run(), setup)


def _check(ledger: Ledger, setup: Setup) -> None:
    assert {one.contact.id for one in ledger.outcomes} == {one.id for one in setup.contacts}
    for one in ledger.outcomes:
        assert one.waited >= 0
        if one.result in {"answered", "abandoned"}:  # the others may wait off the line
            assert one.waited <= one.contact.patience
        if one.result in {"answered", "called_back"}:
            assert one.answered_at == one.contact.at + one.waited
            assert one.agent
            assert one.ended_at == 0 or one.ended_at >= one.answered_at
        elif one.result == "abandoned":
            assert one.waited == one.contact.patience
    for work in ledger.workloads.values():
        assert 0 <= work.busy <= work.present <= LENGTH * SECOND
    handled = sum(work.handled for work in ledger.workloads.values())
    assert handled == sum(one.result in {"answered", "called_back"} for one in ledger.outcomes)
