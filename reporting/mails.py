"""Mails, as Prometheus sees them: what became of those that came, how ours left, and whether each
mailbox can be read.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from router.core.durations import SECOND

WAIT_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200)


class MailMetrics:
    """Labels are mailboxes of the operator's file and words of ours."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._came = Counter(
            "patchbay_mail_received",
            "Mails that came, by what became of them.",
            ["mailbox", "became"],
            registry=registry,
        )
        self._waited = Histogram(
            "patchbay_mail_taking_in_seconds",
            "Time from a mail's being fetched until it was settled what becomes of it.",
            ["mailbox"],
            buckets=WAIT_BUCKETS,
            registry=registry,
        )
        self._left = Counter(
            "patchbay_mail_deliveries",
            "Attempts to hand mails to their servers, by how they ended.",
            ["mailbox", "outcome"],
            registry=registry,
        )
        self._well = Gauge(
            "patchbay_mailbox_readable",
            "1 while the mailbox can be read.",
            ["mailbox"],
            registry=registry,
        )

    def came(self, mailbox: str, became: str, waited: int) -> None:
        """``waited`` microseconds."""
        self._came.labels(mailbox, became).inc()
        self._waited.labels(mailbox).observe(max(waited, 0) / SECOND)

    def left(self, mailbox: str, outcome: str) -> None:
        self._left.labels(mailbox, outcome).inc()

    def readable(self, mailbox: str, *, well: bool) -> None:
        self._well.labels(mailbox).set(well)
