"""Putting a contact into a queue: its demands, its credit and its place in the order."""

from __future__ import annotations

from router.core import events as e
from router.core.catalog import Announcement
from router.core.model import Contact
from router.core.priority import credit_for, waiting_since
from router.core.requirements import Step, step_end
from router.core.turn import Turn


def enter_queue(
    turn: Turn,
    contact: Contact,
    queue: str,
    *,
    reason: str,
    steps: tuple[Step, ...] = (),
    waited: int = 0,
    boost: int = 0,
    preferred: tuple[str, ...] = (),
    preferred_for: int = 0,
    named: str = "",
    excluded: dict[str, int] | None = None,
    attributes: dict[str, str] | None = None,
    announcements: tuple[Announcement, ...] | None = None,
    offer_callback: bool | None = None,
) -> None:
    """Emit ``Enqueued``. ``waited`` microseconds already spent waiting count in the new place."""
    rules = turn.state.catalog.queues[queue]
    steps = steps or rules.steps
    credit = credit_for(turn.state.catalog, queue, contact.customer, boost)
    turn.emit(
        e.Enqueued(
            contact=contact.id,
            sequence=contact.sequence + 1,
            queue=queue,
            steps=steps,
            step_until=step_end(steps, 0, turn.at),
            waiting_since=waiting_since(turn.at, credit, waited),
            credit=credit,
            waited=waited,
            boost=boost,
            preferred=preferred,
            preferred_until=_kept_until(turn, contact, preferred_for) if preferred else 0,
            named=named,
            excluded=excluded or {},
            reason=reason,
            attributes=attributes or {},
            announcements=announcements,
            offer_callback=offer_callback,
        )
    )


def kept_for(turn: Turn, contact: Contact, queue: str, given: int | None = None) -> int:
    """How long preferred agents have a contact that arrived to themselves, microseconds."""
    if given is None:
        given = contact.preferred_for
    return turn.state.catalog.queues[queue].preferred_for if given is None else given


def _kept_until(turn: Turn, contact: Contact, preferred_for: int) -> int:
    """A callback that is held back is kept for its agents from the moment it may be tried."""
    if preferred_for <= 0:
        return 0
    held_until = contact.callback.not_before if contact.callback is not None else 0
    return max(turn.at, held_until) + preferred_for


def reset_credit(turn: Turn, contact: Contact, boost: int) -> None:
    """Work the credit out anew (customer, catalog or boost changed); silent when it is the same."""
    credit = credit_for(turn.state.catalog, contact.queue, contact.customer, boost)
    since = waiting_since(contact.queued_at, credit, contact.waited)
    if (credit, boost, since) == (contact.credit, contact.boost, contact.waiting_since):
        return
    turn.emit(
        e.CreditChanged(
            contact=contact.id,
            sequence=contact.sequence + 1,
            credit=credit,
            boost=boost,
            waiting_since=since,
        )
    )


def set_requirements(
    turn: Turn,
    contact: Contact,
    *,
    steps: tuple[Step, ...] = (),
    preferred: tuple[str, ...] | None = None,
) -> None:
    """New demands on a waiting contact, which keeps its place. New steps start from the first;
    without them, the present step goes on.
    """
    favourites = contact.preferred if preferred is None else preferred
    turn.emit(
        e.RequirementsEdited(
            contact=contact.id,
            sequence=contact.sequence + 1,
            steps=steps or contact.steps,
            step=0 if steps else contact.step,
            step_until=step_end(steps, 0, turn.at) if steps else contact.step_until,
            preferred=favourites,
            preferred_until=contact.preferred_until if favourites else 0,
        )
    )
