"""What is asked of the customer, what they answer, and what follows from silence and mistakes."""

from __future__ import annotations

from typing import Final

from ivr.core.answers import chosen, collected
from ivr.core.nodes import Collect, Menu, OfferCallback, Question
from ivr.core.progress import Progress
from ivr.core.rendering import said, value_of
from ivr.core.session import CallBack
from ivr.core.values import MASK
from router.text import one_line

_HEARD: Final = 100  # characters of an answer that a path keeps


def can_call(walk: Progress, node: OfferCallback) -> bool:
    """Whether a call back can be promised here."""
    number = value_of(node.number, walk.session)
    queue = walk.facts.queue(node.queue)
    return (
        queue is not None
        and queue.calls_back
        and bool(number)
        and node.number not in walk.session.secrets
        and walk.facts.may_call(number)
    )


def put(walk: Progress, node: Question) -> None:
    """The question ``node``; what was keyed ahead is its answer already, or begins it."""
    text, walk.ahead = walk.ahead, None
    if text is None:
        walk.ask(node)
    elif isinstance(node, Collect) and len(text) < node.max_length:
        walk.ask(node)
        walk.begin_answer(text)
    else:
        hear(walk, node, text)


def hear(walk: Progress, node: Question, text: str) -> None:
    """An answer to the question ``node``."""
    match node:
        case Menu():
            key = chosen(node, text)
            if key is None:
                _mistaken(walk, node, text)
            else:
                _understood(walk, node, key, key)
        case OfferCallback():
            _hear_callback(walk, node, text)
        case Collect():
            value = collected(node, text)
            if value is None:
                _mistaken(walk, node, text)
            else:
                _keep(walk, node, value)
                _understood(walk, node, "collected", _heard(node, value))


def silence(walk: Progress, node: Question) -> None:
    """Nothing was answered in time."""
    if walk.session.silences < node.on_silence.times:
        walk.change(silences=walk.session.silences + 1)
        walk.note(again=True)
        walk.ask(node, said(node.on_silence.say, walk.session))
    else:
        walk.leave(node, way_of_silence(node))


def way_of_silence(node: Question) -> str:
    """The exit for who answers nothing."""
    return "declined" if isinstance(node, OfferCallback) else "timeout"


def _mistaken(walk: Progress, node: Question, text: str) -> None:
    heard = _heard(node, text)
    if walk.session.mistakes < node.on_invalid.times:
        walk.change(mistakes=walk.session.mistakes + 1)
        walk.note(again=True, heard=heard)
        walk.ask(node, said(node.on_invalid.say, walk.session))
    else:
        walk.leave(node, "declined" if isinstance(node, OfferCallback) else "invalid", heard)


def _understood(walk: Progress, node: Question, way: str, heard: str) -> None:
    walk.change(walked=0)
    walk.leave(node, way, heard)


def _hear_callback(walk: Progress, node: OfferCallback, text: str) -> None:
    match chosen(node, text):
        case None:
            _mistaken(walk, node, text)
        case key if key != node.accept:
            _understood(walk, node, "declined", key)
        case key if not can_call(walk, node):
            _understood(walk, node, "impossible", key)
        case key:
            walk.note(heard=key)
            walk.change(outcome=_promise(walk, node))


def _promise(walk: Progress, node: OfferCallback) -> CallBack:
    return CallBack(
        queue=node.queue,
        number=value_of(node.number, walk.session),
        steps=walk.session.steps,
        say=said(node.promised, walk.session),
    )


def _keep(walk: Progress, node: Collect, value: str) -> None:
    if node.secret:
        walk.write({node.into: MASK})
        walk.secrets[node.into] = value
        walk.change(secrets=tuple(dict.fromkeys((*walk.session.secrets, node.into))))
    else:
        walk.write({node.into: value})


def _heard(node: Question, text: str) -> str:
    if isinstance(node, Collect) and node.secret:
        return MASK
    return one_line(text[:_HEARD])
