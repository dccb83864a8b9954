"""Signatures: who made a request, and that nobody changed it or sends it again much later. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from cti_adapters.webhook.settings import Encoding, SigningScheme
from router.core.durations import MILLISECOND, SECOND
from router.outgoing.templates import Slot

LONGEST: Final = 400  # characters of a signature's header
_SECONDS: Final = 11  # digits of a timestamp; milliseconds have more …
_MILLISECONDS: Final = 14  # … up to this


class Unsigned(Exception):
    """The request is not believed; the text says what to do, and nothing of the secret."""


def headers_for(scheme: SigningScheme, body: bytes, at: int) -> list[tuple[str, str]]:
    """What is sent with ``body``, signed ``at`` (microseconds UTC)."""
    timestamp = str(at // SECOND)
    mac = _mac(scheme, scheme.secret, timestamp, body)
    found = [(scheme.header, scheme.prefix + _encoded(mac, scheme.encoding))]
    if scheme.timestamp_header:
        found.append((scheme.timestamp_header, timestamp))
    return found


def verify(scheme: SigningScheme, headers: Mapping[str, str], body: bytes, now: int) -> None:
    """``headers`` have names in small letters. Raises ``Unsigned``."""
    given = headers.get(scheme.header.lower(), "")
    if not given:
        raise Unsigned(f"Send the signature in the header {scheme.header}.")
    timestamp = headers.get(scheme.timestamp_header.lower(), "") if scheme.timestamp_header else ""
    if scheme.timestamp_header:
        _check_age(scheme, timestamp, now)
    if not _matches(scheme, given, timestamp, body):
        raise Unsigned(f"The signature in {scheme.header} is not that of this body: sign it anew.")


def _check_age(scheme: SigningScheme, timestamp: str, now: int) -> None:
    at = moment(timestamp)
    if at is None:
        raise Unsigned(f"Send the time in the header {scheme.timestamp_header}, in seconds.")
    if abs(now - at) > scheme.tolerance:
        raise Unsigned("It was signed too long ago, or a clock is wrong: sign it anew.")


def moment(digits: str) -> int | None:
    """Seconds or milliseconds since 1970, as microseconds."""
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MILLISECONDS:
        return None
    return int(digits) * (SECOND if len(digits) <= _SECONDS else MILLISECOND)


def _matches(scheme: SigningScheme, given: str, timestamp: str, body: bytes) -> bool:
    """Every secret is tried, however the first one goes: how long it takes tells nothing."""
    if len(given) > LONGEST or not given.startswith(scheme.prefix):
        return False
    value = given.removeprefix(scheme.prefix).encode("utf-8", "replace")
    if scheme.encoding == "hex":
        value = value.lower()
    secrets = [one for one in (scheme.secret, scheme.previous) if one]
    macs = [_mac(scheme, secret, timestamp, body) for secret in secrets]
    same = [hmac.compare_digest(_encoded(mac, scheme.encoding).encode(), value) for mac in macs]
    return any(same)


def _mac(scheme: SigningScheme, secret: bytes, timestamp: str, body: bytes) -> bytes:
    mac = hmac.new(secret, digestmod=hashlib.sha256)
    for part in scheme.signed:
        if not isinstance(part, Slot):
            mac.update(part.encode())
        elif part.name == "body":
            mac.update(body)
        else:
            mac.update(timestamp.encode())
    return mac.digest()


def _encoded(mac: bytes, encoding: Encoding) -> str:
    return mac.hex() if encoding == "hex" else base64.b64encode(mac).decode()
