"""A database that has its tables already: making them takes longer than most tests do."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from crm.migrations.upgrade import upgrade

NAME = "patchbay.db"  # what a service looks for in its data directory


def put_into(folder: Path) -> None:
    """As a service leaves it that was started once and did nothing; unless there is one."""
    if not (folder / NAME).exists():
        (folder / NAME).write_bytes(_made())


@cache
def _made() -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="patchbay-tables-"))
    try:
        engine = create_engine(f"sqlite:///{folder / NAME}")
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()
        return (folder / NAME).read_bytes()
    finally:
        shutil.rmtree(folder)
