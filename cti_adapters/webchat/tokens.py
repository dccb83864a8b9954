"""A visitor's secret: 128 random bits that name the contact, signed with the server's secret.

Nothing is stored, so a token outlives a restart; without the server's secret it cannot be made
from the contact id, which agents see.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

PREFIX = "chat-"
_ID_BYTES = 16
_MAC_BYTES = 24
_LENGTH = (_ID_BYTES + _MAC_BYTES) * 8 // 6 + 1  # characters, unpadded; with room for rounding


def new_contact() -> str:
    return PREFIX + secrets.token_hex(_ID_BYTES)


def contact_for(secret: bytes, *parts: str) -> str:
    """The one contact id that belongs to ``parts``, unpredictable without ``secret``."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part.encode("utf-8", "replace"))
    return PREFIX + _mac(secret, b"start" + digest.digest())[:_ID_BYTES].hex()


def sign(secret: bytes, contact: str) -> str:
    """The token of ``contact``, which must be one of ours."""
    body = bytes.fromhex(contact.removeprefix(PREFIX))
    return base64.urlsafe_b64encode(body + _signature(secret, body)).rstrip(b"=").decode()


def contact_of(secret: bytes, token: str) -> str | None:
    """The contact a token opens, None for anything that is not a token of ours."""
    if len(token) > _LENGTH or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    body, signature = raw[:_ID_BYTES], raw[_ID_BYTES:]
    if not hmac.compare_digest(signature, _signature(secret, body)):
        return None
    return PREFIX + body.hex()


def is_ours(contact: str) -> bool:
    body = contact.removeprefix(PREFIX)
    return body != contact and len(body) == 2 * _ID_BYTES


def _signature(secret: bytes, body: bytes) -> bytes:
    return _mac(secret, b"token" + body)[:_MAC_BYTES]


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, body, hashlib.sha256).digest()
