"""What harnesses that kill a service again and again have in common."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from tests.faults.lives import Mortal

AGAIN = 0.15  # of the kills are followed by one while it is starting


class Judged(Protocol):
    """``problems``: sentences about what was lost or done twice."""

    problems: list[str]
    killed_while_starting: int


ReportT = TypeVar("ReportT", bound=Judged)


async def kill_once(
    service: Mortal,
    rng: random.Random,
    report: Judged,
    *,
    within: tuple[float, float],
    killed: Callable[[], None] = lambda: None,
) -> None:
    """After so many seconds, and now and then again while it is starting; it works when this
    returns. ``killed`` looks at what the first death left.
    """
    await asyncio.sleep(rng.uniform(*within))
    await service.kill()
    killed()
    await service.begin()
    if rng.random() < AGAIN:
        await asyncio.sleep(rng.uniform(0.05, 0.6))
        await service.kill()
        report.killed_while_starting += 1
        await service.begin()
    await service.works()


def harness(
    documentation: str | None,
    run: Callable[[int, int, Path], ReportT],
    *,
    kills: int,
    failed: Callable[[ReportT], bool] = lambda report: bool(report.problems),
) -> None:
    """The command line: ``run`` is given how many kills, a seed and a folder. Prints the report as
    JSON; ends the program with 1 when it ``failed``.
    """
    parser = argparse.ArgumentParser(description=(documentation or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=kills)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="an empty folder for everything the run leaves")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        report = run(options.kills, options.seed, folder)
    print(json.dumps({"seed": options.seed, **msgspec.to_builtins(report)}, indent=1))
    sys.exit(1 if failed(report) else 0)
