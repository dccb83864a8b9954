"""What a mail's parts are to its reader: the text, the HTML, the files beside them."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from typing import Final

import msgspec

from cti_adapters.email.charsets import decode
from cti_adapters.email.cleaning import MAX_SOURCE, clean
from cti_adapters.email.headers import TooMuch, raw_text, split, text
from cti_adapters.email.model import MAX_ATTACHMENTS, MAX_TEXT, Attachment
from cti_adapters.email.names import file_name, message_name
from cti_adapters.email.parts import Part
from cti_adapters.email.plain import text_of, unflowed
from router.text import lines

_MAX_TEXT_BYTES: Final = 2_000_000  # encoded bytes of a text part that are looked at
_MAX_HTML_BYTES: Final = 6_000_000
_SHOWN: Final = frozenset({"text/plain", "text/html"})
_DROPPED: Final = frozenset({"text/x-amp-html", "text/watch-html"})
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """Fields as those of ``Mail``; ``files``: what the attachments hold, by sha256."""

    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    files: dict[str, bytes] = {}
    cut: tuple[str, ...] = ()


class _Piece(msgspec.Struct, kw_only=True):
    """A stretch of the body in the forms it comes in."""

    plain: Part | None = None
    html: Part | None = None


def contents(root: Part, hint: str) -> Contents:
    """What ``root`` holds; ``hint`` is the charset that the mail names first, if any."""
    pieces, others = _sorted_out(root)
    made = [_attachment(part, hint) for part in others[:MAX_ATTACHMENTS]]
    files = {attachment.sha256: content for attachment, content in made}
    cut = []
    if len(others) > MAX_ATTACHMENTS:
        cut.append(f"Only the first {MAX_ATTACHMENTS} of its {len(others):,} attachments are kept.")
    pictures = {
        one.content_id: one.sha256
        for one, _ in made
        if one.content_id and one.content_type in _PICTURES
    }
    body, too_long = _text(pieces)
    if too_long:
        cut.append(f"Its text is cut at {MAX_TEXT:,} characters.")
    shown, page, too_long = _page(pieces, pictures)
    if too_long:
        cut.append("Its HTML is cut: only the beginning is shown.")
    attachments = tuple(
        one if one.content_id in shown else msgspec.structs.replace(one, content_id="")
        for one, _ in made
    )
    return Contents(text=body, html=page, attachments=attachments, files=files, cut=tuple(cut))


def _sorted_out(root: Part) -> tuple[list[_Piece], list[Part]]:
    """The body's pieces and all other parts, in their order."""
    pieces: list[_Piece] = []
    others: list[Part] = []
    waiting: list[tuple[Part, _Piece | None]] = [(root, None)]
    while waiting:
        part, forms = waiting.pop()
        if part.children:
            if part.kind == "multipart/alternative" and forms is None:
                forms = _Piece()
                pieces.append(forms)
            waiting.extend(
                (child, forms if _may_be_body(part, child) else _NOT_BODY)
                for child in reversed(part.children)
            )
        elif part.kind in _DROPPED:
            continue
        elif not _is_text(part) or forms is _NOT_BODY:
            if part.size or not part.kind.startswith("multipart/"):
                others.append(part)
        elif forms is None:
            plain = part.kind != "text/html"
            pieces.append(_Piece(plain=part if plain else None, html=None if plain else part))
        else:
            _take_form(part, forms, others)
    return pieces, others


_NOT_BODY: Final = _Piece()  # what stands beside the root of something related


def _may_be_body(parent: Part, child: Part) -> bool:
    if parent.kind != "multipart/related":
        return True
    start = parent.described.parameters.get("start", "").strip("<> ")
    named = next((one for one in parent.children if start and _content_id(one) == start), None)
    return child is (named or parent.children[0])


def _is_text(part: Part) -> bool:
    if part.disposition.value.startswith("attachment"):
        return False
    if part.kind.startswith("multipart/"):
        return True  # without a boundary that works: its source is better than nothing
    named = _given_name(part)
    return part.kind in _SHOWN and (not named or (part.depth == 0))


def _take_form(part: Part, forms: _Piece, others: list[Part]) -> None:
    """One of several forms of the same: the first plain one that says something, the last HTML."""
    if part.kind == "text/html":
        forms.html = part
    elif forms.plain is None or not forms.plain.size:
        forms.plain = part
    elif forms.html is None or part.depth > forms.plain.depth:
        others.append(part)


def _text(pieces: list[_Piece]) -> tuple[str, bool]:
    said: list[str] = []
    length, too_long = 0, False
    for piece in pieces:
        plain = _plain(piece.plain) if piece.plain is not None else ""
        if not plain and piece.html is not None:
            plain = lines(text_of(_source(piece.html)))
        if plain:
            said.append(plain)
            length += len(plain) + 2
        if length > MAX_TEXT:
            too_long = True
            break
    return "\n\n".join(said)[:MAX_TEXT].rstrip(), too_long


def _page(pieces: list[_Piece], pictures: Mapping[str, str]) -> tuple[frozenset[str], str, bool]:
    if not any(piece.html for piece in pieces):
        return frozenset(), "", False
    sources: list[str] = []
    length = 0
    for piece in pieces:
        if piece.html is not None:
            sources.append(_source(piece.html))
        elif piece.plain is not None:
            escaped = html.escape(_plain(piece.plain)[:MAX_TEXT])
            sources.append(f'<div style="white-space:pre-wrap">{escaped}</div>')
        length += len(sources[-1]) if sources else 0
        if length > MAX_SOURCE:
            break
    joined = "<hr>".join(sources) if len(sources) > 1 else "".join(sources)
    cleaned = clean(joined, pictures)
    return cleaned.shown, cleaned.html, cleaned.cut


def _plain(part: Part) -> str:
    parameters = part.described.parameters
    written = decode(part.content(_MAX_TEXT_BYTES), parameters.get("charset", ""))
    if parameters.get("format", "").lower() == "flowed":
        delete_space = parameters.get("delsp", "").lower() == "yes"
        written = unflowed(written.replace("\r\n", "\n"), delete_space=delete_space)
    return "\n".join(line.rstrip() for line in lines(written[: MAX_TEXT * 2]).split("\n"))


def _source(part: Part) -> str:
    charset = part.described.parameters.get("charset", "")
    return decode(part.content(_MAX_HTML_BYTES), charset)[: MAX_SOURCE + 1]


def _attachment(part: Part, hint: str) -> tuple[Attachment, bytes]:
    content = part.content()
    kind = part.kind
    given = _given_name(part)
    if kind in ("message/rfc822", "message/global") and not given:
        name = message_name(_subject_within(content, hint))
    elif kind == "application/ms-tnef":
        name = file_name(given or "winmail.dat", kind)
    else:
        name = file_name(given, kind)
    attachment = Attachment(
        sha256=hashlib.sha256(content).hexdigest(),
        name=name,
        content_type=kind,
        size=len(content),
        content_id=_content_id(part),
    )
    return attachment, content


def _given_name(part: Part) -> str:
    return part.disposition.parameters.get("filename") or part.described.parameters.get("name", "")


def _content_id(part: Part) -> str:
    return raw_text(part.fields.first("content-id")[:500]).strip().strip("<>").strip()[:250]


def _subject_within(content: bytes, hint: str) -> str:
    try:
        return text(split(content, 0, len(content))[0].first("subject"), hint)
    except TooMuch:
        return ""
