"""Bytes to text, as mails are written in practice: labels are wrong, missing or made up.

Only codecs of a closed list are ever used: Python's own list has some that take quadratic time.
What bytes are without a label is a guess; it never fails and never raises.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_WIDER: Final = {  # a label stands for what its senders write, which is more than the label says
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "xgbk", "cp936", "csgb2312", "euccn"), "gb18030"),
    **dict.fromkeys(("windows936", "gb231280", "hzgb2312gbk"), "gb18030"),
    **dict.fromkeys(("hzgb2312", "hz"), "hz"),
    **dict.fromkeys(("big5", "big5hkscs", "cnbig5", "csbig5", "xxbig5"), "big5hkscs"),
    **dict.fromkeys(("cp950", "windows950"), "cp950"),
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "mskanji", "cp932", "windows31j"), "cp932"),
    **dict.fromkeys(("eucjp", "xeucjp"), "euc_jp"),
    **dict.fromkeys(("iso2022jp", "csiso2022jp", "iso2022jpms", "cp50220"), "iso2022_jp_ext"),
    **dict.fromkeys(("iso2022jp1", "iso2022jp2"), "iso2022_jp_2"),
    **dict.fromkeys(("iso2022jp3",), "iso2022_jp_3"),
    **dict.fromkeys(("iso2022kr",), "iso2022_kr"),
    **dict.fromkeys(("euckr", "ksc56011987", "ksc5601", "cp949", "windows949", "uhc"), "cp949"),
    **dict.fromkeys(("usascii", "ascii", "ansix341968", "646", "iso88591", "latin1"), "cp1252"),
    **dict.fromkeys(("88591", "iso885911987", "ansi", "windows1252", "cp1252"), "cp1252"),
    **dict.fromkeys(("iso88599", "latin5"), "cp1254"),
    **dict.fromkeys(("iso885911", "tis620", "windows874", "cp874"), "cp874"),
    **dict.fromkeys(("iso88598i", "iso88598e", "iso88598"), "iso8859_8"),
    **{f"iso8859{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 10, 13, 14, 15, 16)},
    **dict.fromkeys(("latin2", "88592"), "iso8859_2"),
    **dict.fromkeys(("latin9", "885915"), "iso8859_15"),
    **{f"windows{n}": f"cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"cp{n}": f"cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **dict.fromkeys(("cp437", "ibm437"), "cp437"),
    **dict.fromkeys(("cp850", "ibm850"), "cp850"),
    **dict.fromkeys(("cp866", "ibm866"), "cp866"),
    **dict.fromkeys(("koi8r", "koi8"), "koi8_r"),
    **dict.fromkeys(("koi8u",), "koi8_u"),
    **dict.fromkeys(("macintosh", "xmacroman", "macroman"), "mac_roman"),
    **dict.fromkeys(("utf8", "unicode11utf8", "utf8mb4", "cp65001", "utf8mac"), "utf-8"),
    **dict.fromkeys(("utf7", "unicode11utf7", "cp65000"), "utf-7"),
    **dict.fromkeys(("utf16", "unicode", "ucs2", "iso10646ucs2"), "utf-16"),
    **dict.fromkeys(("utf16le",), "utf-16-le"),
    **dict.fromkeys(("utf16be",), "utf-16-be"),
    **dict.fromkeys(("utf32",), "utf-32"),
}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16, so it is asked first
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKED_ONLY: Final = frozenset({"utf-16", "utf-32"})
_ESCAPED: Final = frozenset({"hz", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_3", "iso2022_kr"})
_ENOUGH: Final = 12  # bytes beyond ASCII
_SAMPLE: Final = 20_000  # bytes that a guess looks at
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]{2,}")


def known(label: str) -> str | None:
    """The codec for a label, None when nobody knows what it means."""
    squeezed = re.sub(r"[^a-z0-9]", "", label[:60].lower())
    return _WIDER.get(squeezed)


def decode(data: bytes, label: str = "", hint: str = "") -> str:
    """``data`` as text, whatever it is. ``label`` is what its sender says; ``hint`` is what the
    sender says of something near it, for where there can be no label. A cut last character is left
    out, any other bad one becomes U+FFFD.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _with(codec, data[len(mark) :], "replace")
    codec_said = known(label)
    if codec_said is not None and codec_said not in _MARKED_ONLY:
        return _labelled(data, codec_said)
    if codec_said in _MARKED_ONLY and b"\0" in data[:200]:
        return _with("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", data, "replace")
    return _unlabelled(data, known(hint))


