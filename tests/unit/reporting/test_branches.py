"""``reporting.branches``: what is not known is not told."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from reporting.branches import BranchReadings
from router.branch.parts import BranchFigures
from router.core.durations import SECOND


def test_a_branch_that_is_away_has_no_other_figures() -> None:
    registry = CollectorRegistry()
    leeds = BranchFigures(
        name="leeds", connected=True, behind=4, waiting=3, oldest=5 * SECOND // 2, calls=2
    )
    york = BranchFigures(name="york", connected=False)
    registry.register(BranchReadings(lambda: [leeds, york]))

    def value(name: str, branch: str) -> float | None:
        return registry.get_sample_value(f"patchbay_branch_{name}", {"branch": branch})

    names = ("connected", "behind_entries", "outbox_requests", "outbox_oldest_seconds", "calls")
    assert [value(one, "leeds") for one in names] == [1, 4, 3, 2.5, 2]
    assert [value(one, "york") for one in names] == [0, None, None, None, None]
