"""What several runs found together is what they found."""

from __future__ import annotations

import pytest

from tests.faults.report import Report, together


def clean(faults: int, **recovered: list[float]) -> Report:
    return Report(faults=faults, contacts=7, drained=True, recovered=recovered)


def test_recoveries_are_counted_with_their_median_and_longest() -> None:
    whole = together([clean(2, kill=[2.0, 1.0]), clean(2, kill=[9.0], freeze=[3.0])])
    assert whole.recovery == {"freeze": (1, 3.0, 3.0), "kill": (3, 2.0, 9.0)}
    assert whole.contacts == 14


def test_the_bound_is_what_so_many_clean_faults_leave_open() -> None:
    """A share of faults above it would have shown in 95 of 100 such runs."""
    bound = together([clean(100), clean(200)]).bound
    assert (1 - bound) ** 300 == pytest.approx(0.05)


def test_one_run_that_is_not_clean_proves_nothing_of_all() -> None:
    unclean = Report(faults=100, drained=True, problems=["C: lost"])
    assert together([clean(100), unclean]).bound == 1
    assert not together([clean(100), Report(faults=1)]).clean


def test_what_is_printed_has_the_verdict_and_no_single_times() -> None:
    told = clean(1, kill=[1.234]).figures()
    assert told["recovery"] == {"kill": (1, 1.23, 1.23)}
    assert told["bound"] == 0.95
    assert "recovered" not in told
