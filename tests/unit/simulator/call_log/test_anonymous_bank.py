"""The real log, read as a whole. Skipped where it is absent."""

from __future__ import annotations

from collections import Counter

import pytest

from router.core.catalog import SECOND
from router.core.durations import DAY
from simulator.call_log.model import CallLog
from simulator.call_log.tiers import tier_shares


def test_every_row_is_accounted_for(bank_log: CallLog) -> None:
    assert bank_log.mapping == "anonymous bank"
    assert (bank_log.rows, bank_log.ignored, bank_log.dropped) == (17_456, 143, 3)
    assert len(bank_log.calls) == 17_310
    assert Counter(call.outcome for call in bank_log.calls) == {
        "answered": 14_402,
        "abandoned": 1_885,
        "left": 1_023,
    }


def test_recorded_waits_and_abandonment_by_tier(bank_log: CallLog) -> None:
    told = {}
    for tier in ("unidentified", "regular", "valued"):
        calls = [c for c in bank_log.calls if c.tier == tier and c.outcome != "left"]
        waits = sum(call.waited for call in calls) / len(calls) / SECOND
        abandoned = sum(call.outcome == "abandoned" for call in calls) / len(calls)
        told[tier] = (len(calls), round(waits, 1), round(abandoned, 3))
    assert told == {
        "unidentified": (10_031, 23.6, 0.115),
        "regular": (2_169, 65.0, 0.172),
        "valued": (4_087, 55.3, 0.089),
    }


def test_tiers_are_known_only_for_those_who_waited(bank_log: CallLog) -> None:
    known = [call for call in bank_log.calls if call.tier_known]
    assert all(call.waited or call.customer for call in known)
    assert tier_shares(known)["PS"]["valued"] == pytest.approx(0.617, abs=0.001)
    assert tier_shares(known)["NW"]["unidentified"] == pytest.approx(0.983, abs=0.001)


def test_fourteen_days_in_order_and_nothing_lasts_absurdly(bank_log: CallLog) -> None:
    queued = [call.queued_at for call in bank_log.calls]
    assert queued == sorted(queued)
    assert len({at // DAY for at in queued}) >= 14
    assert max(call.waited for call in bank_log.calls) < 15 * 60 * SECOND
    assert all(call.talk_ends >= call.arrived_at for call in bank_log.calls)
