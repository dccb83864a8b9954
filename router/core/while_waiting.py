"""What a contact that waits is told and offered: its own, where its flow gave it some, or what its
queue has for everybody. Both hold for one stay in one queue: elsewhere, that queue's are heard.
"""

from __future__ import annotations

from typing import Final

from router.core.catalog import Announcement, CallbackOffer, Queue
from router.core.checks import MAX_ID, MAX_VALUE
from router.core.durations import DAY, SECOND
from router.core.model import Contact
from router.core.turn import refuse

MAX_ANNOUNCEMENTS: Final = 20
OFTEN: Final = 5 * SECOND  # nothing is repeated sooner


def announcements_of(contact: Contact, queue: Queue) -> tuple[Announcement, ...]:
    """``queue`` is the one it waits in."""
    return queue.announcements if contact.announcements is None else contact.announcements


def callback_offer(contact: Contact, queue: Queue) -> CallbackOffer | None:
    """By the queue's rules, or the usual ones where only the flow offers it; None: not at all."""
    match contact.offer_callback:
        case None:
            return queue.callback
        case True:
            return queue.callback or CallbackOffer()
        case False:
            return None


def check_announcements(announcements: tuple[Announcement, ...] | None) -> None:
    """Of a contact's own, which come from outside the catalog."""
    if announcements is not None and len(announcements) > MAX_ANNOUNCEMENTS:
        refuse("invalid", f"A contact may have {MAX_ANNOUNCEMENTS} announcements at most.")
    for one in announcements or ():
        if not one.text and not one.audio:
            refuse("invalid", "An announcement says something.")
        if len(one.text) > MAX_VALUE or max(len(one.audio), len(one.language)) > MAX_ID:
            refuse("invalid", "An announcement is too long.")
        if not (0 <= one.after <= DAY and (not one.every or OFTEN <= one.every <= DAY)):
            refuse("invalid", "An announcement comes within a day, and again after 5 s or more.")
