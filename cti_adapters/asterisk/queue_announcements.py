"""What a caller who waits is told next, and when: announcements, place and wait, the offer to be
called back. Pure: what was said already and the time are arguments.

The caller of ``due`` keeps the ``said`` that comes with an answer, and asks again at ``next_due``
or when something about the contact has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec.structs import replace

from cti_adapters.asterisk.settings import Announcing, PbxSettings
from cti_adapters.asterisk.wording import (
    Spoken,
    callback_words,
    language_of,
    position_words,
    wait_words,
)
from router.announcements import next_repetition, repetition
from router.core.catalog import Announcement, Queue
from router.core.durations import SECOND
from router.core.estimates import Estimate, estimate
from router.core.model import Contact, ContactState
from router.core.priority import waited_here, waits_since
from router.core.state import State
from router.core.while_waiting import announcements_of, callback_offer
from router.quotes import Quote, next_quote, serving

LANGUAGE: Final = "language"  # the attribute of a contact that says which one the caller speaks
UNCHANGED: Final = 3  # intervals after which place and wait are told although they are no better
LOOKS_AGAIN: Final = 5 * SECOND  # for something better, once the interval is over
_NEVER: Final = 1 << 62


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one caller was told in this stay in a queue. Moments are microseconds UTC, 0: never."""

    stay: tuple[str, int] = ("", 0)  # the queue, and when it was entered
    taken_up: int = 0  # since when we know of it, when that was after it began (a restart)
    repetitions: Mapping[str, int] = {}  # announcement to the number said last
    position: int = 0
    position_at: int = 0
    quote: Quote | None = None
    wait: str = ""  # the words for it
    wait_at: int = 0
    callback_at: int = 0


class Say(msgspec.Struct, frozen=True):
    """Play these one after the other. ``said`` holds from when they begin."""

    texts: tuple[Spoken, ...]
    said: Said


class OfferCallback(msgspec.Struct, frozen=True):
    """Play ``text``; who presses ``key``, also a little later, is called back."""

    text: Spoken
    key: str
    said: Said


def taken_up(contact: Contact, at: int) -> Said:
    """For a caller who waited before we came: what was due until now counts as said."""
    return Said(stay=_stay(contact), taken_up=at)


def due(
    contact: Contact, state: State, said: Said, at: int, settings: PbxSettings
) -> Say | OfferCallback | None:
    """What ``contact`` is to hear now, None: nothing but music. While a phone rings for it nothing
    is begun: it would be cut off by the agent.
    """
    caller = _waiting(contact, state, at, settings)
    if caller is None:
        return None
    said = _of_this_stay(said, contact)
    texts, then = _comfort(caller, said)
    position, then = _position(caller, then)
    wait, then = _wait(caller, then)
    if texts or position or wait:
        return Say((*texts, *position, *wait), then)
    if _callback_at(caller, said) <= at:
        key = settings.announcing.callback_key
        then = replace(said, callback_at=at)
        return OfferCallback(callback_words(caller.language, key), key, then)
    return None


def next_due(
    contact: Contact, state: State, said: Said, at: int, settings: PbxSettings
) -> int | None:
    """When to ask ``due`` next, microseconds UTC and later than ``at``, once what is due ``at`` has
    been said; None: not before the contact changes.
    """
    caller = _waiting(contact, state, at, settings)
    if caller is None:
        return None
    said = _of_this_stay(said, contact)
    moments = [*_comfort_at(caller), *_figures_at(caller, said), _callback_at(caller, said)]
    soonest = min(moment if moment > at else at + LOOKS_AGAIN for moment in moments)
    return soonest if soonest < _NEVER else None


@dataclass(frozen=True, slots=True)
class _Caller:
    """Somebody on the line who waits in a queue."""

    contact: Contact
    queue: Queue
    state: State
    at: int
    settings: PbxSettings

    @property
    def began(self) -> int:
        return waits_since(self.contact)

    @property
    def announcing(self) -> Announcing:
        return self.settings.announcing

    @property
    def chosen(self) -> str:
        return self.contact.attributes.get(LANGUAGE, "")

    @property
    def language(self) -> str:
        """Of our own words."""
        return language_of(self.chosen, self.settings.language)


def _waiting(contact: Contact, state: State, at: int, settings: PbxSettings) -> _Caller | None:
    queue = state.catalog.queues.get(contact.queue)
    if queue is None or contact.state is not ContactState.QUEUED or contact.callback is not None:
        return None
    return _Caller(contact, queue, state, at, settings)


