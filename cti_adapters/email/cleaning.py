"""HTML of strangers, made fit to be shown in a sandboxed frame, and harmless outside of one.

Nothing in it runs, loads, submits, positions itself over something else or leads anywhere but to
``http``, ``https`` and ``mailto``. Pictures are not loaded by themselves:

- ``<img data-file="SHA256">`` is a picture that came with the mail: whoever shows the mail sets its
  ``src`` to the file's address;
- ``<img data-remote="https://…">`` is one from elsewhere: it may be loaded when the agent asks for
  it, for loading it tells the sender that the mail was read;
- ``data-quote=""`` stands on the element that carries the quoted earlier mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

import msgspec
import nh3

from cti_adapters.email.markup import End, Start, Text, Token, tokens, written
from cti_adapters.email.model import MAX_HTML

MAX_SOURCE: Final = 1_200_000  # characters of HTML that are looked at
_MAX_TAGS: Final = 50_000
_RUN: Final = 2_000  # characters of text in one piece: the cleaner's time grows with its square
_MAX_URL: Final = 2_000
_TAG_NAMES: Final = (
    "a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn"
    " div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp"
    " rt ruby s samp small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul"
    " var wbr section article header footer main details summary"
)
_TAGS: Final = frozenset(_TAG_NAMES.split())
_SHARED: Final = frozenset({"align", "bgcolor", "dir", "lang", "style", "title", "valign"})
_OWN: Final = {
    "a": {"href"},
    "img": {"alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "height"},
    "td": {"colspan", "rowspan", "width", "height", "nowrap"},
    "th": {"colspan", "rowspan", "width", "height", "nowrap"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "hr": {"width", "size", "color"},
    "details": {"open"},
}
_MADE: Final = {
    "img": {"data-file", "data-remote"},
    "blockquote": {"data-quote"},
    "div": {"data-quote"},
}
_STYLE_NAMES: Final = (
    "background-color border border-bottom border-bottom-color border-bottom-style"
    " border-bottom-width border-collapse border-color border-left border-left-color"
    " border-left-style border-left-width border-radius border-right border-spacing border-style"
    " border-top border-top-color border-top-style border-top-width border-width color direction"
    " display font font-family font-size font-style font-weight height letter-spacing line-height"
    " list-style-type margin margin-bottom margin-left margin-right margin-top max-width min-width"
    " padding padding-bottom padding-left padding-right padding-top text-align text-decoration"
    " text-transform vertical-align white-space width word-break word-wrap"
)
_STYLES: Final = frozenset(_STYLE_NAMES.split())
_STYLE_VALUE: Final = re.compile(r"""[A-Za-z0-9#%.,+ '"()-]{1,200}""")
_BAD_STYLE: Final = re.compile(
    r"(?i)url|expression|attr|var|env|image|calc|-\d|(?<![#0-9A-Fa-f])\d{5}"
)
_DISPLAYS: Final = frozenset({"none", "block", "inline", "inline-block"})
_NUMBER: Final = re.compile(r"\d{1,4}%?")
_NUMBER_NAMES: Final = "width height border cellpadding cellspacing colspan rowspan span start"
_NUMBERS: Final = frozenset(_NUMBER_NAMES.split())
_WEB: Final = re.compile(r"(?i)https?://[^\s/?#\\@]+([/?#]\S*)?$")
_MAILTO: Final = re.compile(r"(?i)mailto:[^\s]+$")
_QUOTES: Final = re.compile(
    r"\b(gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|protonmail_quote)"
)
_ATTRIBUTES: Final = {
    tag: set(_SHARED | _OWN.get(tag, set()) | _MADE.get(tag, set())) for tag in _TAGS
}
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    attributes=_ATTRIBUTES,
    strip_comments=True,
    link_rel="noopener noreferrer",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    filter_style_properties=set(_STYLES),
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """``html`` is at most ``MAX_HTML`` long; ``shown``: content ids of the pictures in it."""

    html: str
    shown: frozenset[str] = frozenset()
    cut: bool = False


def clean(source: str, pictures: Mapping[str, str] = {}) -> Cleaned:
    """``source`` made harmless. ``pictures``: content id of each picture → sha256 of its file."""
    shown: set[str] = set()
    budget, cut = MAX_HTML, len(source) > MAX_SOURCE
    while budget > 1_000:
        pieces, too_long = _cut(_rewritten(tokens(source[:MAX_SOURCE]), pictures, shown), budget)
        cut = cut or too_long
        result = _CLEANER.clean("".join(pieces))
        if len(result) <= MAX_HTML:
            return Cleaned(html=result, shown=frozenset(shown), cut=cut)
        budget //= 3  # cleaning may write an entity for each character
        cut = True
    return Cleaned(html="", cut=True)


def _cut(rewritten: Iterable[Token], budget: int) -> tuple[list[str], bool]:
    """What is handed to the cleaner, and whether it is less than there was. What stands open at the
    end is ended by the cleaner.
    """
    pieces: list[str] = []
    length = tags = run = 0
    for token in rewritten:
        tags += isinstance(token, Start)
        if tags > _MAX_TAGS:
            return pieces, True
        for piece in _chopped(token):
            run = run + len(piece) if isinstance(token, Text) else 0
            if run > _RUN:
                pieces.append("<!---->")
                run = len(piece)
            length += len(piece)
            if length > budget:
                return pieces, True
            pieces.append(piece)
    return pieces, False


def _chopped(token: Token) -> Iterable[str]:
    """A token as HTML; long texts in pieces, not cut inside an entity."""
    whole = written(token)
    if not isinstance(token, Text) or len(whole) <= _RUN:
        yield whole
        return
    place = 0
    while place < len(whole):
        end = place + _RUN
        entity = whole.rfind("&", max(place + 1, end - 40), end) if end < len(whole) else -1
        end = entity if entity > 0 else end
        yield whole[place:end]
        place = end


def _rewritten(
    balanced: Iterable[Token], pictures: Mapping[str, str], shown: set[str]
) -> Iterable[Token]:
    for token in balanced:
        match token:
            case Text():
                yield token
            case End(name=name):
                if name in _TAGS:
                    yield token
            case Start(name="img", attributes=attributes):
                yield Start(name="img", attributes=_picture(attributes, pictures, shown))
            case Start(name=name, attributes=attributes):
                if name in _TAGS:
                    yield Start(name=name, attributes=_harmless(name, attributes))


def _harmless(tag: str, attributes: Mapping[str, str]) -> dict[str, str]:
    if not attributes:
        return {}  # as most tags of a mail
    allowed = _SHARED | _OWN.get(tag, set())
    kept = {
        name: value
        for name, value in attributes.items()
        if name in allowed and name not in ("href", "style") and _fits(name, value)
    }
    if style := _style(attributes.get("style", "")):
        kept["style"] = style
    if tag == "a" and (link := _link(attributes.get("href", ""))):
        kept["href"] = link
    if tag in ("blockquote", "div") and _quotes(attributes):
        kept["data-quote"] = ""
    return kept


def _fits(name: str, value: str) -> bool:
    if name in _NUMBERS:
        return _NUMBER.fullmatch(value.strip()) is not None
    return len(value) <= 300


def _quotes(attributes: Mapping[str, str]) -> bool:
    marks = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    return attributes.get("type", "").lower() == "cite" or _QUOTES.search(marks) is not None


def _picture(
    attributes: Mapping[str, str], pictures: Mapping[str, str], shown: set[str]
) -> dict[str, str]:
    kept = _harmless("img", attributes)
    source = "".join(attributes.get("src", "").split())
    if source[:4].lower() == "cid:":
        content_id = unquote(source[4:]).strip("<>")
        if content_id in pictures:
            shown.add(content_id)
            kept["data-file"] = pictures[content_id]
    elif source.startswith("//") and _web(f"https:{source}"):
        kept["data-remote"] = f"https:{source}"
    elif _web(source):
        kept["data-remote"] = source
    return kept


def _link(written_link: str) -> str:
    link = "".join(c for c in written_link if c > " " and c.isprintable())
    return link if _web(link) or (len(link) <= _MAX_URL and _MAILTO.match(link)) else ""


def _web(address: str) -> bool:
    return len(address) <= _MAX_URL and _WEB.match(address) is not None


def _style(declared: str) -> str:
    kept: list[str] = []
    for declaration in declared[:2_000].split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name not in _STYLES or not _STYLE_VALUE.fullmatch(value) or _BAD_STYLE.search(value):
            continue
        if name == "display" and value.lower() not in _DISPLAYS:
            continue
        kept.append(f"{name}:{value}")
    return ";".join(kept)
