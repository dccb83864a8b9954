"""What every formula asks of its numbers, refused in one sentence that says what to do."""

from __future__ import annotations

from math import isfinite

MOST_SERVERS = 1_000_000


def require_positive(**numbers: float) -> None:
    """Each is a finite number above zero; ValueError names the first that is not."""
    for name, number in numbers.items():
        if not isfinite(number) or number <= 0:
            raise ValueError(f"{_words(name)} is {number}; give a number above zero")


def require_not_negative(**numbers: float) -> None:
    """Each is a finite number, zero or more; ValueError names the first that is not."""
    for name, number in numbers.items():
        if not isfinite(number) or number < 0:
            raise ValueError(f"{_words(name)} is {number}; give zero or more")


def require_share(**numbers: float) -> None:
    """Each lies between 0 and 1, without both ends; ValueError names the first that does not."""
    for name, number in numbers.items():
        if not 0 < number < 1:
            raise ValueError(f"{_words(name)} is {number}; give a share between 0 and 1")


def require_servers(servers: int) -> None:
    """At least one server, and not so many that the sum over them would take minutes."""
    if not 1 <= servers <= MOST_SERVERS:
        raise ValueError(f"servers is {servers}; give from 1 to {MOST_SERVERS:,} servers")


def require_stable(load: float, servers: int) -> None:
    """Less work than servers: without impatience any other queue grows without bound."""
    if load >= servers:
        raise ValueError(
            f"a load of {load:g} erlangs on {servers} servers has no steady state; "
            f"give more than {load:g} servers, less load, or callers who lose patience"
        )


def _words(name: str) -> str:
    return name.replace("_", " ")