def _stay(contact: Contact) -> tuple[str, int]:
    return contact.queue, contact.queued_at


def _of_this_stay(said: Said, contact: Contact) -> Said:
    return said if said.stay == _stay(contact) else Said(stay=_stay(contact))


# -- announcements -------------------------------------------------------------------------------


def _comfort(caller: _Caller, said: Said) -> tuple[list[Spoken], Said]:
    """In the language that the caller chose: an admin wrote them for this queue, unless the flow
    that wrote them says which it is.
    """
    numbers = dict(_repetitions_due(caller, said))
    language = caller.chosen or caller.settings.language
    texts = [
        Spoken(one.text, one.language or language, one.audio, caller.contact.arrived_at)
        for one in announcements_of(caller.contact, caller.queue)
        if _key(one) in numbers
    ]
    return texts, replace(said, repetitions={**said.repetitions, **numbers})


def _repetitions_due(caller: _Caller, said: Said) -> Iterator[tuple[str, int]]:
    waited = waited_here(caller.contact, caller.at)
    before = waited_here(caller.contact, said.taken_up) if said.taken_up else -1
    for one in announcements_of(caller.contact, caller.queue):
        number = repetition(one, waited)
        last = said.repetitions.get(_key(one), repetition(one, before))
        if number is not None and (last is None or number > last):
            yield _key(one), number


def _comfort_at(caller: _Caller) -> Iterator[int]:
    waited = waited_here(caller.contact, caller.at)
    for one in announcements_of(caller.contact, caller.queue):
        after = next_repetition(one, waited)
        if after is not None:
            yield caller.began + after


def _key(announcement: Announcement) -> str:
    """By its words, not its place in the queue: a catalog published meanwhile may move it."""
    return f"{announcement.after} {announcement.text or announcement.audio}"


# -- place and wait -----------------------------------------------------------------------------


def _position(caller: _Caller, said: Said) -> tuple[list[Spoken], Said]:
    every = caller.announcing.position_every
    found = _estimate(caller, said.position_at, every)
    if found is None:
        return [], said
    if found.position >= said.position and not _long_ago(said.position_at, every, caller.at):
        return [], said
    words = position_words(caller.language, found.position)
    return [words], replace(said, position=found.position, position_at=caller.at)


def _wait(caller: _Caller, said: Said) -> tuple[list[Spoken], Said]:
    every = caller.announcing.wait_every
    found = _estimate(caller, said.wait_at, every)
    if found is None:
        return [], said
    quote = next_quote(said.quote, found, serving(caller.state, caller.queue.id), caller.at)
    if quote.low is None or quote.high is None:
        return [], said
    words = wait_words(caller.language, quote.low, quote.high)
    told = said.quote.high if said.quote is not None else None
    better = (told is None or quote.high < told) and words.text != said.wait
    if not better and not _long_ago(said.wait_at, every, caller.at):
        return [], said
    return [words], replace(said, quote=quote, wait=words.text, wait_at=caller.at)


def _estimate(caller: _Caller, told_at: int, every: int) -> Estimate | None:
    """None as well when it is too early, or too soon after the last time."""
    if not every or _figure_at(caller, told_at, every) > caller.at:
        return None
    return estimate(caller.state, caller.contact.id, caller.at)


def _figures_at(caller: _Caller, said: Said) -> Iterator[int]:
    told = (
        (said.position_at, caller.announcing.position_every),
        (said.wait_at, caller.announcing.wait_every),
    )
    for told_at, every in told:
        if every:
            yield _figure_at(caller, told_at, every)
        if every and told_at:
            yield told_at + UNCHANGED * every


def _figure_at(caller: _Caller, told_at: int, every: int) -> int:
    return told_at + every if told_at else caller.began + caller.announcing.first_after


def _long_ago(told_at: int, every: int, at: int) -> bool:
    return not told_at or at >= told_at + UNCHANGED * every


# -- the offer to be called back ----------------------------------------------------------------


def _callback_at(caller: _Caller, said: Said) -> int:
    """When the offer is due: only where the promise could be kept."""
    offer = callback_offer(caller.contact, caller.queue)
    if offer is None or not caller.settings.trunk or not caller.contact.dialable:
        return _NEVER
    if not said.callback_at:
        return caller.began + offer.after
    every = caller.announcing.callback_every
    return said.callback_at + every if every else _NEVER
