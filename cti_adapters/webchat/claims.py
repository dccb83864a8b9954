"""Who a site says its visitor is: a signed token (JWT, HS256) that the site's page hands on.

``sub`` is the customer's number in the site's system or their mail address, ``name`` what they are
called, ``email`` where they are written to, ``exp`` (required) when the token ends. One with a
``jti`` opens one chat. Nothing in it is believed before its signature is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from router.core.durations import HOUR, SECOND
from router.text import one_line

MAX_TOKEN: Final = 4_096  # characters
MAX_SUBJECT: Final = 254
MAX_NAME: Final = 80
MAX_TOKEN_ID: Final = 128
LONGEST: Final = 24 * HOUR  # what lasts longer was not made for one visit
SKEW: Final = 30 * SECOND  # between the site's clock and ours
MOST_USED: Final = 50_000
_ALGORITHM: Final = "HS256"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Whom ``site`` vouches for; ``until`` is the token's end in microseconds UTC."""

    site: str
    subject: str
    name: str = ""
    address: str = ""
    token_id: str = ""
    until: int = 0


class Unproven(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody is vouched for, for the log."""

    reason: str


def read(token: str, site: str, secrets: Mapping[str, bytes], at: int) -> Known | Unproven:
    """Whom the token of a page of ``site`` (its origin) names. Never raises for what is in it."""
    secret = secrets.get(site)
    if secret is None:
        return Unproven(reason="the site has no secret here")
    if len(token) > MAX_TOKEN or not token.isascii():
        return Unproven(reason="the token is no token")
    try:
        key = OctKey.import_key(secret)
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM]).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        return Unproven(reason="the token is not signed with the site's secret")
    return _judged(claims, site, at)


def _judged(claims: dict[str, Any], site: str, at: int) -> Known | Unproven:
    expires, starts = _time(claims.get("exp")), _time(claims.get("nbf", 0))
    if expires is None or starts is None:
        return Unproven(reason="the token does not say when it ends")
    if at >= expires + SKEW:
        return Unproven(reason="the token has expired")
    if at < starts - SKEW:
        return Unproven(reason="the token is not valid yet")
    if expires - at > LONGEST + SKEW:
        return Unproven(reason="the token lasts longer than a day")
    subject = _words(claims.get("sub"), MAX_SUBJECT)
    token_id = claims.get("jti", "")
    if not subject or not isinstance(token_id, str) or len(token_id) > MAX_TOKEN_ID:
        return Unproven(reason="the token does not say who it is")
    address = _words(claims.get("email"), MAX_SUBJECT)
    return Known(
        site=site,
        subject=subject,
        name=_words(claims.get("name"), 4 * MAX_NAME)[:MAX_NAME],
        address=address or (subject if "@" in subject else ""),
        token_id=token_id,
        until=expires,
    )


def _time(seconds: object) -> int | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return int(seconds * SECOND) if 0 <= seconds < 1e11 else None


def _words(value: object, most: int) -> str:
    """A text of ``most`` characters at most, empty for anything else."""
    if not isinstance(value, str) or len(value) > most:
        return ""
    return one_line(value)


class UsedTokens:
    """Which chat a token's ``jti`` has opened. Forgotten with the token, and after a restart."""

    def __init__(self, most: int = MOST_USED) -> None:
        self._most = most
        self._used: OrderedDict[tuple[str, str], tuple[str, int]] = OrderedDict()

    def take(self, known: Known, contact: str, at: int) -> bool:
        """Whether ``known`` may open ``contact``: the first may, and the same one again."""
        if not known.token_id:
            return True
        key = (known.site, known.token_id)
        owner, _ = self._used.setdefault(key, (contact, known.until))
        self._tidy(at)
        return owner == contact

    def __len__(self) -> int:
        return len(self._used)

    def _tidy(self, at: int) -> None:
        """Two at most for each that comes."""
        for _ in range(2):
            if not self._used:
                return
            key, (_, until) = next(iter(self._used.items()))
            if len(self._used) <= self._most and at < until + SKEW:
                return
            del self._used[key]
