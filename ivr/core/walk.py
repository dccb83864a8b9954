"""One turn through a flow: from node to node until one waits or the flow has ended.

Whatever the flow, a turn ends: nodes are counted since the customer last answered something that
fits, and who has come too far is put into the safe queue.
"""

from __future__ import annotations

from typing import Final, assert_never

from ivr.core.conditions import holds
from ivr.core.deeds import finish, set_values, split
from ivr.core.nodes import (
    Branch,
    CheckHours,
    Collect,
    HangUp,
    Identify,
    LookUp,
    Menu,
    Node,
    OfferCallback,
    Return,
    Say,
    SetValues,
    Split,
    SubFlow,
    ToQueue,
    TransferOut,
    Voicemail,
)
from ivr.core.progress import Progress
from ivr.core.questions import can_call, put, way_of_silence
from ivr.core.rendering import said
from ivr.core.session import Frame

STEPS: Final = 250  # nodes without an answer of the customer
DEPTH: Final = 8  # flows inside one another


def go_on(walk: Progress) -> None:
    """To where the turn is over."""
    while not walk.is_over:
        if walk.session.walked >= STEPS:
            walk.give_up("too_many_steps")
            return
        walk.enter()
        node = walk.here()
        if node is None:
            return
        way = _enter(walk, node)
        if way is not None:
            walk.leave(node, way)


def _enter(walk: Progress, node: Node) -> str | None:
    """The exit by which ``node`` is left at once; None when it waits, ends or calls a flow."""
    match node:
        case Say():
            return _say(walk, node)
        case OfferCallback() if not can_call(walk, node):
            return "impossible"
        case Menu() | Collect() | OfferCallback() if not walk.session.present:
            return way_of_silence(node)
        case Menu() | Collect() | OfferCallback():
            put(walk, node)
        case Identify() | LookUp():
            walk.ask(node)
        case CheckHours():
            return walk.hours(node.hours)
        case Branch():
            return next((c.name for c in node.cases if holds(c.when, walk)), "otherwise")
        case SetValues():
            return set_values(walk, node)
        case Split():
            return split(walk, node)
        case SubFlow():
            return _call(walk, node)
        case Return():
            _return(walk, node)
        case ToQueue() | Voicemail() | TransferOut() | HangUp():
            finish(walk, node)
        case _:
            assert_never(node)
    return None


def _say(walk: Progress, node: Say) -> str | None:
    if not walk.session.present:
        walk.keep(said(node.say, walk.session))
        return "next"
    if (walk.ahead is not None and node.barge_in) or not said(node.say, walk.session):
        return "next"
    walk.ask(node)
    return None


def _call(walk: Progress, node: SubFlow) -> str | None:
    version = node.version or walk.facts.version(node.flow, node.alias)
    if version is None or len(walk.session.frames) >= DEPTH:
        return "failed"
    flow = walk.facts.flow(node.flow, version)
    if flow is None or flow.start is None:
        return "failed"
    frame = Frame(flow=node.flow, version=version, node=flow.start)
    walk.call(frame)
    return None


def _return(walk: Progress, node: Return) -> None:
    if len(walk.session.frames) == 1:
        walk.give_up("returned_at_the_top")
        return
    walk.note(exit=node.by)
    walk.come_back()
    caller = walk.here()
    if caller is not None:
        walk.leave(caller, node.by if node.by in caller.exits else "failed")
