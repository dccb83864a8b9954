"""In which order the files of tests begin, so that all processors are busy until the end.

Each worker takes the next file. Some files compute, others mostly wait for telephones, mail servers
and time-outs, which costs nobody anything while another worker computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

# Minutes each: they begin first, so that none of them is the last.
LONGEST: Final = (
    "tests/property/test_core_invariants.py",
    "tests/property/test_chooser.py",
    "tests/faults/test_cluster_faults.py",
)
WAITING: Final = ("tests/integration/asterisk/", "tests/integration/mail/", "tests/faults/")
SHORT: Final = ("tests/unit/", "tests/contract/", "tests/corpus/")


def in_order(files: Sequence[str]) -> list[str]:
    """The same files: the longest, then those that wait and those that compute, then the short."""
    longest = [file for file in files if file in LONGEST]
    short = [file for file in files if file.startswith(SHORT)]
    rest = [file for file in files if file not in longest and not file.startswith(SHORT)]
    waiting = [file for file in rest if file.startswith(WAITING)]
    computing = [file for file in rest if not file.startswith(WAITING)]
    return [*longest, *_spread(waiting, computing), *short]


def _spread(few: Sequence[str], many: Sequence[str]) -> list[str]:
    """Both, each in its own order and evenly over the whole."""
    places = chain(
        (((at + 0.5) / len(few), file) for at, file in enumerate(few)),
        (((at + 0.5) / len(many), file) for at, file in enumerate(many)),
    )
    return [file for _, file in sorted(places)]
