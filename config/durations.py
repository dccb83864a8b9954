"""Durations as people write them: ``30s``, ``2m``, ``1h30m``. Values are integer microseconds."""

from __future__ import annotations

import re

from router.core.durations import DAY, HOUR, MILLISECOND, MINUTE, SECOND

UNITS = {
    "d": DAY,
    "h": HOUR,
    "m": MINUTE,
    "s": SECOND,
    "ms": MILLISECOND,
    "us": 1,
}
LONGEST = 366 * UNITS["d"]
PATTERN = r"^([0-9]{1,12}(d|h|ms|m|us|s) ?)+$|^0$"  # for editors; parse_duration is stricter

_WRITTEN = re.compile(
    "".join(rf"(?:(?P<{unit}>[0-9]{{1,12}}){unit}(?![a-z]) ?)?" for unit in UNITS), re.ASCII
)


def parse_duration(text: str) -> int:
    """Microseconds of ``text``; raises ValueError with one sentence that says what to write."""
    written = text.strip()
    if written == "0":
        return 0
    if written.startswith("-"):
        raise ValueError("a duration cannot be negative")
    if written.isascii() and written.isdigit():
        raise ValueError(f"a duration needs a unit: write {written[:12]}s, {written[:12]}m …")
    match = _WRITTEN.fullmatch(written)
    if not match or not written:
        raise ValueError("write a duration with units, largest first: 30s, 2m, 1h30m")
    total = sum(int(match[unit]) * size for unit, size in UNITS.items() if match[unit])
    if total > LONGEST:
        raise ValueError("a duration can be 366d at most")
    return total


def format_duration(microseconds: int) -> str:
    """The shortest text that ``parse_duration`` reads back as the same value; signs are kept."""
    if microseconds < 0:
        return f"-{format_duration(-microseconds)}"
    parts = []
    rest = microseconds
    for unit, size in UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
