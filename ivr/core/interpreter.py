"""The interpreter: an input and the facts of the moment go in, what to do now comes out.

It does nothing itself. The same inputs with the same facts give the same path, so a contact's
path can be replayed. What does not fit changes nothing: an input of an earlier turn (a key pressed
too late), a result nobody asked for, anything after the end. An answer that comes in time but is
wrong counts as invalid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ivr.core.asking import instruction, waits
from ivr.core.deeds import identified, looked_up
from ivr.core.facts import Customer
from ivr.core.library import Facts
from ivr.core.nodes import Collect, Identify, LookUp, Menu, Node, OfferCallback, Say
from ivr.core.progress import Progress
from ivr.core.questions import hear, silence
from ivr.core.session import (
    Answered,
    Event,
    Frame,
    HungUp,
    Identified,
    Left,
    LookedUp,
    Played,
    Session,
    TimedOut,
    Turn,
)
from ivr.core.values import MAX_ATTRIBUTES, MAX_TEXT, spoken_in
from ivr.core.walk import go_on
from router.text import one_line

TURNS: Final = 2_000  # of one contact in all


def begin(
    flow: str,
    version: int,
    *,
    contact: str,
    channel: str,
    facts: Facts,
    at: int,
    address: str = "",
    language: str = "",
    attributes: Mapping[str, str] | None = None,
    customer: Customer | None = None,
    safe_queue: str = "",
    present: bool = True,
) -> Turn:
    """The first turn of ``contact``, which stays on this version. ``safe_queue`` is where it goes
    when the flow names none, or is not there. Who is not ``present`` is asked nothing: every
    question is left by its exit for silence at once.
    """
    found = facts.flow(flow, version)
    queue = (found.safe_queue if found else None) or safe_queue
    known = found.languages if found else ()
    walk = Progress(
        Session(
            contact=contact,
            channel=channel,
            address=one_line(address)[:MAX_TEXT],
            safe_queue=queue,
            frames=(Frame(flow=flow, version=version, node=(found and found.start) or ""),),
            language=spoken_in(known, language or (customer.language if customer else "")),
            attributes=_bounded(attributes or {}),
            customer=customer,
            since=at,
            present=present,
        ),
        facts,
        at,
    )
    go_on(walk)
    return walk.turn()


def advance(session: Session, event: Event, facts: Facts, at: int) -> Turn:
    """What follows from ``event``; see ``Turn`` for one that does not fit."""
    if session.outcome is not None:
        return Turn(session=session)
    walk = Progress(session, facts, at)
    if isinstance(event, HungUp):
        walk.end(Left())
        return walk.turn()
    if event.turn != session.turn:
        return Turn(session=session)
    if session.turn >= TURNS:
        walk.give_up("too_many_turns")
        return walk.turn()
    node = walk.here()
    if node is not None and not _take(walk, node, event):
        return Turn(session=session)
    go_on(walk)
    return walk.turn()


def resume(session: Session, facts: Facts, at: int) -> Turn:
    """After a restart: the current prompt again, with the session as it was. A flow that is no
    longer there ends; one that had ended says so by its outcome.
    """
    if session.outcome is not None:
        return Turn(session=session)
    walk = Progress(session, facts, at)
    node = walk.here()
    waiting = None if node is None else waits(node)
    if waiting is None:
        if node is not None:
            walk.give_up("missing_node")
        return walk.turn()
    return Turn(session=session, does=(instruction(waiting, session),))


def _take(walk: Progress, node: Node, event: Event) -> bool:
    """Whether ``node`` was waiting for ``event``, which has then had its effect."""
    match node, event:
        case Say(), Played():
            walk.leave(node, "next")
        case Say(barge_in=True), Answered(text=text):
            walk.ahead = text
            walk.leave(node, "next")
        case ((Menu() | Collect() | OfferCallback()), Answered(text=text)):
            hear(walk, node, text)
        case ((Menu() | Collect() | OfferCallback()), TimedOut()):
            silence(walk, node)
        case Identify(), Identified(customers=customers):
            identified(walk, node, customers)
        case Identify(), TimedOut():
            identified(walk, node, ())
        case LookUp(), LookedUp(result=result, answer=answer):
            looked_up(walk, node, result, answer)
        case LookUp(), TimedOut():
            looked_up(walk, node, "failed", {})
        case _:
            return False
    return True


def _bounded(attributes: Mapping[str, str]) -> dict[str, str]:
    kept = [(name, one_line(value)[:MAX_TEXT]) for name, value in attributes.items() if name]
    return dict(kept[:MAX_ATTRIBUTES])
