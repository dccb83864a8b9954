"""What a run of the laboratory found, and what several runs found together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec

_CONFIDENCE: Final = 0.95
_SUMS: Final = (
    *("faults", "entries", "contacts", "sent", "resent", "answered", "told", "seconds"),
    *("takeovers", "began_anew", "lost_answers"),
)


class Report(msgspec.Struct, kw_only=True):
    """``recovered``: of each kind of fault, seconds until a command sent after it was accepted."""

    faults: int = 0
    entries: int = 0
    contacts: int = 0
    sent: int = 0
    resent: int = 0
    answered: int = 0
    told: int = 0  # over MQTT, repetitions too
    seconds: float = 0.0
    takeovers: int = 0
    began_anew: int = 0  # nodes that ended by themselves
    recovered: dict[str, list[float]] = {}
    drained: bool = False
    lost_answers: int = 0  # commands that were acknowledged and are not in the log
    lost_contacts: list[str] = []
    problems: list[str] = []

    @property
    def clean(self) -> bool:
        return self.drained and not self.problems

    @property
    def bound(self) -> float:
        """The share of faults that may lose something, at 95 % confidence; 1 unless clean."""
        if not self.clean or not self.faults:
            return 1.0
        return 1 - math.pow(1 - _CONFIDENCE, 1 / self.faults)

    @property
    def recovery(self) -> dict[str, tuple[int, float, float]]:
        """Of each kind: how many, the median and the longest, in seconds."""
        return {
            kind: (len(times), round(sorted(times)[len(times) // 2], 2), round(max(times), 2))
            for kind, times in sorted(self.recovered.items())
        }

    def figures(self) -> dict[str, Any]:
        """What is printed."""
        told = msgspec.to_builtins(self)
        del told["recovered"]
        told["seconds"] = round(self.seconds, 1)
        return {**told, "recovery": self.recovery, "bound": round(self.bound, 5)}


def together(reports: Sequence[Report]) -> Report:
    """As if it had been one run."""
    kinds = {kind for report in reports for kind in report.recovered}
    return Report(
        **{name: sum(getattr(report, name) for report in reports) for name in _SUMS},
        recovered={
            kind: [time for report in reports for time in report.recovered.get(kind, ())]
            for kind in kinds
        },
        drained=all(report.drained for report in reports),
        lost_contacts=[contact for report in reports for contact in report.lost_contacts],
        problems=[problem for report in reports for problem in report.problems],
    )
