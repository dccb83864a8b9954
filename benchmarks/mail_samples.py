"""Mails of the shapes that a support mailbox gets: replies with quotes in plain and HTML, Chinese
texts, a document with every fourth.
"""

from __future__ import annotations

import base64
import os
import random
from pathlib import Path

WORDS = [
    "the",
    "order",
    "invoice",
    "has",
    "not",
    "come",
    "yet",
    "please",
    "tell",
    "me",
    "when",
    "it",
    "will",
    "be",
    "sent",
    "thank",
    "you",
]
HANZI = "您好请问我的订单什么时候发货发票还没有收到谢谢"


def support_mail(number: int) -> bytes:
    """One of them; the same for a number at any time."""
    chance = random.Random(number)
    body = _chinese(chance) if chance.random() < 0.3 else _reply(chance)
    if chance.random() < 0.25:
        size = chance.choice((20_000, 100_000, 400_000))
        body = _mixed(body, base64.encodebytes(chance.randbytes(size)))
    return _head(number) + body


def _head(number: int) -> bytes:
    return (
        f"From: Customer {number} <c{number % 5_000}@example.org>\r\nTo: help@example.com\r\n"
        f"Subject: My order {number}\r\nMessage-ID: <{number}@example.org>\r\n"
        "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    ).encode()


def short_mail(number: int) -> bytes:
    """A few lines without HTML or documents, which most of the reading goes into."""
    chance = random.Random(number)
    fields = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    return _head(number) + fields + _text(chance, chance.randint(10, 150)).encode() + b"\r\n"


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def _chinese(chance: random.Random) -> bytes:
    text = "".join(chance.choices(HANZI, k=chance.randint(20, 400))).encode("gb18030")
    fields = "Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return fields.encode() + base64.encodebytes(text)


def _reply(chance: random.Random) -> bytes:
    said, quoted = _text(chance, chance.randint(10, 150)), _text(chance, chance.randint(50, 400))
    page = f'<div dir="ltr">{said}</div><blockquote class="gmail_quote" style="margin:0">'
    page += "".join(f"<p><b>{word}</b> {word}</p>" for word in quoted.split()) + "</blockquote>"
    forms = (("plain", f"{said}\r\n\r\n> {quoted}"), ("html", page))
    parts = "".join(f"--alt\r\nContent-Type: text/{kind}\r\n\r\n{it}\r\n" for kind, it in forms)
    return f"Content-Type: multipart/alternative; boundary=alt\r\n\r\n{parts}--alt--\r\n".encode()


def _mixed(body: bytes, packed: bytes) -> bytes:
    return (
        b"Content-Type: multipart/mixed; boundary=mix\r\n\r\n--mix\r\n" + body + b"\r\n--mix\r\n"
        b'Content-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + packed
        + b"\r\n--mix--\r\n"
    )


def megabytes(process: str = "self") -> float:
    """Of memory in use by a process; 0 where the system does not tell it this way."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def readers_megabytes() -> float:
    """Of memory in use by the processes that this one has started, all together."""
    lists = Path("/proc/self/task").glob("*/children")
    return sum(megabytes(child) for one in lists for child in one.read_text().split())
