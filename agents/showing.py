"""What one page shows, and the messages that bring it from there to what is so now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from agents.messages import (
    ContactCard,
    ContactChanged,
    ContactGone,
    DeskSnapshot,
    MeChanged,
    MessageAdded,
    MyFigures,
    MyState,
    OfferCard,
    OfferGone,
    OfferMade,
    ServerMessage,
    Waiting,
)
from agents.views import LONGEST_THREAD
from router.core.model import Message

# Messages are numbered when they leave (see ``outbox``).
UNNUMBERED = 0


class Look(msgspec.Struct, frozen=True):
    """One contact as one agent sees it now: offered, in hand (with its whole thread), or not."""

    offer: OfferCard | None = None
    contact: ContactCard | None = None
    thread: list[Message] = []


class Showing(msgspec.Struct):
    """The page's content. ``told`` counts the lines of each contact's thread it has."""

    me: MyState | None = None
    offers: dict[str, OfferCard] = {}  # by contact
    contacts: dict[str, ContactCard] = {}
    told: dict[str, int] = {}
    waiting: tuple[Waiting, ...] = ()
    figures: MyFigures = MyFigures()


def as_loaded(snapshot: DeskSnapshot, told: Mapping[str, int]) -> Showing:
    """What a page shows right after ``snapshot``."""
    return Showing(
        me=snapshot.me,
        offers={offer.contact: offer for offer in snapshot.offers},
        contacts={
            card.contact: msgspec.structs.replace(card, messages=()) for card in snapshot.contacts
        },
        told=dict(told),
        waiting=snapshot.waiting,
        figures=snapshot.figures,
    )


def me_changes(shown: Showing, me: MyState, why: str, at: int) -> Iterator[ServerMessage]:
    if shown.me != me:
        shown.me = me
        yield MeChanged(n=UNNUMBERED, at=at, me=me, why=why)


def contact_changes(
    shown: Showing, contact: str, now: Look, gone: Mapping[str, str], at: int
) -> Iterator[ServerMessage]:
    """Bring ``contact`` up to date; ``gone`` says why offers ended, by offer id."""
    yield from _offer_changes(shown, contact, now.offer, gone, at)
    if now.contact is None:
        if shown.contacts.pop(contact, None) is not None:
            shown.told.pop(contact, None)
            yield ContactGone(n=UNNUMBERED, contact=contact)
        return
    if shown.contacts.get(contact) != now.contact:
        shown.contacts[contact] = now.contact
        yield ContactChanged(n=UNNUMBERED, at=at, contact=now.contact)
    told = shown.told.get(contact, max(len(now.thread) - LONGEST_THREAD, 0))
    shown.told[contact] = len(now.thread)
    for message in now.thread[told:]:
        yield MessageAdded(n=UNNUMBERED, contact=contact, message=message)


def _offer_changes(
    shown: Showing, contact: str, now: OfferCard | None, gone: Mapping[str, str], at: int
) -> Iterator[ServerMessage]:
    before = shown.offers.get(contact)
    if before is not None and (now is None or now.offer != before.offer):
        del shown.offers[contact]
        yield OfferGone(n=UNNUMBERED, offer=before.offer, reason=gone.get(before.offer, "ended"))
    if now is not None and now != before:
        shown.offers[contact] = now
        yield OfferMade(n=UNNUMBERED, at=at, offer=now)
