"""HTML of mails as tokens, and written down again so that every reader of it agrees.

What comes out is balanced, at most ``MAX_DEPTH`` deep, without comments and scripts, and quoted in
one way. So the cleaner behind it can neither be led to another reading nor into quadratic time,
which deep nesting costs it. Everything here takes linear time, whatever comes in.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

import msgspec

MAX_DEPTH: Final = 100
MAX_ATTRIBUTES: Final = 30  # of one tag
MAX_VALUE: Final = 4_000  # characters of an attribute; longer ones are left out
VOID: Final = frozenset({"br", "hr", "img", "wbr", "col", "input", "meta", "link", "base", "area"})
_SILENT: Final = (  # with everything in them
    "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext",
    "noscript", "template", "svg", "math", "object", "applet", "select", "audio", "video",
)  # fmt: skip
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})(?=[\s/>])")
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']*))?"""
)
_NAME: Final = re.compile(r"[a-z_][a-z0-9:._-]{0,40}")
_SPACE: Final = re.compile(r"[\s/=]*")
_ENDS: Final = {  # what a start tag ends when it stands open, up to the next scope
    "p": {"p"},
    "li": {"li"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"tr", "td", "th"},
    "tbody": {"tbody", "thead", "tfoot", "tr", "td", "th"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "a": {"a"},
    **{name: {"p"} for name in ("div", "table", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3")},
}
_SCOPES: Final = {
    "td": {"table"},
    "th": {"table"},
    "tr": {"table"},
    "tbody": {"table"},
    "li": {"ul", "ol"},
    "dt": {"dl"},
    "dd": {"dl"},
}
_BLOCKS: Final = frozenset(
    {"table", "td", "th", "div", "blockquote", "ul", "ol", "dl", "li", "button"}
)


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """``attributes`` with their values decoded, names in small letters, the first of each."""

    name: str
    attributes: dict[str, str] = {}


class End(msgspec.Struct, frozen=True, kw_only=True):
    name: str


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """``source`` as written, with its entities and without ``<``."""

    source: str

    @property
    def decoded(self) -> str:
        return html.unescape(self.source)


Token = Start | End | Text


def tokens(source: str) -> Iterator[Token]:
    """Balanced: each ``End`` closes the last ``Start`` that is no ``VOID`` one; nothing of what is
    not shown comes out, tags beyond the depth neither (their text does).
    """
    opened: list[str] = []
    for token in _flat(source):
        match token:
            case Text():
                yield token
            case Start(name=name):
                yield from _ended_by(name, opened)
                if name in VOID:
                    yield token
                elif len(opened) < MAX_DEPTH:
                    opened.append(name)
                    yield token
            case End(name=name):
                if name in opened:
                    while (last := opened.pop()) != name:
                        yield End(name=last)
                    yield token
    for name in reversed(opened):
        yield End(name=name)


def _ended_by(name: str, opened: list[str]) -> Iterator[Token]:
    ended = _ENDS.get(name)
    if ended is None:
        return
    scopes = _SCOPES.get(name, _BLOCKS)
    reach = len(opened)
    for place in range(len(opened) - 1, -1, -1):
        if opened[place] in ended:
            reach = place
        elif opened[place] in scopes:
            break
    while len(opened) > reach:
        yield End(name=opened.pop())


def _flat(source: str) -> Iterator[Token]:
    place, missing = 0, set[str]()
    while place < len(source):
        start = source.find("<", place)
        if start < 0:
            start = len(source)
        if start > place:
            yield Text(source=source[place:start].replace("\0", ""))
        place = start
        if place >= len(source):
            return
        if source.startswith(("<!", "<?"), place):
            place = _past_declaration(source, place, missing)
            continue
        found = _TAG.match(source, place)
        if found is None:
            yield Text(source="&lt;")
            place += 1
            continue
        name = found.group(2).lower()
        attributes, place = _attributes(source, found.end())
        if found.group(1):
            yield End(name=name)
        elif name in _SILENT:
            place = _past_silent(source, place, name, missing)
        else:
            yield Start(name=name, attributes=attributes)


def _past_declaration(source: str, place: int, missing: set[str]) -> int:
    if source.startswith("<!--", place) and "-->" not in missing:
        if source.startswith(("<!-->", "<!--->"), place):
            return source.index(">", place) + 1
        end = source.find("-->", place + 4)
        if end >= 0:
            return end + 3
        missing.add("-->")
    end = source.find(">", place)
    return len(source) if end < 0 else end + 1


def _past_silent(source: str, place: int, name: str, missing: set[str]) -> int:
    """Behind the end tag; when there is none, only the start tag is silent."""
    if name in missing:
        return place
    found = re.compile(rf"</{name}(?=[\s/>])[^>]*>?", re.IGNORECASE).search(source, place)
    if found is None:
        missing.add(name)
        return place
    return found.end()


def _attributes(source: str, place: int) -> tuple[dict[str, str], int]:
    """The attributes of a tag and the offset behind it."""
    attributes: dict[str, str] = {}
    while place < len(source) and source[place] != ">":
        found = _ATTRIBUTE.match(source, place)
        if found is None or found.end() == place:
            space = _SPACE.match(source, place)
            ahead = space.end() if space else place
            place = ahead if ahead > place else place + 1
            continue
        place = found.end()
        name, value = found.group(1).lower(), found.group(2) or ""
        if value[:1] in ('"', "'"):
            value = value[1:-1]
        fits = len(attributes) < MAX_ATTRIBUTES and len(value) <= MAX_VALUE
        if fits and _NAME.fullmatch(name):
            attributes.setdefault(name, html.unescape(value))
    return attributes, place + 1


def written(token: Token) -> str:
    """A token as HTML that has one reading."""
    match token:
        case Text(source=source):
            return source.replace(">", "&gt;")
        case End(name=name):
            return f"</{name}>"
        case Start(name=name, attributes=attributes):
            return f"<{name}{''.join(map(_attribute, attributes.items()))}>"


def _attribute(item: tuple[str, str]) -> str:
    return f' {item[0]}="{html.escape(item[1])}"'
