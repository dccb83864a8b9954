"""Once more, alone, what failed beside other tests: servers, processes, telephones and browsers
have time-outs of their own, which a machine with too much to do runs into.

Only a few tests and only those: what computes must not fail at all, and what a fault run finds lost
or doubled is found, however seldom. A seeded bug may need luck to show. ``.ci/run`` asks for it,
and both runs are printed. A test that fails twice has failed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FAILED: Final = Path(".pytest_cache/v/cache/lastfailed")
MOST: Final = 6  # more are not chance
WITH_SERVERS: Final = ("tests/e2e/", "tests/integration/", "tests/faults/test_defects.py")


def worth_another_try(failed: Sequence[str]) -> bool:
    """Whether chance may have made these tests fail, by their names."""
    return 0 < len(failed) <= MOST and all(one.startswith(WITH_SERVERS) for one in failed)


def main(tests: Sequence[str]) -> int:
    """The exit code of pytest over all ``tests``, or over those that failed, when few did."""
    code = subprocess.call([sys.executable, "-m", "pytest", "--cache-clear", *tests])
    if code != 1:  # 0: all well; above 1: it did not get to the end
        return code
    failed = sorted(json.loads(FAILED.read_text(encoding="utf-8")))
    if not worth_another_try(failed):
        return code
    print("\nFailed beside others, and tried once more, alone:", *failed, sep="\n  ", flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", "-n0", *failed])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
