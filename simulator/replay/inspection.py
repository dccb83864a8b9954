"""Decisions of a replay, sampled and judged by the brute-force chooser, and their explanations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np

from router.core import events as e
from router.core.explain import explain_contact
from router.core.model import Contact
from router.core.state import WAITING
from simulator.judging.decisions import Disagreement, Judge
from simulator.judging.explanations import judge_explanation
from simulator.runner import Run

SHOWN: Final = 20
_EXPLAINED: Final = 3  # contacts still waiting after a decision whose "why?" is judged


class Inspected(msgspec.Struct, frozen=True, kw_only=True):
    """``decisions`` and ``explanations`` were judged, and in so many sentences did the judge
    ``disagree``; the first are ``disagreements``. ``reasons`` counts the decisions by what the
    core said about them.
    """

    decisions: int
    explanations: int
    reasons: dict[str, int]
    disagree: int
    disagreements: tuple[Disagreement, ...]


class Inspector:
    """An observer of one run, from its beginning. ``picked`` are the decisions to judge, counted
    from 0 in the order in which the core makes them.
    """

    def __init__(self, picked: Iterable[int]) -> None:
        self._judge = Judge()
        self._picked = frozenset(picked)
        self._offers = 0
        self._decisions = 0
        self._explanations = 0
        self._found: list[Disagreement] = []
        self._disagree = 0

    def __call__(self, run: Run, events: Sequence[e.Event]) -> None:
        offers = sum(isinstance(event, e.Offered) for event in events)
        turn = range(self._offers, self._offers + offers)
        self._offers += offers
        if self._picked.isdisjoint(turn):
            self._judge.follow(events, run.at)
            return
        self._decisions += offers
        self._hear(self._judge.judge(events, run.at))
        for contact in self._waiting():
            self._explained(run, contact)

    def _waiting(self) -> list[Contact]:
        waiting = [one for one in self._judge.state.contacts.values() if one.state in WAITING]
        return sorted(waiting, key=lambda one: (one.waiting_since, one.number))[:_EXPLAINED]

    def _explained(self, run: Run, contact: Contact) -> None:
        said = explain_contact(run.core.state, contact.id, run.at)
        self._explanations += 1
        if said is None:
            self._hear([_silence(contact, run.at)])
        else:
            self._hear(judge_explanation(self._judge.state, said, run.at))

    def _hear(self, found: Sequence[Disagreement]) -> None:
        self._disagree += len(found)
        self._found += found[: SHOWN - len(self._found)]

    def verdict(self) -> Inspected:
        reasons = {reason: count for reason, count in sorted(self._judge.judged.items()) if count}
        return Inspected(
            decisions=self._decisions,
            explanations=self._explanations,
            reasons=reasons,
            disagree=self._disagree,
            disagreements=tuple(self._found),
        )


def pick(wanted: int, about: int, rng: np.random.Generator) -> list[int]:
    """``wanted`` of ``about`` decisions, each as likely as any other."""
    chosen: list[int] = rng.choice(about, min(wanted, about), replace=False).tolist()
    return chosen


def _silence(contact: Contact, at: int) -> Disagreement:
    what = "it waits, and there is no explanation"
    return Disagreement(at=at, contact=contact.id, agent="", what=what)
