"""What a node that waits asks for: the instruction, made anew whenever it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ivr.core.answers import choices
from ivr.core.nodes import Collect, Identify, LookUp, Menu, Node, OfferCallback, Say
from ivr.core.rendering import fields_in, fill, said, value_of, words_for
from ivr.core.session import (
    AskChoice,
    AskSystem,
    AskText,
    Button,
    FindCustomer,
    Instruction,
    Line,
    Play,
    Session,
)
from ivr.core.values import MAX_TEXT

Waiting = Say | Menu | Collect | OfferCallback | Identify | LookUp


def waits(node: Node) -> Waiting | None:
    """``node`` when it is one of those that wait for something."""
    return node if isinstance(node, Waiting) else None


def instruction(node: Waiting, session: Session, before: tuple[Line, ...] = ()) -> Instruction:
    """What the caller is to do at ``node``; ``before`` is said first."""
    lines = (*before, *said(node.say, session))
    match node:
        case Say():
            return Play(say=lines, barge_in=node.barge_in)
        case Menu() | OfferCallback():
            return AskChoice(
                say=lines,
                buttons=tuple(_buttons(node, session)),
                within=node.answer_within,
                barge_in=node.barge_in if isinstance(node, Menu) else True,
            )
        case Collect():
            return _ask_text(node, lines)
        case Identify():
            return FindCustomer(
                by_address=node.by == "address",
                wanted=value_of(node.by, session),
                within=node.within,
                say=lines,
            )
        case LookUp():
            return _ask_system(node, session, lines)
        case _:
            assert_never(node)


def _buttons(node: Menu | OfferCallback, session: Session) -> Iterator[Button]:
    for key, words in choices(node).items():
        yield Button(key=key, text=words_for(words, session, key))


def _ask_text(node: Collect, lines: tuple[Line, ...]) -> AskText:
    digits = node.input == "digits"
    return AskText(
        say=lines,
        digits=digits,
        longest=node.max_length,
        within=node.answer_within,
        between=node.between,
        end_key=node.end_key if digits and node.end_key != "none" else "",
        secret=node.secret,
        barge_in=node.barge_in,
    )


def _ask_system(node: LookUp, session: Session, lines: tuple[Line, ...]) -> AskSystem:
    secrets = {
        name: secret
        for name, text in node.parameters.items()
        if (secret := whole_field(text)) in session.secrets
    }
    return AskSystem(
        connector=node.connector,
        parameters={
            name: fill(text, session, MAX_TEXT)
            for name, text in node.parameters.items()
            if name not in secrets
        },
        secrets=secrets,
        within=node.within,
        say=lines,
    )


def whole_field(text: str) -> str:
    """The field that ``text`` consists of, ``pin`` for ``{pin}``; empty when there is more."""
    name = text[1:-1]
    return name if text == f"{{{name}}}" and list(fields_in(text)) == [name] else ""
