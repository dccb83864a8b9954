"""The HTML of a mail as a page of its own, for a sandboxed frame on the desk. Pure.

The frame has no scripts, no origin and no cookies; what it may load its policy says. Pictures from
elsewhere tell their sender that the mail is being read: they are there only when they were asked
for. Files that came with the mail are downloads, never shown here.
"""

from __future__ import annotations

import re
from typing import Final

_PICTURE: Final = re.compile(r'<img((?:\s+[\w-]+="[^"]*")*)\s*/?>')  # as the cleaner writes them
_REMOTE: Final = re.compile(r'(?<=\s)data-remote="(https?://[^"]*)"')
_STYLE: Final = (
    "html{color-scheme:light;background:#fff;color:#171b22}"
    "body{margin:12px 16px;font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}"
    "table{max-width:100%}"
    "pre{white-space:pre-wrap}"
    "[data-quote]{margin-inline-start:0;padding-inline-start:12px;border-inline-start:3px solid "
    "#d9dde5;color:#505a69}"
)


def mail_page(html: str, *, pictures: bool) -> str:
    """``html`` is cleaned (``cleaning.clean``)."""
    body = _PICTURE.sub(_with_source, html) if pictures else html
    return (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer"'
        f' content="no-referrer"><title>Mail</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )


def mail_page_policy(*, pictures: bool) -> str:
    """The Content-Security-Policy of such a page, wherever it is opened."""
    parts = (
        "sandbox allow-popups allow-popups-to-escape-sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src http: https:" if pictures else "img-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
    return "; ".join(parts)


def _with_source(picture: re.Match[str]) -> str:
    attributes = _REMOTE.sub(r'src="\1"', picture[1])
    return f"<img{attributes}>"
