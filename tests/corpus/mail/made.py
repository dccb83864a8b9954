"""Odd mails as the world sends them, made from tables, each with what must be read of it.

Nobody's real mail is among them. ``python -m tests.corpus.mail.made FOLDER`` writes them as files.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec


class Case(msgspec.Struct, kw_only=True):
    """A mail and what must be true of it: ``is_`` fields are equal, ``has`` and ``lacks`` are by
    field of the mail. ``unreadable`` is a part of the reason.
    """

    name: str
    raw: bytes
    is_: dict[str, object] = {}
    has: dict[str, tuple[str, ...]] = {}
    lacks: dict[str, tuple[str, ...]] = {}
    files: tuple[str, ...] | None = None  # names of the attachments
    unreadable: str = ""


SENTENCES: Final = {  # label → codec, sentence
    "utf-8": ("utf-8", "Grüße, 你好 и привет 😀"),
    "UTF8": ("utf-8", "Grüße aus Köln"),
    "gb2312": ("gb2312", "你好，请问我的订单什么时候发货？谢谢"),
    "gbk": ("gbk", "您好，發票還沒有收到，請幫忙看一下"),
    "gb18030": ("gb18030", "您好，㐂字的发票"),
    "x-gbk": ("gbk", "请尽快联系我们"),
    "big5": ("big5", "您好，請問我的訂單什麼時候會到？謝謝"),
    "big5-hkscs": ("big5hkscs", "唔該，我想查詢嘅訂單"),
    "iso-2022-jp": ("iso2022_jp", "注文の状況を教えてください"),
    "shift_jis": ("cp932", "①注文の状況を教えてください"),
    "euc-jp": ("euc_jp", "請求書が届きません"),
    "euc-kr": ("euc_kr", "주문 상태를 알려 주세요"),
    "ks_c_5601-1987": ("cp949", "청구서가 오지 않았어요 똠"),
    "koi8-r": ("koi8_r", "Здравствуйте, где мой заказ?"),
    "windows-1251": ("cp1251", "Здравствуйте, где мой счёт?"),
    "iso-8859-5": ("iso8859_5", "Здравствуйте, где мой заказ?"),
    "windows-1250": ("cp1250", "Dobrý den, kde je moje objednávka? Žluťoučký"),
    "iso-8859-2": ("iso8859_2", "Dzień dobry, gdzie jest moje zamówienie? Łódź"),
    "windows-1252": ("cp1252", "It’s “naïve” — £20 or €25"),
    "iso-8859-1": ("cp1252", "The sender’s “Latin 1” is not Latin 1"),
    "iso-8859-15": ("iso8859_15", "20 € für Müller"),
    "windows-1253": ("cp1253", "Καλημέρα, πού είναι η παραγγελία μου;"),
    "iso-8859-7": ("iso8859_7", "Καλημέρα σας"),
    "windows-1254": ("cp1254", "Siparişim nerede? Teşekkürler"),
    "iso-8859-9": ("cp1254", "İyi günler, ığüşöç"),
    "windows-1255": ("cp1255", "שלום, איפה ההזמנה שלי"),
    "iso-8859-8-i": ("iso8859_8", "שלום וברכה"),
    "windows-1256": ("cp1256", "مرحبا، أين طلبي؟"),
    "windows-1257": ("cp1257", "Labdien, kur ir mans pasūtījums?"),
    "windows-1258": ("cp1258", "Xin chào"),
    "windows-874": ("cp874", "สวัสดีครับ"),
    "tis-620": ("cp874", "ขอบคุณครับ"),
    "utf-7": ("utf-7", "Grüße und 你好"),
    "utf-16": ("utf-16", "Grüße, 你好"),
    "utf-16le": ("utf-16-le", "Grüße, 你好"),
    "macintosh": ("mac_roman", "Grüße vom alten Mac"),
    "cp850": ("cp850", "Grüße aus dem Fenster"),
}
FROM: Final = b"From: Ann Lee <ann@example.org>\r\nTo: help@example.com\r\n"


def mail(fields: bytes, body: bytes = b"", *, subject: bytes = b"Hello") -> bytes:
    return FROM + b"Subject: " + subject + b"\r\n" + fields + b"\r\n" + body


def multipart(kind: str, *parts: bytes, boundary: str = "frontier", extra: str = "") -> bytes:
    mark = boundary.encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{extra}\r\n'.encode()
    inner = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return mail(b"MIME-Version: 1.0\r\n" + head, inner + b"--" + mark + b"--\r\n")


def part(kind: str, content: bytes, *fields: str) -> bytes:
    lines = [f"Content-Type: {kind}", *fields]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content


def cases() -> list[Case]:
    """All of them, always the same ones in the same order."""
    return [
        *_charsets(),
        *_wrong_labels(),
        *_encodings(),
        *_bodies(),
        *_names(),
        *_headers(),
        *_broken(),
    ]


def _charsets() -> Iterator[Case]:
    """Each charset in a body, in encoded words, and in the name of a file."""
    for label, (codec, sentence) in SENTENCES.items():
        data = sentence.encode(codec)
        typed = f"Content-Type: text/plain; charset={label}\r\n".encode()
        packed = base64.encodebytes(data)
        yield Case(
            name=f"body in {label}",
            raw=mail(typed + b"Content-Transfer-Encoding: base64\r\n", packed),
            is_={"text": sentence},
        )
        words = _words(label, data, codec)
        yield Case(
            name=f"subject in {label}", raw=mail(b"", subject=words), is_={"subject": sentence}
        )
        if codec != "utf-7":
            name = f"{sentence.split()[0]}.pdf".translate(str.maketrans("？?，", "___"))
            continued = quote(name.encode(codec), safe="")
            field = f"Content-Disposition: attachment; filename*={label}''{continued}"
            yield Case(
                name=f"file name in {label}",
                raw=multipart("mixed", part("application/pdf", b"%PDF", field)),
                files=(name,),
            )


def _words(label: str, data: bytes, codec: str) -> bytes:
    """Encoded words that cut characters in two, where the charset bears it."""
    chance = random.Random(label)
    step = len(data) if codec in ("iso2022_jp", "utf-7", "utf-16") else chance.choice((7, 11))
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    if chance.random() < 0.5:
        made = [b"=?%b?B?%b?=" % (label.encode(), base64.b64encode(one)) for one in pieces]
    else:
        made = [
            b"=?%b?Q?%b?=" % (label.encode(), b"".join(b"=%02X" % byte for byte in one))
            for one in pieces
        ]
    return b"\r\n ".join(made)


def _wrong_labels() -> Iterator[Case]:
    tables = (
        ("us-ascii", "utf-8", "Grüße an alle"),
        ("us-ascii", "gbk", "你好，请问我的订单什么时候发货"),
        ("iso-8859-1", "utf-8", "Grüße, 你好"),
        ("windows-1252", "utf-8", "naïve café"),
        ("unknown-8bit", "utf-8", "Grüße"),
        ("unknown-8bit", "gbk", "您好，请问发票什么时候可以寄出"),
        ("unknown-8bit", "cp1252", "a naïve café in Köln"),
        ("x-unknown", "cp1251", "Здравствуйте, где мой заказ, пожалуйста"),
        ("x-unknown", "koi8_r", "здравствуйте, где мой заказ, пожалуйста"),
        ("", "utf-8", "Grüße ohne Etikett"),
        ("", "iso2022_jp", "注文の状況を教えてください"),
        ("utf-8", "cp1252", "ein schöner Gruß aus Köln für alle Müllers der Straße"),
        ("gb2312", "utf-8", "你好，请问我的订单什么时候发货"),
        ("gb2312", "gb18030", "朱镕基的㐂"),
        ("DEFAULT_CHARSET", "utf-8", "Grüße"),
        ("'utf-8'", "utf-8", "Grüße in Häkchen"),
        ("utf-8; x", "utf-8", "Grüße"),
    )
    for label, codec, sentence in tables:
        typed = f"Content-Type: text/plain; charset={label}\r\n".encode()
        yield Case(
            name=f"{codec} that says {label or 'nothing'}",
            raw=mail(typed if label else b"", sentence.encode(codec)),
            is_={"text": sentence},
        )
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le")):
        yield Case(
            name=f"a byte order mark of {codec} against its label",
            raw=mail(
                b"Content-Type: text/plain; charset=iso-8859-1\r\n"
                b"Content-Transfer-Encoding: base64\r\n",
                base64.b64encode(mark + "Grüße".encode(codec)),
            ),
            is_={"text": "Grüße"},
        )
    for codec, sentence in (("utf-8", "Grüße aus Köln"), ("gbk", "您好，请问我的订单")):
        typed = b"Content-Type: text/plain; charset=" + codec.encode() + b"\r\n"
        yield Case(
            name=f"raw bytes of {codec} in the header",
            raw=mail(typed, b"x", subject=sentence.encode(codec)),
            is_={"subject": sentence},
        )


def _encodings() -> Iterator[Case]:
    def encoded(encoding: str, body: bytes) -> bytes:
        typed = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
        return mail(f"{typed}{encoding}\r\n".encode(), body)

    hello = "Grüße und Küsse".encode()
    letters = base64.b64encode(hello)
    tables: tuple[tuple[str, str, bytes, str], ...] = (
        (
            "base64 with junk between",
            "base64",
            b"!".join([letters[:5], b"\r\n \0", letters[5:]]),
            "",
        ),
        ("base64 without padding", "base64", letters.rstrip(b"="), ""),
        ("base64 with one letter too many", "base64", letters.rstrip(b"=") + b"A=", "?"),
        (
            "base64 put end to end",
            "base64",
            base64.b64encode(b"one ") + base64.b64encode(b"two"),
            "one two",
        ),
        ("base64 that is none", "base64", b"\x00\xff", "?"),
        ("base64 in capitals", "BASE64", letters, ""),
        ("base64 with a comment behind", "base64 ; x", letters, ""),
        ("quoted-printable in small letters", "quoted-printable", b"Gr=c3=bc=c3=9fe", "Grüße"),
        ("quoted-printable with bad escapes", "quoted-printable", b"50=% =ZZ =", "50=% =ZZ"),
        ("quoted-printable with spaces behind", "quoted-printable", b"so=  \r\nft", "soft"),
        ("quoted-printable cut off", "quoted-printable", b"Gr=C3=BC=C", "Grü=C"),
        ("a transfer encoding that is none", "x-none", hello, ""),
        (
            "uuencode is text",
            "7bit",
            b"begin 644 a.txt\r\n#0V%T\r\nend",
            "begin 644 a.txt\n#0V%T\nend",
        ),
    )
    for name, encoding, body, text in tables:
        expected = {} if text == "?" else {"text": text or hello.decode()}
        yield Case(name=name, raw=encoded(encoding, body), is_=expected)


def _bodies() -> Iterator[Case]:
    plain, page = part("text/plain", b"Hello"), part("text/html", b"<p>Hello <b>you</b></p>")
    picture = part(
        "image/png",
        b"\x89PNG",
        "Content-ID: <p1@x>",
        'Content-Disposition: inline; filename="p.png"',
    )
    shown = part("text/html", b"<p>See <img src='cid:p1@x' alt=it></p>")
    nested = (
        b'Content-Type: multipart/related; boundary="in"\r\n\r\n--in\r\n' + shown + b"\r\n--in\r\n"
    )
    nested += picture + b"\r\n--in--"
    flowed = b"This is one \r\nparagraph.\r\n> quoted \r\n> too\r\n-- \r\nAnn"
    yield Case(
        name="plain and HTML",
        raw=multipart("alternative", plain, page),
        is_={"text": "Hello"},
        files=(),
    )
    yield Case(
        name="HTML only",
        raw=mail(
            b"Content-Type: text/html\r\n", b"<title>x</title><p>Hi<br>you<ul><li>one<li>two</ul>"
        ),
        is_={"text": "Hi\nyou\n\n- one\n- two"},
        lacks={"html": ("title", "x<")},
    )
    yield Case(
        name="an empty plain form",
        raw=multipart("alternative", part("text/plain", b" \r\n"), page),
        is_={"text": "Hello you"},
    )
    yield Case(
        name="a picture in related in alternative",
        raw=multipart("alternative", plain, nested),
        has={"html": ("data-file=",)},
        lacks={"html": ("cid:",)},
        files=("p.png",),
    )
    yield Case(
        name="a remote picture is kept aside",
        raw=mail(b"Content-Type: text/html\r\n", b"<img src=https://t.example/p.gif width=1>Hi"),
        has={"html": ('data-remote="https://t.example/p.gif"',)},
        lacks={"html": (" src=",)},
    )
    yield Case(
        name="format=flowed",
        raw=mail(b"Content-Type: text/plain; format=flowed\r\n", flowed),
        is_={"text": "This is one paragraph.\n> quoted too\n--\nAnn"},
    )
    yield Case(
        name="format=flowed with delsp",
        raw=mail(
            b"Content-Type: text/plain; format=flowed; delsp=yes; charset=utf-8\r\n",
            "你好， \r\n世界".encode(),
        ),
        is_={"text": "你好，世界"},
    )
    yield Case(
        name="text, a file, more text",
        raw=multipart(
            "mixed",
            plain,
            part("application/pdf", b"%PDF", 'Content-Disposition: attachment; filename="a.pdf"'),
            part("text/plain", b"--\r\na list's footer"),
        ),
        is_={"text": "Hello\n\n--\na list's footer"},
        files=("a.pdf",),
    )
    yield Case(
        name="a text file",
        raw=multipart(
            "mixed",
            plain,
            part("text/plain; name=log.txt", b"line", "Content-Disposition: attachment"),
        ),
        is_={"text": "Hello"},
        files=("log.txt",),
    )
    yield Case(
        name="a mail in a mail",
        raw=multipart(
            "mixed",
            plain,
            part(
                "message/rfc822",
                b"Subject: =?utf-8?q?Fr=C3=BCher?=\r\n"
                b"Content-Type: text/html\r\n\r\n<script>x</script>",
            ),
        ),
        is_={"text": "Hello"},
        files=("Früher.eml",),
    )
    yield Case(
        name="a digest",
        raw=multipart(
            "digest", b"\r\nSubject: one\r\n\r\nfirst", b"\r\nSubject: two\r\n\r\nsecond"
        ),
        files=("one.eml", "two.eml"),
    )
    yield Case(
        name="Outlook's package",
        raw=multipart("mixed", plain, part("application/ms-tnef", b"\x78\x9f\x3e\x22")),
        files=("winmail.dat",),
    )
    yield Case(
        name="an invitation",
        raw=multipart(
            "alternative", plain, part("text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")
        ),
        files=("attachment.ics",),
    )
    yield Case(
        name="a signed mail",
        raw=multipart("signed", plain, part("application/pgp-signature; name=signature.asc", b"x")),
        is_={"text": "Hello"},
        files=("signature.asc",),
    )
    yield Case(name="no type at all", raw=mail(b"", b"Hello"), is_={"text": "Hello", "html": ""})
    yield Case(
        name="no body", raw=FROM + b"Subject: Hello\r\n", is_={"subject": "Hello", "text": ""}
    )
    yield Case(
        name="only a picture",
        raw=mail(b"Content-Type: image/jpeg\r\n", b"\xff\xd8"),
        is_={"text": ""},
        files=("attachment.jpg",),
    )
    yield Case(
        name="an AMP form",
        raw=multipart("alternative", plain, part("text/x-amp-html", b"<amp>"), page),
        is_={"text": "Hello"},
        files=(),
    )
    hostile = (
        "<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<img src=x onerror=alert(1)>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<form action=/x><input></form>",
        "<meta http-equiv=refresh content='0;url=//e'>",
        "<base href=//e/>",
        "<p style='background:url(//e)'>x",
        "<p style='position:fixed;top:0'>x",
        "<iframe src=//e></iframe>",
        "<math><mi//xlink:href='data:x,<script>'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<style>@import '//e'</style>",
        "<a href='data:text/html,x'>x</a>",
        "<table background=//e><tr><td>x",
        "<object data=//e></object>",
        "<img srcset='//e 2x'>",
        "<body onload=alert(1)>x",
        "<link rel=stylesheet href=//e>",
        "<video poster=//e>",
        "<input autofocus onfocus=alert(1)>",
        "<div id=desk class=x>x</div>",
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    )
    for number, markup in enumerate(hostile):
        yield Case(
            name=f"hostile HTML {number}",
            raw=mail(
                b"Content-Type: text/html; charset=utf-7\r\n"
                if markup[0] == "+"
                else b"Content-Type: text/html\r\n",
                f"<p>before</p>{markup}<p>after</p>".encode(),
            ),
            has={"html": ("before",)},
            lacks={
                "html": (
                    "alert(1)'",
                    "<script",
                    "onload",
                    "onerror",
                    "onfocus",
                    "//e",
                    "javascript",
                    "data:",
                    "position",
                    "class=",
                    "id=",
                )
            },
        )


def _names() -> Iterator[Case]:
    tables = (
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\Users\\\\ann\\\\a.doc"', "a.doc"),
        ('filename="a\0b.txt"', "ab.txt"),
        ('filename="\u202efdp.exe"', "fdp.exe"),
        ('filename="<img src=x>.png"', "_img src=x_.png"),
        ('filename="CON.txt"', "_CON.txt"),
        ('filename=""', "attachment.pdf"),
        ('filename=".."', "attachment.pdf"),
        ('filename="' + "x" * 400 + '.pdf"', "x" * 116 + ".pdf"),
        ('filename="=?utf-8?B?5Y+R56WoLnBkZg==?="', "发票.pdf"),
        ('filename="=?gbk?Q?=B7=A2=C6=B1.pdf?="', "发票.pdf"),
        ("filename=no quotes.pdf", "no quotes.pdf"),
        ('filename="发票.pdf"', "发票.pdf"),
        ("filename*0=one-; filename*1=two.pdf", "one-two.pdf"),
        ("filename*1*=%A8.pdf; filename*0*=gb2312''%B7%A2%C6%B1", None),
        ("filename=plain.pdf; filename*=utf-8''%E5%8F%91.pdf", "发.pdf"),
        ("filename*=%41.pdf", "A.pdf"),
        ("filename*=klingon'x'%41.pdf", "A.pdf"),
        ('filename="a;b.pdf"', "a;b.pdf"),
        ('filename="say \\"hi\\".pdf"', "say _hi_.pdf"),
        ('filename="\r\n folded.pdf"', "folded.pdf"),
    )
    for number, (written, name) in enumerate(tables):
        field = f"Content-Disposition: attachment; {written}"
        raw = multipart("mixed", part("application/pdf", b"%PDF", field))
        yield Case(name=f"file name {number}", raw=raw, files=(name,) if name else None)


def _headers() -> Iterator[Case]:
    tables: tuple[tuple[str, bytes, dict[str, object]], ...] = (
        (
            "a subject that injects",
            b"Subject: =?utf-8?q?Hi=0D=0ABcc:_eve@example.net?=\r\n",
            {"subject": "Hi Bcc: eve@example.net"},
        ),
        ("a subject with tricks", b"Subject: =?utf-8?q?a=E2=80=AEb=00c?=\r\n", {"subject": "abc"}),
        (
            "a subject of HTML",
            b"Subject: <script>alert(1)</script>\r\n",
            {"subject": "<script>alert(1)</script>"},
        ),
        ("a long subject", b"Subject: " + b"x" * 900 + b"\r\n", {"subject": "x" * 300}),
        (
            "an encoded word without an end",
            b"Subject: =?utf-8?q?abc\r\n",
            {"subject": "=?utf-8?q?abc"},
        ),
        ("an encoded word in a word", b"Subject: a=?utf-8?q?b?=c\r\n", {"subject": "abc"}),
        (
            "two charsets in a subject",
            b"Subject: =?utf-8?q?=C3=BC?= =?koi8-r?b?0A==?=\r\n",
            {"subject": "üп"},
        ),
        ("a Date that is none", b"Date: soon\r\n", {"sent_at": None}),
        (
            "a Date with a zone in words",
            b"Date: Mon, 2 Nov 2026 10:00:00 -0500 (EST)\r\n",
            {"sent_at": 1793631600000000},
        ),
        (
            "a Date out of this world",
            b"Date: Mon, 2 Nov 99999 10:00:00 +0000\r\n",
            {"sent_at": None},
        ),
        ("a bounce's path", b"Return-Path: <>\r\n", {"return_path": ""}),
        ("nobody's path", b"", {"return_path": None}),
        ("a path", b"Return-Path: <Bounce@EXAMPLE.org>\r\n", {"return_path": "Bounce@example.org"}),
        ("a Message-ID with spaces", b"Message-ID: < a b@c >\r\n", {"message_id": "ab@c"}),
        ("a Message-ID without brackets", b"Message-ID: a@b\r\n", {"message_id": "a@b"}),
        ("a Message-ID of 5,000", b"Message-ID: <" + b"x" * 5_000 + b">\r\n", {"message_id": ""}),
        (
            "In-Reply-To with words",
            b'In-Reply-To: Your message of "Mon" <a@b>\r\n',
            {"in_reply_to": ("a@b",)},
        ),
        (
            "References that repeat",
            b"References: <a@b>\r\n <a@b>,<c@d>\r\n",
            {"references": ("a@b", "c@d")},
        ),
        ("tabs and folds", b"Subject: one\r\n\ttwo\r\n  three\r\n", {"subject": "one two three"}),
        ("a field in odd letters", b"SUBJECT : loud\r\n", {"subject": "loud"}),
    )
    for name, fields, expected in tables:
        yield Case(name=name, raw=b"From: ann@example.org\r\n" + fields + b"\r\nx", is_=expected)
    senders = (
        (b'"Ann, the boss" <ann@example.org>', "ann@example.org", "Ann, the boss"),
        (b"ann@example.org (Ann Lee)", "ann@example.org", "Ann Lee"),
        (b'"real@bank.example" <eve@example.net>', "eve@example.net", "real@bank.example"),
        (
            b"=?utf-8?q?boss=40bank.example?= <eve@example.net>",
            "eve@example.net",
            "boss@bank.example",
        ),
        (b"Ann Lee", "", "Ann Lee"),
        (b"<>", "", ""),
        (b"undisclosed-recipients:;", "", "undisclosed-recipients:;"),
        (b"<<ann@example.org>>", "ann@example.org", ""),
        (b"Ann <ann@EXAMPLE.ORG", "ann@example.org", "Ann"),
        (b"Ann ann@example.org", "ann@example.org", "Ann"),
        (b"a@example.org, b@example.org", "a@example.org", ""),
        (b"=?gb2312?B?wO7Ltw==?= <li@example.cn>", "li@example.cn", "李朔"),
        (b"Ann (a (nested (very)) comment) <ann@example.org>", "ann@example.org", "Ann"),
        (b"'Ann' <mailto:ann@example.org>", "ann@example.org", "Ann"),
        ("李 <李@例子.cn>".encode(), "李@例子.cn", "李"),
    )
    for number, (written, address, shown) in enumerate(senders):
        yield Case(
            name=f"sender {number}",
            raw=b"From: " + written + b"\r\nSubject: x\r\n\r\nx",
            is_={"sender.address": address, "sender.name": shown},
        )


def _broken() -> Iterator[Case]:
    plain = part("text/plain", b"Hello")
    whole = multipart("mixed", plain)
    yield Case(
        name="cut before the last boundary",
        raw=whole[: whole.rindex(b"--frontier--")],
        is_={"text": "Hello"},
    )
    yield Case(
        name="a boundary that never comes",
        raw=mail(b"Content-Type: multipart/mixed; boundary=x\r\n", b"Hello"),
        is_={"text": "Hello"},
    )
    yield Case(
        name="no boundary",
        raw=mail(b"Content-Type: multipart/mixed\r\n", b"Hello"),
        is_={"text": "Hello"},
    )
    yield Case(name="line feeds only", raw=whole.replace(b"\r\n", b"\n"), is_={"text": "Hello"})
    yield Case(
        name="carriage returns only", raw=whole.replace(b"\r\n", b"\r"), is_={"text": "Hello"}
    )
    yield Case(
        name="a mailbox file's first line",
        raw=b"From ann@example.org Mon Nov  2\n" + whole,
        is_={"text": "Hello"},
    )
    yield Case(
        name="a body without an empty line",
        raw=FROM + b"Subject: Hello\r\nThis is it already\r\n",
        is_={"text": "This is it already"},
    )
    yield Case(name="NUL bytes", raw=mail(b"", b"He\0llo"), is_={"text": "Hello"})
    yield Case(
        name="control characters", raw=mail(b"", b"a\x07b\x1b[31mc"), is_={"text": "ab[31mc"}
    )
    yield Case(name="empty", raw=b"", unreadable="empty")
    yield Case(name="blank", raw=b"\r\n \r\n", unreadable="empty")
    yield Case(name="no mail", raw=b"GIF89a\x01\x00", unreadable="no header")
    yield Case(
        name="a type that is none",
        raw=mail(b"Content-Type: ;;;\r\n", b"Hello"),
        is_={"text": "Hello"},
    )
    yield Case(
        name="two types",
        raw=mail(b"Content-Type: text/plain\r\nContent-Type: text/html\r\n", b"<b>"),
        is_={"text": "<b>"},
    )
    yield Case(
        name="spaces behind boundaries",
        raw=whole.replace(b"--frontier", b"--frontier  ").replace(b"  --", b"--  "),
        is_={"text": "Hello"},
    )
    packed = binascii.b2a_base64(quopri.encodestring(b"Gr\xc3\xbc\xc3\x9fe"))
    yield Case(
        name="encoded twice",
        raw=mail(b"Content-Transfer-Encoding: base64\r\n", packed),
        is_={"text": "Gr=C3=BC=C3=9Fe"},
    )


def main(folder: Path) -> None:
    for number, case in enumerate(cases()):
        name = "".join(c if c.isalnum() else "-" for c in case.name)
        (folder / f"{number:03}-{name[:60]}.eml").write_bytes(case.raw)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
