"""What nodes do that ask the customer nothing: find out, write down, choose a way, end the flow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from ivr.core.facts import Customer
from ivr.core.nodes import (
    HangUp,
    Identify,
    LookUp,
    SetValues,
    Split,
    Stage,
    ToQueue,
    TransferOut,
    Voicemail,
)
from ivr.core.progress import Progress
from ivr.core.rendering import announced, fill, said
from ivr.core.session import ConnectTo, Finished, Queued, TakeMessage
from ivr.core.values import MAX_TEXT
from router.core.requirements import ANYONE, Step
from router.text import one_line


def identified(walk: Progress, node: Identify, customers: tuple[Customer, ...]) -> None:
    """Who was found."""
    if len(customers) == 1:
        walk.change(customer=customers[0])
    ways = ("not_found", "found", "several")
    walk.leave(node, ways[min(len(customers), 2)])


def looked_up(walk: Progress, node: LookUp, result: str, answer: Mapping[str, str]) -> None:
    """Of a foreign answer only what the flow takes, each a bounded text on one line."""
    if result == "found":
        taken = {name: answer.get(field, "") for name, field in node.take.items()}
        walk.write({name: _bounded(value) for name, value in taken.items() if value})
    walk.leave(node, result)


def set_values(walk: Progress, node: SetValues) -> str:
    """Write down what ``node`` says; the exit is answered."""
    session = walk.session
    walk.write({name: _bounded(fill(t, session)) for name, t in node.attributes.items()})
    if node.language is not None:
        walk.change(language=node.language)
    if node.credit is not None:
        walk.change(boost=node.credit)
    if node.steps is not None:
        walk.change(steps=steps_of(node.steps))
    if node.preferred is not None:
        agents = (one_line(fill(text, session)) for text in node.preferred)
        walk.change(preferred=tuple(dict.fromkeys(agent for agent in agents if agent)))
    return "next"


def split(walk: Progress, node: Split) -> str:
    """By the contact and the node, in whatever order the shares are written."""
    frame = walk.session.frames[-1]
    drawn = share_drawn(walk.session.contact, frame.flow, frame.node)
    for name, share in sorted(node.shares.items()):
        drawn -= share
        if drawn < 0:
            return name
    return max(node.shares, default="")


def finish(walk: Progress, node: ToQueue | Voicemail | TransferOut | HangUp) -> None:
    """The flow has come to an end."""
    say = said(node.say, walk.session)
    match node:
        case ToQueue() if walk.facts.queue(node.queue) is None:
            walk.give_up("missing_queue")
        case ToQueue():
            walk.end(
                Queued(
                    queue=node.queue,
                    steps=walk.session.steps if node.steps is None else steps_of(node.steps),
                    announced=announced(node.announcements, walk.session),
                    offer_callback=node.offer_callback,
                    say=say,
                )
            )
        case Voicemail():
            walk.end(TakeMessage(box=node.box, say=say))
        case TransferOut():
            walk.end(ConnectTo(number=node.number, say=say))
        case HangUp():
            walk.end(Finished(say=say))


def steps_of(stages: tuple[Stage, ...]) -> tuple[Step, ...]:
    return tuple(Step(condition=one.ask or ANYONE, lasts=one.lasts) for one in stages)


def share_drawn(contact: str, flow: str, node: str) -> int:
    """A number from 0 to 99 that is as good as random, and always the same for the same."""
    told = msgspec.json.encode((contact, flow, node))
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big") % 100


def _bounded(text: str) -> str:
    return one_line(text[: 2 * MAX_TEXT])[:MAX_TEXT]
