"""The text of a mail: from flowed lines, and from HTML when there is nothing else."""

from __future__ import annotations

import re
from typing import Final

from cti_adapters.email.markup import VOID, End, Start, Text, tokens

_BLOCK_NAMES: Final = (
    "address article blockquote center dd details div dl dt fieldset figure footer form h1 h2 h3"
    " h4 h5 h6 header hr li main ol p pre section table tr ul"
)
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_APART: Final = frozenset({"p", "blockquote", "h1", "h2", "h3", "ul", "ol", "table", "pre"})
_BLANKS: Final = re.compile(r"\n{3,}")
_HIDDEN: Final = re.compile(r"(?i)display\s*:\s*none|mso-hide\s*:\s*all")
_MAX_QUOTES: Final = 20


def unflowed(text: str, *, delete_space: bool) -> str:
    """Lines of ``format=flowed`` joined (RFC 3676); a line's quote depth stays in front of it."""
    result: list[list[str]] = []  # the pieces of each line
    open_depth = -1  # of the line before, where it goes on
    for line in text.split("\n"):
        written = line.rstrip("\r")
        bare = written.lstrip(">")
        depth = len(written) - len(bare)
        bare = bare.removeprefix(" ")
        flows = bare.endswith(" ") and bare != "-- "
        body = bare[:-1] if flows and delete_space else bare
        if depth == open_depth and bare != "-- ":
            result[-1].append(body)
        else:
            result.append([">" * depth, " " if depth and body else "", body])
        open_depth = depth if flows else -1
    return "\n".join(map("".join, result))


def text_of(source: str) -> str:
    """HTML as text: a line for each block, ``>`` in front of what is quoted, ``- `` in front of
    items, pictures by their descriptions, nothing of what is hidden.
    """
    page = _Page()
    for token in tokens(source):
        page.take(token)
    return page.text()


class _Page:
    """Lines as they grow; blocks end them."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._blank = True  # the last character was a space, or the line is empty
        self._apart = False  # an empty line is due
        self._depth = 0  # of quotes
        self._last = 0  # of the line before
        self._kept = 0  # elements that keep their white space
        self._opened: list[bool] = []  # by element: whether it hides what is in it
        self._hidden = 0

    def take(self, token: Start | End | Text) -> None:
        match token:
            case Start(name=name, attributes=attributes):
                if name not in VOID:
                    hides = _HIDDEN.search(attributes.get("style", "")) is not None
                    hides = hides or name == "head"
                    self._opened.append(hides)
                    self._hidden += hides
                if not self._hidden:
                    self._start(name, attributes)
            case End(name=name):
                hidden = self._hidden > 0
                self._hidden -= self._opened.pop()
                if not hidden:
                    self._end(name)
            case Text():
                if not self._hidden:
                    self._say(token.decoded)

    def text(self) -> str:
        self._break(apart=False)
        return _BLANKS.sub("\n\n", "\n".join(self._lines)).strip()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "br":
            self._finish()
        elif name == "img":
            self._say(attributes.get("alt", ""))
        elif name in ("td", "th"):
            self._say(" ")
        elif name in _BLOCKS:
            self._break(apart=name in _APART)
        if name == "blockquote":
            self._depth += 1
        elif name == "li":
            self._say("- ")
        elif name == "pre":
            self._kept += 1

    def _end(self, name: str) -> None:
        if name in _BLOCKS:
            self._break(apart=name in _APART)
        if name == "blockquote":
            self._depth -= 1
        elif name == "pre":
            self._kept -= 1

    def _say(self, text: str) -> None:
        if self._kept:
            first, *others = text.split("\n")
            self._append(first)
            for line in others:
                self._finish()
                self._append(line)
            return
        words = " ".join(text.replace("\xa0", " ").split())
        if text[:1].isspace() and not self._blank:
            words = f" {words}"
        if words.strip() and text[-1:].isspace():
            words += " "
        if words != " " or not self._blank:
            self._append(words.lstrip() if self._blank else words)

    def _append(self, piece: str) -> None:
        if not piece:
            return
        if self._apart and piece.strip():
            if self._lines and self._lines[-1].strip("> "):
                self._lines.append(self._mark(min(self._depth, self._last)).rstrip())
            self._apart = False
        self._line.append(piece)
        self._blank = piece.endswith(" ")

    @staticmethod
    def _mark(depth: int) -> str:
        return ">" * min(depth, _MAX_QUOTES) + " " if depth > 0 else ""

    def _break(self, *, apart: bool) -> None:
        if "".join(self._line).strip():
            self._finish()
        self._line.clear()
        self._blank = True
        self._apart = self._apart or apart

    def _finish(self) -> None:
        self._lines.append((self._mark(self._depth) + "".join(self._line)).rstrip())
        self._last = self._depth
        self._line.clear()
        self._blank = True
