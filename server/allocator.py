"""How the C library hands out memory: as glibc does unasked, a service that runs for months grows.

It keeps a heap for each of many threads, and learns from each large buffer to take the next one
from there, between small things that stay. Python's own objects live elsewhere.
"""

from __future__ import annotations

import ctypes
from typing import Final

ARENA_MAX: Final = -8  # of mallopt(3): heaps at most
MMAP_THRESHOLD: Final = -3  # bytes; what is as large goes back to the system when it is freed
HEAPS: Final = 2
LARGE: Final = 256 * 1024


def keep_together() -> bool:
    """Ask for few heaps and for large buffers apart, before there are threads. False where the C
    library knows nothing of it.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    return bool(mallopt(ARENA_MAX, HEAPS)) and bool(mallopt(MMAP_THRESHOLD, LARGE))
