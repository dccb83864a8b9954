"""One queue's figures as a supervisor reads them: every count, and how long things took."""

from __future__ import annotations

import msgspec

from reporting.durations import Durations
from reporting.figures import SERVICE_LEVEL_FORMULA, QueueFigures
from reporting.statistics import Statistics


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, microseconds; None when it has not happened. ``median`` and
    ``ninetieth`` (percentile) are accurate to 2.5 %.
    """

    mean: int | None
    median: int | None
    ninetieth: int | None
    longest: int | None


class SpanFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to contacts in the queue, each counted when it happened.

    ``offered = answered + abandoned + overflowed + moved + callbacks + ended + still waiting``:
    a contact given back, transferred or overflown begins anew. ``overflowed_in``,
    ``transferred_in`` and ``given_back`` are part of ``offered``. Shares are 0-1, None when there
    is nothing to measure yet.
    """

    offered: int
    answered: int
    answered_within: int
    abandoned: int
    abandoned_short: int
    overflowed: int
    moved: int
    callbacks: int
    ended: int
    overflowed_in: int
    transferred_in: int
    given_back: int
    transferred_out: int
    callbacks_answered: int
    offers: int
    offers_missed: int
    offers_rejected: int
    most_waiting: int
    service_level: float | None
    abandoned_share: float | None
    answered_after: Took
    abandoned_after: Took
    handling: Took  # talk, hold and wrap-up


class QueueReport(msgspec.Struct, frozen=True, kw_only=True):
    """``recent`` are the last 30 minutes, ``today`` since midnight."""

    queue: str
    at: int
    service_level_formula: str
    recent: SpanFigures
    today: SpanFigures


def queue_report(statistics: Statistics, queue: str, at: int) -> QueueReport:
    return QueueReport(
        queue=queue,
        at=at,
        service_level_formula=SERVICE_LEVEL_FORMULA,
        recent=_span(statistics.recent(queue, at)),
        today=_span(statistics.today(queue, at)),
    )


def _span(figures: QueueFigures) -> SpanFigures:
    return SpanFigures(
        **{name: getattr(figures, name) for name in _AS_COUNTED},
        answered_after=_took(figures.waits),
        abandoned_after=_took(figures.abandon_waits),
        handling=_took(figures.handling),
    )


_TAKEN = frozenset({"answered_after", "abandoned_after", "handling"})
_AS_COUNTED = tuple(name for name in SpanFigures.__struct_fields__ if name not in _TAKEN)


def _took(durations: Durations) -> Took:
    return Took(
        mean=durations.mean,
        median=durations.percentile(0.5),
        ninetieth=durations.percentile(0.9),
        longest=durations.longest if durations.number else None,
    )
