"""That the brute-force chooser notices what is wrong: bugs seeded into what the core decided, into
how it decides, and into how it explains. Each of them must be noticed.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from core_world import STRATEGY_NAMES
from judged_world import JudgedWorld, lives

from router.core import (
    capacity,
    estimates,
    explain,
    matching,
    overflow,
    queueing,
    seeking,
    staff,
    strategies,
)
from router.core import events as e
from router.core import state as core_state
from router.core import turn as core_turn
from router.core.model import Agent, ContactState
from router.core.state import State
from simulator.judging.decisions import judge_entry

Seed = Callable[[pytest.MonkeyPatch], None]

# -- bugs seeded into what was decided --------------------------------------------------------

Tamper = Callable[[State, e.Offered], e.Offered | None]


def to_another_agent(before: State, event: e.Offered) -> e.Offered | None:
    """Any other agent, free or not; under a lot others may have been right too."""
    contact = before.contacts[event.contact]
    by_lot = before.catalog.queues[contact.queue].strategy in {"random", "weighted"}
    rings = contact.state is ContactState.OFFERED
    others = [
        a for a in before.agents if a != event.agent and contact.id not in before.agents[a].slots
    ]
    if by_lot or rings or not others:
        return None
    return msgspec.structs.replace(event, agent=others[event.sequence % len(others)])


def of_another_contact(before: State, event: e.Offered) -> e.Offered | None:
    waiting = [
        one
        for one in before.contacts.values()
        if one.state is ContactState.QUEUED and one.id != event.contact
    ]
    rings = before.contacts[event.contact].state is ContactState.OFFERED
    if not waiting or rings:
        return None
    other = waiting[event.sequence % len(waiting)]
    changed = {"contact": other.id, "sequence": other.sequence + 1}
    return msgspec.structs.replace(event, offer=f"{other.id}.{other.offer_count + 1}", **changed)


def _saying(event: e.Offered, **said: object) -> e.Offered:
    return msgspec.structs.replace(event, why=msgspec.structs.replace(event.why, **said))


def for_another_reason(before: State, event: e.Offered) -> e.Offered | None:
    if event.why.reason == "preferred":
        return _saying(event, reason="next_waiting")
    is_favourite = event.agent in before.contacts[event.contact].preferred
    return None if is_favourite else _saying(event, reason="preferred")


def in_another_band(_before: State, event: e.Offered) -> e.Offered | None:
    if event.why.reason != "next_waiting":
        return None
    return _saying(event, band=event.why.band + 1)


def over_another_runner_up(before: State, event: e.Offered) -> e.Offered | None:
    strategy = before.catalog.queues[before.contacts[event.contact].queue].strategy
    if not event.why.runner_up or strategy in {"random", "weighted"}:
        return None
    return _saying(event, runner_up=event.agent)


def with_more_in_hand(_before: State, event: e.Offered) -> e.Offered | None:
    return _saying(event, load=event.why.load + 1)


def to_nobody(_before: State, _event: e.Offered) -> None:
    return None


TAMPERS: tuple[Tamper, ...] = (
    to_another_agent,
    of_another_contact,
    for_another_reason,
    in_another_band,
    over_another_runner_up,
    with_more_in_hand,
    to_nobody,
)


class Rehearsal(JudgedWorld):
    """Keeps the state before each entry whose last event is an offer."""

    def __init__(self, strategy: str, seed: int) -> None:
        self.cases: list[tuple[State, e.Entry]] = []
        super().__init__(strategy, seed)

    def _handle(self, command):
        before, entries = self.state.snapshot(), len(self.log)
        result = super()._handle(command)
        last = self.log[-1].events[-1] if len(self.log) > entries else None
        if isinstance(last, e.Offered) and last.why.reason != "named":
            self.cases.append((State.restore(before), self.log[-1]))
        return result


@pytest.fixture(scope="module")
def cases() -> list[tuple[State, e.Entry]]:
    found = []
    for seed, strategy in enumerate(STRATEGY_NAMES):
        world = Rehearsal(strategy, seed)
        world.live_through(250)
        found += world.cases
    return found


def tampered(tamper: Tamper, before: State, entry: e.Entry) -> e.Entry | None:
    *events, last = entry.events
    at_last = State.restore(before.snapshot())
    for event in events:
        at_last.apply(event, entry.at)
    changed = tamper(at_last, last)
    if changed is None and tamper is not to_nobody:
        return None
    return msgspec.structs.replace(entry, events=(*events, *([changed] if changed else [])))


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_a_decision_that_was_tampered_with_is_noticed_every_time(tamper, cases):
    judged = 0
    for before, entry in cases:
        changed = tampered(tamper, before, entry)
        if changed is not None:
            judged += 1
            assert judge_entry(before, changed), changed
    assert judged >= 20, "too few decisions could be tampered with so"


def test_the_same_decisions_untouched_are_agreed_with(cases):
    assert len(cases) >= 100
    assert [judge_entry(before, entry) for before, entry in cases] == [[] for _ in cases]


# -- bugs seeded into how the core decides ----------------------------------------------------


def reordered(name: str, key: Callable[[Agent, int], tuple[int, ...]]) -> Seed:
    """Every strategy that shares the standing of ``name`` goes by ``key``."""

    def seed(patch: pytest.MonkeyPatch) -> None:
        standing = strategies.STRATEGIES[name].standing
        for strategy in list(strategies.STRATEGIES.values()):
            if strategy.standing == standing:
                changed = strategy._replace(key=key)
                patch.setitem(strategies.STRATEGIES, strategy.name, changed)

    return seed


def replaced(where: object, name: str, by: object) -> Seed:
    def seed(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(where, name, by)

    return seed


def chosen_by(name: str, choose: Callable[..., list[str]]) -> Seed:
    def seed(patch: pytest.MonkeyPatch) -> None:
        changed = strategies.STRATEGIES[name]._replace(choose=choose)
        patch.setitem(strategies.STRATEGIES, name, changed)

    return seed


def without_terms(**changed: int) -> Seed:
    """The index takes every queue of a profile to have this band or delay."""

    def seed(patch: pytest.MonkeyPatch) -> None:
        made = matching.Index.__init__

        def init(self: matching.Index, catalog: object) -> None:
            made(self, catalog)
            for terms in self._terms.values():
                for profile, term in terms.items():
                    terms[profile] = msgspec.structs.replace(term, **changed)

        patch.setattr(matching.Index, "__init__", init)

    return seed


def group_by_wait(patch: pytest.MonkeyPatch) -> None:
    made = matching.Group.__init__

    def init(self, number, traits, profile, weight) -> None:
        made(self, number, traits, msgspec.structs.replace(profile, order="wait"), weight)

    patch.setattr(matching.Group, "__init__", init)


def forgetting(name: str, kind: type[e.EventBase]) -> Seed:
    return replaced(core_turn, name, getattr(core_turn, name) - {kind})


def one_more(candidates, rng, limit: int) -> list[str]:
    return RING_ALL(candidates, rng, limit + 1)


RING_ALL = strategies.STRATEGIES["ring_all"].choose
MOST_SKILLED = strategies.STRATEGIES["most_skilled"].choose
SATISFIES = matching.satisfies


def nearly_satisfies(condition, traits) -> bool:
    levels = tuple((skill, level + 1) for skill, level in traits.skills)
    return SATISFIES(condition, msgspec.structs.replace(traits, skills=levels))


def called(agent, profile) -> tuple[str, ...]:
    """Free as if every channel reached them."""
    return capacity.free_channels(msgspec.structs.replace(agent, unreachable={}), profile)


BUGS: dict[str, tuple[str, Seed]] = {
    "the shortest idle come first": (
        "longest_idle",
        reordered("longest_idle", lambda agent, _at: (len(agent.slots), -agent.idle_since)),
    ),
    "load is not looked at": (
        "longest_idle",
        reordered("longest_idle", lambda agent, _at: (agent.idle_since, agent.number)),
    ),
    "occupancy forgets who was signed in longer": (
        "least_occupied",
        reordered("least_occupied", lambda a, _at: (len(a.slots), a.busy_total, a.number)),
    ),
    "contacts since ever": (
        "fewest_contacts",
        reordered("fewest_contacts", lambda a, _at: (len(a.slots), a.offered, a.number)),
    ),
    "round robin goes by idle time": (
        "round_robin",
        reordered("round_robin", lambda a, _at: (len(a.slots), a.idle_since, a.number)),
    ),
    "the line goes by the catalog": (
        "linear",
        reordered("linear", lambda agent, _at: (agent.number,)),
    ),
    "specialists are not spared": ("least_skilled", chosen_by("least_skilled", MOST_SKILLED)),
    "one more than the limit rings": ("ring_all", chosen_by("ring_all", one_more)),
    "who rejected it is asked again": (
        "random",
        replaced(strategies.base.Candidates, "barred", lambda _self, _agent: False),
    ),
    "a level too low is enough": (
        "longest_idle",
        replaced(matching, "satisfies", nearly_satisfies),
    ),
    "bands are not looked at": ("longest_idle", without_terms(band=1)),
    "delays are not looked at": ("longest_idle", without_terms(delay=0)),
    "objectives are not looked at": ("longest_idle", group_by_wait),
    "calls go beside anything": (
        "longest_idle",
        replaced(capacity, "goes_beside", lambda *_: True),
    ),
    "what is kept for an agent does not come first": (
        "longest_idle",
        replaced(matching.Index, "next_kept_for", lambda *_: iter(())),
    ),
    "preferred agents are not asked first afterwards": (
        "longest_idle",
        replaced(seeking, "_favourite", lambda *_: None),
    ),
    "preferred agents are waited for in vain": (
        "longest_idle",
        replaced(seeking, "_takes", lambda *_: True),
    ),
    "a hopeless step is not skipped": (
        "longest_idle",
        replaced(seeking, "relax_if_hopeless", lambda *_: False),
    ),
    "who rejected is not served": ("longest_idle", forgetting("FREEING", e.OfferRejected)),
    "who cannot be reached is rung": ("longest_idle", replaced(matching, "free_channels", called)),
    "what rings at the unreachable rings on": (
        "longest_idle",
        replaced(staff, "withdraw_offers_of", lambda *_: None),
    ),
    "who can be reached again is not served": (
        "longest_idle",
        forgetting("FREEING", e.ReachabilityChanged),
    ),
    "what came back does not seek": ("longest_idle", forgetting("SEEKING", e.Returned)),
    "what changed its step does not seek": ("longest_idle", forgetting("SEEKING", e.StepEntered)),
    "callbacks that pause are offered": (
        "longest_idle",
        lambda patch: [
            patch.setattr(m, "held_back", lambda _: False) for m in (core_state, seeking)
        ],
    ),
    "those freed together are served one by one": (
        "linear",
        replaced(core_turn.Turn, "crowded", property(lambda _: False)),
    ),
    "who frees does not ring along": (
        "ring_all",
        replaced(seeking, "join_ringing", lambda *_: None),
    ),
    "what is about to leave rings on": ("ring_all", replaced(overflow, "is_due", lambda *_: False)),
    "the runner-up is the chosen one": (
        "longest_idle",
        replaced(seeking, "_runner_up", lambda _turn, _strategy, _candidates, chosen: chosen[0]),
    ),
}

ENOUGH_WORLDS = 60


@pytest.mark.parametrize("bug", BUGS)
def test_a_core_with_a_bug_is_noticed(bug: str, monkeypatch: pytest.MonkeyPatch):
    strategy, seed = BUGS[bug]
    seed(monkeypatch)
    assert noticed(strategy), f"{ENOUGH_WORLDS} worlds in which {bug}, unnoticed"


def noticed(strategy: str) -> bool:
    worlds = zip(lives(strategy), range(ENOUGH_WORLDS), strict=False)
    return any(world.found for world, _ in worlds)


# -- bugs seeded into how the core explains ---------------------------------------------------


STANDING = explain._standing


def all_busy(*given):
    code, detail, until = STANDING(*given)
    return "busy" if code == "unreachable" else code, detail, until


def whole(condition, traits):
    """All that is asked for, instead of what failed."""
    return () if SATISFIES(condition, traits) else (condition,)


LIES: dict[str, Seed] = {
    "the busy are called free": replaced(explain, "has_room", lambda *_: True),
    "the unreachable are called busy": replaced(explain, "_standing", all_busy),
    "all that is asked for is said to fail": replaced(explain, "failed_leaves", whole),
    "the next step brings nobody": replaced(explain, "could_join", lambda *_: 0),
    "nobody stands before": replaced(explain, "_ahead", lambda *_: iter(())),
    "no rule is told of": replaced(explain, "_overflows", lambda *_: iter(())),
    "rules count from arrival": replaced(explain, "waits_since", lambda one: one.arrived_at),
    "other kinds do not count": replaced(estimates, "_rivals", lambda *_: iter(())),
    "a call waits for mails": replaced(estimates, "goes_beside", lambda *_: False),
    "demands are told loosely": replaced(explain, "describe", lambda _: "somebody"),
    "credit does not count": replaced(
        queueing, "waiting_since", lambda queued_at, _credit, waited: queued_at - waited
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_explanation_that_is_wrong_is_noticed(lie: str, monkeypatch: pytest.MonkeyPatch):
    LIES[lie](monkeypatch)
    assert noticed("longest_idle"), f"{ENOUGH_WORLDS} worlds in which {lie}, unnoticed"
