"""The page a visitor looks at, as the agent may see it.

Only pages of the site that carries the chat count, so nobody can make agents open another's. What
stands behind ``?`` and ``#`` may be a secret of the visitor's (a link that signs them in): dropped.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import msgspec

from router.text import one_line

MAX_URL: Final = 2_000
MAX_SHOWN: Final = 500
MAX_TITLE: Final = 200


class PageSeen(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    title: str

    @property
    def attributes(self) -> dict[str, str]:
        return {"page": self.url, "page_title": self.title}


def page_of(site: str, url: str, title: str) -> PageSeen | None:
    """The page at ``url`` of ``site`` (an origin); None for anything else."""
    if not site or len(url) > MAX_URL or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != site:
        return None
    shown = f"{site}{parts.path}"[:MAX_SHOWN]
    return PageSeen(url=shown, title=one_line(title[: 4 * MAX_TITLE])[:MAX_TITLE])
