"""What a file is, by what is in it: what its sender says counts for nothing.

Only kinds that browsers show or save without running anything are known at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from router.text import one_line

MAX_NAME: Final = 100
NO_NAME: Final = "file"
LOOKED_AT: Final = 4_096  # bytes of a text's beginning in which markup would stand


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """``picture``: a raster image that may be shown; everything else is only saved."""

    content_type: str
    endings: tuple[str, ...]
    is_it: Callable[[bytes], bool]
    picture: bool = False


def _begins(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magics)


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


_MARKUP: Final = re.compile(rb"<\s*[!?a-zA-Z/]")


def _is_text(content: bytes) -> bool:
    """UTF-8 without control characters, and no page, picture or script in disguise."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text):
        return False
    return _MARKUP.search(content[:LOOKED_AT]) is None


KINDS: Final = (
    Kind(
        content_type="image/png",
        endings=("png",),
        is_it=_begins(b"\x89PNG\r\n\x1a\n"),
        picture=True,
    ),
    Kind(
        content_type="image/jpeg",
        endings=("jpg", "jpeg"),
        is_it=_begins(b"\xff\xd8\xff"),
        picture=True,
    ),
    Kind(
        content_type="image/gif",
        endings=("gif",),
        is_it=_begins(b"GIF87a", b"GIF89a"),
        picture=True,
    ),
    Kind(content_type="image/webp", endings=("webp",), is_it=_is_webp, picture=True),
    Kind(content_type="application/pdf", endings=("pdf",), is_it=_begins(b"%PDF-")),
    Kind(
        content_type="application/zip",
        endings=("zip", "docx", "xlsx", "pptx", "odt", "ods"),
        is_it=_begins(b"PK\x03\x04"),
    ),
    Kind(content_type="text/plain", endings=("txt", "csv", "log", "md"), is_it=_is_text),
)
BY_TYPE: Final = {kind.content_type: kind for kind in KINDS}
USUAL: Final = tuple(one for one in BY_TYPE if one != "application/zip")


def kind_of(content: bytes) -> Kind | None:
    """None for what is not known, and for nothing at all."""
    return next((kind for kind in KINDS if content and kind.is_it(content)), None)


def is_picture(content_type: str) -> bool:
    kind = BY_TYPE.get(content_type)
    return kind is not None and kind.picture


def clean_name(given: str, kind: Kind) -> str:
    """Without folders, tricks or a false ending: ``../x.html`` of a PNG is ``x.html.png``."""
    name = one_line(given[: 10 * MAX_NAME]).replace("\\", "/").rpartition("/")[2]
    name = re.sub(r'[<>:"|?*%]', "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and stem.strip(" .") and ending.lower() in kind.endings:
        return f"{stem.rstrip(' .')[: MAX_NAME - 6]}.{ending.lower()}"
    return f"{(name or NO_NAME)[: MAX_NAME - 6]}.{kind.endings[0]}"
