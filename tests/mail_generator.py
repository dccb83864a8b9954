"""Random mails: shaped like real ones, then broken as wire and software break them.

``mail(seed)`` is the same for a seed at any time. ``python -m tests.mail_generator [NUMBER]`` reads
so many of them and says how fast that was.
"""

from __future__ import annotations

import base64
import binascii
import random
import sys
import time
from collections.abc import Callable
from typing import Final

import msgspec

from cti_adapters.email.model import Unreadable
from cti_adapters.email.reading import read
from simulator.workers import in_order
from tests.mail_judge import faults

WORDS: Final = {
    "utf-8": [
        "hello",
        "order",
        "invoice",
        "Grüße",
        "你好",
        "привет",
        "😀",
        "naïve",
        "—",
        "“quoted”",
    ],
    "gb2312": ["你好", "订单", "发票", "谢谢", "请问", "什么", "时候", "发货", "hello"],
    "gb18030": ["你好", "訂單", "㐂", "谢谢", "hello"],
    "big5": ["你好", "訂單", "發票", "謝謝", "請問", "hello"],
    "iso-2022-jp": ["こんにちは", "注文", "請求書", "ありがとう", "hello"],
    "shift_jis": ["こんにちは", "注文", "ありがとう", "hello"],
    "euc-kr": ["안녕하세요", "주문", "감사합니다", "hello"],
    "koi8-r": ["привет", "заказ", "счёт", "спасибо", "hello"],
    "windows-1251": ["привет", "заказ", "счёт", "спасибо", "hello"],
    "windows-1252": ["hello", "naïve", "café", "“order”", "£20"],
    "iso-8859-15": ["hello", "naïve", "café", "€20"],
    "us-ascii": ["hello", "order", "where", "is", "my", "invoice"],
    "utf-7": ["hello", "Grüße", "你好"],
    "utf-16": ["hello", "你好"],
}
LABELS: Final = [*WORDS, "unknown-8bit", "x-unknown", "utf8", "cp-850", "", "idna", "rot13", "\xff"]
KINDS: Final = (
    "text/plain", "text/html", "image/png", "application/pdf", "application/octet-stream",
    "message/rfc822", "message/delivery-status", "application/ms-tnef", "text/calendar",
    "text/rfc822-headers", "nonsense", "", "multipart/mixed", "text/x-amp-html", "message/partial",
)  # fmt: skip
NAMES: Final = (
    "a.pdf", "../../etc/passwd", "C:\\x\\y.exe", "\u202efdp.exe", "<b>.html", "nul", "a\0b.txt",
    "发票.pdf", "x" * 300 + ".pdf", "", ".", "..", "a/b", "=?utf-8?B?5Y+R56Wo?=.pdf",
)  # fmt: skip
LOCALS: Final = (b"ann", b"a.b+c", b'"a b"', b"", b"a" * 400, b"mailer-daemon", b"no-reply")
DOMAINS: Final = (b"example.org", b"EXAMPLE.com", b"[1.2.3.4]", b"", "例.example".encode())
ADDRESSES: Final = (
    *(b"%b", b"<%b>", b"Ann <%b>", b"%b (Ann (the) boss)"),
    *(b"team: %b, b@c.d;", b"<<%b>"),
)
DATES: Final = (
    *(b"Mon, 2 Nov 2026 10:00:00 +0800", b"2 Nov 26 1:0 GMT", b"yesterday", b""),
    b"99 Nov 0 9:9 +99999",
)
ACTIONS: Final = (b"failed", b"delayed", b"?")
ENCODINGS: Final = ("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "binary", "")
MARKUP: Final = (
    "<p>", "</p>", "<div class=gmail_quote>", "<div>", "</div>", "<b>", "</b>", "<table><tr><td>",
    "</td></tr></table>", "<script>alert(1)</script>", "<style>p{x:url(http://e/)}</style>", "<br>",
    "<img src=cid:c1>", "<img src='https://e.example/p.png' onerror=alert(1)>", "<a href='x'>",
    "<a href='javascript:alert(1)'>", "<a href=https://e.example/?a=1&amp;b=2>", "</a>", "<!--",
    "-->",
    "<form action=/x>", "<input>", "<meta http-equiv=refresh content=0>", "<base href=//e>",
    "<svg>",
    "<iframe srcdoc='<p>'>", "<blockquote type=cite>", "</blockquote>", "&nbsp;", "&lt;b&gt;", "<",
    ">", "&", "\"", "'", "<p style=\"color:red;background:url(x);position:fixed\">", "<ul><li>",
    "<pre>",
    "<math>", "<o:p>", "<![CDATA[", "<?xml", "</", "<p title='", "&#0;", "&#x202e;", "<h1>",
    "<font color=red>",
)  # fmt: skip


def mail(seed: int) -> bytes:
    """A mail of at most a few hundred kilobytes."""
    chance = random.Random(seed)
    made = b"\r\n".join(_header(chance)) + b"\r\n" + _entity(chance, depth=0)
    for breaking in chance.choices(_BREAKINGS, k=chance.choice((0, 0, 0, 1, 2, 5))):
        made = breaking(chance, made)
    return made


def _words(chance: random.Random, charset: str, most: int) -> bytes:
    known = WORDS.get(charset, WORDS["utf-8"])
    text = " ".join(chance.choices(known, k=chance.randint(0, most)))
    if chance.random() < 0.3:
        text = text.replace(" ", chance.choice(("\r\n", "\n> ", " \r\n", "\r\n\r\n")))
    codec = charset if charset in WORDS else chance.choice(("utf-8", "gbk", "latin-1"))
    return text.encode(codec, "ignore")


def _field_text(chance: random.Random) -> bytes:
    charset = chance.choice(list(WORDS))
    data = _words(chance, charset, 8).replace(b"\r", b"").replace(b"\n", b" ")
    match chance.randrange(4):
        case 0:
            return data
        case 1:
            pieces = [data[at : at + 20] for at in range(0, len(data), 20)]
            words = (b"=?%b?B?%b?=" % (charset.encode(), base64.b64encode(one)) for one in pieces)
            return chance.choice((b" ", b"\r\n ", b"")).join(words)
        case 2:
            label = chance.choice(LABELS).encode("latin-1")
            return b"=?%b?Q?%b?=" % (label, binascii.b2a_qp(data, header=True))
        case _:
            return b'"' + data[:50].replace(b'"', b"") + b'"'


def _address(chance: random.Random) -> bytes:
    local = chance.choice(LOCALS)
    bare = local + b"@" + chance.choice(DOMAINS)
    if chance.random() < 0.3:
        return _field_text(chance) + b" <" + bare + b">"
    return chance.choice(ADDRESSES) % bare


def _header(chance: random.Random) -> list[bytes]:
    many = chance.choice((1, 1, 1, 2, 5, 150))
    fields = [
        b"From: " + _address(chance),
        b"To: " + b", ".join(_address(chance) for _ in range(many)),
        b"Subject: " + _field_text(chance),
        b"Message-ID: <%d@example.org>" % chance.randrange(10**9),
        b"Date: " + chance.choice(DATES),
        b"References: " + b" ".join(b"<r%d@x>" % n for n in range(chance.choice((0, 1, 5, 90)))),
        b"Return-Path: " + chance.choice((b"<>", b"<ann@example.org>", b"", b"<\xff>")),
        b"Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0800",
        b"Auto-Submitted: " + chance.choice((b"no", b"auto-replied", b"auto-generated; x=y")),
        b"List-Id: " + _field_text(chance),
        b"X-Spam-Status: Yes, score=" + str(chance.random()).encode(),
        b"X-Failed-Recipients: ann@example.org",
        b"MIME-Version: 1.0",
    ]
    chance.shuffle(fields)
    return fields[: chance.randint(1, len(fields))]


def _entity(chance: random.Random, depth: int) -> bytes:
    """From Content-Type on."""
    if depth < 5 and chance.random() < (0.6 if depth == 0 else 0.25):
        return _multipart(chance, depth)
    kind = chance.choices(KINDS, weights=[8, 8, *([1] * (len(KINDS) - 2))])[0]
    charset = chance.choice(list(WORDS))
    label = charset if chance.random() < 0.8 else chance.choice(LABELS)
    content = _content(chance, kind, charset)
    encoding = chance.choice(
        ("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "binary", "")
    )
    fields = [f"Content-Type: {kind}; charset={label}".encode("latin-1")]
    if chance.random() < 0.2:
        fields[0] += b"; format=flowed" + chance.choice((b"", b"; delsp=yes"))
    fields.append(b"Content-Transfer-Encoding: " + encoding.encode())
    if chance.random() < 0.3:
        fields.append(_named(chance))
    if chance.random() < 0.2:
        fields.append(b"Content-ID: <c1>")
    return b"\r\n".join(fields) + b"\r\n\r\n" + _encoded(chance, content, encoding)


def _named(chance: random.Random) -> bytes:
    name = chance.choice(NAMES)
    plain = name.encode("utf-8")
    percent = b"".join(b"%%%02X" % byte for byte in plain)
    shapes = (
        b'filename="%b"' % plain,
        b"filename=%b" % plain,
        b"filename*=utf-8''%b" % percent,
        b"filename*0*=utf-8''%b; filename*1*=%b" % (percent[:30], percent[30:]),
    )
    disposition = chance.choice((b"attachment", b"inline", b"x"))
    return b"Content-Disposition: %b; %b" % (disposition, chance.choice(shapes))


def _content(chance: random.Random, kind: str, charset: str) -> bytes:
    match kind:
        case "text/html" | "text/x-amp-html":
            pieces = chance.choices(MARKUP, k=chance.choice((0, 5, 30, 200)))
            return b"".join(piece.encode("utf-8") + _words(chance, charset, 3) for piece in pieces)
        case "message/rfc822" | "text/rfc822-headers":
            return b"\r\n".join(_header(chance)) + b"\r\n\r\nHello\r\n"
        case "message/delivery-status":
            return b"".join(
                b"Final-Recipient: rfc822; %b\r\nAction: %b\r\nStatus: %b\r\n\r\n"
                % (
                    _address(chance),
                    chance.choice((b"failed", b"delayed", b"?")),
                    _field_text(chance),
                )
                for _ in range(chance.randint(0, 4))
            )
        case "text/plain":
            return _words(chance, charset, chance.choice((5, 50, 500)))
        case _:
            return chance.randbytes(chance.choice((0, 10, 1_000, 20_000)))


def _encoded(chance: random.Random, content: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            encoded = base64.encodebytes(content)
            return encoded if chance.random() < 0.8 else encoded.replace(b"=", b"!=\r\n ")[:-3]
        case "quoted-printable":
            return binascii.b2a_qp(content).replace(b"=3D", chance.choice((b"=3D", b"=", b"=G1")))
        case _:
            return content


def _multipart(chance: random.Random, depth: int) -> bytes:
    kind = chance.choice(("mixed", "alternative", "related", "report", "signed", "digest", "x"))
    boundary = chance.choice((b"b%d" % depth, b"b", b"=_Part", b"", b"--", b"a b", b"x" * 250))
    parts = [_entity(chance, depth + 1) for _ in range(chance.choice((0, 1, 2, 2, 3, 8)))]
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n' % (kind.encode(), boundary)
    body = b"".join(b"\r\n--%b\r\n%b" % (boundary, part) for part in parts)
    return (
        head + b"preamble" + body + (b"\r\n--%b--\r\n" % boundary if chance.random() < 0.8 else b"")
    )


def _flip(chance: random.Random, made: bytes) -> bytes:
    changed = bytearray(made)
    for _ in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut_off(chance: random.Random, made: bytes) -> bytes:
    return made[: chance.randint(1, len(made))]


def _unixed(_chance: random.Random, made: bytes) -> bytes:
    return made.replace(b"\r\n", b"\n")


def _maced(_chance: random.Random, made: bytes) -> bytes:
    return made.replace(b"\r\n", b"\r").replace(b"\n", b"\r")


def _doubled(chance: random.Random, made: bytes) -> bytes:
    start = chance.randrange(len(made))
    piece = made[start : start + chance.choice((1, 20, 500))]
    return made[:start] + piece * chance.choice((2, 10, 100)) + made[start:]


def _dropped(chance: random.Random, made: bytes) -> bytes:
    start = chance.randrange(len(made))
    return made[:start] + made[start + chance.choice((1, 2, 40)) :] or b"\n"


_BREAKINGS: Final[tuple[Callable[[random.Random, bytes], bytes], ...]] = (
    _flip,
    _cut_off,
    _unixed,
    _maced,
    _doubled,
    _dropped,
)


class Run(msgspec.Struct, kw_only=True):
    """What came of reading some mails; seconds of processor time, and bytes."""

    mails: int = 0
    size: int = 0
    unreadable: int = 0
    reading: float = 0.0
    slowest: float = 0.0
    slowest_seed: int = 0
    faults: list[str] = []

    def add(self, seed: int) -> None:
        raw = mail(seed)
        start = time.process_time()
        result = read(raw)
        took = time.process_time() - start
        self.mails += 1
        self.size += len(raw)
        self.unreadable += isinstance(result, Unreadable)
        self.reading += took
        if took > self.slowest:
            self.slowest, self.slowest_seed = took, seed
        self.faults.extend(f"mail {seed}: {fault}" for fault in faults(raw, result))

    def join(self, other: Run) -> None:
        if other.slowest > self.slowest:
            self.slowest, self.slowest_seed = other.slowest, other.slowest_seed
        for name in ("mails", "size", "unreadable", "reading"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults.extend(other.faults)

    def __str__(self) -> str:
        return (
            f"{self.mails:,} mails of {self.size / self.mails / 1000:.1f} kB on average:"
            f" {self.mails / self.reading:,.0f} a second of a processor, the slowest took"
            f" {self.slowest * 1000:.0f} ms (seed {self.slowest_seed}), {self.unreadable:,}"
            f" unreadable, {len(self.faults)} faults, no crash"
        )


def run(seeds: range) -> Run:
    made = Run()
    for seed in seeds:
        made.add(seed)
    return made


def run_many(number: int, processes: int) -> Run:
    """Mails 0 to ``number``, read in so many processes."""
    whole = Run()
    shares = [range(start, min(start + 500, number)) for start in range(0, number, 500)]
    for made in in_order(_share, None, shares, processes):
        whole.join(made)
    return whole


def _share(_common: None, seeds: range) -> Run:
    return run(seeds)


if __name__ == "__main__":
    print(run_many(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000, processes=2))
