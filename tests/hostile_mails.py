"""Mails that nobody means well with, by name; each is made when it is asked for: some are large.

All are made here; none is anybody's real mail.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Mapping
from typing import Final

from cti_adapters.email.model import MAX_BYTES

HEAD: Final = b"From: Ann <ann@example.org>\r\nTo: help@example.com\r\nSubject: Hello\r\n"


def headed(extra: bytes, body: bytes = b"Hello\r\n") -> bytes:
    return HEAD + extra + b"\r\n" + body


def html(body: str) -> bytes:
    return headed(b"Content-Type: text/html; charset=utf-8\r\n", body.encode())


def too_large() -> bytes:
    return headed(b"", b"x" * (50 * 1024 * 1024))


def nearly_too_large() -> bytes:
    line = b"Nothing to see here, only very much of it. \r\n"
    return headed(b"", line * ((MAX_BYTES - 1_000) // len(line)))


def many_parts(count: int = 10_000) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return headed(b"Content-Type: multipart/mixed; boundary=b\r\n", part * count + b"--b--\r\n")


def nested(depth: int = 5_000) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(depth)
    )
    return HEAD + opening + b"Content-Type: text/plain\r\n\r\nHello\r\n"


def same_boundary_nested(depth: int = 5_000) -> bytes:
    opening = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * depth
    return HEAD + opening + b"\r\nHello\r\n"


def messages_in_messages(depth: int = 5_000) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Hello\r\n"


def mixed_messages(depth: int = 300) -> bytes:
    inside = b"Subject: the innermost\r\n\r\nHello\r\n"
    for level in range(depth):
        mark = b"m%d" % level
        inside = (
            b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n"
            b"Content-Type: message/rfc822\r\n\r\n%b\r\n--%b--\r\n" % (mark, mark, inside, mark)
        )
    return HEAD + inside


def many_headers(count: int = 100_000) -> bytes:
    return headed(b"".join(b"X-H%d: y\r\n" % number for number in range(count)))


def part_headers(parts: int = 500) -> bytes:
    fields = b"".join(b"X-H%d: y\r\n" % number for number in range(500))
    part = b"--b\r\n" + fields + b"\r\nx\r\n"
    return headed(b"Content-Type: multipart/mixed; boundary=b\r\n", part * parts + b"--b--\r\n")


def long_header(size: int = 20 * 1024 * 1024) -> bytes:
    return headed(b"X-Long: " + b"y" * size + b"\r\n")


def folded_header(lines: int = 400_000) -> bytes:
    return headed(b"X-Long: y\r\n" + b" y\r\n" * lines)


def long_to(size: int = 263 * 1024) -> bytes:
    one = b"Somebody Else <somebody@example.net>, "
    return headed(b"Cc: " + one * (size // len(one)) + b"\r\n")


def raw_to(characters: bytes, size: int = 263 * 1024) -> bytes:
    return headed(b"Cc: " + characters * (size // len(characters)) + b"\r\n")


def encoded_subject(size: int = 200_000) -> bytes:
    word = b"=?utf-8?q?=E4=BD=A0?= "
    return b"From: ann@example.org\r\nSubject: " + word * (size // len(word)) + b"\r\n\r\nHello\r\n"


def half_encoded_subject(size: int = 200_000) -> bytes:
    word = b"=?utf-8?q?"
    return b"From: ann@example.org\r\nSubject: " + word * (size // len(word)) + b"\r\n\r\nHello\r\n"


def parameters(pattern: bytes, size: int = 60_000) -> bytes:
    return headed(b"Content-Type: text/plain" + pattern * (size // len(pattern)) + b"\r\n")


def much_base64(size: int = 38 * 1024 * 1024) -> bytes:
    fields = b"Content-Type: application/x-any; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n"
    return headed(fields, (b"QUJD" * 19 + b"\r\n") * (size // 78))


def padded_base64(size: int = 8 * 1024 * 1024) -> bytes:
    fields = b"Content-Type: application/x-any\r\nContent-Transfer-Encoding: base64\r\n"
    return headed(fields, b"QQ==" * (size // 4))


def quoted_printable(pattern: bytes, size: int = 8 * 1024 * 1024) -> bytes:
    fields = b"Content-Transfer-Encoding: quoted-printable\r\n"
    return headed(fields, pattern * (size // len(pattern)))


def packed() -> bytes:
    bomb = base64.encodebytes(gzip.compress(b"\0" * 50_000_000, 9))
    fields = (
        b"Content-Type: application/zip; name=small.zip\r\nContent-Transfer-Encoding: base64\r\n"
    )
    return headed(fields, bomb)


def boundary_like(size: int = 8 * 1024 * 1024) -> bytes:
    mark = b"-" * 69
    body = (b"--" + mark[:-1] + b"x\r\n") * (size // 73)
    return headed(b'Content-Type: multipart/mixed; boundary="' + mark + b'"\r\n', body)


def quoted_text(size: int = 8 * 1024 * 1024) -> bytes:
    return headed(b"Content-Type: text/plain; format=flowed\r\n", b"> " * (size // 2))


def flowed(size: int = 4 * 1024 * 1024) -> bytes:
    return headed(b"Content-Type: text/plain; format=flowed\r\n", b"word \r\n" * (size // 7))


MAILS: Final[Mapping[str, Callable[[], bytes]]] = {
    "50 MiB": too_large,
    "just below the limit": nearly_too_large,
    "10,000 parts": many_parts,
    "5,000 nested multiparts": nested,
    "5,000 nested multiparts with one boundary": same_boundary_nested,
    "5,000 messages in messages": messages_in_messages,
    "messages in multiparts in messages": mixed_messages,
    "100,000 header fields": many_headers,
    "500 header fields in each of 500 parts": part_headers,
    "a header field of 20 MiB": long_header,
    "a header field of 400,000 lines": folded_header,
    "263 KiB of addresses": long_to,
    "263 KiB of opening brackets": lambda: raw_to(b"("),
    "263 KiB of commas": lambda: raw_to(b","),
    "263 KiB of quotes": lambda: raw_to(b'"'),
    "263 KiB of backslashes": lambda: raw_to(b"(\\"),
    "263 KiB of angles": lambda: raw_to(b"<"),
    "263 KiB of groups": lambda: raw_to(b"a:"),
    "263 KiB of at signs": lambda: raw_to(b"@"),
    "263 KiB of one word": lambda: raw_to(b"a"),
    "263 KiB of white space": lambda: raw_to(b" \t"),
    "a subject of encoded words": encoded_subject,
    "a subject of encoded words without an end": half_encoded_subject,
    "parameters without an end": lambda: parameters(b';a="'),
    "parameters of RFC 2231": lambda: parameters(b"; a*0*=utf-8''x"),
    "parameters of white space": lambda: parameters(b";   \t  "),
    "38 MiB of base64": much_base64,
    "base64 full of padding": padded_base64,
    "quoted-printable of equal signs": lambda: quoted_printable(b"="),
    "quoted-printable of spaces": lambda: quoted_printable(b"= "),
    "a packed bomb": packed,
    "lines that are nearly boundaries": boundary_like,
    "one line of quotes": quoted_text,
    "one flowed paragraph": flowed,
    "100,000 nested elements": lambda: html("<div>" * 100_000),
    "100,000 nested inline elements": lambda: html("<b>" * 100_000 + "x"),
    "elements nested in the wrong order": lambda: html("<b><i><u><p>x</b></u>" * 40_000),
    "fonts that are never closed": lambda: html(
        "".join(f"<p><font color=#{number:06x}>x" for number in range(30_000))
    ),
    "tables in tables": lambda: html("<table><tr><td>" * 50_000),
    "lists in lists": lambda: html("<ul><li>" * 100_000),
    "ends of what never began": lambda: html("</div></p></br>" * 60_000),
    "a tag that never ends": lambda: html("<a " + "b=c " * 400_000),
    "quotes in tags that never end": lambda: html("<a b='" * 200_000),
    "white space in a tag": lambda: html("<a " + " " * 1_900_000),
    "equal signs in a tag": lambda: html("<a " + " =" * 900_000),
    "comments that never end": lambda: html("<!--" * 400_000),
    "scripts that never end": lambda: html("<script>" * 200_000),
    "ends of scripts that never end": lambda: html("<script></script" * 100_000),
    "styles inside comments": lambda: html("<!--<style>-->" * 100_000),
    "entities": lambda: html("&nbsp;&lt;&#x41;&bogus;" * 80_000),
    "ampersands": lambda: html("&" * 1_900_000),
    "spaces that do not break": lambda: html("\xa0" * 900_000),
    "100,000 pictures": lambda: html("<img src=https://example.net/p.png>" * 50_000),
    "100,000 links": lambda: html("<a href=http://a>x</a>" * 90_000),
    "styles": lambda: html('<p style="' + "color:red;" * 300 + '">x' * 300),
}
