"""How simulated people behave. Durations are microseconds, shares and chances 0 to 1."""

from __future__ import annotations

import msgspec

from router.core.durations import MINUTE, SECOND


class CallerBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """Patience and hold patience are means, talk is a median."""

    patience: int = 4 * MINUTE
    least_patience: int = 15 * SECOND
    talk: int = 100 * SECOND
    hangs_up_first: float = 0.7  # the others wait for the agent to end the call …
    waits_for_the_end: int = 60 * SECOND  # … but not for ever
    hold_patience: int = 3 * MINUTE
    unknown_number: float = 0.25
    asks_for_callback: float = 0.1
    misses_callback: float = 0.15
    picks: float = 0.7  # picks one of the choices an entry point offers


class ColleagueBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """Talk and wrap-up are medians, the time between breaks a mean."""

    accepts_within: int = 5 * SECOND
    misses: float = 0.02
    talk: int = 140 * SECOND
    wrap_up: int = 12 * SECOND
    between_breaks: int = 20 * MINUTE
    break_for: int = 3 * MINUTE
    back_after: int = 20 * SECOND  # after a missed offer
    typing: int = 6 * SECOND
    idle_chat: int = 4 * MINUTE  # a silent chat is ended after this


class VisitorBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    patience: int = 5 * MINUTE
    reads_for: int = 3 * SECOND
    types_for: int = 5 * SECOND
    asks_again: int = 90 * SECOND  # without an answer
    at_once: int = 40  # chats at a time; more do not start


class SimulationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``shares`` weighs entry points against each other (absent: 1); ``regulars`` are the numbers
    of customers by the agent who is their account manager.
    """

    seed: int = 1
    calls_per_minute: float = 2.0
    chats_per_minute: float = 0.7
    callers: tuple[str, ...] = ()  # numbers of known customers
    visitors: tuple[tuple[str, str], ...] = ()  # (name, address) of known customers
    regulars: dict[str, tuple[str, ...]] = {}
    shares: dict[str, float] = {}
    caller: CallerBehaviour = CallerBehaviour()
    colleague: ColleagueBehaviour = ColleagueBehaviour()
    visitor: VisitorBehaviour = VisitorBehaviour()
