"""How many files this process may have open: every desk, board and chat is one."""

from __future__ import annotations

import resource

WANTED = 65_536  # the usual 1,024 would refuse the thousandth desk


def allow_many() -> int:
    """Raise the limit as far as the operator allows, up to ``WANTED``; answers what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
