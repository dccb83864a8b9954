"""What ``patchbay doctor`` has found."""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["ok", "optional", "risky", "missing"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One look. ``optional`` is missing too, but only some things need it; with ``risky`` Patchbay
    runs, and may lose something some day.
    """

    what: str
    verdict: Verdict
    detail: str
    remedy: str = ""

    def of(self, tenant: str) -> Finding:
        """The same, told of one of several tenants."""
        return msgspec.structs.replace(self, what=f"{tenant}: {self.what}") if tenant else self


def fit(findings: list[Finding]) -> bool:
    """Whether Patchbay itself can run here."""
    return all(finding.verdict != "missing" for finding in findings)
