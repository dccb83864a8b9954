"""What counts to a queue's service objective: waiting, or as much of it as lies in given hours."""

from __future__ import annotations

from router.core.catalog import Catalog, Hours, Queue


def objective_hours(catalog: Catalog, queue: Queue) -> Hours | None:
    """The hours in which waiting counts; None: always."""
    return catalog.hours.get(queue.objective_hours)


def counted(hours: Hours | None, since: int, at: int) -> int:
    """Microseconds of the waiting from ``since`` to ``at`` that count; ``hours`` None: all."""
    return at - since if hours is None else hours.open_between(since, at)


def late_at(hours: Hours | None, since: int, within: int) -> int:
    """When the waiting since then is as long as the objective; 0: never, as far as known."""
    if hours is None:
        return since + within
    return hours.open_for(since, within) or 0
