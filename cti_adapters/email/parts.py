"""The tree of a mail's parts, found by offsets: no part's bytes are copied until it is wanted.

Depth and number are limited before anything is looked at, the walk keeps its own stack, and a
message inside a message is one part: nobody descends into it.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from cti_adapters.email.headers import Described, Fields, TooMuch, content_type, described, split
from cti_adapters.email.transfer import decoded

MAX_PARTS: Final = 1_000
MAX_DEPTH: Final = 20
MAX_ALL_FIELDS: Final = 10_000  # header fields of all parts
_BOUNDARY: Final = 200  # characters; the standard allows 70
_REST_OF_LINE: Final = re.compile(rb"(--)?[ \t]{0,100}\r?(?:\n|$)")


class Part(msgspec.Struct, kw_only=True, eq=False):
    """One part. Its body is ``raw[start:end]``, still in its transfer encoding; ``kind`` is its
    type in small letters. A multipart without a boundary that works is text.
    """

    raw: bytes
    start: int
    end: int
    fields: Fields
    described: Described
    disposition: Described
    depth: int = 0
    children: list[Part] = []

    @property
    def kind(self) -> str:
        return self.described.value

    @property
    def size(self) -> int:
        return self.end - self.start

    def content(self, limit: int | None = None) -> bytes:
        """Its bytes, decoded; with ``limit``, those of the first ``limit`` encoded bytes."""
        end = self.end if limit is None else min(self.end, self.start + limit)
        encoding = self.fields.first("content-transfer-encoding")[:100]
        named = encoding.decode("ascii", "replace").split(";")[0].strip().strip('"')
        return decoded(self.raw[self.start : end], named)


def tree(raw: bytes) -> Part:
    """The mail as a tree. Raises ``TooMuch``."""
    root = _part(raw, 0, len(raw), depth=0, otherwise="text/plain")
    waiting, parts, fields = [root], 1, len(root.fields.items)
    while waiting:
        part = waiting.pop()
        if not part.kind.startswith("multipart/"):
            continue
        if part.depth >= MAX_DEPTH:
            raise TooMuch(f"Its parts are nested more than {MAX_DEPTH} deep.")
        spans = _spans(part, MAX_PARTS - parts + 1)
        parts += len(spans)
        if parts > MAX_PARTS:
            raise TooMuch(f"It has more than {MAX_PARTS:,} parts.")
        otherwise = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        part.children = []
        for span in spans:
            child = _part(raw, *span, part.depth + 1, otherwise)
            part.children.append(child)
            fields += len(child.fields.items)
            if fields > MAX_ALL_FIELDS:
                raise TooMuch(f"Its parts have more than {MAX_ALL_FIELDS:,} header fields.")
        waiting.extend(part.children)
    return root


def _part(raw: bytes, start: int, end: int, depth: int, otherwise: str) -> Part:
    fields, body = split(raw, start, end)
    said = content_type(fields, otherwise)
    return Part(
        raw=raw,
        start=body,
        end=max(body, end),
        fields=fields,
        described=said,
        disposition=described(
            fields.first("content-disposition"), said.parameters.get("charset", "")
        ),
        depth=depth,
    )


def _spans(part: Part, most: int) -> list[tuple[int, int]]:
    """Where its parts stand, one more than ``most`` at the most; what is in front of the first
    boundary and after the last one belongs to nobody. The end of the whole ends the last part.
    """
    boundary = part.described.parameters.get("boundary", "")[:_BOUNDARY].rstrip()
    if not boundary:
        return []
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    raw, began = part.raw, -1
    spans: list[tuple[int, int]] = []
    place = part.start
    while len(spans) <= most:
        found = raw.find(mark, place, part.end)
        if found < 0:
            break
        rest = _REST_OF_LINE.match(raw, found + len(mark), part.end)
        at_line = found == part.start or raw[found - 1 : found] == b"\n"
        if rest is None or not at_line:
            place = found + len(mark)
            continue
        if began >= 0:
            spans.append((began, _before_line(raw, began, found)))
        began = rest.end()
        place = rest.end()
        if rest.group(1):
            return spans
    if 0 <= began < part.end and len(spans) <= most:
        spans.append((began, part.end))
    return spans


def _before_line(raw: bytes, began: int, found: int) -> int:
    """The line break before a boundary belongs to the boundary."""
    end = found - 1 if raw[found - 1 : found] == b"\n" else found
    if end > began and raw[end - 1 : end] == b"\r":
        end -= 1
    return max(began, end)
