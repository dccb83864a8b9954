"""What is wrong in a file an admin wrote: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, Protocol

import msgspec

MAX_PROBLEMS = 100  # of each severity; beyond that nobody reads on
_EXCERPT = 40

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]


class Place(Protocol):
    """Anything with a position in the file, counted from 1."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` names the place in the document, e.g. ``queues.sales.steps[0].for``; ``parts`` is
    the same for programs.
    """

    severity: Severity
    file: str
    line: int
    column: int
    path: str
    what: str
    fix: str
    parts: Path = ()

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        inside = f" {self.path}:" if self.path else ""
        return f"{where}: {self.severity}:{inside} {self.what}; {self.fix}"


class ProblemList:
    """Collects the problems of one file, each once, bounded."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: dict[tuple[int, int, str], Problem] = {}
        self._counts: dict[Severity, int] = {"error": 0, "warning": 0}

    @property
    def errors(self) -> int:
        return self._counts["error"]

    def full(self, severity: Severity = "error") -> bool:
        return self._counts[severity] >= MAX_PROBLEMS

    def add(
        self, place: Place, path: Path, what: str, fix: str, severity: Severity = "error"
    ) -> None:
        """``what`` and ``fix`` begin in lower case and end without a full stop."""
        key = (place.line, place.column, what)
        if key in self._found or self.full(severity):
            return
        self._counts[severity] += 1
        self._found[key] = Problem(
            severity=severity,
            file=self._file,
            line=place.line,
            column=place.column,
            path=format_path(path),
            parts=path,
            what=what,
            fix=fix,
        )

    def sorted(self) -> tuple[Problem, ...]:
        return tuple(sorted(self._found.values(), key=lambda p: (p.line, p.column)))


def format_path(path: Path) -> str:
    """``("queues", "sales", "steps", 0)`` as ``queues.sales.steps[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{excerpt(part)}"
    return text.removeprefix(".")


def excerpt(text: str) -> str:
    """``text`` shortened and made harmless for a terminal and a log line."""
    short = text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1]}…"
    return short if short.isprintable() else ascii(short)[1:-1]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``; looks at a bounded number of names of similar length."""
    wanted = name[:64].lower()
    near = [one for one in known if abs(len(one) - len(wanted)) <= 4][:500]
    by_lower = {one.lower(): one for one in near}
    found = get_close_matches(wanted, by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def suggest(name: str, known: Iterable[str], *, otherwise: str) -> str:
    """``did you mean X?`` when something known is close, else ``otherwise``."""
    close = nearest(name, known)
    return f"did you mean '{close}'?" if close else otherwise
