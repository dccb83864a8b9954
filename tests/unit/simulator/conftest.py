"""Recorded calls of a real bank, where they lie beside the project; they are no part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simulator.call_log import CallLog, read_log

_BESIDE = Path(__file__).parents[4] / "shared"
_NAME = Path("data") / "anonymous_bank_1999-02-01_to_14.tsv.gz"


@pytest.fixture(scope="session")
def bank_file() -> Path:
    path = Path(os.environ.get("PATCHBAY_SHARED", _BESIDE)) / _NAME
    if not path.is_file():
        pytest.skip(f"the real call log {_NAME.name} is not here: PATCHBAY_SHARED says where it is")
    return path


@pytest.fixture(scope="session")
def bank_log(bank_file: Path) -> CallLog:
    return read_log(bank_file)
