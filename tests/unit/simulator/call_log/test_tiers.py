"""Tiers that the log wrote down only for some."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np

from simulator.call_log.model import CallLog, RecordedCall
from simulator.call_log.tiers import complete_tiers, served_tiers, tier_on_record, tier_shares


def call(tier: str, *, kind: str = "sales", known: bool = True) -> RecordedCall:
    return RecordedCall(
        line=1,
        id="",
        customer="",
        tier=tier,
        type=kind,
        arrived_at=0,
        queued_at=0,
        waited=9 if known else 0,
        outcome="abandoned",
        tier_known=known,
    )


def log(*calls: RecordedCall, without_wait: str = "nobody") -> CallLog:
    return CallLog(
        name="", mapping="", clock="", calls=calls, rows=0, tier_without_wait=without_wait
    )


KNOWN = (call("gold"), call("gold"), call("gold"), call("plain"))


def test_shares_count_the_calls_whose_tier_is_known_by_type() -> None:
    calls = (*KNOWN, call("nobody", known=False), call("nobody", kind="help"))
    assert tier_shares(calls) == {
        "help": {"nobody": 1.0},
        "sales": {"gold": 0.75, "plain": 0.25},
    }


def test_unknown_tiers_are_drawn_by_those_shares_and_known_ones_stay() -> None:
    unknown = [call("nobody", known=False)] * 4_000
    drawn = complete_tiers(log(*KNOWN, *unknown), np.random.default_rng(1))
    assert drawn[:4] == ["gold", "gold", "gold", "plain"]
    counts = Counter(drawn[4:])
    assert set(counts) == {"gold", "plain"}
    assert 2_900 < counts["gold"] < 3_100


def test_equal_seeds_draw_equal_tiers() -> None:
    calls = log(*KNOWN, *[call("nobody", known=False)] * 50)
    first, again = (complete_tiers(calls, np.random.default_rng(7)) for _ in range(2))
    assert first == again


def test_where_no_tier_of_a_type_is_known_what_the_log_wrote_stays() -> None:
    assert complete_tiers(log(call("nobody", known=False)), np.random.default_rng(1)) == ["nobody"]


def test_some_are_served_as_if_they_were_of_another_tier() -> None:
    mixed = msgspec.structs.replace(log(), served_as={"gold": {"plain": 0.25}})
    tiers = ["gold"] * 4_000 + ["plain"] * 100
    served = served_tiers(mixed, tiers, np.random.default_rng(2))
    assert 900 < served[:4_000].count("plain") < 1_100
    assert served[4_000:] == ["plain"] * 100
    assert served_tiers(log(), tiers, np.random.default_rng(2)) == tiers


def test_a_simulated_call_is_labelled_as_the_log_would_have_labelled_it() -> None:
    waited, unknown = call("gold"), call("nobody", known=False)
    assert tier_on_record(log(), waited, "gold", 0) == "nobody"
    assert tier_on_record(log(), waited, "gold", 1) == "gold"
    assert tier_on_record(log(), unknown, "gold", 1) == "gold"
    assert tier_on_record(log(), unknown, "gold", 0) == "nobody"
    assert tier_on_record(log(without_wait=""), waited, "gold", 0) == "gold"


def test_who_was_identified_without_a_wait_stays_so() -> None:
    at_once = msgspec.structs.replace(call("gold"), waited=0)
    assert tier_on_record(log(), at_once, "gold", 0) == "gold"
