"""Texts with safe fields, filled in: one pass, values are never read for fields again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ivr.core.facts import Customer
from ivr.core.nodes import Announcement
from ivr.core.session import Announced, Line, Session
from ivr.core.values import MAX_TEXT, Spoken, spoken_in
from router.text import one_line

_FIELD: Final = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)\}")
SOUND: Final = "file:"  # what channels take for the name of a sound: never from a field
BUILT_IN: Final = (
    "address",
    "channel",
    "language",
    "customer.id",
    "customer.name",
    "customer.tier",
)


def fields_in(text: str) -> Iterator[str]:
    """The names of the fields that ``text`` asks for."""
    return (match[1] for match in _FIELD.finditer(text) if match[1])


def fill(text: str, session: Session, most: int = MAX_TEXT) -> str:
    """``text`` with its fields filled in, at most ``most`` characters; unknown ones are empty."""
    if "{" not in text and "}" not in text:
        return text[:most]
    filled = _FIELD.sub(lambda match: _value(match, session), text)[:most]
    return filled.replace(SOUND, "file ", 1) if filled.startswith(SOUND) else filled


def _value(match: re.Match[str], session: Session) -> str:
    name = match[1]
    return match[0][0] if name is None else value_of(name, session)


def value_of(name: str, session: Session) -> str:
    """The field's value now, empty when there is none; a secret's is its mask."""
    match name:
        case "address":
            return session.address
        case "channel":
            return session.channel
        case "language":
            return session.language
        case _ if name.startswith("customer."):
            return _of_customer(name, session.customer)
        case _:
            return session.attributes.get(name, "")


def _of_customer(name: str, customer: Customer | None) -> str:
    if customer is None:
        return ""
    match name:
        case "customer.id":
            return one_line(customer.id)
        case "customer.name":
            return one_line(customer.name)
        case "customer.tier":
            return one_line(customer.tier)
        case _:
            return ""


def said(prompt: Mapping[str, Spoken], session: Session) -> tuple[Line, ...]:
    """The prompt in the session's language, else in the first it has; nothing for an empty one."""
    language = spoken_in(tuple(prompt), session.language)
    if not language:
        return ()
    spoken = prompt[language]
    text = fill(spoken.text, session)
    if not text and not spoken.audio:
        return ()
    return (Line(text=text, audio=spoken.audio or "", language=language),)


def announced(
    announcements: Iterable[Announcement] | None, session: Session
) -> tuple[Announced, ...] | None:
    """What is said while the customer waits, as it is now; what says nothing is left out."""
    if announcements is None:
        return None
    return tuple(
        Announced(say=line, after=one.after, every=one.every or 0)
        for one in announcements
        for line in said(one.say, session)
    )


def words_for(words: Mapping[str, str], session: Session, otherwise: str) -> str:
    language = spoken_in(tuple(words), session.language)
    return words[language] if language and words[language] else otherwise
