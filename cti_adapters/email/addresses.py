"""Addresses and ids in header fields, by a reader that takes linear time and never recurses.

The address is taken as it stands, never from an encoded word: what shows as a name cannot become
an address.
"""

from __future__ import annotations

import re
from typing import Final

from cti_adapters.email.headers import raw_text, unworded
from cti_adapters.email.model import MAX_ADDRESSES, MAX_NAME, MAX_REFERENCES, Address
from router.text import one_line

MAX_ADDRESS: Final = 320
MAX_ID: Final = 250
_TOKEN: Final = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*(?:"|$))|(?P<angle><[^<>]*(?:>|$))|(?P<mark>[(),:;])"""
    r"""|(?P<other>[^"<(),:;]+|.)""",
    re.DOTALL,
)
_COMMENT: Final = re.compile(r"\\.|[()]|[^\\()]+|\\", re.DOTALL)
_BARE: Final = re.compile(r"[^\s<>\"(),:;@]{1,256}@[^\s<>\"(),:;@]{1,255}")
_QUOTED_LOCAL: Final = re.compile(r"\"[^\"\\\s<>]{1,62}\"@[^\s<>\"(),:;@]{1,255}")
_ID: Final = re.compile(r"<([^<>]{1,1000})>")


def addresses(value: bytes, hint: str = "", *, most: int = MAX_ADDRESSES) -> tuple[Address, ...]:
    """The addresses of a field in their order, the first ``most``; names of groups and whatever is
    no address are left out.
    """
    found = (_address(words) for words in _entries(raw_text(value, hint)))
    return tuple(address for address in found if address.address)[:most]


def sender(value: bytes, hint: str = "") -> Address:
    """The first address of a field; without an address when it has none, its text as the name."""
    listed = addresses(value, hint)
    return listed[0] if listed else Address(address="", name=_name(raw_text(value, hint)))


def path(value: bytes) -> str | None:
    """The address of a Return-Path, empty for ``<>``; None when it says nothing."""
    written = raw_text(value).strip()
    if written.replace(" ", "") == "<>":
        return ""
    listed = addresses(value)
    return listed[0].address if listed else None


def normal(written: str) -> str:
    """An address with its domain in small letters; empty when it is none."""
    candidate = one_line(written).strip("<>").strip()
    candidate = candidate.removeprefix("mailto:").removeprefix("smtp:").strip(".'`")
    if not (_BARE.fullmatch(candidate) or _QUOTED_LOCAL.fullmatch(candidate)):
        return ""
    local, _, domain = candidate.rpartition("@")
    whole = f"{local}@{domain.lower().rstrip('.')}"
    return whole if len(whole) <= MAX_ADDRESS and whole[-1] != "@" else ""


def message_id(value: bytes) -> str:
    """A Message-ID without ``<>``; empty when it cannot be used."""
    written = raw_text(value)
    found = _ID.search(written)
    return _usable(found.group(1) if found else written)


def message_ids(value: bytes) -> tuple[str, ...]:
    """The ids of References or In-Reply-To: the first and the newest ``MAX_REFERENCES`` less one,
    each once.
    """
    written = raw_text(value)
    found = [_usable(candidate) for candidate in _ID.findall(written)]
    if not found and "@" in written:
        found = [_usable(candidate) for candidate in written.split()[:MAX_REFERENCES]]
    ids = list(dict.fromkeys(one for one in found if one))
    if len(ids) > MAX_REFERENCES:
        ids = [ids[0], *ids[1 - MAX_REFERENCES :]]
    return tuple(ids)


def _usable(written: str) -> str:
    plain = "".join(written.split())
    return (
        plain if 0 < len(plain) <= MAX_ID and plain.isprintable() and "\ufffd" not in plain else ""
    )


def _entries(written: str) -> list[list[tuple[str, str]]]:
    """The tokens between commas, comments apart; what stands in front of a group's colon is
    dropped. Those far beyond the number that is kept are not looked at.
    """
    entries: list[list[tuple[str, str]]] = [[]]
    place = 0
    while place < len(written) and len(entries) <= MAX_ADDRESSES * 4:
        found = _TOKEN.match(written, place)
        if found is None:
            break
        kind, word, place = found.lastgroup or "other", found.group(), found.end()
        if word == "(":
            comment, place = _comment(written, place)
            entries[-1].append(("comment", comment))
        elif word in (",", ";"):
            entries.append([])
        elif word == ":" and not _begins_address(entries[-1]):
            entries[-1] = []
        else:
            entries[-1].append((kind, word))
    return entries


def _begins_address(words: list[tuple[str, str]]) -> bool:
    return any(kind == "angle" or "@" in token for kind, token in words if kind != "quoted")


def _comment(written: str, place: int) -> tuple[str, int]:
    """What stands between the bracket before ``place`` and its partner, counted, not descended."""
    depth, start = 1, place
    while place < len(written):
        found = _COMMENT.match(written, place)
        if found is None:
            break
        place = found.end()
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            return written[start : place - 1], place
    return written[start:], len(written)


def _address(words: list[tuple[str, str]]) -> Address:
    angles = [token for kind, token in words if kind == "angle"]
    comments = [token for kind, token in words if kind == "comment"]
    rest = [(kind, token) for kind, token in words if kind in ("quoted", "other", "mark")]
    for token in reversed(angles):
        if address := normal(token):
            shown = "".join(_unquoted(token) if kind == "quoted" else token for kind, token in rest)
            return Address(address=address, name=_name(shown or " ".join(comments)))
    joined = "".join(token for _, token in rest)
    if address := normal(joined):
        return Address(address=address, name=_name(" ".join(comments)))
    if found := _BARE.search("".join(token for kind, token in rest if kind == "other")):
        before = joined.replace(found.group(), " ")
        return Address(address=normal(found.group()), name=_name(before or " ".join(comments)))
    return Address(address="")


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token.removeprefix('"').removesuffix('"'))


def _name(written: str) -> str:
    return one_line(unworded(written[:4_000])).strip("\"' <>")[:MAX_NAME]
