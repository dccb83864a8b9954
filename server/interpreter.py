"""The interpreter, set up for a service in which nothing may hold up the rest for long."""

from __future__ import annotations

import gc
import sys

# A thread that waits for the interpreter is given it after this long. A commit comes back from the
# disk several times, and with the usual 5 ms a busy loop would keep it waiting each time.
TURN_SECONDS = 0.000_5

# New objects before a young collection, and younger collections before an older one. A full one
# walks every desk: rare, but often enough that closed connections do not pile up.
THRESHOLDS = (5_000, 10, 20)


def take_short_turns() -> None:
    sys.setswitchinterval(TURN_SECONDS)


def spare_what_stays() -> None:
    """What is there when the service is ready stays: no collection need look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
