"""What every test may count on: no leftovers, and in CI no test skipped for want of a server."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

REQUIRED = os.environ.get("PATCHBAY_REQUIRE_SERVERS") == "1"
SHARED_DATA = "PATCHBAY_SHARED"  # a skip that names it is for data that may not be in the project


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where servers are required, a skipped test is a failed one."""
    report = yield
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if SHARED_DATA not in str(reason):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} may not be skipped here: {reason}"
    return report
