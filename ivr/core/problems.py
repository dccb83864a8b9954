"""What is wrong in a flow: where, what, and what to do about it."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from config.problems import Path, excerpt, format_path

MAX_PROBLEMS: Final = 200  # of each severity; beyond that nobody reads on

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` is the place in the document, e.g. ``("nodes", "main", "exits", "timeout")``."""

    severity: Severity
    path: Path
    what: str
    fix: str

    @property
    def node(self) -> str:
        """The id of the node it is about; empty when it is about the flow."""
        inside = len(self.path) > 1 and self.path[0] == "nodes"
        return str(self.path[1]) if inside else ""

    def __str__(self) -> str:
        where = f"{format_path(self.path)}: " if self.path else ""
        return f"{self.severity}: {where}{self.what}; {self.fix}"


class ProblemList:
    """Collects problems, bounded."""

    def __init__(self) -> None:
        self._found: dict[Severity, list[Problem]] = {"error": [], "warning": []}

    @property
    def errors(self) -> int:
        return len(self._found["error"])

    def full(self, severity: Severity = "error") -> bool:
        return len(self._found[severity]) >= MAX_PROBLEMS

    def add(self, path: Path, what: str, fix: str, severity: Severity = "error") -> None:
        """``what`` and ``fix`` begin in lower case and end without a full stop."""
        if not self.full(severity):
            self._found[severity].append(Problem(severity=severity, path=path, what=what, fix=fix))

    def warn(self, path: Path, what: str, fix: str) -> None:
        self.add(path, what, fix, "warning")

    def listed(self) -> tuple[Problem, ...]:
        """Errors first."""
        return (*self._found["error"], *self._found["warning"])


def quoted(text: str) -> str:
    return f"'{excerpt(text)}'"