def _labelled(data: bytes, codec: str) -> str:
    if data.isascii() and codec not in _ESCAPED and not codec.startswith("utf-"):
        if b"\x1b$" in data[:_SAMPLE]:
            return _with("iso2022_jp_ext", data, "replace")
        return data.decode("ascii")
    if _proves_utf8(data, enough=1 if codec == "cp1252" else _ENOUGH):
        return _with("utf-8", data, "replace")
    if codec == "cp1252" and not _mostly_latin(data):
        return _unlabelled(data, None)
    if (text := _strictly(codec, data)) is not None:
        return text
    if codec == "cp1252":
        return _with(codec, data, "replace")
    replaced = _with(codec, data, "replace")
    if replaced.count("\ufffd") * 20 > len(replaced):
        return _unlabelled(data, None)
    return replaced


def _proves_utf8(data: bytes, enough: int) -> bool:
    """Well-formed, with so many bytes beyond ASCII that it is no accident: the commonest wrong
    label, and text in another charset is hardly ever well-formed UTF-8.
    """
    return _count(data[:_SAMPLE], 0x80, 0xFF) >= enough and _strictly("utf-8", data) is not None


def _unlabelled(data: bytes, near: str | None) -> str:
    if (text := _strictly("utf-8", data)) is not None and b"\x1b$" not in data[:_SAMPLE]:
        return text
    if (
        near is not None
        and near not in ("utf-8", "cp1252")
        and (text := _strictly(near, data)) is not None
    ):
        return text
    return _with(_guess(data[:_SAMPLE]), data, "replace")


def _guess(sample: bytes) -> str:
    if b"\x1b$" in sample:
        return "iso2022_jp_ext"
    high = sum(map(len, _HIGH_RUN.findall(sample)))
    if high < 2:
        return "cp1252"
    for codec, leads in (("gb18030", (0xB0, 0xD7)), ("big5hkscs", (0xA4, 0xC6))):
        if _strictly(codec, sample) is not None and _common(sample, *leads) > 0.75:
            return codec
    if not _mostly_latin(sample):
        small_in_1251, small_in_koi8 = _count(sample, 0xE0, 0xFF), _count(sample, 0xC0, 0xDF)
        return "cp1251" if small_in_1251 >= small_in_koi8 else "koi8_r"
    return "cp1252"


def _common(sample: bytes, first: int, last: int) -> float:
    """The share of double-byte characters that are everyday ones of this charset."""
    place, pairs, everyday = 0, 0, 0
    while place < len(sample) - 1:
        lead = sample[place]
        if lead < 0x80:
            place += 1
            continue
        pairs += 1
        everyday += first <= lead <= last or lead in (0xA1, 0xA3)
        place += 2
    return everyday / pairs if pairs else 0.0


def _mostly_latin(data: bytes) -> bool:
    """Single accents between plain letters, not whole words of high bytes."""
    sample = data[:_SAMPLE]
    return _count(sample, 0xC0, 0xFF) <= _count(sample, 0x41, 0x5A) + _count(sample, 0x61, 0x7A)


def _count(sample: bytes, first: int, last: int) -> int:
    return len(sample) - len(sample.translate(None, bytes(range(first, last + 1))))


def _strictly(codec: str, data: bytes) -> str | None:
    try:
        return _with(codec, data, "strict")
    except UnicodeError:
        return None


def _with(codec: str, data: bytes, errors: str) -> str:
    return codecs.getincrementaldecoder(codec)(errors).decode(data, final=False)
